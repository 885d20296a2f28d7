//! Pages of lists.

use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; `None` if this is the last one.
    pub next: Option<C>,
}

/// Where the next page of a list ordered by name begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameCursor {
    /// The last name of the page before.
    pub after: String,
}

/// Where the next page of a state machine's versions begins: latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionCursor {
    /// The last version of the page before.
    pub after: u32,
}

/// Makes a page of up to `limit` out of what was found, of which one more was asked for.
pub(crate) fn page<T, C>(
    mut found: Vec<T>,
    limit: usize,
    cursor: impl FnOnce(&T) -> C,
) -> Page<T, C> {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(cursor);
    Page { items: found, next }
}
