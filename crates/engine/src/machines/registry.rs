//! The registry: one change at a time, kept before it is seen.

use std::collections::HashMap;
use std::sync::Arc;

use stepmill_store::{Change, Document};
use tokio::sync::Mutex;

use crate::arn::{Arn, Qualifier, Resource};
use crate::clock::Clock;
use crate::error::{Code, Error};
use crate::keeper::Keeper;
use crate::machines::cache::{Cache, Stale};
use crate::machines::documents::{self, Kept, MachineBody, named};
use crate::machines::logging::LogGroups;
use crate::page::NameCursor;
use crate::quotas::Quotas;

/// Documents read at once where all of them are wanted, and revisions, which hold definitions.
const BATCH: usize = 500;
const REVISION_BATCH: usize = 8;

/// State machines with their versions and aliases, activities, and the tags of both, as the store
/// keeps them.
///
/// Reading is done in the store and in caches. A change is decided while no other is, committed,
/// and only then makes caches forget what it made stale; so nothing acknowledged is lost and a
/// commit that fails has changed nothing.
#[derive(Clone)]
pub struct Machines(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) keeper: Keeper,
    pub(crate) clock: Arc<Clock>,
    pub(crate) quotas: Quotas,
    pub(crate) log_groups: Option<Arc<dyn LogGroups>>,
    pub(crate) cache: Cache,
    changing: Mutex<Counts>,
}

impl Machines {
    /// The registry in a store. `log_groups` tells which log groups there are; without it, every
    /// ARN of a log group is taken for one that exists.
    pub fn new(
        keeper: Keeper,
        clock: Arc<Clock>,
        quotas: Quotas,
        log_groups: Option<Arc<dyn LogGroups>>,
    ) -> Self {
        Self(Arc::new(Inner {
            keeper,
            clock,
            quotas,
            log_groups,
            cache: Cache::new(),
            changing: Mutex::default(),
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Decides a change while no other is decided, keeps it, and then answers.
    ///
    /// It goes on to its end even if the caller is gone, because a change that is kept must also be
    /// seen.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&Inner, &mut Counts) -> Result<Decision<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.0.clone();
        let change = tokio::spawn(async move {
            let mut counts = inner.changing.lock().await;
            let decision = decide(&inner, &mut counts)?;
            if !decision.changes.is_empty() {
                inner.keeper.commit(decision.changes).await?;
                inner.cache.forget(decision.stale);
                if let Some(count) = decision.count {
                    counts.apply(count);
                }
            }
            Ok(decision.answer)
        });
        change
            .await
            .map_err(|error| Error::internal(format!("changing the registry: {error}")))?
    }
}

/// What is to be done, and what is answered once it is done.
pub(crate) struct Decision<T> {
    changes: Vec<Change>,
    stale: Vec<Stale>,
    count: Option<Count>,
    answer: T,
}

impl<T> Decision<T> {
    /// Keeps changes.
    pub(crate) fn of(changes: Vec<Change>, answer: T) -> Self {
        Self {
            changes,
            stale: Vec::new(),
            count: None,
            answer,
        }
    }

    /// Changes nothing.
    pub(crate) fn unchanged(answer: T) -> Self {
        Self::of(Vec::new(), answer)
    }

    pub(crate) fn making_stale(mut self, stale: Stale) -> Self {
        self.stale.push(stale);
        self
    }

    pub(crate) fn counting(mut self, count: Count) -> Self {
        self.count = Some(count);
        self
    }
}

/// A change of the number of documents of a kind in an account and a region.
pub(crate) struct Count {
    kind: &'static str,
    place: String,
    more: bool,
}

impl Count {
    pub(crate) fn one_more(kind: &'static str, place: String) -> Self {
        Self {
            kind,
            place,
            more: true,
        }
    }

    pub(crate) fn one_less(kind: &'static str, place: String) -> Self {
        Self {
            kind,
            place,
            more: false,
        }
    }
}

/// How many documents of a kind there are in an account and a region, counted when first asked.
#[derive(Default)]
pub(crate) struct Counts(HashMap<(&'static str, String), usize>);

impl Counts {
    pub(crate) fn of(
        &mut self,
        inner: &Inner,
        kind: &'static str,
        place: &str,
    ) -> Result<usize, Error> {
        if let Some(count) = self.0.get(&(kind, place.to_owned())) {
            return Ok(*count);
        }
        let mut count = 0;
        inner.each(kind, place, |_| {
            count += 1;
            Ok(())
        })?;
        self.0.insert((kind, place.to_owned()), count);
        Ok(count)
    }

    fn apply(&mut self, Count { kind, place, more }: Count) {
        if let Some(count) = self.0.get_mut(&(kind, place)) {
            *count = match more {
                true => *count + 1,
                false => count.saturating_sub(1),
            };
        }
    }
}

impl Inner {
    /// Visits all documents of a kind whose keys begin so.
    pub(crate) fn each(
        &self,
        kind: &str,
        prefix: &str,
        mut visit: impl FnMut(Document) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let batch = match kind {
            documents::REVISION => REVISION_BATCH,
            _ => BATCH,
        };
        let mut after = String::new();
        loop {
            let found = self.keeper.store().documents(kind, prefix, &after, batch)?;
            let last = found.len() < batch;
            for document in found {
                after.clone_from(&document.key);
                visit(document)?;
            }
            if last {
                return Ok(());
            }
        }
    }

    /// Documents whose keys begin so and go on with a name after `after`: one more than `limit`.
    pub(crate) fn after_name(
        &self,
        kind: &str,
        prefix: &str,
        after: Option<&NameCursor>,
        limit: usize,
    ) -> Result<Vec<Document>, Error> {
        let after = after.map_or_else(String::new, |cursor| format!("{prefix}{}", cursor.after));
        let store = self.keeper.store();
        Ok(store.documents(kind, prefix, &after, limit.saturating_add(1))?)
    }

    /// The state machine of that name.
    pub(crate) fn find_machine(
        &self,
        arn: &Arn<'_>,
        name: &str,
    ) -> Result<Option<Kept<MachineBody>>, Error> {
        if !arn.is_possible() {
            return Ok(None);
        }
        let key = named(arn.account, arn.region, name);
        Kept::find(self.keeper.store(), documents::MACHINE, &key)
    }

    /// The state machine that an ARN names, and the version or alias of it that the ARN names too.
    pub(crate) fn qualified<'a>(
        &self,
        text: &'a str,
    ) -> Result<(Kept<MachineBody>, Option<Qualifier<'a>>), Error> {
        let arn = Arn::parse(text)?;
        match arn.resource {
            Resource::StateMachine { name, qualifier } => {
                let machine = self.find_machine(&arn, name)?;
                let machine = machine.ok_or_else(|| Error::no_state_machine(text))?;
                Ok((machine, qualifier))
            }
            Resource::Labelled { .. } => Err(arn.labelled()),
            _ => Err(arn.unsuited()),
        }
    }

    /// The state machine that an ARN names; the ARN of a version names none (observed on AWS).
    pub(crate) fn machine(&self, text: &str) -> Result<Kept<MachineBody>, Error> {
        match self.qualified(text)? {
            (machine, None) => Ok(machine),
            _ => Err(Error::no_state_machine(text)),
        }
    }

    /// The same, if it is not being deleted.
    pub(crate) fn active(&self, text: &str) -> Result<Kept<MachineBody>, Error> {
        let machine = self.machine(text)?;
        machine.check_active()?;
        Ok(machine)
    }
}

impl Kept<MachineBody> {
    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        documents::machine_arn(&self.key, None)
    }

    /// Refuses a state machine that is being deleted.
    pub(crate) fn check_active(&self) -> Result<(), Error> {
        if !self.body.deleting {
            return Ok(());
        }
        let message = format!("State Machine is being deleted: '{}'", self.arn());
        Err(Error::new(Code::StateMachineDeleting, message))
    }
}

/// A version or alias that does not exist, in the text observed on AWS.
pub(crate) fn not_found(arn: &str) -> Error {
    let message = "Request references a resource that does not exist.";
    Error::new(Code::ResourceNotFound, message).with("resourceName", arn)
}
