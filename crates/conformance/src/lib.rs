//! Replays recorded answers of AWS Step Functions against an engine and says where it differs.
//!
//! A data set is a directory of cases (JSON): state machines and API calls to send, and what AWS
//! answered. [`case`] reads them, [`run`] replays one against a [`target::Target`], [`compare`]
//! judges the answers, [`suite`] does all of them and [`report`] writes the outcome down.
//!
//! Every answer is judged twice: the *lenient* verdict leaves out the fields that the recording
//! suite itself does not check (`unchecked_paths`), the *strict* one compares all that AWS sent.

pub mod case;
pub mod cli;
pub mod compare;
mod events;
pub mod http;
pub mod known;
pub mod outcome;
pub mod pairs;
pub mod paths;
pub mod placeholder;
pub mod report;
pub mod run;
mod services;
pub mod suite;
pub mod target;
pub mod tokens;
mod verdict;
