//! Lambda's registry, with real processes where functions are invoked.

#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod cases;
mod invoking;
mod keeping;
mod memory;
mod support;
