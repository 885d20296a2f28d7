//! The registry of state machines, versions, aliases, activities and tags.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // what helps a test may fail it

mod activities;
mod aliases;
mod creating;
mod definitions;
mod deleting;
mod durability;
mod resolving;
mod store;
mod support;
mod tags;
mod updating;
mod versions;
