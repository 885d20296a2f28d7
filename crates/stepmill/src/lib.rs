//! AWS Step Functions in Rust: the parts of Stepmill under one name.
//!
//! [`asl`] reads and checks definitions, [`interpreter`] is one execution as a pure function,
//! [`engine`] runs executions over a [`store`], [`integrations`] is what their tasks call, [`api`]
//! serves them as AWS does, and [`graph`] draws state machines. [`constructs`] is for authors of workflows; programs
//! take it all by `use stepmill::prelude::*`.

pub mod graph;
pub mod testing;

pub use stepmill_api as api;
pub use stepmill_asl as asl;
pub use stepmill_constructs as constructs;
pub use stepmill_engine as engine;
pub use stepmill_integrations as integrations;
pub use stepmill_interpreter as interpreter;
pub use stepmill_store as store;

pub use stepmill_constructs::{object, prelude};
