//! Lengths of time.

/// A length of time, in whole seconds where a service counts in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    millis: u64,
}

impl Duration {
    /// Milliseconds.
    pub const fn millis(amount: u64) -> Self {
        Self { millis: amount }
    }

    /// Seconds.
    pub const fn seconds(amount: u64) -> Self {
        Self::millis(amount * 1000)
    }

    /// Minutes.
    pub const fn minutes(amount: u64) -> Self {
        Self::seconds(amount * 60)
    }

    /// Hours.
    pub const fn hours(amount: u64) -> Self {
        Self::minutes(amount * 60)
    }

    /// Days of 24 hours.
    pub const fn days(amount: u64) -> Self {
        Self::hours(amount * 24)
    }

    /// In milliseconds.
    pub const fn to_millis(self) -> u64 {
        self.millis
    }

    /// In whole seconds; what is less than a second is cut off.
    pub const fn to_seconds(self) -> u64 {
        self.millis / 1000
    }

    /// In whole minutes; what is less than a minute is cut off.
    pub const fn to_minutes(self) -> u64 {
        self.to_seconds() / 60
    }

    /// In minutes; if they are not whole, what the CDK says to it.
    pub(crate) fn whole_minutes(self) -> Result<u64, String> {
        match self.millis % Self::minutes(1).millis {
            0 => Ok(self.to_minutes()),
            _ => Err(format!(
                "'{} seconds' cannot be converted into a whole number of minutes.",
                self.to_seconds()
            )),
        }
    }

    /// In whole days; what is less than a day is cut off.
    pub const fn to_days(self) -> u64 {
        self.to_minutes() / (24 * 60)
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self::millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}
