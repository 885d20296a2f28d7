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

    /// The account and region that the CDK's command line is about to deploy to: `CDK_DEFAULT_ACCOUNT` and
    /// `CDK_DEFAULT_REGION`, as far as they are set.
    pub fn from_cdk() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            account: variable("CDK_DEFAULT_ACCOUNT"),
            region: variable("CDK_DEFAULT_REGION"),
        }
    }
}
