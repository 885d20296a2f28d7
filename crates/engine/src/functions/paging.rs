//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::FunctionError;

/// The most items in a page, whatever is asked for (Lambda API reference, ListFunctions).
const MOST: usize = 50;
/// The most that may be asked for.
const MOST_ASKED: i64 = 10_000;

/// Which page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `NextMarker` of the page before.
    pub marker: Option<String>,
    /// `MaxItems`, 1 to 10,000.
    pub max_items: Option<i64>,
}

impl Page {
    pub(super) fn limit(&self) -> Result<usize, FunctionError> {
        let Some(asked) = self.max_items else {
            return Ok(MOST);
        };
        let rule = if asked < 1 {
            "Member must have value greater than or equal to 1"
        } else if asked > MOST_ASKED {
            "Member must have value less than or equal to 10000"
        } else {
            return Ok(usize::try_from(asked).unwrap_or(MOST).min(MOST));
        };
        Err(FunctionError::constraint(
            &asked.to_string(),
            "maxItems",
            rule,
        ))
    }

    /// The last item of the page before; empty if there is none.
    pub(super) fn after(&self) -> Result<String, FunctionError> {
        let Some(marker) = self.marker.as_deref().filter(|marker| !marker.is_empty()) else {
            return Ok(String::new());
        };
        URL_SAFE_NO_PAD
            .decode(marker)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| FunctionError::invalid(format!("Invalid Marker: {marker}")))
    }

    /// Cuts a sorted list to this page; the marker of the next one, if there is one.
    pub(super) fn cut<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, Option<String>), FunctionError> {
        let (after, limit) = (self.after()?, self.limit()?);
        let mut rest = items
            .into_iter()
            .filter(|item| key(item) > after)
            .peekable();
        let page: Vec<T> = rest.by_ref().take(limit).collect();
        let next = match (rest.peek(), page.last()) {
            (Some(_), Some(last)) => Some(URL_SAFE_NO_PAD.encode(key(last))),
            _ => None,
        };
        Ok((page, next))
    }
}
