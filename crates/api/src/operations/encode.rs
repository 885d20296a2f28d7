//! Parts of answers that several actions share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use stepmill_engine::{EncryptionType, Logging, LoggingLevel};

/// A time as the API writes it: seconds since 1970 with milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds(pub(super) Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::cast_precision_loss)] // milliseconds are far below 2⁵³
        let seconds = self.0.as_millisecond() as f64 / 1000.0;
        serializer.serialize_f64(seconds)
    }
}

/// `includedData`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum IncludedData {
    #[default]
    AllData,
    MetadataOnly,
}

impl IncludedData {
    pub(super) fn is_all(self) -> bool {
        self == Self::AllData
    }
}

/// `inputDetails` and `outputDetails`
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct DataDetails {
    pub(super) included: bool,
}

/// `loggingConfiguration`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggingConfiguration<'a> {
    level: LoggingLevel,
    include_execution_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    destinations: Option<Vec<LogDestination<'a>>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogDestination<'a> {
    cloud_watch_logs_log_group: LogGroup<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogGroup<'a> {
    log_group_arn: &'a str,
}

impl<'a> From<&'a Logging> for LoggingConfiguration<'a> {
    fn from(logging: &'a Logging) -> Self {
        let group = logging.log_group_arn.as_deref();
        let destinations: Vec<_> = group
            .into_iter()
            .map(|log_group_arn| LogDestination {
                cloud_watch_logs_log_group: LogGroup { log_group_arn },
            })
            .collect();
        Self {
            level: logging.level,
            include_execution_data: logging.include_execution_data,
            destinations: (logging.empty_destinations || !destinations.is_empty())
                .then_some(destinations),
        }
    }
}

/// `tracingConfiguration`
#[derive(Debug, Serialize)]
pub(super) struct TracingConfiguration {
    pub(super) enabled: bool,
}

/// `encryptionConfiguration` of everything there is: the engine has no keys of users.
#[derive(Debug, Serialize)]
pub(super) struct OwnedKey {
    r#type: &'static str,
}

pub(super) const OWNED_KEY: OwnedKey = OwnedKey {
    r#type: "AWS_OWNED_KEY",
};

/// `encryptionConfiguration` of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptionConfiguration {
    r#type: KeyType,
    kms_key_id: Option<String>,
    kms_data_key_reuse_period_seconds: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum KeyType {
    AwsOwnedKey,
    CustomerManagedKmsKey,
}

impl From<EncryptionConfiguration> for stepmill_engine::EncryptionConfiguration {
    fn from(given: EncryptionConfiguration) -> Self {
        Self {
            encryption_type: match given.r#type {
                KeyType::AwsOwnedKey => EncryptionType::AwsOwnedKey,
                KeyType::CustomerManagedKmsKey => EncryptionType::CustomerManagedKmsKey,
            },
            kms_key_id: given.kms_key_id,
            kms_data_key_reuse_period_seconds: given.kms_data_key_reuse_period_seconds,
        }
    }
}

/// `STANDARD` or `EXPRESS`
pub(super) fn machine_type(express: bool) -> &'static str {
    match express {
        true => "EXPRESS",
        false => "STANDARD",
    }
}
