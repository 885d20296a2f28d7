//! The host: which functions there are, and the one way to call them.

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::arn::{LATEST, Target};
use super::error::{HostError, InvokeError};
use super::function::{Function, Owner};
use super::invocation::{Invocation, InvokeResult};
use super::logs::{LogSink, Tails};
use super::pool::{Call, Pool};
use super::process::Registry;
use super::routes::{Entry, Route};
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
    /// Variables of a function of that account and region, which the host's and the declaration's
    /// go before; default none.
    pub variables: Option<Variables>,
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
            variables: None,
            search_path: None,
        }
    }
}

/// Variables, by the account and region of the function.
pub type Variables = Arc<dyn Fn(&Owner) -> Vec<(String, String)> + Send + Sync>;

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
    pub(super) tails: Arc<Tails>,
    /// The account and region of what does not say its own.
    pub(super) home: Owner,
    pub(super) saturation: Saturation,
    pub(super) init_timeout: Duration,
    pub(super) variables: Option<Variables>,
}

/// A call, what runs it, and the places that it needs one of.
type Prepared = (Call, Arc<Pool>, Option<Arc<Semaphore>>);

type Functions = BTreeMap<(Option<Owner>, String), Entry>;

/// Runs functions. Dropping it kills every process it started.
pub struct Host {
    shared: Arc<Shared>,
    functions: Arc<RwLock<Functions>>,
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
            tails: Arc::default(),
            home: Owner::new(options.account, options.region),
            saturation: options.saturation,
            init_timeout: options.init_timeout,
            variables: options.variables,
        });
        let mut entries = Functions::new();
        for function in functions {
            let name = function.name.clone();
            let pool = Pool::new(function, None, Arc::clone(&shared))?;
            if insert(&mut entries, pool).is_some() {
                return Err(HostError::DuplicateFunction { function: name });
            }
        }
        let functions = Arc::new(RwLock::new(entries));
        let reaper = tokio::spawn(reap(Arc::clone(&functions), idle_timeout));
        Ok(Self {
            shared,
            functions,
            closing: watch::Sender::new(false),
            reaper,
        })
    }

    /// Adds a version of a function, or replaces it: invocations under way finish on the old one.
    pub fn declare(&self, function: Function) -> Result<(), HostError> {
        self.declare_pool(function, None)
    }

    /// As [`Host::declare`]; `code` is kept until no process uses the function's code any more.
    pub fn declare_with(
        &self,
        function: Function,
        code: Arc<dyn Any + Send + Sync>,
    ) -> Result<(), HostError> {
        self.declare_pool(function, Some(code))
    }

    fn declare_pool(
        &self,
        function: Function,
        code: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Result<(), HostError> {
        if *self.closing.borrow() {
            return Err(HostError::ShutDown);
        }
        let pool = Pool::new(function, code, Arc::clone(&self.shared))?;
        if let Some(old) = insert(&mut self.write(), pool) {
            old.close();
        }
        Ok(())
    }

    /// Takes a function away with its versions and aliases; invocations under way finish. False if
    /// there was none.
    pub fn remove(&self, owner: Option<&Owner>, name: &str) -> bool {
        let removed = self.write().remove(&(owner.cloned(), name.to_owned()));
        for pool in removed.iter().flat_map(|entry| entry.versions.values()) {
            pool.close();
        }
        removed.is_some()
    }

    /// Takes one version of a function away, as [`Host::remove`] does with all of them.
    pub fn remove_version(&self, owner: Option<&Owner>, name: &str, version: &str) -> bool {
        let removed = self
            .write()
            .get_mut(&(owner.cloned(), name.to_owned()))
            .and_then(|entry| entry.versions.remove(version));
        if let Some(pool) = &removed {
            pool.close();
        }
        removed.is_some()
    }

    /// Lets an alias of a declared function lead to versions; without a route the alias is gone.
    /// False if there is no such function.
    pub fn route(&self, owner: &Owner, name: &str, alias: &str, route: Option<Route>) -> bool {
        let mut functions = self.write();
        let Some(entry) = functions.get_mut(&(Some(owner.clone()), name.to_owned())) else {
            return false;
        };
        match route {
            Some(route) => entry.routes.insert(alias.to_owned(), route),
            None => entry.routes.remove(alias),
        };
        true
    }

    /// Lets all versions of a function together have at most so many invocations at once; more fail
    /// with [`InvokeError::TooManyRequests`], whatever [`HostOptions::saturation`] says. `None`
    /// takes the limit away. False if there is no such function.
    pub fn reserve(&self, owner: &Owner, name: &str, most: Option<usize>) -> bool {
        let mut functions = self.write();
        let entry = functions.get_mut(&(Some(owner.clone()), name.to_owned()));
        let found = entry.is_some();
        if let Some(entry) = entry {
            entry.reserve(most);
        }
        found
    }

    /// The declared functions, by owner, name and version.
    pub fn functions(&self) -> Vec<Function> {
        self.pools()
            .iter()
            .map(|pool| pool.function.clone())
            .collect()
    }

    /// The function of that name that belongs to nobody.
    pub fn common(&self, name: &str) -> Option<Function> {
        let functions = self.read();
        let entry = functions.get(&(None, name.to_owned()))?;
        Some(entry.versions.get(LATEST)?.function.clone())
    }

    /// Looks for everything that the functions need, without starting any. Empty if all is there.
    pub async fn check(&self) -> Vec<HostError> {
        let mut problems = Vec::new();
        for pool in self.pools() {
            problems.extend(pool.launcher().await.err());
        }
        problems
    }

    /// Whether an invocation would be let in, as its name, function and payload are right; then the ARN of what it invokes.
    pub fn admit(&self, invocation: Invocation<'_>) -> Result<String, InvokeError> {
        let (call, ..) = self.prepare(invocation)?;
        Ok(call.arn)
    }

    /// Calls a function and waits for its answer.
    ///
    /// Dropping the future stops the invocation: the process that runs it is killed, with all that
    /// it started.
    pub async fn invoke(&self, invocation: Invocation<'_>) -> Result<InvokeResult, InvokeError> {
        let (call, pool, reserved) = self.prepare(invocation)?;
        let _reserved = match reserved {
            Some(places) => {
                Some(
                    places
                        .try_acquire_owned()
                        .map_err(|_| InvokeError::TooManyRequests {
                            message: "Rate Exceeded.".to_owned(),
                        })?,
                )
            }
            None => None,
        };
        let mut closing = self.closing.subscribe();
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => Err(HostError::ShutDown.into()),
            result = pool.run(call) => result,
        }
    }

    /// Checks an invocation and finds what it means.
    fn prepare(&self, invocation: Invocation<'_>) -> Result<Prepared, InvokeError> {
        let Invocation {
            function,
            qualifier,
            home,
            payload,
            client_context,
            log_tail,
        } = invocation;
        let home = home.as_ref().unwrap_or(&self.shared.home);
        let target = Target::parse(function, qualifier, home)?;
        let call = Call {
            arn: target.arn(),
            payload: Invocation::checked_payload(payload)?.into(),
            client_context: Invocation::checked_client_context(client_context)?,
            log_tail,
        };
        if *self.closing.borrow() {
            return Err(HostError::ShutDown.into());
        }
        let (pool, reserved) = self.find(&target).ok_or_else(|| target.not_found())?;
        Ok((call, pool, reserved))
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
        let functions = std::mem::take(&mut *self.write());
        for pool in functions.values().flat_map(|entry| entry.versions.values()) {
            pool.close();
        }
    }

    /// What a name means: a function of nobody's before one of the owner's.
    fn find(&self, target: &Target) -> Option<(Arc<Pool>, Option<Arc<Semaphore>>)> {
        let functions = self.read();
        let common = functions.get(&(None, target.name().to_owned()));
        let owned = || functions.get(&(Some(target.owner().clone()), target.name().to_owned()));
        common
            .or_else(owned)?
            .find(target.qualifier().unwrap_or(LATEST))
    }

    fn pools(&self) -> Vec<Arc<Pool>> {
        pools(&self.read())
    }

    fn read(&self) -> RwLockReadGuard<'_, Functions> {
        self.functions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Functions> {
        self.functions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(functions: &mut Functions, pool: Pool) -> Option<Arc<Pool>> {
    let Function {
        owner,
        name,
        version,
        ..
    } = pool.function.clone();
    let entry = functions.entry((owner, name)).or_default();
    entry.versions.insert(version, Arc::new(pool))
}

fn pools(functions: &Functions) -> Vec<Arc<Pool>> {
    let entries = functions.values();
    entries
        .flat_map(|entry| entry.versions.values().cloned())
        .collect()
}

impl Drop for Host {
    fn drop(&mut self) {
        self.close();
    }
}

async fn reap(functions: Arc<RwLock<Functions>>, limit: Duration) {
    let period = (limit / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let pools = pools(&functions.read().unwrap_or_else(PoisonError::into_inner));
        for pool in pools {
            pool.reap(limit);
        }
    }
}
