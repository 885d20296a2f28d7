//! The delimiters `{%` and `%}` that make a text an expression.

const OPEN: &str = "{%";
const CLOSE: &str = "%}";

/// The expression inside `text`, trimmed, if `text` is exactly `{% … %}`.
///
/// A blank before `{%` or behind `%}` makes the text a literal.
pub fn delimited(text: &str) -> Option<&str> {
    text.strip_prefix(OPEN)?.strip_suffix(CLOSE).map(str::trim)
}

/// Whether `text` has one of the delimiters without the other, which Step Functions refuses when
/// the state machine is created.
pub fn is_half_open(text: &str) -> bool {
    delimited(text).is_none() && (text.starts_with(OPEN) || text.ends_with(CLOSE))
}
