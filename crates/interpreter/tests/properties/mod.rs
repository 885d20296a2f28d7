//! What holds whatever happens to an execution: asserted on what a fuzzer makes up and on what it
//! once found.

pub mod scenario;
pub mod template;
mod watched;
