//! The services of AWS SDK integrations.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::integration::IamStatement;

/// `data/aws-sdk.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sdk {
    /// Where the facts come from.
    pub source: String,
    /// The form of resource ARNs.
    pub resource_form: String,
    /// How parameters are written.
    pub parameter_case: String,
    /// How errors are named.
    pub error_form: String,
    /// Services by their name in resource ARNs.
    pub services: IndexMap<String, SdkService>,
}

/// A service of AWS SDK integrations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SdkService {
    /// What the names of its errors begin with: `DynamoDb` of `DynamoDb.ConditionalCheckFailedException`.
    pub exception_prefix: String,
    /// The directory of its API model in botocore; absent where botocore has none.
    pub model: Option<String>,
    /// What its actions in IAM begin with, where that is not the service's name: `states` of `sfn`.
    pub iam_prefix: Option<String>,
    /// Whether causes of its errors end with how often the call was tried (as observed).
    #[serde(default)]
    pub attempt_count: bool,
    /// Actions, spelled as in resource ARNs, that need another action in IAM than their own, without the prefix:
    /// `ListAllMyBuckets` of `listBuckets`.
    #[serde(default)]
    pub iam_actions: IndexMap<String, String>,
    /// What the execution role must be allowed for actions of which more is known than their name, by the actions'
    /// names in resource ARNs: `startCrawler`.
    #[serde(default)]
    pub iam: IndexMap<String, Vec<IamStatement>>,
    /// Actions that Step Functions does not support, spelled as in the API: `AssumeRole`.
    #[serde(default)]
    pub unsupported_actions: Vec<String>,
}

impl SdkService {
    /// Whether an action, spelled as in resource ARNs (`assumeRole`), is not known to be unsupported.
    pub fn supports(&self, action: &str) -> bool {
        let same = |api: &String| {
            let mut letters = api.chars();
            let first = letters.next().map(|c| c.to_ascii_lowercase());
            first == action.chars().next() && Some(letters.as_str()) == action.get(1..)
        };
        !self.unsupported_actions.iter().any(same)
    }
}
