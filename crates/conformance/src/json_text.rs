//! JSON texts in the form in which the recordings sent them.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// `value` as a JSON text with `, ` and `: ` between its parts: the recordings were made with
/// texts of this form, and AWS keeps an execution's input as it was sent.
pub(crate) fn json_text(value: &Value) -> String {
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
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::json_text;

    #[test]
    fn parts_are_spaced() {
        let value = json!({"a": [1, 2.0, "x,y:z"], "b": {}, "c": [], "d": null});
        assert_eq!(
            json_text(&value),
            r#"{"a": [1, 2.0, "x,y:z"], "b": {}, "c": [], "d": null}"#
        );
    }
}
