//! `stepmill serve` as clients meet it: AWS's own SDKs and CLI, and those who mean no good.
//!
//! The scripts beside this file use the clients that `cargo xtask test` installs; without them their
//! tests say that they are skipped. What needs no client but a socket runs always.

#![cfg(target_os = "linux")] // memory and limits are read from /proc
#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

mod access;
mod crowd;
mod hostile;
mod jobs;
#[path = "../../../aws-client/tests/strict/peer.rs"]
mod peer;
mod restart;
mod script;
mod sdk;
mod server;
mod wire;
