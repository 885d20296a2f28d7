//! Local Lambda's registry: functions that tools create through Lambda's API, kept in the store and
//! run by the [`Host`] beside those of the project file.
//!
//! Requests and answers are objects in the shape of Lambda's API (API reference, version
//! 2015-03-31). Functions of the project file are visible too, but only that file changes them.
//!
//! Invariants:
//! - What an answer says is kept: the host and the answer come after the commit.
//! - The host has every version and alias that the store has, and each of their packages is on the
//!   disk as long as a version or a process needs it.
//! - A field that cannot be honoured is refused by name, unless it asks for nothing.

mod aliases;
mod code;
mod concurrency;
mod documents;
mod error;
mod events;
mod fields;
mod invoke;
mod lifecycle;
mod model;
mod paging;
mod policy;
mod reading;
mod settings;
mod shape;
mod tags;
mod unzip;
mod versions;

pub use error::{FunctionError, FunctionErrorCode};
pub use invoke::{InvocationType, Invoke, Invoked};
pub use paging::Page;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use stepmill_integrations::lambda::{Function, Host, HostError, LATEST, Owner, Target};
use thiserror::Error as ThisError;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, Semaphore};

use crate::caller::Caller;
use crate::keeper::Keeper;

use code::{Package, Packages};
use documents::{Documents, Key};
use model::{Code, Record, Version};

/// A JSON object of a request.
pub type Body = Map<String, Value>;

/// How a registry keeps what it is given.
#[derive(Debug, Clone)]
pub struct FunctionsOptions {
    /// Where unpacked code is kept; a temporary directory if nowhere, which suits a store in memory.
    pub code: Option<PathBuf>,
    /// The most bytes of unpacked code; default 75 GB, as on AWS.
    pub code_storage: u64,
    /// How long to wait before a failed asynchronous invocation is tried again; as many retries as
    /// there are delays. Default 1 and 2 minutes, as on AWS.
    pub event_retries: Vec<Duration>,
}

impl Default for FunctionsOptions {
    fn default() -> Self {
        Self {
            code: None,
            code_storage: 75_000_000_000,
            event_retries: vec![Duration::from_secs(60), Duration::from_secs(120)],
        }
    }
}

/// Why a registry cannot be opened.
#[derive(Debug, ThisError)]
pub enum OpenFunctionsError {
    /// The store cannot be read.
    #[error("cannot read the functions in the store: {0}")]
    Store(FunctionError),
    /// The directory of the code cannot be used.
    #[error("cannot use the directory of the functions' code: {0}")]
    Code(#[from] io::Error),
}

/// The functions of all accounts. Cloning it makes another handle of the same registry.
#[derive(Clone)]
pub struct Functions {
    inner: Arc<Inner>,
}

struct Inner {
    documents: Documents,
    host: Arc<Host>,
    packages: Packages,
    /// What the store's versions need, by the number of their document.
    held: Mutex<HashMap<u64, Arc<Package>>>,
    /// Changes happen one after the other.
    changing: AsyncMutex<()>,
    /// Places for asynchronous invocations.
    events: Arc<Semaphore>,
    event_retries: Vec<Duration>,
    problems: Vec<HostError>,
}

impl Functions {
    /// Declares the store's functions on the host, and takes up asynchronous invocations that were
    /// accepted before. Must be called within a tokio runtime.
    pub fn open(
        keeper: Keeper,
        host: Arc<Host>,
        options: FunctionsOptions,
    ) -> Result<Self, OpenFunctionsError> {
        let mut inner = Inner {
            documents: Documents::new(keeper),
            host,
            packages: Packages::open(options.code.as_deref(), options.code_storage)?,
            held: Mutex::default(),
            changing: AsyncMutex::default(),
            events: Arc::new(Semaphore::new(events::MOST)),
            event_retries: options.event_retries,
            problems: Vec::new(),
        };
        inner.declare_all().map_err(OpenFunctionsError::Store)?;
        inner.packages.tidy()?;
        let functions = Self {
            inner: Arc::new(inner),
        };
        functions
            .resume_events()
            .map_err(OpenFunctionsError::Store)?;
        Ok(functions)
    }

    /// Versions in the store that cannot run, for example because their directory is gone.
    pub fn problems(&self) -> &[HostError] {
        &self.inner.problems
    }

    /// Waits for the turn to change something.
    async fn change(&self) -> AsyncMutexGuard<'_, ()> {
        self.inner.changing.lock().await
    }

    /// What a request's function name means. Only functions of the caller's account and region can
    /// be named, and those of the project file.
    fn target(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Target, FunctionError> {
        let home = Owner::new(&caller.account, &caller.region);
        let target = Target::parse(name, qualifier, &home)?;
        let owner = target.owner();
        if *owner == home || self.inner.host.common(target.name()).is_some() {
            return Ok(target);
        }
        if owner.region != home.region {
            return Err(FunctionError::not_found(format!(
                "Functions from '{}' are not reachable in this region ('{}')",
                owner.region, home.region
            )));
        }
        Err(FunctionError::new(
            FunctionErrorCode::AccessDeniedException,
            format!(
                "User: arn:aws:iam::{}:root is not authorized to access the resource {}",
                home.account,
                target.arn()
            ),
        ))
    }

    /// The function that a request wants to change: it must be in the store.
    fn own(&self, target: &Target) -> Result<(Key, u64, Record), FunctionError> {
        self.writable(target.name())?;
        let key = Key::new(target.owner(), target.name());
        match self.inner.documents.function(&key)? {
            Some((number, record)) => Ok((key, number, record)),
            None => Err(no_function(target)),
        }
    }

    /// Refuses to change a function of the project file.
    fn writable(&self, name: &str) -> Result<(), FunctionError> {
        match self.inner.host.common(name) {
            None => Ok(()),
            Some(_) => Err(FunctionError::invalid(format!(
                "The function '{name}' is declared in the project file: change it there."
            ))),
        }
    }

    /// Refuses a change that was meant for another revision than the present one.
    fn check_revision(given: Option<&str>, present: uuid::Uuid) -> Result<(), FunctionError> {
        match given {
            Some(given) if given != present.to_string() => Err(FunctionError::new(
                FunctionErrorCode::PreconditionFailedException,
                "The Revision Id provided does not match the latest Revision Id. Call the \
                 GetFunction/GetAlias API to retrieve the latest Revision Id",
            )),
            _ => Ok(()),
        }
    }
}

impl Inner {
    fn declare_all(&mut self) -> Result<(), FunctionError> {
        let mut problems = Vec::new();
        self.documents.each_function(|key, number, record| {
            problems.extend(self.install(&key, number, &record.latest).err());
            for (number, version) in self.documents.versions(&key)? {
                problems.extend(self.install(&key, number, &version).err());
            }
            for (_, alias) in self.documents.aliases(&key)? {
                self.host
                    .route(&key.owner, &key.name, &alias.name, Some(alias.route()));
            }
            let reserved = record.reserved.map(usize_of);
            self.host.reserve(&key.owner, &key.name, reserved);
            Ok(())
        })?;
        self.problems = problems;
        Ok(())
    }

    /// Declares a version on the host; its code is there as long as the store has the version.
    fn install(&self, key: &Key, number: u64, version: &Version) -> Result<(), HostError> {
        let package = self.packages.stored(&version.code);
        {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            match &package {
                Some(package) => held.insert(number, Arc::clone(package)),
                None => held.remove(&number),
            };
        }
        let Some(function) = runnable(key, version, package.as_deref()) else {
            return Err(HostError::InvalidFunction {
                function: key.name.clone(),
                field: "runtime",
                problem: format!("'{}' does not run here", version.settings.runtime),
            });
        };
        match package {
            Some(package) => self.host.declare_with(function, package),
            None => self.host.declare(function),
        }
    }

    /// Forgets what versions needed that the store no longer has.
    fn release(&self, numbers: &[u64]) {
        {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            for number in numbers {
                held.remove(number);
            }
        }
        self.packages.sweep();
    }
}

/// A version as the host runs it; none if its runtime is not known.
fn runnable(key: &Key, version: &Version, package: Option<&Package>) -> Option<Function> {
    let settings = &version.settings;
    let directory = match (&version.code, package) {
        (Code::Directory(path), _) => path,
        (Code::Archive { .. }, package) => &package?.directory,
    };
    let runtime = settings.runtime.parse().ok()?;
    Some(Function {
        owner: Some(key.owner.clone()),
        version: version.version.clone(),
        executable: Some(Function::DEFAULT_EXECUTABLE.to_owned()),
        environment: settings.environment.clone().unwrap_or_default(),
        timeout: Duration::from_secs(settings.timeout.into()),
        memory: settings.memory,
        ..Function::new(key.name.as_str(), runtime, &settings.handler, directory)
    })
}

/// AWS's answer when there is no such function, version or alias (observed on AWS).
fn no_function(target: &Target) -> FunctionError {
    FunctionError::not_found(format!("Function not found: {}", target.arn()))
}

/// Whether a qualifier is the number of a version.
fn is_number(qualifier: &str) -> bool {
    qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The qualifier, unless it is the one that is meant without any.
fn other_than_latest(target: &Target) -> Option<&str> {
    target.qualifier().filter(|qualifier| *qualifier != LATEST)
}
