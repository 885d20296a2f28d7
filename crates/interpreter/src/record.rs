//! What an execution decided, as it is kept.
//!
//! Records are the AWS history events, plus the few facts that history lacks: where an exited
//! state leads, when a wait or a retry is due, the items of a Map state, task tokens.
//!
//! # Changing them
//!
//! Records outlive the program that wrote them, and formats such as MessagePack write a structure
//! as an array of its fields and a variant by its name. So that whatever was written can be read:
//!
//! - a new field comes last in its structure or variant, with `#[serde(default)]`;
//! - fields are never reordered, removed or given another type;
//! - variants are never renamed, reordered or removed; new ones come last;
//! - no field is left out when it is written, and none is written without saying which it is: no
//!   `skip_serializing_if`, `flatten` or `untagged`;
//! - a newtype variant stays one, and a structure of several fields never becomes one.
//!
//! The same holds of what records contain: [`Payload`], [`StateId`] and [`Transition`].

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stepmill_asl::model::{StateId, Transition};

use crate::payload::Payload;

/// The number of an event in its execution's history, from 1; 0 where there is none.
pub type EventId = u64;

/// A line of control: the execution's own, a branch's or an iteration's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(pub u32);

impl ThreadId {
    /// The execution's own.
    pub const ROOT: Self = Self(0);
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When it was decided.
    pub time: Timestamp,
    /// The thread it is about.
    pub thread: ThreadId,
    /// Its number as a history event; 0 for a fact that history lacks.
    pub id: EventId,
    /// The event that led to it, by AWS's rule for `previousEventId`.
    pub previous: EventId,
    /// What was decided.
    pub fact: Fact,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// `ExecutionStarted`
    ExecutionStarted {
        /// The execution's input, as it was sent.
        input: Payload,
    },
    /// `ExecutionSucceeded`
    ExecutionSucceeded {
        /// The execution's output.
        output: Payload,
    },
    /// `ExecutionFailed`
    ExecutionFailed(Reason),
    /// `ExecutionTimedOut`
    ExecutionTimedOut,
    /// `ExecutionAborted`
    ExecutionAborted(Reason),
    /// `…StateEntered`
    StateEntered {
        /// The state.
        state: StateId,
        /// Its raw input.
        input: Payload,
    },
    /// `…StateExited`
    StateExited {
        /// The state.
        state: StateId,
        /// Its output.
        output: Payload,
        /// The variables it assigned.
        assigned: Vec<(Arc<str>, Payload)>,
        /// Where it leads; not shown in history.
        to: Transition,
    },
    /// `…StateAborted`
    StateAborted {
        /// The state.
        state: StateId,
    },
    /// `TaskScheduled`, `LambdaFunctionScheduled`, `ActivityScheduled`
    TaskScheduled(Arc<Schedule>),
    /// `TaskStarted`, `LambdaFunctionStarted`, `ActivityStarted`
    TaskStarted {
        /// The state.
        state: StateId,
        /// The worker's name, of an activity.
        worker: Option<Arc<str>>,
    },
    /// `TaskSubmitted`
    TaskSubmitted {
        /// The state.
        state: StateId,
        /// The service's response.
        output: Payload,
    },
    /// `TaskSucceeded`, `LambdaFunctionSucceeded`, `ActivitySucceeded`
    TaskSucceeded {
        /// The state.
        state: StateId,
        /// The task's result.
        output: Payload,
    },
    /// `TaskFailed`, `LambdaFunctionFailed`, `ActivityFailed`
    TaskFailed {
        /// The state.
        state: StateId,
        /// Why.
        reason: Reason,
    },
    /// `TaskTimedOut`, `LambdaFunctionTimedOut`, `ActivityTimedOut`
    TaskTimedOut {
        /// The state.
        state: StateId,
        /// Whether a heartbeat was missed, rather than the whole time limit.
        heartbeat: bool,
    },
    /// A heartbeat came; not in history.
    TaskHeartbeat,
    /// `ParallelStateStarted`
    ParallelStarted {
        /// The state.
        state: StateId,
        /// What each branch gets; not shown in history.
        input: Payload,
    },
    /// `ParallelStateSucceeded`
    ParallelSucceeded,
    /// `ParallelStateFailed`
    ParallelFailed,
    /// `MapStateStarted`
    MapStarted(Box<MapPlan>),
    /// `MapStateSucceeded`
    MapSucceeded,
    /// `MapStateFailed`
    MapFailed,
    /// `MapIterationStarted`
    IterationStarted {
        /// The Map state.
        state: StateId,
        /// The item's place in the items, from 0.
        index: u32,
        /// What the iteration gets; not shown in history.
        input: Payload,
    },
    /// `MapIterationSucceeded`
    IterationSucceeded {
        /// The Map state.
        state: StateId,
        /// The item's place.
        index: u32,
    },
    /// `MapIterationFailed`
    IterationFailed {
        /// The Map state.
        state: StateId,
        /// The item's place.
        index: u32,
    },
    /// `MapIterationAborted`
    IterationAborted {
        /// The Map state.
        state: StateId,
        /// The item's place.
        index: u32,
    },
    /// `EvaluationFailed`
    EvaluationFailed {
        /// The state.
        state: StateId,
        /// Why.
        reason: Reason,
        /// The field whose expression failed, such as `Output/total`.
        location: Option<String>,
    },
    /// A Wait state waits; not in history.
    WaitStarted {
        /// Until when.
        until: Timestamp,
    },
    /// The state will be tried again; not in history.
    RetryScheduled {
        /// The retrier's place in `Retry`.
        retrier: u32,
        /// When.
        until: Timestamp,
    },
    /// `ExecutionRedriven`
    ExecutionRedriven {
        /// How often it has been redriven, this time included.
        count: u32,
    },
}

/// An error's name and cause, either of which may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reason {
    /// The error's name.
    pub error: Option<Arc<str>>,
    /// What happened, in words or as JSON text.
    pub cause: Option<Arc<str>>,
}

/// What a Task state asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The state.
    pub state: StateId,
    /// What the task gets: a Lambda function's or activity's input, an integration's parameters.
    pub input: Payload,
    /// Seconds until it times out, if the definition says so.
    pub timeout_seconds: Option<u64>,
    /// Seconds between heartbeats, if the definition says so.
    pub heartbeat_seconds: Option<u64>,
    /// `Credentials.RoleArn`.
    pub role_arn: Option<Arc<str>>,
    /// The task token, of a task that waits for one; not shown in history.
    pub token: Option<Arc<str>>,
}

/// How a task shows in history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// `LambdaFunction…`
    Lambda,
    /// `Activity…`
    Activity,
    /// `Task…`
    Service,
}

/// What a Map state will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPlan {
    /// The state.
    pub state: StateId,
    /// Its items, a JSON array.
    pub items: Payload,
    /// The effective input, which `ItemSelector` reads.
    pub input: Payload,
    /// Iterations running at once, at most.
    pub concurrency: u32,
}
