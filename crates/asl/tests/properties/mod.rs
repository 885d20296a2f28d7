//! What holds for any text: asserted on what a fuzzer makes up and on what it once found.

pub mod definition;
pub mod query;
