//! By which key machines and activities encrypt what they keep.

use crate::core::{Duration, Problem};
use crate::resources::Key;
use crate::value::Value;

/// By which key a machine or an activity encrypts what it keeps.
#[derive(Debug, Clone)]
pub enum EncryptionConfiguration {
    /// By one of AWS.
    AwsOwned(AwsOwnedEncryptionConfiguration),
    /// By one of the author's.
    CustomerManaged(CustomerManagedEncryptionConfiguration),
}

/// A key that AWS owns, at no cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AwsOwnedEncryptionConfiguration;

/// A key of the author's.
#[derive(Debug, Clone)]
#[must_use]
pub struct CustomerManagedEncryptionConfiguration {
    pub(super) kms_key: Key,
    kms_data_key_reuse_period_seconds: Duration,
}

impl CustomerManagedEncryptionConfiguration {
    /// A symmetric key.
    pub fn new(key: &Key) -> Self {
        Self {
            kms_key: key.clone(),
            kms_data_key_reuse_period_seconds: Duration::seconds(300),
        }
    }

    /// How long a data key is used before KMS is asked for another, from 60 to 900 seconds; 300 unless said.
    pub fn kms_data_key_reuse_period_seconds(mut self, period: Duration) -> Self {
        self.kms_data_key_reuse_period_seconds = period;
        self
    }
}

impl EncryptionConfiguration {
    /// The author's key.
    pub(crate) fn key(&self) -> Option<&Key> {
        match self {
            Self::AwsOwned(_) => None,
            Self::CustomerManaged(managed) => Some(&managed.kms_key),
        }
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        let Self::CustomerManaged(managed) = self else {
            return None;
        };
        let seconds = managed.kms_data_key_reuse_period_seconds.to_seconds();
        (!(60..=900).contains(&seconds)).then(|| {
            let message =
                "kmsDataKeyReusePeriodSeconds must have a value between 60 and 900 seconds";
            Problem::property("kms_data_key_reuse_period_seconds", message)
        })
    }

    /// `EncryptionConfiguration` of a machine or an activity.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::AwsOwned(_) => crate::object! {"Type": "AWS_OWNED_KEY"},
            Self::CustomerManaged(managed) => crate::object! {
                "KmsKeyId": managed.kms_key.key_arn(),
                "KmsDataKeyReusePeriodSeconds": managed.kms_data_key_reuse_period_seconds.to_seconds(),
                "Type": "CUSTOMER_MANAGED_KMS_KEY",
            },
        }
    }
}

impl From<AwsOwnedEncryptionConfiguration> for EncryptionConfiguration {
    fn from(owned: AwsOwnedEncryptionConfiguration) -> Self {
        Self::AwsOwned(owned)
    }
}

impl From<CustomerManagedEncryptionConfiguration> for EncryptionConfiguration {
    fn from(managed: CustomerManagedEncryptionConfiguration) -> Self {
        Self::CustomerManaged(managed)
    }
}
