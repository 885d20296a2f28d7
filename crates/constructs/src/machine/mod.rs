//! State machines and activities.

mod state_machine;

pub use state_machine::{StateMachine, StateMachineType};
