//! JSON as the CDK indents it: with little space, for a template's length is limited.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{Formatter, Serializer};

/// JSON with each member and element on a line of its own, a space for each level before it.
pub(super) fn pretty(value: &Json) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::with_capacity(16 * 1024);
    let formatter = Narrow::default();
    value.serialize(&mut Serializer::with_formatter(&mut text, formatter))?;
    Ok(text)
}

/// Writes what serde_json's own formatter does, but each indentation at once.
#[derive(Default)]
struct Narrow {
    depth: usize,
    /// Whether what was written last belongs to an object or array that has not ended.
    filled: bool,
}

impl Narrow {
    fn open<W: Write + ?Sized>(&mut self, to: &mut W, sign: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        to.write_all(sign)
    }

    fn close<W: Write + ?Sized>(&mut self, to: &mut W, sign: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.line(to)?;
        }
        to.write_all(sign)
    }

    fn next<W: Write + ?Sized>(&self, to: &mut W, first: bool) -> io::Result<()> {
        if !first {
            to.write_all(b",")?;
        }
        self.line(to)
    }

    fn line<W: Write + ?Sized>(&self, to: &mut W) -> io::Result<()> {
        const LINE: &[u8] = b"\n                ";
        let at_once = self.depth.min(LINE.len() - 1);
        to.write_all(&LINE[..=at_once])?;
        (at_once..self.depth).try_for_each(|_| to.write_all(b" "))
    }
}

impl Formatter for Narrow {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::ser::PrettyFormatter;

    use super::*;

    #[test]
    fn json_is_written_as_serde_json_would() {
        let mut deep = json!({"a": [1, {"b": []}, {}, [[]]], "c": {"d": null, "e": "\"\n"}});
        for _ in 0..40 {
            deep = json!([deep, {"f": true}]);
        }
        for value in [deep, json!([]), json!({}), json!(-1.5)] {
            let mut expected = Vec::new();
            let formatter = PrettyFormatter::with_indent(b" ");
            let mut serializer = Serializer::with_formatter(&mut expected, formatter);
            value.serialize(&mut serializer).unwrap();
            assert_eq!(pretty(&value).unwrap(), expected);
        }
    }
}
