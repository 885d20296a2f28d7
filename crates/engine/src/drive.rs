//! Driving an execution: one turn after another until it ends.

use std::collections::HashMap;
use std::sync::Arc;

use stepmill_asl::model::StateMachine;
use stepmill_asl::{TokenKey, World};
use stepmill_integrations::{Integrations, Progress};
use stepmill_interpreter::{
    Effect, EventId, Execution, Happened, Identity, Limits, Payload, Reason, Record, Status,
    TaskOrder, decide,
};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::calling;
use crate::clock::Clock;
use crate::journal::Journal;

/// Runs executions; what their tasks call is given at its making.
#[derive(Clone)]
pub struct Engine {
    integrations: Arc<Integrations>,
    clock: Arc<Clock>,
    token_key: TokenKey,
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
}

/// An execution that runs.
pub struct Run {
    records: mpsc::UnboundedReceiver<Vec<Record>>,
    happenings: mpsc::UnboundedSender<Happened>,
    driver: tokio::task::JoinHandle<Finished>,
}

/// An execution that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How.
    pub status: Status,
    /// All its records.
    pub journal: Journal,
}

impl Engine {
    /// An engine whose tasks call `integrations`, in the time that `clock` tells.
    pub fn new(integrations: Integrations, clock: Clock) -> Self {
        Self {
            integrations: Arc::new(integrations),
            clock: Arc::new(clock),
            token_key: token_key(),
        }
    }

    /// Starts an execution. Must be called within a tokio runtime.
    pub fn start(&self, start: Start) -> Run {
        let (records, watching) = mpsc::unbounded_channel();
        let (happenings, happened) = mpsc::unbounded_channel();
        let driving = Driving {
            engine: self.clone(),
            execution: Execution::new(start.identity),
            machine: start.machine,
            limits: start.limits,
            journal: Journal::default(),
            tasks: HashMap::new(),
            records,
            happenings: happenings.clone(),
        };
        let driver = tokio::spawn(driving.drive(start.input, happened));
        Run {
            records: watching,
            happenings,
            driver,
        }
    }
}

/// A key from the system's random numbers: 244 of its bits are random.
fn token_key() -> TokenKey {
    let mut bytes = [0; TokenKey::BYTES];
    let (first, second) = bytes.split_at_mut(TokenKey::BYTES / 2);
    first.copy_from_slice(Uuid::new_v4().as_bytes());
    second.copy_from_slice(Uuid::new_v4().as_bytes());
    TokenKey::new(bytes)
}

impl Run {
    /// The records of the next turn, once they are committed; `None` when the execution has ended.
    pub async fn next(&mut self) -> Option<Vec<Record>> {
        self.records.recv().await
    }

    /// Stops the execution.
    pub fn stop(&self, reason: Reason) {
        // An execution that has ended already has nobody listening, and nothing to stop.
        let _ = self.happenings.send(Happened::Stop(reason));
    }

    /// Waits until the execution has ended.
    pub async fn finish(self) -> Result<Finished, tokio::task::JoinError> {
        self.driver.await
    }
}

struct Driving {
    engine: Engine,
    execution: Execution,
    machine: Arc<StateMachine>,
    limits: Limits,
    journal: Journal,
    tasks: HashMap<EventId, AbortHandle>,
    records: mpsc::UnboundedSender<Vec<Record>>,
    happenings: mpsc::UnboundedSender<Happened>,
}

impl Driving {
    async fn drive(
        mut self,
        input: Payload,
        mut happened: mpsc::UnboundedReceiver<Happened>,
    ) -> Finished {
        self.turn(Happened::Start(input));
        while *self.execution.status() == Status::Running {
            let next = if self.execution.is_ready() {
                // Others get their turn between the turns of an execution that could go on.
                tokio::task::yield_now().await;
                happened.try_recv().unwrap_or(Happened::Continue)
            } else if let Some(due) = self.execution.due() {
                let pause = self.engine.clock.until(due, self.tasks.is_empty());
                tokio::select! {
                    biased;
                    Some(next) = happened.recv() => next,
                    () = tokio::time::sleep(pause) => Happened::Clock,
                }
            } else {
                match happened.recv().await {
                    Some(next) => next,
                    None => break,
                }
            };
            self.turn(next);
        }
        for task in self.tasks.values() {
            task.abort();
        }
        Finished {
            status: self.execution.status().clone(),
            journal: self.journal,
        }
    }

    /// One turn: decide, commit, and only then carry out the effects.
    fn turn(&mut self, happened: Happened) {
        if let Happened::TaskSucceeded { task, .. }
        | Happened::TaskFailed { task, .. }
        | Happened::TaskImpossible { task, .. } = &happened
        {
            self.tasks.remove(task);
        }
        let seed = Uuid::new_v4().as_u64_pair().0;
        let world = World::with_key(self.engine.clock.now(), seed, self.engine.token_key.clone());
        let turn = decide(
            &self.machine,
            &mut self.execution,
            happened,
            &world,
            &self.limits,
        );
        self.journal.commit(&turn.records);
        // Nobody may be watching.
        let _ = self.records.send(turn.records);
        for effect in turn.effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::RunTask(order) => self.run(&order),
            Effect::CancelTask { task } => {
                if let Some(handle) = self.tasks.remove(&task) {
                    handle.abort();
                }
            }
            Effect::End(_) => {}
        }
    }

    fn run(&mut self, order: &TaskOrder) {
        let integrations = self.engine.integrations.clone();
        let happenings = self.happenings.clone();
        let task = order.task;
        let call = calling::call(self.execution.identity(), order);
        let running = tokio::spawn(async move {
            let report = |happened| {
                // An execution that has ended no longer listens.
                let _ = happenings.send(happened);
            };
            let progress = |Progress::Submitted(output): Progress| {
                report(Happened::TaskSubmitted {
                    task,
                    output: Payload::from(output),
                });
            };
            let outcome = integrations.run(&call, &progress).await;
            report(calling::happened(task, outcome));
        });
        self.tasks.insert(task, running.abort_handle());
    }
}
