//! Compares pairs read from a stream, so that the comparison can be checked against others.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::Value;

use crate::compare::{Context, Rules};
use crate::placeholder::Caller;
use crate::tokens::TokenValue;

/// Why a stream of pairs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum PairsError {
    /// A line is no pair.
    #[error("line {line}: {source}")]
    Parse {
        /// The line, from 1.
        line: usize,
        /// Where in it, and why.
        source: serde_json::Error,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// One line: an expectation, an actual response, and the rules of the comparison.
#[derive(Deserialize)]
struct Pair {
    expected: Value,
    actual: Value,
    #[serde(default)]
    path: String,
    account: Option<String>,
    region: Option<String>,
    #[serde(default)]
    tokens: BTreeMap<String, TokenValue>,
    #[serde(default)]
    wildcards: Vec<String>,
    #[serde(default)]
    unchecked_paths: Vec<String>,
    #[serde(default)]
    unordered: bool,
}

/// Reads one pair a line, `{"expected", "actual"[, "path", "account", "region", "tokens",
/// "wildcards", "unchecked_paths", "unordered"]}`, and writes the list of its differences.
pub fn compare_pairs(input: impl BufRead, mut output: impl Write) -> Result<(), PairsError> {
    let caller = Caller::default();
    for (index, line) in input.lines().enumerate() {
        let pair: Pair = serde_json::from_str(&line?).map_err(|source| PairsError::Parse {
            line: index + 1,
            source,
        })?;
        let mut context = Context::new(&Rules {
            account: pair.account.as_deref().unwrap_or(&caller.account),
            region: pair.region.as_deref().unwrap_or(&caller.region),
            tokens: &pair.tokens,
            wildcards: &pair.wildcards,
            unchecked_paths: &pair.unchecked_paths,
            unordered_branches: pair.unordered,
        });
        let found = context.differences(&pair.expected, &pair.actual, &pair.path);
        serde_json::to_writer(&mut output, &found).map_err(std::io::Error::from)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(())
}
