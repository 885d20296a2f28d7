//! How much there may be of what.

/// Quotas of what is registered: AWS's unless told otherwise (Developer Guide, *Service quotas*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// State machines of an account in a region.
    pub state_machines: usize,
    /// Activities of an account in a region.
    pub activities: usize,
    /// Versions of a state machine.
    pub versions: usize,
    /// Aliases of a state machine.
    pub aliases: usize,
    /// Tags of a state machine or an activity.
    pub tags: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            state_machines: 100_000,
            activities: 100_000,
            versions: 1_000,
            aliases: 100,
            tags: 50,
        }
    }
}
