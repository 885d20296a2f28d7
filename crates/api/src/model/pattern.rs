//! The patterns of the API's model.
//!
//! There are three, one with a look-ahead, so each is a function here instead of an expression that
//! a library would have to understand.

/// A pattern: AWS's text of it, and what it means. A value must match as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    pub(super) text: &'static str,
    pub(super) matches: fn(&str) -> bool,
}

const PATTERNS: [Pattern; 3] = [
    // The name of an alias: something but digits, so that it is no version.
    Pattern {
        text: r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
        matches: |value| {
            let other = |c: u8| matches!(c, b'_' | b'-' | b'.') || c.is_ascii_alphabetic();
            value.bytes().any(other) && value.bytes().all(|c| other(c) || c.is_ascii_digit())
        },
    },
    Pattern {
        text: "[!-~]+",
        matches: |value| !value.is_empty() && value.bytes().all(|c| c.is_ascii_graphic()),
    },
    Pattern {
        text: r"\p{ASCII}*",
        matches: str::is_ascii,
    },
];

impl Pattern {
    /// The pattern of that text; `None` if nobody has written down what it means.
    pub(super) fn of(text: &str) -> Option<Self> {
        PATTERNS.into_iter().find(|pattern| pattern.text == text)
    }
}
