//! Pages of lists: their size, and cursors as tokens.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use stepmill_engine::Error;

use super::Operations;
use crate::pages::List;
use crate::protocol::Failure;

/// The size of a page if none is asked for (API Reference).
const PAGE: usize = 100;

/// The size of a page: `maxResults`, of which 0 is none.
pub(super) fn size(max_results: Option<usize>) -> usize {
    max_results.filter(|&size| size > 0).unwrap_or(PAGE)
}

impl Operations {
    /// Where the page begins that a token names.
    pub(super) fn cursor<C: DeserializeOwned>(
        &self,
        list: List<'_>,
        token: Option<&str>,
    ) -> Result<Option<C>, Failure> {
        let Some(token) = token else {
            return Ok(None);
        };
        let cursor = self.pages.open(list, token, Timestamp::now().as_second())?;
        let cursor = serde_json::from_slice(&cursor).map_err(|_| Error::invalid_token())?;
        Ok(Some(cursor))
    }

    /// The token of the next page.
    pub(super) fn token<C: Serialize>(
        &self,
        list: List<'_>,
        next: Option<&C>,
    ) -> Result<Option<String>, Failure> {
        let Some(next) = next else {
            return Ok(None);
        };
        let cursor = serde_json::to_vec(next)
            .map_err(|error| Failure::internal(format!("a cursor cannot be written: {error}")))?;
        let now = Timestamp::now().as_second();
        Ok(Some(self.pages.seal(list, &cursor, now)))
    }
}
