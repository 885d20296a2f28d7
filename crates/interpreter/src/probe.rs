//! Looking into one state while it is decided.
//!
//! A state under test is decided like any other ([`crate::decide`]). A [`Probe`] stands beside it:
//! it brings what an execution around the state would have brought, and takes down what the state's
//! data went through.

use std::cell::RefCell;

use serde_json::Value;

use crate::context::Item;
use crate::decide::Deciding;
use crate::payload::Payload;
use crate::record::Reason;

/// What stands around a state under test, and what was seen of it.
#[derive(Debug, Default)]
pub struct Probe {
    around: Surroundings,
    seen: RefCell<Vec<Stage>>,
}

/// What an execution would have brought to a state under test.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The context object, if it is not to be the execution's.
    pub context: Option<Value>,
    /// How often the retrier that handles an error has retried before.
    pub retries: Option<u64>,
    /// What a Parallel state's branches or a Map state's iterations come to, instead of being run.
    pub inside: Option<Inside>,
    /// What the `ItemReader` of a Map state reads.
    pub items: Option<Payload>,
    /// The item of a Map state that the state runs for.
    pub item: Option<Payload>,
}

/// What a Parallel state's branches or a Map state's iterations come to.
#[derive(Debug, Clone)]
pub struct Inside {
    /// The state's result, or why it fails.
    pub outcome: Result<Payload, Reason>,
    /// How many of a Map state's iterations failed.
    pub failures: Option<u64>,
}

/// Something that a state was seen to come to. Those of the data's way through the state are named
/// for the members of TestState's `InspectionData`.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// `afterInputPath`
    AfterInputPath(Payload),
    /// `afterParameters`
    AfterParameters(Payload),
    /// `afterArguments`
    AfterArguments(Payload),
    /// `result`
    Result(Payload),
    /// `afterResultSelector`
    AfterResultSelector(Payload),
    /// `afterResultPath`
    AfterResultPath(Payload),
    /// `afterItemsPath`
    AfterItemsPath(Payload),
    /// `afterItemSelector`
    AfterItemSelector(Payload),
    /// `afterItemBatcher`
    AfterItemBatcher(Payload),
    /// `toleratedFailureCount`
    ToleratedFailureCount(u64),
    /// `toleratedFailurePercentage`
    ToleratedFailurePercentage(f64),
    /// `maxConcurrency`, 0 where there is no limit.
    MaxConcurrency(u64),
    /// How many iterations a Map state has.
    Iterations(u64),
    /// An error was raised in the state.
    Raised(Reason),
    /// The retrier of this place in `Retry` handles the error, unless its retries are used up.
    Retrier(u32),
    /// The catcher of this place in `Catch` handles the error.
    Catcher(u32),
}

impl Probe {
    /// A probe that has seen nothing.
    pub fn new(around: Surroundings) -> Self {
        Self {
            around,
            seen: RefCell::default(),
        }
    }

    /// What the state is given.
    pub(crate) fn around(&self) -> &Surroundings {
        &self.around
    }

    /// The item that the state runs for, as the first of its Map state's.
    pub(crate) fn item(&self) -> Option<Item<'_>> {
        let value = self.around.item.as_ref()?.value();
        Some(Item { index: 0, value })
    }

    /// What was seen, in order.
    pub fn into_seen(self) -> Vec<Stage> {
        self.seen.into_inner()
    }
}

impl Deciding<'_> {
    /// Shows a stage to the probe, if there is one.
    pub(crate) fn show(&self, stage: impl FnOnce() -> Stage) {
        if let Some(probe) = self.probe {
            probe.seen.borrow_mut().push(stage());
        }
    }

    /// What the state's branches or iterations come to instead of being run.
    pub(crate) fn inside(&self) -> Option<&Inside> {
        self.probe?.around.inside.as_ref()
    }
}
