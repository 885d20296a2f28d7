//! `encryptionConfiguration`: what is at rest is not encrypted with keys of the user's.

use crate::error::{Code, Error};

/// `encryptionConfiguration` as a request gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionConfiguration {
    /// `type`
    pub encryption_type: EncryptionType,
    /// `kmsKeyId`
    pub kms_key_id: Option<String>,
    /// `kmsDataKeyReusePeriodSeconds`
    pub kms_data_key_reuse_period_seconds: Option<u32>,
}

/// `encryptionConfiguration.type`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionType {
    /// `AWS_OWNED_KEY`: what everything has.
    AwsOwnedKey,
    /// `CUSTOMER_MANAGED_KMS_KEY`
    CustomerManagedKmsKey,
}

/// Refuses what would be an empty promise. `AWS_OWNED_KEY`, the default, changes nothing.
pub(crate) fn check_encryption(given: Option<&EncryptionConfiguration>) -> Result<(), Error> {
    let Some(given) = given else {
        return Ok(());
    };
    let detail = match given.encryption_type {
        EncryptionType::CustomerManagedKmsKey => {
            "type CUSTOMER_MANAGED_KMS_KEY is not supported; use AWS_OWNED_KEY"
        }
        EncryptionType::AwsOwnedKey if given.kms_key_id.is_some() => {
            "kmsKeyId cannot be given with type AWS_OWNED_KEY"
        }
        EncryptionType::AwsOwnedKey if given.kms_data_key_reuse_period_seconds.is_some() => {
            "kmsDataKeyReusePeriodSeconds cannot be given with type AWS_OWNED_KEY"
        }
        EncryptionType::AwsOwnedKey => return Ok(()),
    };
    Err(Error::new(
        Code::InvalidEncryptionConfiguration,
        format!("Invalid Encryption Configuration: {detail}"),
    ))
}
