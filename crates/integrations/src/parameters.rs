//! A task's parameters, judged by what the catalog says that its integration takes, in AWS's words
//! (observed).

use serde_json::{Map, Value};
use stepmill_catalog::Integration;

type Fields = Map<String, Value>;

/// How long all names and values of a field may be together: names count for each of their values.
const PAIRS_BYTES: usize = 256 << 10;

/// What is said of a value that is not what the field takes.
pub(crate) fn invalid(field: &str) -> String {
    format!("The value of the field '{field}' has an invalid format")
}

fn unsupported(field: &str) -> String {
    format!("The field \"{field}\" is not supported by Step Functions")
}

/// Whether of each list of paths one is given.
pub(crate) fn complete(required: &[Vec<String>], fields: &Fields) -> Result<(), String> {
    for paths in required {
        if !paths.iter().any(|path| at(fields, path).is_some()) {
            let name = paths.first().map_or("", String::as_str);
            return Err(format!("The field \"{name}\" is required but was missing"));
        }
    }
    Ok(())
}

/// Whether all is there that an integration demands, and nothing that it does not take.
pub(crate) fn check(row: &Integration, fields: &Fields) -> Result<(), String> {
    let required = row.required.iter().flatten();
    let paths: Vec<&str> = required.chain(&row.optional).map(String::as_str).collect();
    only(&paths, fields)?;
    complete(&row.required, fields)
}

/// Whether there is nothing but what paths such as `LogOptions.RawLogs` name.
fn only(paths: &[&str], fields: &Fields) -> Result<(), String> {
    for (name, value) in fields {
        let below: Vec<Option<&str>> = paths
            .iter()
            .filter_map(|path| match path.strip_prefix(name.as_str())? {
                "" => Some(None),
                rest => rest.strip_prefix('.').map(Some),
            })
            .collect();
        if below.is_empty() {
            return Err(unsupported(name));
        }
        let nested: Vec<&str> = below.iter().copied().flatten().collect();
        match value {
            _ if nested.len() < below.len() => {}
            Value::Object(fields) => only(&nested, fields)?,
            Value::Null => {}
            _ => return Err(invalid(name)),
        }
    }
    Ok(())
}

/// What a path such as `Tasks[0].TaskArn` names, unless it is null.
pub(crate) fn at<'a>(fields: &'a Fields, path: &str) -> Option<&'a Value> {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let found = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
        Some((name, index)) => fields.get(name)?.get(index.parse::<usize>().ok()?)?,
        None => fields.get(step)?,
    };
    match rest {
        Some(rest) => in_value(found, rest),
        None => Some(found).filter(|found| !found.is_null()),
    }
}

/// The same in any value.
pub(crate) fn in_value<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    at(value.as_object()?, path)
}

/// A text; the reason why it is unusable, if it is none.
pub(crate) fn text<'a>(fields: &'a Fields, path: &str) -> Result<Option<&'a str>, String> {
    match at(fields, path) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(path.rsplit('.').next().unwrap_or_default())),
    }
}

/// A text that the catalog demands, so that it is there.
pub(crate) fn required<'a>(fields: &'a Fields, path: &str) -> Result<&'a str, String> {
    Ok(text(fields, path)?.unwrap_or_default())
}

/// Yes or no; no, if nothing is said.
pub(crate) fn flag(fields: &Fields, path: &str) -> Result<bool, String> {
    match at(fields, path) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(invalid(path.rsplit('.').next().unwrap_or_default())),
    }
}

/// A name and a value for each value that a name has.
#[derive(Default)]
pub(crate) struct Pairs {
    pairs: Vec<(String, String)>,
    bytes: usize,
}

impl Pairs {
    /// Adds a pair; none, if they become too long.
    pub(crate) fn add(&mut self, name: &str, value: String) -> Option<()> {
        self.bytes += name.len() + value.len() + 1;
        if self.bytes > PAIRS_BYTES {
            return None;
        }
        self.pairs.push((name.to_owned(), value));
        Some(())
    }

    pub(crate) fn all(self) -> Vec<(String, String)> {
        self.pairs
    }
}

/// Names with a list of texts each, as one pair for each text.
pub(crate) fn lists(fields: &Fields, path: &str) -> Result<Vec<(String, String)>, String> {
    let wrong = || invalid(path.rsplit('.').next().unwrap_or_default());
    let Some(value) = at(fields, path) else {
        return Ok(Vec::new());
    };
    let mut pairs = Pairs::default();
    for (name, values) in value.as_object().ok_or_else(wrong)? {
        for value in values.as_array().ok_or_else(wrong)? {
            let value = value.as_str().ok_or_else(wrong)?;
            pairs.add(name, value.to_owned()).ok_or_else(wrong)?;
        }
    }
    Ok(pairs.all())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    fn row(service: &str, action: &str) -> &'static Integration {
        stepmill_catalog::integration(service, action).unwrap()
    }

    #[test]
    fn parameters_are_found_by_paths() {
        let fields = object(json!({
            "Tasks": [{ "TaskArn": "a" }, {}], "Input": { "S3Uri": "u" }, "Body": null,
        }));
        for (path, found) in [
            ("Tasks[0].TaskArn", Some(json!("a"))),
            ("Tasks[1].TaskArn", None),
            ("Tasks[2].TaskArn", None),
            ("Tasks[x]", None),
            ("Input.S3Uri", Some(json!("u"))),
            ("Input.Other", None),
            ("Body", None),
            ("Body.S3Uri", None),
            ("Missing.S3Uri", None),
        ] {
            assert_eq!(at(&fields, path), found.as_ref(), "{path}");
        }
    }

    #[test]
    fn what_is_not_taken_or_missing_is_named() {
        for (fields, expected) in [
            (json!({ "ApiEndpoint": "e", "Method": "GET" }), Ok(())),
            (
                json!({ "Method": "GET" }),
                Err("The field \"ApiEndpoint\" is required but was missing"),
            ),
            (
                json!({ "ApiEndpoint": "e", "Method": "GET", "Body": 1 }),
                Err("The field \"Body\" is not supported by Step Functions"),
            ),
        ] {
            let expected = expected.map_err(str::to_owned);
            assert_eq!(
                check(row("apigateway", "invoke"), &object(fields)),
                expected
            );
        }
        let mut fields = object(json!({ "ApiEndpoint": "e", "Method": "GET",
            "InvocationConfig": { "ConnectionArn": "c" },
            "Transform": { "RequestEncodingOptions": { "ArrayFormat": "COMMAS" } } }));
        assert_eq!(check(row("http", "invoke"), &fields), Ok(()));
        fields.insert("Transform".to_owned(), json!({ "Encoding": "x" }));
        let reason = "The field \"Encoding\" is not supported by Step Functions".to_owned();
        assert_eq!(check(row("http", "invoke"), &fields), Err(reason));
        fields.insert("Transform".to_owned(), json!("URL_ENCODED"));
        assert_eq!(
            check(row("http", "invoke"), &fields),
            Err(invalid("Transform"))
        );
    }

    #[test]
    fn lists_are_pairs() {
        let fields = object(json!({ "Q": { "a": ["1", "2"], "b": [] }, "R": { "a": "1" } }));
        let pairs = [("a", "1"), ("a", "2")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(lists(&fields, "Q"), Ok(pairs.to_vec()));
        assert_eq!(lists(&fields, "R"), Err(invalid("R")));
        assert_eq!(lists(&fields, "S"), Ok(Vec::new()));
        // A long name counts for each value.
        let name = "n".repeat(1000);
        for (values, fits) in [(200, true), (300, false)] {
            let fields = object(json!({ "Q": { &name: vec![""; values] } }));
            assert_eq!(lists(&fields, "Q").is_ok(), fits, "{values}");
        }
    }
}
