//! The file of models.

use std::sync::{Arc, LazyLock, OnceLock};

use indexmap::IndexMap;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Deserialize;

use super::Service;

const FILE: &[u8] = include_bytes!("../../data/models.deflate");

/// The longest model as JSON, in bytes; a test reads them all.
const MODEL_BYTES: usize = 4 << 20;

/// The file's first line.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    botocore: String,
    partitions: Vec<Partition>,
    rules: Place,
    services: IndexMap<String, Place>,
    /// Where the models begin.
    #[serde(skip)]
    models: usize,
}

/// The first byte and the length of a model.
type Place = (usize, usize);

/// A partition of AWS: regions that share accounts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Partition {
    pub(crate) id: String,
    /// What endpoint rules may ask of it.
    pub(crate) outputs: serde_json::Map<String, serde_json::Value>,
    /// What the names of its regions look like.
    #[serde(rename = "regionRegex")]
    pub(crate) pattern: String,
    pub(crate) regions: Vec<String>,
}

// A test reads the file, so the default is never used.
static HEADER: LazyLock<Header> = LazyLock::new(|| {
    let end = FILE.iter().position(|byte| *byte == b'\n');
    let header = end.and_then(|end| {
        let header: Header = serde_json::from_slice(FILE.get(..end)?).ok()?;
        Some(Header {
            models: end + 1,
            ..header
        })
    });
    header.unwrap_or_default()
});

/// The services that were decoded, at their places in the header.
static SERVICES: LazyLock<Vec<OnceLock<Option<Arc<Service>>>>> = LazyLock::new(|| {
    let empty = || OnceLock::new();
    std::iter::repeat_with(empty)
        .take(HEADER.services.len())
        .collect()
});

/// Templates of rule sets, one a line.
static RULES: LazyLock<String> = LazyLock::new(|| {
    let text = text_at(HEADER.rules);
    text.unwrap_or_default()
});

/// The version of botocore that the models are from.
pub fn botocore_version() -> &'static str {
    &HEADER.botocore
}

pub(crate) fn partitions() -> &'static [Partition] {
    &HEADER.partitions
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    HEADER.services.keys().map(String::as_str)
}

pub(super) fn service(name: &str) -> Option<Arc<Service>> {
    let (index, _, place) = HEADER.services.get_full(name)?;
    let kept = SERVICES.get(index)?.get_or_init(|| {
        let text = text_at(*place)?;
        serde_json::from_str(&text).map(Arc::new).ok()
    });
    kept.clone()
}

/// The template of a service's endpoint rules, as JSON.
pub(crate) fn rules_template(number: usize) -> Option<&'static str> {
    RULES.lines().nth(number)
}

fn text_at((first, length): Place) -> Option<String> {
    let first = HEADER.models + first;
    let packed = FILE.get(first..first + length)?;
    let text = decompress_to_vec_with_limit(packed, MODEL_BYTES).ok()?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reference, ShapeType};

    #[test]
    fn every_model_can_be_read() {
        let mut operations = 0;
        for name in names() {
            let service = service(name).unwrap_or_else(|| panic!("{name}"));
            let known = |at: &Reference| assert!(at.shape < service.shapes.len(), "{name}");
            for operation in service.operations.values() {
                operations += 1;
                operation.input.iter().for_each(known);
                operation.output.iter().for_each(known);
            }
            for shape in &service.shapes {
                shape.members.values().for_each(known);
                shape.of.iter().chain(&shape.key).for_each(known);
                let is_member = |name: &String| shape.members.contains_key(name);
                assert!(shape.required.iter().all(is_member), "{name}");
                assert!(shape.payload.iter().all(is_member), "{name}");
                assert_eq!(
                    shape.of.is_some(),
                    matches!(shape.is, ShapeType::List | ShapeType::Map)
                );
            }
            assert!(rules_template(service.rules).is_some(), "{name}");
        }
        assert_eq!(botocore_version(), "1.44.5");
        assert_eq!((names().count(), operations), (439, 19_796));
    }

    #[test]
    fn what_no_model_has_is_not_found() {
        assert!(service("states").is_none());
        assert!(
            service("stepfunctions")
                .unwrap()
                .operation("Start")
                .is_none()
        );
    }
}
