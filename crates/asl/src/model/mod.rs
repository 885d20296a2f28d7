//! The typed model of a state machine definition.
//!
//! A model exists only for a definition without errors: every name is resolved to an id, every
//! path, template and expression is parsed. States of all nesting levels lie in one list, and the
//! `States` objects (the whole machine, each branch, each item processor) in another.

mod choice;
mod data;
mod errors;
mod keyword;
mod map;
mod resource;
mod to_json;

pub use choice::{
    Choice, Comparison, Condition, Operand, Operator, Ordering, Rule, TimestampOperand, ValueType,
};
pub use data::{Data, Dynamic, JsonPathData, JsonataData, ResultPath, Selection};
pub use errors::{Catcher, ErrorHandling, ErrorName, Jitter, Retrier};
pub use keyword::Keyword;
pub use map::{
    CsvDelimiter, CsvHeaders, Distributed, ExecutionType, InputType, ItemBatcher, ItemReader,
    Items, ManifestType, Map, OutputType, ProcessorMode, ReaderConfig, ReaderTransformation,
    ResultWriter, WriterConfig, WriterTransformation,
};
pub use resource::{IntegrationPattern, Resource, ServiceResource};

use std::sync::Arc;

use jiff::Timestamp;

use crate::template::Template;

/// The query language of a machine or a state (`QueryLanguage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLanguage {
    /// Paths, payload templates and intrinsic functions; the default.
    #[default]
    JsonPath,
    /// JSONata expressions.
    Jsonata,
}

/// Whether executions are durable (`STANDARD`) or kept in memory (`EXPRESS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StateMachineType {
    /// Exactly-once, up to a year.
    #[default]
    Standard,
    /// At-least-once, up to five minutes.
    Express,
}

/// Names a state within its [`StateMachine`], whatever its nesting.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct StateId(pub u32);

/// Names a `States` object within its [`StateMachine`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct WorkflowId(pub u32);

/// A definition: what `CreateStateMachine` takes.
#[derive(Debug, Clone)]
pub struct StateMachine {
    /// `Comment`.
    pub comment: Option<String>,
    /// `Version` as written; only `"1.0"` exists.
    pub version: Option<String>,
    /// `QueryLanguage` of the whole machine.
    pub query_language: QueryLanguage,
    /// `TimeoutSeconds` of a whole execution.
    pub timeout_seconds: Option<u64>,
    /// Every `States` object; the first is the machine's own.
    pub workflows: Vec<Workflow>,
    /// Every state of every `States` object.
    pub states: Vec<State>,
}

impl StateMachine {
    /// The machine's own `States` object.
    pub const ROOT: WorkflowId = WorkflowId(0);

    /// The state that `id` names.
    ///
    /// # Panics
    /// If `id` belongs to another machine.
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    /// The `States` object that `id` names.
    ///
    /// # Panics
    /// If `id` belongs to another machine.
    pub fn workflow(&self, id: WorkflowId) -> &Workflow {
        &self.workflows[id.0 as usize]
    }

    /// The state of that name in one `States` object.
    pub fn find(&self, workflow: WorkflowId, name: &str) -> Option<StateId> {
        let states = &self.workflow(workflow).states;
        states
            .iter()
            .copied()
            .find(|id| &*self.state(*id).name == name)
    }
}

/// One `States` object with its `StartAt`.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// The state that `StartAt` names.
    pub start_at: StateId,
    /// Its states, in the order written.
    pub states: Vec<StateId>,
    /// The Parallel or Map state around it.
    pub parent: Option<StateId>,
    /// `Comment` of a branch or item processor.
    pub comment: Option<String>,
}

/// One state.
#[derive(Debug, Clone)]
pub struct State {
    /// Its name: the key in `States`.
    pub name: Arc<str>,
    /// The `States` object it stands in.
    pub workflow: WorkflowId,
    /// `Comment`.
    pub comment: Option<String>,
    /// How data moves through it, in its query language.
    pub data: Data,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Next` or `End`; absent on Choice, Succeed and Fail.
    pub transition: Option<Transition>,
    /// What it does.
    pub kind: StateKind,
}

impl State {
    /// The query language of this state.
    pub fn query_language(&self) -> QueryLanguage {
        match self.data {
            Data::JsonPath(_) => QueryLanguage::JsonPath,
            Data::Jsonata(_) => QueryLanguage::Jsonata,
        }
    }

    /// Its retriers and catchers, if it is of a type that may have them.
    pub fn error_handling(&self) -> Option<&ErrorHandling> {
        match &self.kind {
            StateKind::Task(task) => Some(&task.errors),
            StateKind::Parallel(parallel) => Some(&parallel.errors),
            StateKind::Map(map) => Some(&map.errors),
            _ => None,
        }
    }
}

/// Where a state leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Transition {
    /// `Next`.
    Next(StateId),
    /// `End: true`.
    End,
}

/// What a state does, by its `Type`.
#[derive(Debug, Clone)]
pub enum StateKind {
    /// Passes its input on, or `Result` (JSONPath only).
    Pass {
        /// `Result`, a literal.
        result: Option<serde_json::Value>,
    },
    /// Calls something.
    Task(Box<Task>),
    /// Chooses the next state.
    Choice(Choice),
    /// Waits.
    Wait(Wait),
    /// Ends its workflow well.
    Succeed,
    /// Ends the execution with an error.
    Fail(Fail),
    /// Runs branches side by side.
    Parallel(Parallel),
    /// Runs a workflow for each item.
    Map(Box<Map>),
}

impl StateKind {
    /// The value of `Type`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "Pass",
            Self::Task(_) => "Task",
            Self::Choice(_) => "Choice",
            Self::Wait(_) => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail(_) => "Fail",
            Self::Parallel(_) => "Parallel",
            Self::Map(_) => "Map",
        }
    }
}

/// A Task state.
#[derive(Debug, Clone)]
pub struct Task {
    /// `Resource`.
    pub resource: Resource,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`.
    pub timeout_seconds: Option<Dynamic<u64>>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    pub heartbeat_seconds: Option<Dynamic<u64>>,
    /// `Credentials`: an object with `RoleArn`.
    pub credentials: Option<Template>,
    /// `Retry` and `Catch`.
    pub errors: ErrorHandling,
}

/// A Wait state: until when.
#[derive(Debug, Clone)]
pub enum Wait {
    /// `Seconds` or `SecondsPath`.
    Seconds(Dynamic<u64>),
    /// `Timestamp` or `TimestampPath`. A literal keeps its text for writing it out again.
    Timestamp(Dynamic<TimestampLiteral>),
}

/// A timestamp literal: the instant and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampLiteral {
    /// The instant.
    pub instant: Timestamp,
    /// As written in the definition.
    pub text: String,
}

/// A Fail state.
#[derive(Debug, Clone, Default)]
pub struct Fail {
    /// `Error` or `ErrorPath`.
    pub error: Option<Dynamic<String>>,
    /// `Cause` or `CausePath`.
    pub cause: Option<Dynamic<String>>,
}

/// A Parallel state.
#[derive(Debug, Clone)]
pub struct Parallel {
    /// `Branches`, in the order written.
    pub branches: Vec<WorkflowId>,
    /// `Retry` and `Catch`.
    pub errors: ErrorHandling,
}
