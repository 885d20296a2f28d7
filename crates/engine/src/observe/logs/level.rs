//! Which events a log level logs.
//!
//! Source: Developer Guide, "Log levels for Step Functions execution events". That table lacks
//! `EvaluationFailed`; here it is an error like other failures in a state. It also lacks failures of
//! activities, which are logged by the level ALL only.

use stepmill_asl::model::{Resource, StateId, StateKind, StateMachine};
use stepmill_interpreter::Fact;

use crate::machines::LoggingLevel;

/// Whether `level` logs the event that `fact` shows as.
pub(super) fn is_logged(level: LoggingLevel, machine: &StateMachine, fact: &Fact) -> bool {
    match level {
        LoggingLevel::All => true,
        LoggingLevel::Error => is_fatal(fact) || is_error(machine, fact),
        LoggingLevel::Fatal => is_fatal(fact),
        LoggingLevel::Off => false,
    }
}

fn is_fatal(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ExecutionFailed(_) | Fact::ExecutionTimedOut | Fact::ExecutionAborted(_)
    )
}

fn is_error(machine: &StateMachine, fact: &Fact) -> bool {
    match fact {
        Fact::StateEntered { state, .. } => {
            matches!(machine.state(*state).kind, StateKind::Fail(_))
        }
        Fact::TaskFailed { state, .. } | Fact::TaskTimedOut { state, .. } => {
            !is_activity(machine, *state)
        }
        Fact::StateAborted { .. }
        | Fact::EvaluationFailed { .. }
        | Fact::ParallelFailed
        | Fact::MapFailed
        | Fact::IterationFailed { .. }
        | Fact::IterationAborted { .. } => true,
        _ => false,
    }
}

fn is_activity(machine: &StateMachine, state: StateId) -> bool {
    matches!(&machine.state(state).kind, StateKind::Task(task)
        if matches!(task.resource, Resource::Activity(_)))
}
