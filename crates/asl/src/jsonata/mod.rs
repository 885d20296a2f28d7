//! JSONata 2.0.6 as Step Functions has it.
//!
//! An [`Expression`] is parsed once, when its state machine is, and evaluated against the
//! [`Bindings`] of a state (`$states` and the workflow's variables) and a [`World`](crate::World).
//! The engine is the crate `jsonata-core`; no type of it leaves this module.
//!
//! What differs from plain JSONata, by the developer guide's page "Transforming data with JSONata
//! in Step Functions":
//!
//! - there is no `$eval`; `$partition`, `$range`, `$hash`, `$random([seed])`, `$uuid` and `$parse`
//!   are added;
//! - an expression has no input document of its own: it reads `$states` and variables;
//! - an evaluation has limits of time, memory and recursion.
//!
//! The engine implements a newer JSONata and limits only part of what it does, so an expression is
//! rewritten before it runs: the module `analysis` refuses what 2.0.6 lacks, and `guard` measures
//! what could grow.

mod analysis;
mod bindings;
mod builtins;
mod convert;
mod delimiters;
mod error;
mod expression;
mod functions;
mod guard;
mod hosts;
mod java_random;
mod keep;
mod regexes;
mod run;
mod text;
mod weight;

pub use analysis::StatesUse;
pub use bindings::Bindings;
pub use delimiters::{delimited, is_half_open};
pub use error::{EvaluationError, ParseError};
pub use expression::Expression;
