use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value as Json;
use stepmill::prelude::*;
use stepmill::value::flatten;

use crate::accepted::refused_by_aws;
use crate::deviations::{apply, deviations};
use crate::difference::differences;
use crate::snippets::{SNIPPETS, Snippet, wrap};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cdk")
}

fn read(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What the CDK made of an example.
pub(crate) fn golden(snippet: &Snippet) -> Json {
    read(&data().join(format!("{}.json", snippet.name)))
}

/// Where the CDK's own run was deployed to; only examples 23 and 24 look up a network and need to know.
pub(crate) fn environment(golden: &Json) -> Environment {
    let text = |name: &str| golden["environment"][name].as_str().map(str::to_owned);
    Environment {
        account: text("account"),
        region: text("region"),
    }
}

pub(crate) fn synthesize(snippet: &Snippet, golden: &Json) -> Json {
    let stack = Stack::with_environment(&App::new(), "GoldenStack", environment(golden));
    wrap(&stack, (snippet.build)(&stack));
    stack
        .template()
        .unwrap_or_else(|errors| panic!("{}: {errors}", snippet.name))
        .body
}

/// Assets have other hashes than the CDK's, for their code is our own: they are named in the order in which they are
/// come upon.
fn name_hashes(template: &mut Json) {
    let hash = Regex::new("[0-9a-f]{64}").unwrap();
    // The ids of an asset's parameters end with a hash of that hash.
    let parameter =
        Regex::new("(AssetParametersHASH#[0-9]+(?:S3Bucket|S3VersionKey|ArtifactHash))[0-9A-F]{8}")
            .unwrap();
    let mut resources: Vec<_> = template["Resources"].as_object().unwrap().iter().collect();
    resources.sort_by_key(|(id, _)| *id);
    let mut names: Vec<String> = Vec::new();
    for (_, resource) in resources {
        for found in hash.find_iter(&resource.to_string()) {
            if !names.iter().any(|name| name == found.as_str()) {
                names.push(found.as_str().to_owned());
            }
        }
    }
    let mut text = template.to_string();
    for (index, name) in names.iter().enumerate() {
        text = text.replace(name, &format!("HASH#{}", index + 1));
    }
    *template = serde_json::from_str(&parameter.replace_all(&text, "$1")).unwrap();
}

/// Definitions as JSON instead of text with functions in it, so that the order of members does not matter.
fn normalise(template: &mut Json) {
    name_hashes(template);
    let resources = template["Resources"].as_object_mut().unwrap();
    for resource in resources.values_mut() {
        if let Some(definition) = resource.pointer_mut("/Properties/DefinitionString") {
            *definition = serde_json::from_str(&flatten(definition)).unwrap();
        }
    }
}

#[test]
fn templates_are_equal_to_the_cdks() {
    let only = std::env::var("SNIPPET").unwrap_or_default();
    let mut report = String::new();
    for snippet in SNIPPETS
        .iter()
        .filter(|snippet| snippet.name.starts_with(&only))
    {
        let golden = golden(snippet);
        let mut ours = synthesize(snippet, &golden);
        let mut cdk = golden["template"].clone();
        normalise(&mut ours);
        normalise(&mut cdk);
        let mut found = Vec::new();
        apply(&deviations(snippet.name), &mut cdk, &mut found);
        differences("", &ours, &cdk, &mut found);
        for resource in ours["Resources"].as_object().unwrap().values() {
            let definition = resource.pointer("/Properties/DefinitionString");
            found.extend(definition.map(refused_by_aws).unwrap_or_default());
        }
        if !found.is_empty() {
            report += &format!("{}\n  {}\n", snippet.name, found.join("\n  "));
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
