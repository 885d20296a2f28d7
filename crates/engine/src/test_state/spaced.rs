//! JSON texts as TestState writes them.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// `value` as JSON text with `, ` and `: ` between its parts (observed on AWS for what TestState
/// answers, where executions have none).
pub fn spaced_json(value: &Value) -> String {
    let mut text = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut text, Spaced));
    written
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .unwrap_or_else(|| value.to_string())
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.begin_array_value(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::spaced_json;

    #[test]
    fn parts_are_spaced() {
        let value = json!({"a": [1, 2.0, "x,y:z"], "b": {}, "c": [], "d": null});
        assert_eq!(
            spaced_json(&value),
            r#"{"a": [1, 2.0, "x,y:z"], "b": {}, "c": [], "d": null}"#
        );
    }
}
