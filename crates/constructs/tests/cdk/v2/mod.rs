//! What version 2 of the CDK added: each example is a small function with the example's name.

mod ecs;
mod emr;
mod jsonata;
mod lambda;
mod machine;
mod map;
mod more_services;
mod normalise;
mod services;
mod states;
mod variants;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;

use crate::accepted::refused_by_aws;
use crate::deviations::{apply, deviations, refusal};
use crate::difference::differences;

/// An example: what it is called in the recorded examples, the features that it needs besides version 2, and what makes its machine.
struct Example {
    name: &'static str,
    features: &'static [Feature],
    build: fn(&Stack),
}

/// The functions of a file as examples, each with the features it needs: `[glue_worker, ecs_overrides: [EcsReduceRunTaskPermissions]]`.
macro_rules! examples {
    [$($build:ident $(: [$($feature:ident),+])?),* $(,)?] => {
        pub(super) const EXAMPLES: &[super::Example] = &[$(super::Example {
            name: stringify!($build),
            features: &[$($(stepmill::prelude::Feature::$feature),+)?],
            build: $build,
        }),*];
    };
}

use examples;

/// The examples of all files.
const EXAMPLES: &[&[Example]] = &[
    ecs::EXAMPLES,
    emr::EXAMPLES,
    jsonata::EXAMPLES,
    lambda::EXAMPLES,
    machine::EXAMPLES,
    map::EXAMPLES,
    more_services::EXAMPLES,
    services::EXAMPLES,
    states::EXAMPLES,
    variants::EXAMPLES,
];

/// What the CDK made of them: the recorded examples, and more to see further options.
const GOLDEN: [&str; 2] = [
    include_str!("../../data/v2-examples.json"),
    include_str!("../../data/v2-variants.json"),
];

fn examples_of(file: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(file).unwrap();
    file["examples"].as_array().unwrap().clone()
}

#[test]
fn examples_of_version_2_are_equal_to_the_cdks() {
    let golden: Vec<Json> = GOLDEN.iter().flat_map(|file| examples_of(file)).collect();
    let only = std::env::var("EXAMPLE").unwrap_or_default();
    let mut report = String::new();
    for example in EXAMPLES.iter().copied().flatten() {
        let name = example.name.replace('_', "-");
        if !name.starts_with(&only) {
            continue;
        }
        let cdk = golden.iter().find(|golden| golden["name"] == name.as_str());
        let cdk = cdk.unwrap_or_else(|| panic!("there is no example {name}"));
        let found = compare(example, &name, cdk);
        if !found.is_empty() {
            report += &[name, found.join("\n  ")].join("\n  ");
            report.push('\n');
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

fn compare(example: &Example, name: &str, cdk: &Json) -> Vec<String> {
    let features = example.features.iter().copied().chain([Feature::Version2]);
    let stack = Stack::new(&features.fold(App::new(), App::feature), "V2Stack");
    (example.build)(&stack);
    let deviations = deviations(name);
    let cdk_resources = cdk["resources"].as_object();
    match (stack.template(), refusal(&deviations)) {
        (Ok(template), None) => {
            let ours = normalise::machine(&template.body);
            let mut cdk = json!({
                "definition": cdk["definition"],
                "policy": cdk["policy"],
                "machine_properties": cdk["machine_properties"],
            });
            let mut found = Vec::new();
            apply(&deviations, &mut cdk, &mut found);
            differences("", &ours, &cdk, &mut found);
            found.extend(refused_by_aws(&ours["definition"]));
            let resources = cdk_resources.into_iter().flatten();
            for (id, cdk) in resources {
                let ours = &template.body["Resources"][id];
                differences(&format!("/resources/{id}"), ours, cdk, &mut found);
            }
            found
        }
        (Err(errors), Some(refusal)) if errors.to_string() == refusal => Vec::new(),
        (Err(errors), _) => vec![errors.to_string()],
        (Ok(_), Some(refusal)) => vec![format!("not refused with: {refusal}")],
    }
}
