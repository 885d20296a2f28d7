//! What holds whatever happens to an execution: asserted on what a fuzzer makes up and on what it
//! once found.

// Public for the fuzz targets.
#![allow(unreachable_pub)]

pub mod scenario;
pub mod template;
mod watched;
