//! How much memory a value takes up.

use serde_json::Value;

use super::MAX_DOCUMENT_DEPTH;

/// The bytes that `value` takes up, roughly; `None` if that is more than `most`, or if it is nested
/// too deeply.
pub(crate) fn weigh(value: &Value, most: usize) -> Option<usize> {
    fn take(value: &Value, room: usize, depth: usize) -> Option<usize> {
        /// A node itself, with what a container adds for it.
        const NODE: usize = 32;
        let mut room = room.checked_sub(NODE)?;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => room = room.checked_sub(text.len())?,
            Value::Array(_) | Value::Object(_) if depth == 0 => return None,
            Value::Array(elements) => {
                for element in elements {
                    room = take(element, room, depth - 1)?;
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    room = take(field, room.checked_sub(name.len())?, depth - 1)?;
                }
            }
        }
        Some(room)
    }
    take(value, most, MAX_DOCUMENT_DEPTH).map(|left| most - left)
}
