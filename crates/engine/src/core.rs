//! What the parts of an engine share.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use stepmill_asl::model::Resource;
use stepmill_integrations::mock::{MockFile, TestCase};
use stepmill_interpreter::{Execution, Identity, Record};
use stepmill_store::ExecutionRow;
use tokio::sync::{mpsc, oneshot};

use crate::arn::{Arn, Resource as Named};
use crate::drive::{Driver, Interrupted};
use crate::encoding::{EncodingError, decode};
use crate::engine::EngineLimits;
use crate::error::Error;
use crate::journal::{Detail, Journal, Kept};
use crate::keeper::Keeper;
use crate::live::{Crowd, Live};
use crate::machines::{Machines, Revision};
use crate::message::Message;
use crate::queues::Queues;
use crate::redrive_tokens::RedriveTokens;
use crate::timers::Timers;
use crate::world::Surroundings;

/// Entries read at once.
const PAGE: usize = 256;

/// What the parts of an engine share.
pub(crate) struct Core {
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) keeper: Keeper,
    pub(crate) machines: Machines,
    pub(crate) live: Live,
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) queues: Queues,
    pub(crate) timers: Timers,
    pub(crate) mocks: Option<MockFile>,
    pub(crate) interrupted: Interrupted,
    pub(crate) limits: EngineLimits,
    pub(crate) redrive_tokens: RedriveTokens,
    /// Executions that run.
    pub(crate) open: AtomicI64,
    /// Who waits for the end of which execution.
    pub(crate) watchers: Mutex<FxHashMap<u64, Vec<oneshot::Sender<()>>>>,
    pub(crate) closing: AtomicBool,
}

/// An execution as it is found on the disk.
pub(crate) struct Found {
    pub(crate) row: ExecutionRow,
    pub(crate) detail: Detail,
    pub(crate) revision: Arc<Revision>,
}

impl Core {
    /// Writes to an execution, and brings it into memory if it is not there.
    pub(crate) fn wake(self: &Arc<Self>, number: u64, message: Option<Message>) {
        let Some(channel) = self.live.send(number, message) else {
            return;
        };
        let core = self.clone();
        let woken = self.crowd.enter();
        // A task that is dropped with its runtime may still want to stop an execution.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            match core.load(number, channel) {
                Ok(Some(mut driver)) => {
                    driver.woken = Some(woken);
                    driver.drive().await;
                }
                // Whoever wrote to it learns that nobody answers.
                Ok(None) => core.live.remove(number),
                Err(error) => {
                    tracing::error!(number, %error, "an execution cannot be read");
                    core.live.remove(number);
                }
            }
        });
    }

    /// An execution with all its records.
    fn load(
        self: &Arc<Self>,
        number: u64,
        channel: (
            mpsc::UnboundedSender<Message>,
            mpsc::UnboundedReceiver<Message>,
        ),
    ) -> Result<Option<Driver>, Error> {
        let Some(found) = self.find(number)? else {
            return Ok(None);
        };
        let (execution, turn) = self.fold(&found)?;
        let mut queued = FxHashMap::default();
        for order in execution.open_tasks(&found.revision.definition) {
            if let Resource::Activity(arn) = &order.order.resource
                && !order.started
                && let Ok(activity) = self.machines.activity(arn)
            {
                queued.insert(order.order.task, activity.number);
            }
        }
        let mocks = self.test_case(&found)?;
        let kept = Kept {
            core: self.clone(),
            revision: found.revision.clone(),
            number,
            turn,
            opening: None,
            queued,
            left: false,
        };
        let journal = Journal::Kept(Box::new(kept));
        let machine = found.revision.definition.clone();
        let surroundings = self.surroundings.clone();
        let mut driver = Driver::new(surroundings, machine, execution, journal, channel);
        driver.mocks = mocks;
        driver.resume(self.interrupted);
        Ok(Some(driver))
    }

    /// An execution as its records have made it, and its next turn.
    pub(crate) fn fold(&self, found: &Found) -> Result<(Execution, u32), Error> {
        let mut execution = Execution::new(found.identity());
        let mut turn = 0;
        self.each_entry(found.row.number, 0, |at, records| {
            for record in &records {
                execution.apply(&found.revision.definition, record);
            }
            turn = at + 1;
            true
        })?;
        Ok((execution, turn))
    }

    /// What is kept of an execution beside its records.
    pub(crate) fn find(&self, number: u64) -> Result<Option<Found>, Error> {
        match self.keeper.store().execution(number)? {
            Some(row) => self.found(row).map(Some),
            None => Ok(None),
        }
    }

    /// The execution of that ARN.
    pub(crate) fn find_by_arn(&self, text: &str) -> Result<Found, Error> {
        let arn = Arn::parse(text)?;
        let Named::Execution {
            label: None, name, ..
        } = arn.resource
        else {
            return Err(arn.unsuited());
        };
        for scope in self.machines.machine_number(text)? {
            let store = self.keeper.store();
            if let Some(row) = store.execution_named(scope, name)? {
                return self.found(row);
            }
        }
        Err(Error::no_execution(text))
    }

    pub(crate) fn found(&self, row: ExecutionRow) -> Result<Found, Error> {
        let detail: Detail = decode(&row.detail).map_err(|error| damaged(&error))?;
        let revision = self.machines.revision(detail.revision)?;
        Ok(Found {
            row,
            detail,
            revision,
        })
    }

    /// Reads an execution's entries from turn `from` on until `read` returns false.
    pub(crate) fn each_entry(
        &self,
        number: u64,
        mut from: u32,
        mut read: impl FnMut(u32, Vec<Record>) -> bool,
    ) -> Result<(), Error> {
        loop {
            let entries = self.keeper.store().entries(number, from, PAGE)?;
            let more = entries.len() == PAGE;
            for entry in entries {
                from = entry.turn + 1;
                if !read(
                    entry.turn,
                    decode(&entry.bytes).map_err(|error| damaged(&error))?,
                ) {
                    return Ok(());
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn test_case(&self, found: &Found) -> Result<Option<Arc<TestCase>>, Error> {
        match &found.detail.test_case {
            Some(case) => self.mocks(&found.revision.name, case).map(Some),
            None => Ok(None),
        }
    }

    /// A test case of the mock configuration, as it is now.
    pub(crate) fn mocks(&self, machine: &str, case: &str) -> Result<Arc<TestCase>, Error> {
        let config = self.mocks.as_ref().ok_or_else(|| {
            Error::validation(format!(
                "there is no mock configuration that could have the test case '{case}'"
            ))
        })?;
        config
            .test_case(machine, case)
            .map(Arc::new)
            .map_err(|error| Error::validation(error.to_string()))
    }

    /// The test case of a state machine's executions that name none.
    pub(crate) fn default_case(&self, machine: &str) -> Result<Option<String>, Error> {
        let Some(config) = &self.mocks else {
            return Ok(None);
        };
        let found = config.default_case(machine);
        found.map_err(|error| Error::validation(error.to_string()))
    }

    /// An execution has ended.
    pub(crate) fn ended(&self, number: u64) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers.remove(&number).unwrap_or_default() {
            // Who waited may be gone.
            let _ = watcher.send(());
        }
    }

    /// Tells of an execution's end.
    pub(crate) fn watch(&self, number: u64) -> oneshot::Receiver<()> {
        let (watcher, ended) = oneshot::channel();
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = watchers.entry(number).or_default();
        waiting.retain(|watcher| !watcher.is_closed());
        waiting.push(watcher);
        ended
    }

    /// Whether the process is about to end.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

impl Found {
    /// What the execution is called.
    pub(crate) fn identity(&self) -> Identity {
        identity(
            &self.revision,
            self.row.number,
            &self.row.name,
            &self.detail,
        )
    }
}

/// What a kept execution is called.
pub(crate) fn identity(revision: &Revision, number: u64, name: &str, detail: &Detail) -> Identity {
    Identity {
        number,
        execution_arn: Arn::new(
            &revision.account,
            &revision.region,
            Named::Execution {
                machine: &revision.name,
                label: None,
                name,
            },
        )
        .to_string(),
        name: name.to_owned(),
        role_arn: revision.role_arn.clone(),
        state_machine_arn: revision.arn.clone(),
        state_machine_name: revision.name.clone(),
        version_arn: detail.version_arn.clone(),
        alias_arn: detail.alias_arn.clone(),
        express: revision.express,
    }
}

pub(crate) fn damaged(error: &EncodingError) -> Error {
    Error::internal(format!("the store holds what cannot be read: {error}"))
}
