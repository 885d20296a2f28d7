//! Resource types of CloudFormation that workflows refer to, and what else is named like one: models of Bedrock.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

const FILE: &str = include_str!("../data/cloudformation.json");

// A test reads the file, so the default is never used.
static TYPES: LazyLock<File> = LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "source")]
    _source: String,
    types: IndexMap<String, ResourceType>,
}

/// How resources of a type are named. In texts, `{name}` and `{arn}` are the resource's, and `<partition>`, `<region>`
/// and `<account>` those of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceType {
    /// The property that is its name; none if AWS makes one.
    pub name: Option<String>,
    /// What `Ref` gives.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its ARN, if it has one.
    pub arn: Option<String>,
    /// Other attributes that are texts of a known form.
    #[serde(default)]
    pub attributes: IndexMap<String, String>,
}

impl ResourceType {
    /// The form of an attribute: `Arn`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        match name {
            "Arn" => self.arn.as_deref(),
            other => self.attributes.get(other).map(String::as_str),
        }
    }
}

/// A resource type by its name: `AWS::SQS::Queue`.
pub fn resource_type(kind: &str) -> Option<&'static ResourceType> {
    TYPES.types.get(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let file: File = serde_json::from_str(FILE).unwrap();
        assert!(
            file.types
                .values()
                .all(|kind| kind.reference != "{arn}" || kind.arn.is_some())
        );
        assert_eq!(resource_type("AWS::SNS::Topic").unwrap().reference, "{arn}");
    }
}
