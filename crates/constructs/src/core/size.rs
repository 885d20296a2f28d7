//! Amounts of storage.

/// An amount of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    kibibytes: u64,
}

impl Size {
    /// Units of 1024 bytes.
    pub const fn kibibytes(amount: u64) -> Self {
        Self { kibibytes: amount }
    }

    /// Units of 1024 kibibytes.
    pub const fn mebibytes(amount: u64) -> Self {
        Self::kibibytes(amount * 1024)
    }

    /// Units of 1024 mebibytes.
    pub const fn gibibytes(amount: u64) -> Self {
        Self::mebibytes(amount * 1024)
    }

    /// Units of 1024 gibibytes.
    pub const fn tebibytes(amount: u64) -> Self {
        Self::gibibytes(amount * 1024)
    }

    /// In kibibytes.
    pub const fn to_kibibytes(self) -> u64 {
        self.kibibytes
    }

    /// In whole mebibytes; what is less is cut off.
    pub const fn to_mebibytes(self) -> u64 {
        self.kibibytes / 1024
    }

    /// In whole gibibytes; what is less is cut off.
    pub const fn to_gibibytes(self) -> u64 {
        self.to_mebibytes() / 1024
    }
}
