//! What holds for any request: asserted on what a fuzzer makes up and on its seeds.

// Public for the fuzz targets.
#![allow(unreachable_pub)]

pub mod request;
