//! Running one execution in memory, as `stepmill run` does.

use std::sync::Arc;
use std::time::Duration;

use stepmill_asl::Activities;
use stepmill_asl::model::StateMachine;
use stepmill_integrations::Integrations;
use stepmill_integrations::mock::TestCase;
use stepmill_interpreter::{Execution, Identity, Limits, Payload, Reason, Record, Status};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::drive::Driver;
use crate::journal::Journal;
use crate::message::Message;
use crate::world::{Chance, Surroundings};

/// Jobs that nobody waits for any more get so long to be ended: nothing would do it later.
const STOPS: Duration = Duration::from_secs(30);

/// Runs executions in memory: nothing of them is kept.
#[derive(Clone)]
pub struct Runner {
    surroundings: Arc<Surroundings>,
}

/// An execution to start.
pub struct Start {
    /// The definition.
    pub machine: Arc<StateMachine>,
    /// What the execution is called.
    pub identity: Identity,
    /// Its input.
    pub input: Payload,
    /// What it may use.
    pub limits: Limits,
    /// Mocked answers, which go before everything else.
    pub mocks: Option<Arc<TestCase>>,
}

/// An execution that runs.
pub struct Run {
    records: mpsc::UnboundedReceiver<Vec<Record>>,
    address: mpsc::UnboundedSender<Message>,
    surroundings: Arc<Surroundings>,
    driver: tokio::task::JoinHandle<Finished>,
}

/// An execution that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How.
    pub status: Status,
    /// All its records, in order.
    pub records: Vec<Record>,
}

impl Runner {
    /// A runner whose tasks call `integrations`, in the time that `clock` tells.
    pub fn new(integrations: Integrations, clock: Clock, chance: Chance) -> Self {
        Self {
            surroundings: Arc::new(Surroundings {
                clock: Arc::new(clock),
                chance,
                tasks: Arc::new(integrations),
                observers: Vec::new(),
                activities: Activities::All,
                stopping: Arc::default(),
            }),
        }
    }

    /// Starts an execution. Must be called within a tokio runtime.
    pub fn start(&self, start: Start) -> Run {
        let (watching, records) = mpsc::unbounded_channel();
        let (address, mailbox) = mpsc::unbounded_channel();
        let journal = Journal::Memory {
            records: Vec::new(),
            watching,
        };
        let mut driver = Driver::new(
            self.surroundings.clone(),
            start.machine,
            Execution::new(start.identity),
            journal,
            (address.clone(), mailbox),
        );
        driver.limits = start.limits;
        driver.mocks = start.mocks;
        // The driver holds the other end.
        let _ = address.send(Message::Start {
            input: start.input,
            reply: None,
        });
        let driver = tokio::spawn(async move {
            let (execution, journal) = driver.drive().await;
            Finished {
                status: execution.status().clone(),
                records: journal.into_records(),
            }
        });
        Run {
            records,
            address,
            surroundings: self.surroundings.clone(),
            driver,
        }
    }
}

impl Run {
    /// The records of the next turn, once they are kept; `None` when the execution has ended.
    pub async fn next(&mut self) -> Option<Vec<Record>> {
        self.records.recv().await
    }

    /// Stops the execution.
    pub fn stop(&self, reason: Reason) {
        // An execution that has ended already has nobody listening, and nothing to stop.
        let _ = self.address.send(Message::Stop {
            reason,
            reply: None,
        });
    }

    /// Waits until the execution has ended, and until the jobs that it no longer waits for have.
    pub async fn finish(self) -> Result<Finished, tokio::task::JoinError> {
        let finished = self.driver.await;
        let stopping = self.surroundings.stopping.at_most(0);
        if tokio::time::timeout(STOPS, stopping).await.is_err() {
            tracing::warn!("jobs that the execution had started may still run");
        }
        finished
    }
}
