//! Where Stepmill's templates and policies differ from the CDK's on purpose.

use std::fmt::Write;

use serde_json::Value;

use super::{Page, read_json};
use crate::error::TaskError;

const DATA: &str = "crates/constructs/tests/data/deviations.json";

const HEAD: &str = "\
# Where Stepmill differs from the AWS CDK

What Stepmill synthesizes is what the CDK synthesizes, but defects of the CDK are not copied: Stepmill writes what was
meant, with the narrowest statement that works. The tests compare all examples of the CDK's documentation with what the
CDK makes of them, and know exactly the differences on this page, which is generated from their data by
`cargo xtask docs`.
";

/// The page.
pub(super) fn page() -> Result<Page, TaskError> {
    let data = read_json(DATA)?;
    let mut text = HEAD.to_owned();
    for (index, deviation) in data.as_array().into_iter().flatten().enumerate() {
        let word = |name: &str| deviation[name].as_str().unwrap_or_default();
        let _ = write!(
            text,
            "\n## {}. {}\n\n{}: {}.\n\nThe CDK{}:\n\n{}\nStepmill:\n\n{}",
            index + 1,
            capitalised(word("what")),
            examples(&deviation["example"]),
            word("why").trim_end_matches('.'),
            place(deviation),
            block(&deviation["cdk"]),
            block(&deviation["stepmill"]),
        );
    }
    Ok(Page {
        path: "docs/deviations.md".into(),
        text,
    })
}

/// The example or the examples.
fn examples(value: &Value) -> String {
    let Some(names) = value.as_array() else {
        return format!("Example `{}`", value.as_str().unwrap_or_default());
    };
    let names = names.iter().filter_map(Value::as_str);
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    format!("Examples {}", names.join(", "))
}

/// Where it is; a list of names then means these members.
fn place(deviation: &Value) -> String {
    match (deviation["at"].as_str(), &deviation["cdk"]) {
        (Some(""), Value::Array(_)) => " has these members".to_owned(),
        (Some(at), Value::Array(_)) => format!(" has these members at `{at}`"),
        (Some(at), _) => format!(" at `{at}`"),
        (None, _) => String::new(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn block(value: &Value) -> String {
    match value {
        Value::Null => "nothing.\n".to_owned(),
        Value::String(text) => format!("```text\n{text}\n```\n"),
        json => format!("```json\n{json:#}\n```\n"),
    }
}
