//! The host: which functions there are, and the one way to call them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::arn::Target;
use super::error::{HostError, InvokeError};
use super::function::Function;
use super::invocation::{Invocation, InvokeResult};
use super::logs::LogSink;
use super::pool::{Call, Pool};
use super::process::Registry;
use super::toolchain::Toolchain;

/// How a [`Host`] behaves; the defaults are those of AWS where it has any.
#[derive(Clone)]
pub struct HostOptions {
    /// The account in function ARNs; default `000000000000`.
    pub account: String,
    /// The region in function ARNs and of the functions' clients; default `us-east-1`.
    pub region: String,
    /// What happens when all processes of a function are busy; default [`Saturation::Queue`].
    pub saturation: Saturation,
    /// How long a process may take to initialise before it is started over within the function's
    /// own timeout; default 10 seconds.
    pub init_timeout: Duration,
    /// How long a process without work is kept; default 5 minutes.
    pub idle_timeout: Duration,
    /// Where functions' output goes; default nowhere.
    pub logs: Option<LogSink>,
    /// Replaces the `PATH` on which `python3` and `node` are looked for and that functions see.
    pub search_path: Option<OsString>,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            saturation: Saturation::Queue,
            init_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(5 * 60),
            logs: None,
            search_path: None,
        }
    }
}

/// What happens to an invocation when all processes of its function are busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saturation {
    /// It waits its turn.
    Queue,
    /// It fails with [`InvokeError::TooManyRequests`], as on AWS.
    Refuse,
}

/// What all functions of a host share.
pub(super) struct Shared {
    pub(super) toolchain: Toolchain,
    pub(super) registry: Registry,
    pub(super) logs: Option<LogSink>,
    pub(super) region: String,
    pub(super) saturation: Saturation,
    pub(super) init_timeout: Duration,
    account: String,
}

type Pools = RwLock<BTreeMap<String, Arc<Pool>>>;

/// Runs functions. Dropping it kills every process it started.
pub struct Host {
    shared: Arc<Shared>,
    pools: Arc<Pools>,
    closing: watch::Sender<bool>,
    reaper: JoinHandle<()>,
}

impl Host {
    /// Declares the functions; processes are started when they are first needed.
    ///
    /// Must be called within a tokio runtime.
    #[expect(
        clippy::unused_async,
        reason = "it needs the runtime that awaiting it implies"
    )]
    pub async fn start(
        functions: impl IntoIterator<Item = Function>,
        options: HostOptions,
    ) -> Result<Self, HostError> {
        let idle_timeout = options.idle_timeout;
        let shared = Arc::new(Shared {
            toolchain: Toolchain::new(options.search_path)?,
            registry: Registry::default(),
            logs: options.logs,
            region: options.region,
            saturation: options.saturation,
            init_timeout: options.init_timeout,
            account: options.account,
        });
        let mut pools = BTreeMap::new();
        for function in functions {
            let name = function.name.clone();
            let pool = Arc::new(Pool::new(function, Arc::clone(&shared))?);
            if pools.insert(name.clone(), pool).is_some() {
                return Err(HostError::DuplicateFunction { function: name });
            }
        }
        let pools = Arc::new(RwLock::new(pools));
        let reaper = tokio::spawn(reap(Arc::clone(&pools), idle_timeout));
        Ok(Self {
            shared,
            pools,
            closing: watch::Sender::new(false),
            reaper,
        })
    }

    /// Adds a function, or replaces the one of that name: invocations under way finish on the old.
    pub fn declare(&self, function: Function) -> Result<(), HostError> {
        if *self.closing.borrow() {
            return Err(HostError::ShutDown);
        }
        let name = function.name.clone();
        let pool = Arc::new(Pool::new(function, Arc::clone(&self.shared))?);
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = pools.insert(name, pool) {
            old.close();
        }
        Ok(())
    }

    /// Takes a function away; invocations under way finish. False if there was none.
    pub fn remove(&self, name: &str) -> bool {
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        let removed = pools.remove(name);
        if let Some(pool) = &removed {
            pool.close();
        }
        removed.is_some()
    }

    /// The declared functions, by name.
    pub fn functions(&self) -> Vec<Function> {
        self.pools()
            .iter()
            .map(|pool| pool.function.clone())
            .collect()
    }

    /// Looks for everything that the functions need, without starting any. Empty if all is there.
    pub async fn check(&self) -> Vec<HostError> {
        let mut problems = Vec::new();
        for pool in self.pools() {
            problems.extend(pool.launcher().await.err());
        }
        problems
    }

    /// Calls a function and waits for its answer.
    ///
    /// Dropping the future stops the invocation: the process that runs it is killed, with all that
    /// it started.
    pub async fn invoke(&self, invocation: Invocation<'_>) -> Result<InvokeResult, InvokeError> {
        let Invocation {
            function,
            qualifier,
            payload,
            client_context,
        } = invocation;
        let target = Target::parse(
            function,
            qualifier,
            &self.shared.region,
            &self.shared.account,
        )?;
        let call = Call {
            arn: target.arn(),
            payload: Invocation::checked_payload(payload)?.into(),
            client_context: Invocation::checked_client_context(client_context)?,
        };
        let pool = self
            .pool(&target.name)
            .filter(|_| target.is_latest())
            .ok_or_else(|| target.not_found())?;
        let mut closing = self.closing.subscribe();
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => Err(HostError::ShutDown.into()),
            result = pool.run(call) => result,
        }
    }

    /// Ends every process, those at work too, and waits until they are gone. Invocations under way
    /// and later ones fail with [`HostError::ShutDown`].
    pub async fn shutdown(&self) {
        self.close();
        self.shared.registry.ended().await;
    }

    fn close(&self) {
        self.closing.send_replace(true);
        self.reaper.abort();
        self.shared.registry.close();
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        for pool in std::mem::take(&mut *pools).into_values() {
            pool.close();
        }
    }

    fn pool(&self, name: &str) -> Option<Arc<Pool>> {
        self.pools
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    fn pools(&self) -> Vec<Arc<Pool>> {
        self.pools
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.close();
    }
}

async fn reap(pools: Arc<Pools>, limit: Duration) {
    let period = (limit / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let pools: Vec<_> = {
            let pools = pools.read().unwrap_or_else(PoisonError::into_inner);
            pools.values().cloned().collect()
        };
        for pool in pools {
            pool.reap(limit);
        }
    }
}
