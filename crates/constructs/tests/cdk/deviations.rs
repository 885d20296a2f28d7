use std::fs;
use std::path::Path;

use serde_json::Value as Json;

/// A place where what the CDK makes does not work.
pub(crate) struct Deviation {
    what: String,
    /// Where it is, as a JSON pointer; without one, wherever the CDK's value stands.
    at: Option<String>,
    cdk: Json,
    stepmill: Json,
}

/// The deviations of an example: a snippet's file name, or the name of an example of version 2. Several examples may have
/// the same.
pub(crate) fn deviations(example: &str) -> Vec<Deviation> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/deviations.json");
    let all: Vec<Json> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let is_meant = |of: &Json| match of.as_array() {
        Some(examples) => examples.iter().any(|of| of == example),
        None => of == example,
    };
    let of_example = all
        .into_iter()
        .filter(|deviation| is_meant(&deviation["example"]));
    of_example
        .map(|deviation| Deviation {
            what: deviation["what"].as_str().unwrap().to_owned(),
            at: deviation["at"].as_str().map(str::to_owned),
            cdk: deviation["cdk"].clone(),
            stepmill: with_files(&deviation["stepmill"]),
        })
        .collect()
}

/// A value in which `{"file": PATH}` is the text of one of the crate's files.
fn with_files(value: &Json) -> Json {
    let Some(members) = value.as_object() else {
        return value.clone();
    };
    if let Some(file) = members.get("file").and_then(Json::as_str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        return fs::read_to_string(path).unwrap().into();
    }
    let members = members.iter();
    let members = members.map(|(name, value)| (name.clone(), with_files(value)));
    Json::Object(members.collect())
}

/// The errors with which Stepmill refuses an example that the CDK takes.
pub(crate) fn refusal(deviations: &[Deviation]) -> Option<&str> {
    deviations
        .iter()
        .find_map(|deviation| deviation.stepmill.get("refused")?.as_str())
}

/// Puts Stepmill's values in the place of the CDK's; those that stand nowhere are told of.
pub(crate) fn apply(deviations: &[Deviation], golden: &mut Json, found: &mut Vec<String>) {
    for deviation in deviations {
        let replaced = match &deviation.at {
            Some(pointer) => golden
                .pointer_mut(pointer)
                .is_some_and(|value| replace(value, deviation)),
            None => replace_all(golden, deviation),
        };
        if !replaced {
            found.push(format!("the CDK does not have it: {}", deviation.what));
        }
    }
}

/// Of an object the members that the CDK's value has are replaced, or those that it names if it is a list; of anything
/// else the whole.
fn replace(value: &mut Json, deviation: &Deviation) -> bool {
    match (value, &deviation.cdk, &deviation.stepmill) {
        (Json::Object(members), Json::Object(cdk), Json::Object(ours)) => {
            let has = cdk
                .iter()
                .all(|(name, value)| members.get(name) == Some(value));
            if has {
                members.retain(|name, _| !cdk.contains_key(name));
                members.extend(ours.clone());
            }
            has
        }
        (Json::Object(members), Json::Array(names), Json::Object(ours)) => {
            let named = |name: &str| names.iter().any(|named| named == name);
            let has = names
                .iter()
                .all(|name| name.as_str().is_some_and(|name| members.contains_key(name)));
            if has {
                members.retain(|name, _| !named(name));
                members.extend(ours.clone());
            }
            has
        }
        (value, cdk, ours) if value == cdk => {
            *value = ours.clone();
            true
        }
        _ => false,
    }
}

fn replace_all(value: &mut Json, deviation: &Deviation) -> bool {
    if *value == deviation.cdk {
        *value = deviation.stepmill.clone();
        return true;
    }
    let mut replaced = false;
    match value {
        Json::Object(members) => {
            for member in members.values_mut() {
                replaced |= replace_all(member, deviation);
            }
        }
        Json::Array(items) => {
            for item in items {
                replaced |= replace_all(item, deviation);
            }
        }
        _ => {}
    }
    replaced
}
