use serde_json::Value as Json;
use stepmill_asl::{Options, parse};

/// Any function: what the ARN of a task is once it is known.
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:f";

/// What AWS would say against a definition, were it deployed.
pub(crate) fn refused_by_aws(definition: &Json) -> Vec<String> {
    let deployed = deployed("", definition).to_string();
    let parsed = parse(&deployed, &Options::default());
    parsed.errors().map(ToString::to_string).collect()
}

/// A definition whose resources are ARNs.
fn deployed(name: &str, value: &Json) -> Json {
    match value {
        Json::String(text) if name == "Resource" && text.starts_with("${") => FUNCTION.into(),
        Json::String(text) => text.replace("${Ref:AWS::Partition}", "aws").into(),
        Json::Array(items) => items.iter().map(|item| deployed("", item)).collect(),
        Json::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), deployed(name, value)));
            Json::Object(members.collect())
        }
        other => other.clone(),
    }
}
