//! What version 2 of the CDK added: each example is a small function with the example's name.

mod emr;
mod jsonata;
mod lambda;
mod machine;
mod map;
mod more_services;
mod normalise;
mod services;
mod states;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;

use crate::accepted::refused_by_aws;
use crate::deviations::{apply, deviations, refusal};
use crate::difference::differences;

/// An example: what it is called in `v2-examples.json`, the features that it needs besides version 2, and what makes its machine.
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
    emr::EXAMPLES,
    jsonata::EXAMPLES,
    lambda::EXAMPLES,
    machine::EXAMPLES,
    map::EXAMPLES,
    more_services::EXAMPLES,
    services::EXAMPLES,
    states::EXAMPLES,
];

#[test]
fn examples_of_version_2_are_equal_to_the_cdks() {
    let golden: Json = serde_json::from_str(include_str!("../../data/v2-examples.json")).unwrap();
    let golden = golden["examples"].as_array().unwrap();
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
    let stack = Stack::new(&features.fold(App::new(), App::feature), "Stack");
    (example.build)(&stack);
    let deviations = deviations(name);
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
            found
        }
        (Err(errors), Some(refusal)) if errors.to_string() == refusal => Vec::new(),
        (Err(errors), _) => vec![errors.to_string()],
        (Ok(_), Some(refusal)) => vec![format!("not refused with: {refusal}")],
    }
}
