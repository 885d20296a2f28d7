//! The definitions of state machines, as files of an assembly.

use std::path::{Path, PathBuf};

use memchr::memchr2;
use serde_json::Value as Json;

use super::assembly::file;
use super::error::Problem;
use super::stack::Template;
use crate::value::flatten;

/// A state machine's definition in an assembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The machine's stack.
    pub stack: String,
    /// The machine's logical id.
    pub logical_id: String,
    /// Its file, whose texts have `${Ref:X}` and `${GetAtt:X.A}` for what is only known at deployment.
    pub file: PathBuf,
}

/// Writes the definitions of a template's state machines, and notes them.
pub(super) fn write(
    directory: &Path,
    template: &Template,
    written: &mut Vec<Definition>,
) -> Result<(), Problem> {
    let resources = template.body.get("Resources").and_then(Json::as_object);
    for (id, resource) in resources.into_iter().flatten() {
        let properties = resource.get("Properties");
        let Some(text) = properties.and_then(|all| all.get("DefinitionString")) else {
            continue;
        };
        let name = format!("{}.{id}.asl.json", template.stack);
        file(directory, &name, indented(&flatten(text)).as_bytes())?;
        written.push(Definition {
            stack: template.stack.clone(),
            logical_id: id.clone(),
            file: directory.join(name),
        });
    }
    Ok(())
}

/// JSON text with each member and element on a line of its own. An author's text may be no JSON, which is for
/// CloudFormation to judge; white space outside of strings counts for nothing.
fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut rest = json.trim_ascii_start();
    while let Some(next) = rest.bytes().next() {
        let (token, after) = rest.split_at(token_length(rest));
        rest = after.trim_ascii_start();
        match next {
            b'{' | b'[' if !matches!(rest.as_bytes(), [b'}' | b']', ..]) => {
                depth += 1;
                text.push_str(token);
                new_line(&mut text, depth);
            }
            b'}' | b']' if !matches!(text.as_bytes(), [.., b'{' | b'[']) => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push_str(token);
            }
            b',' => {
                text.push_str(token);
                new_line(&mut text, depth);
            }
            b':' => text.push_str(": "),
            _ => text.push_str(token),
        }
    }
    text.push('\n');
    text
}

/// How long a text's first token is: a string with its quotes, a sign, or what stands between signs and space.
fn token_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes {
        [b'"', ..] => string_length(bytes),
        [b'{' | b'}' | b'[' | b']' | b',' | b':', ..] => 1,
        _ => {
            let ends = |byte: &u8| b"{}[],:\"".contains(byte) || byte.is_ascii_whitespace();
            bytes.iter().position(ends).unwrap_or(bytes.len())
        }
    }
}

/// How long a text's first JSON string is, with its quotes.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(rest) = text.get(at..)
        && let Some(next) = memchr2(b'"', b'\\', rest)
    {
        match rest[next] {
            b'"' => return at + next + 1,
            _ => at += next + 2,
        }
    }
    text.len()
}

fn new_line(text: &mut String, depth: usize) {
    const SPACES: &str = "                                ";
    text.push('\n');
    let mut missing = 2 * depth;
    while missing > 0 {
        let length = missing.min(SPACES.len());
        text.push_str(&SPACES[..length]);
        missing -= length;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_indented_as_people_indent_it() {
        let value = json!({
            "a": [1, {"b": "x,{\\\"}"}, [], {}, "ä\\"],
            "c": {"d": null, "e": [true, -1.5e3]},
            "f": "",
        });
        assert_eq!(indented(&value.to_string()), format!("{value:#}\n"));
        assert_eq!(indented(&format!("{value:#}")), format!("{value:#}\n"));
        assert_eq!(indented("7"), "7\n");
        assert_eq!(indented("no json \"at all"), "nojson\"at all\n");
    }
}
