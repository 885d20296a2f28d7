//! The server against hostile and slow clients, over raw sockets.

#![allow(clippy::unwrap_used)]

mod answers;
mod bodies;
mod connections;
mod harness;
