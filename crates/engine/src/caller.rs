//! Who calls.

use crate::names::{ACCOUNT, REGION};

/// Whose resources a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
}

impl Default for Caller {
    fn default() -> Self {
        Self {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
        }
    }
}
