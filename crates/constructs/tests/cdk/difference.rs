use serde_json::Value as Json;

/// The places where two values differ.
pub(crate) fn differences(path: &str, ours: &Json, cdk: &Json, found: &mut Vec<String>) {
    match (ours, cdk) {
        (Json::Object(a), Json::Object(b)) => {
            for (name, value) in b {
                match a.get(name) {
                    Some(other) => differences(&format!("{path}/{name}"), other, value, found),
                    None => found.push(format!("{path}/{name}: missing, the CDK has {value}")),
                }
            }
            for (name, value) in a.iter().filter(|(name, _)| !b.contains_key(*name)) {
                found.push(format!(
                    "{path}/{name}: {value}, which the CDK does not have"
                ));
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}/{index}"), a, b, found);
            }
        }
        _ if ours == cdk => {}
        _ => found.push(format!("{path}:\n      ours {ours}\n      cdk  {cdk}")),
    }
}
