//! AWS regions.

use std::sync::LazyLock;

use serde::Deserialize;

const REGIONS: &str = include_str!("../data/regions.json");

// A test reads the file, so the default is never used.
static FILE: LazyLock<Regions> =
    LazyLock::new(|| serde_json::from_str(REGIONS).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Regions {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "regions")]
    names: Vec<String>,
    without_regional_principals: Vec<String>,
}

/// The regions that templates of AWS CDK version 1 know service principals of.
pub fn regions() -> impl Iterator<Item = &'static str> {
    FILE.names.iter().map(String::as_str)
}

/// Whether principals of services have the region in their name there: `states.eu-west-1.amazonaws.com`.
pub fn regional_principals(region: &str) -> bool {
    !FILE
        .without_regional_principals
        .iter()
        .any(|name| name == region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let file: Regions = serde_json::from_str(REGIONS).unwrap();
        assert_eq!(file.names.len(), 30);
        assert!(!regional_principals("us-iso-east-1"));
    }
}
