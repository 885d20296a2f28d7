//! Client tokens of redrives that succeeded.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;

/// Tokens that are remembered for an execution, and for how long (API reference,
/// *RedriveExecution*).
const TOKENS: usize = 10;
const MEMORY: SignedDuration = SignedDuration::from_mins(15);

/// The latest client tokens by execution.
#[derive(Default)]
pub(crate) struct RedriveTokens {
    tokens: Mutex<FxHashMap<u64, VecDeque<(String, Timestamp)>>>,
}

impl RedriveTokens {
    /// When the execution was redriven with that token.
    pub(crate) fn find(&self, execution: u64, token: &str, now: Timestamp) -> Option<Timestamp> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tokens.get(&execution)?;
        known
            .iter()
            .find(|(known, at)| known == token && now.duration_since(*at) < MEMORY)
            .map(|(_, at)| *at)
    }

    /// An execution was redriven with that token.
    pub(crate) fn add(&self, execution: u64, token: &str, now: Timestamp) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, known| {
            known.retain(|(_, at)| now.duration_since(*at) < MEMORY);
            !known.is_empty()
        });
        let known = tokens.entry(execution).or_default();
        known.push_back((token.to_owned(), now));
        if known.len() > TOKENS {
            known.pop_front();
        }
    }
}
