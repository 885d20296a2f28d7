//! What holds for any text: asserted on what a fuzzer makes up and on what it once found.

// Public for the fuzz targets.
#![allow(unreachable_pub)]

pub mod definition;
pub mod query;
