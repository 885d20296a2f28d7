//! Where a stack is deployed to.

/// The account and region that a stack is deployed to; what is not given is only known at deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// The account's 12 digits.
    pub account: Option<String>,
    /// The region's code: `eu-central-1`.
    pub region: Option<String>,
}

impl Environment {
    /// An account and a region.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            account: Some(account.into()),
            region: Some(region.into()),
        }
    }
}
