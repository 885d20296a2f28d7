//! Bodies as `application/x-www-form-urlencoded`.
//!
//! Source: Developer Guide, "Call HTTPS APIs in Step Functions workflows", applying URL-encoding.

use serde_json::{Map, Value};

use crate::endpoints::encoded;

/// How lists are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ArrayFormat {
    /// `a[0]=x&a[1]=y`
    #[default]
    Indices,
    /// `a=x&a=y`
    Repeat,
    /// `a=x,y`
    Commas,
    /// `a[]=x&a[]=y`
    Brackets,
}

impl ArrayFormat {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "INDICES" => Self::Indices,
            "REPEAT" => Self::Repeat,
            "COMMAS" => Self::Commas,
            "BRACKETS" => Self::Brackets,
            _ => return None,
        })
    }
}

/// The longest body: names are repeated for each item, so that it grows beyond what it is made of.
const FORM_BYTES: usize = 1 << 20;

/// A body; none, if it is too long, or if a list is to be written with commas and holds more than
/// texts and the like.
pub(super) fn form(members: &Map<String, Value>, format: ArrayFormat) -> Option<String> {
    let mut form = Form {
        text: String::new(),
        format,
    };
    for (name, value) in members {
        form.write(name, value)?;
    }
    Some(form.text)
}

struct Form {
    text: String,
    format: ArrayFormat,
}

impl Form {
    fn write(&mut self, name: &str, value: &Value) -> Option<()> {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    self.write(&format!("{name}[{member}]"), value)?;
                }
            }
            Value::Array(items) if self.format == ArrayFormat::Commas => {
                let items: Option<Vec<_>> = items.iter().map(plain).collect();
                let items = items?;
                if !items.is_empty() {
                    self.add(name, &items.join(","))?;
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let name = match self.format {
                        ArrayFormat::Indices => format!("{name}[{index}]"),
                        ArrayFormat::Brackets => format!("{name}[]"),
                        ArrayFormat::Repeat | ArrayFormat::Commas => name.to_owned(),
                    };
                    self.write(&name, value)?;
                }
            }
            value => self.add(name, &plain(value)?)?,
        }
        Some(())
    }

    fn add(&mut self, name: &str, value: &str) -> Option<()> {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.push_str(&encoded(name));
        self.text.push('=');
        self.text.push_str(value);
        (self.text.len() <= FORM_BYTES).then_some(())
    }
}

/// A value that is neither list nor object, encoded; null is empty.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(encoded(text)),
        Value::Bool(_) | Value::Number(_) => Some(encoded(&value.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_those_of_the_guide() {
        let array = json!({ "array": ["a", "b"] });
        let invoice = json!({ "description": "Monthly subscription",
            "metadata": { "order_details": "monthly report data" }, "customer": "1234567890" });
        let items =
            json!({ "a": [{ "b": [1, 2] }], "c": null, "d": true, "e": "x,&=ä", "f": [], "g": {} });
        for (name, value, expected) in [
            ("INDICES", &array, Some("array%5B0%5D=a&array%5B1%5D=b")),
            ("REPEAT", &array, Some("array=a&array=b")),
            ("COMMAS", &array, Some("array=a,b")),
            ("BRACKETS", &array, Some("array%5B%5D=a&array%5B%5D=b")),
            (
                "INDICES",
                &invoice,
                Some(
                    "description=Monthly%20subscription&metadata%5Border_details%5D=monthly%20report%20data&customer=1234567890",
                ),
            ),
            (
                "INDICES",
                &items,
                Some(
                    "a%5B0%5D%5Bb%5D%5B0%5D=1&a%5B0%5D%5Bb%5D%5B1%5D=2&c=&d=true&e=x%2C%26%3D%C3%A4",
                ),
            ),
            (
                "REPEAT",
                &items,
                Some("a%5Bb%5D=1&a%5Bb%5D=2&c=&d=true&e=x%2C%26%3D%C3%A4"),
            ),
            ("COMMAS", &items, None),
        ] {
            let format = ArrayFormat::named(name).unwrap();
            let found = form(value.as_object().unwrap(), format);
            assert_eq!(found.as_deref(), expected, "{name} {value}");
        }
        assert_eq!(ArrayFormat::named("indices"), None);
    }

    #[test]
    fn bodies_have_an_end() {
        let value = json!({ "n".repeat(100_000): vec![1; 60_000] });
        assert_eq!(form(value.as_object().unwrap(), ArrayFormat::Repeat), None);
    }
}
