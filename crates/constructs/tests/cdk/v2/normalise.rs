//! A machine as the recorded examples have it: what is only known at deployment as text, logical ids as `TYPE#N`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use stepmill::value::flatten;

/// The first machine of a template: its definition, the statements of its role's policies, and its other properties.
pub(super) fn machine(template: &Json) -> Json {
    let resources = template["Resources"].as_object().unwrap();
    let machine = of_type(resources, "AWS::StepFunctions::StateMachine").next();
    let mut properties = machine.unwrap()["Properties"].as_object().unwrap().clone();
    let definition = properties.remove("DefinitionString").unwrap();
    let role = role_id(&properties.remove("RoleArn").unwrap());
    let policies = of_type(resources, "AWS::IAM::Policy")
        .map(|policy| &policy["Properties"])
        .filter(|policy| policy["Roles"][0]["Ref"] == role.as_str());
    let statements = policies.flat_map(|policy| {
        let statements = policy["PolicyDocument"]["Statement"].as_array();
        statements.unwrap().iter().map(flattened)
    });
    let statements: Vec<Json> = statements.collect();
    let definition: Json = serde_json::from_str(&flatten(&definition)).unwrap();
    let mut names = Names {
        resources,
        given: BTreeMap::new(),
        counts: BTreeMap::new(),
    };
    json!({
        "definition": names.rename(&definition),
        "policy": names.rename(&statements.into()),
        "machine_properties": flattened(&properties.into()),
    })
}

fn of_type<'a>(resources: &'a Map<String, Json>, kind: &str) -> impl Iterator<Item = &'a Json> {
    resources
        .values()
        .filter(move |resource| resource["Type"] == kind)
}

fn role_id(arn: &Json) -> String {
    arn["Fn::GetAtt"][0].as_str().unwrap_or_default().to_owned()
}

/// A value whose functions are text.
fn flattened(value: &Json) -> Json {
    match value {
        Json::Object(members) if members.keys().any(|name| is_function(name)) => {
            flatten(value).into()
        }
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(
                members
                    .map(|(name, value)| (name.clone(), flattened(value)))
                    .collect(),
            )
        }
        Json::Array(items) => items.iter().map(flattened).collect(),
        other => other.clone(),
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// Names of resources, counted in the order in which they first appear.
struct Names<'a> {
    resources: &'a Map<String, Json>,
    given: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
}

impl Names<'_> {
    /// The value with names instead of logical ids. Members are visited in the order of their names.
    fn rename(&mut self, value: &Json) -> Json {
        match value {
            Json::String(text) => self.in_text(text).into(),
            Json::Array(items) => items.iter().map(|item| self.rename(item)).collect(),
            Json::Object(members) => {
                let sorted: BTreeMap<_, _> = members.iter().collect();
                let renamed = sorted
                    .into_iter()
                    .map(|(name, value)| (name.clone(), self.rename(value)));
                Json::Object(renamed.collect())
            }
            other => other.clone(),
        }
    }

    fn in_text(&mut self, text: &str) -> String {
        let mut renamed = String::new();
        let mut rest = text;
        let next = |rest: &str| {
            ["${Ref:", "${GetAtt:"]
                .into_iter()
                .filter_map(|start| Some(rest.find(start)? + start.len()))
                .min()
        };
        while let Some(start) = next(rest) {
            let (before, after) = rest.split_at(start);
            let end = after.find(['.', '}']).unwrap_or(after.len());
            renamed += before;
            renamed += &self.of(&after[..end]);
            rest = &after[end..];
        }
        renamed + rest
    }

    fn of(&mut self, id: &str) -> String {
        if let Some(name) = self.given.get(id) {
            return name.clone();
        }
        let Some(resource) = self.resources.get(id) else {
            return id.to_owned();
        };
        let kind = resource["Type"].as_str().unwrap();
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let name = format!("{kind}#{count}");
        self.given.insert(id.to_owned(), name.clone());
        name
    }
}
