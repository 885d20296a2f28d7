//! The engine: everything that runs state machines, over a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use stepmill_asl::Activities;
use stepmill_integrations::mock::MockFile;
use stepmill_store::{Health, Store};
use thiserror::Error as ThisError;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::core::Core;
use crate::drive::Interrupted;
use crate::keeper::Keeper;
use crate::live::Live;
use crate::machines::{LogGroups, Machines};
use crate::message::Message;
use crate::nested::Executions;
use crate::observer::Observer;
use crate::queues::Queues;
use crate::quotas::Quotas;
use crate::redrive_tokens::RedriveTokens;
use crate::status::StatusCode;
use crate::tasks::Tasks;
use crate::timers::{self, Timers};
use crate::world::{Chance, Surroundings};
use crate::{recovery, retention, stops};

/// How an engine behaves; the defaults are AWS's where it has any.
pub struct Config {
    /// The time that executions see; default the machine's.
    pub clock: Clock,
    /// Where randomness comes from.
    pub chance: Chance,
    /// What there may be of what is registered.
    pub quotas: Quotas,
    /// What there may be at once.
    pub limits: EngineLimits,
    /// What becomes of tasks that were running when the process ended.
    pub interrupted: Interrupted,
    /// How long closed executions are kept; default 90 days, for ever if `None`.
    pub retention: Option<Duration>,
    /// The mock configuration of AWS Step Functions Local.
    pub mocks: Option<MockFile>,
    /// Which log groups exist; all if `None`.
    pub log_groups: Option<Arc<dyn LogGroups>>,
    /// Who is told of every turn.
    pub observers: Vec<Arc<dyn Observer>>,
}

/// What there may be at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineLimits {
    /// Running Standard executions; AWS's quota is 1,000,000.
    pub open_executions: i64,
    /// Workers that wait for tasks of one activity.
    pub activity_workers: usize,
    /// Executions that are brought into memory at once, when many are due or are taken up after a
    /// crash. Those that then wait for a task do not count.
    pub woken: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            open_executions: 1_000_000,
            activity_workers: 1_000,
            woken: 20_000,
        }
    }
}

/// AWS keeps closed executions for so long (Developer Guide, *Service quotas*).
const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl Config {
    /// The defaults.
    pub fn new(chance: Chance) -> Self {
        Self {
            clock: Clock::Real,
            chance,
            quotas: Quotas::default(),
            limits: EngineLimits::default(),
            interrupted: Interrupted::default(),
            retention: Some(RETENTION),
            mocks: None,
            log_groups: None,
            observers: Vec::new(),
        }
    }
}

/// Why an engine cannot start.
#[derive(Debug, ThisError)]
pub enum OpenError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] stepmill_store::StoreError),
    /// What the store holds is not what this engine writes.
    #[error(transparent)]
    Content(#[from] crate::error::Error),
}

/// Runs state machines over a store. Dropping it without [`Engine::shutdown`] is like a crash:
/// whoever opens the store next recovers what ran.
pub struct Engine {
    pub(crate) core: Arc<Core>,
    background: Vec<JoinHandle<()>>,
    recovery: JoinHandle<recovery::Recovered>,
}

impl Engine {
    /// Opens an engine and takes up every execution that was running. `tasks` is what the tasks of
    /// executions call. Must be called within a tokio runtime.
    pub fn open(
        store: Arc<dyn Store>,
        tasks: impl FnOnce(Executions) -> Arc<dyn Tasks>,
        config: Config,
    ) -> Result<Self, OpenError> {
        Self::over(Keeper::new(store)?, tasks, config)
    }

    /// The same for a store that others keep things in, too.
    pub fn over(
        keeper: Keeper,
        tasks: impl FnOnce(Executions) -> Arc<dyn Tasks>,
        config: Config,
    ) -> Result<Self, OpenError> {
        let open = keeper.store().count(&StatusCode::RUNNING)?;
        let clock = Arc::new(config.clock);
        let machines = Machines::new(
            keeper.clone(),
            clock.clone(),
            config.quotas,
            config.log_groups,
        );
        let core = Arc::new_cyclic(|core| Core {
            surroundings: Arc::new(Surroundings {
                clock,
                chance: config.chance,
                tasks: tasks(Executions(core.clone())),
                observers: config.observers,
                activities: Activities::Known(Arc::new({
                    let machines = machines.clone();
                    move |arn: &str| machines.activity(arn).is_ok()
                })),
                stopping: Arc::default(),
            }),
            keeper,
            machines,
            live: Live::default(),
            crowd: Arc::default(),
            queues: Queues::default(),
            timers: Timers::default(),
            mocks: config.mocks,
            interrupted: config.interrupted,
            limits: config.limits,
            redrive_tokens: RedriveTokens::default(),
            open: AtomicI64::new(i64::try_from(open).unwrap_or(i64::MAX)),
            watchers: std::sync::Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let recovery = tokio::spawn(recovery::run(core.clone()));
        let mut background = vec![
            tokio::spawn(timers::run(core.clone())),
            tokio::spawn(stops::recover(core.clone())),
            tokio::spawn(core.clone().bury_deleting()),
        ];
        if let Some(retention) = config.retention {
            background.push(tokio::spawn(retention::run(core.clone(), retention)));
        }
        Ok(Self {
            core,
            background,
            recovery,
        })
    }

    /// The registry of state machines and activities.
    pub fn machines(&self) -> &Machines {
        &self.core.machines
    }

    /// Waits until every execution that was running when the store was closed is in memory again.
    pub async fn recovered(&mut self) -> recovery::Recovered {
        (&mut self.recovery).await.unwrap_or_default()
    }

    /// Whether every execution that was running when the store was closed has been taken up.
    pub fn is_recovered(&self) -> bool {
        self.recovery.is_finished()
    }

    /// How many Standard executions run, and how many of them are in memory.
    pub fn open_executions(&self) -> (i64, usize) {
        (self.core.open.load(Ordering::Relaxed), self.core.live.len())
    }

    /// Whether commits are being kept.
    pub fn health(&self) -> Health {
        self.core.keeper.store().health()
    }

    /// Begins no more, lets tasks that run come to their end for at most `grace`, and then stops.
    /// What had to be broken off is recovered when the store is opened again.
    pub async fn shutdown(&self, grace: Duration) {
        self.core.closing.store(true, Ordering::Release);
        self.recovery.abort();
        for task in &self.background {
            task.abort();
        }
        self.core.queues.clear();
        self.core.live.broadcast(|| Message::Close);
        let quiet = async {
            self.core.live.at_most(0).await;
            self.core.surroundings.stopping.at_most(0).await;
        };
        if tokio::time::timeout(grace, quiet).await.is_err() {
            self.core.live.broadcast(|| Message::Abandon);
            self.core.live.at_most(0).await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.recovery.abort();
        for task in &self.background {
            task.abort();
        }
    }
}
