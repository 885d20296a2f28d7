//! What goes wrong with an expression, in Step Functions' words.

use jsonata_core::evaluator::{EvaluatorError, error_code_prefix};
use jsonata_core::parser::ParserError;
use serde_json::Value;
use thiserror::Error;

/// The expression is not JSONata 2.0.6, or more than this implementation takes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", coded(code, message))]
pub struct ParseError {
    /// The JSONata error code, such as `S0201`; empty where JSONata has none.
    pub code: String,
    /// What is wrong, without the code.
    pub message: String,
}

impl ParseError {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl From<ParserError> for ParseError {
    fn from(error: ParserError) -> Self {
        let (code, message) = split(&error.to_string());
        Self { code, message }
    }
}

/// The evaluation gave no value.
///
/// The text is what follows `The JSONata expression '…' specified for the field '…' ` in the cause
/// of `States.QueryEvaluationError` (observed on AWS); the last three are the developer guide's
/// words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvaluationError {
    /// The result is undefined, which JSON cannot say.
    #[error("returned nothing (undefined).")]
    Undefined,
    /// The result is, or holds, a function or a regular expression.
    #[error("returned an unsupported result type.")]
    Unsupported,
    /// The expression failed.
    #[error("threw an error during evaluation. {}", coded(code, message))]
    Failed {
        /// The JSONata error code, such as `T1006`; empty where JSONata has none.
        code: String,
        /// What is wrong, without the code.
        message: String,
    },
    /// The evaluation took longer than a second.
    #[error("Expression evaluation timeout")]
    TimedOut,
    /// The evaluation made more, or larger, values than it may.
    #[error("Expression evaluation memory limit exceeded")]
    MemoryExceeded,
    /// The evaluation called too deep, or made a value nested too deep.
    #[error("Stack overflow error")]
    StackOverflow,
}

impl From<&EvaluatorError> for EvaluationError {
    fn from(error: &EvaluatorError) -> Self {
        let (code, message) = split(error.message());
        match code.as_str() {
            "D1011" | "U1001" => Self::StackOverflow,
            "D1012" => Self::TimedOut,
            "D2015" => Self::MemoryExceeded,
            _ => Self::Failed { code, message },
        }
    }
}

fn coded(code: &str, message: &str) -> String {
    if code.is_empty() {
        message.to_owned()
    } else {
        format!("{code}: {message}")
    }
}

/// Code and text of an engine's message, which may have a remark before the code. Where JSONata's
/// own text for the code is fixed, that is the text: the engine sometimes adds to it or words it
/// differently.
fn split(text: &str) -> (String, String) {
    let coded = std::iter::once(text)
        .chain(
            text.match_indices(": ")
                .map(|(index, _)| &text[index + 2..]),
        )
        .find_map(|text| {
            error_code_prefix(text).map(|code| (code, text[code.len() + 1..].trim_start()))
        });
    match coded {
        Some((code, message)) => {
            let fixed = FIXED
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, fixed)| *fixed);
            (
                code.to_owned(),
                fixed.map_or_else(|| worded(code, message), str::to_owned),
            )
        }
        None if text == "Unclosed comment" => {
            ("S0106".to_owned(), "Comment has no closing tag".to_owned())
        }
        None => (String::new(), text.to_owned()),
    }
}

/// A message with the names and values in it quoted as JSONata quotes them.
fn worded(code: &str, message: &str) -> String {
    // Between which words the name or value stands, and what JSONata says before it.
    let (before, after, said) = match code {
        "T2001" | "T2002" => ("side of the ", " operator", "side of the "),
        "T0410" | "T0411" | "T0412" => ("of function ", " ", "of function "),
        "D3030" => (
            "Cannot convert '",
            "' to number",
            "Unable to cast value to a number: ",
        ),
        _ => return message.to_owned(),
    };
    let parts = message.split_once(before).and_then(|(start, rest)| {
        let (name, end) = rest.split_once(after).unwrap_or((rest, ""));
        Some((start, name.trim_start_matches('$'), end)).filter(|_| !name.starts_with('"'))
    });
    match parts {
        Some((start, value, _)) if code == "D3030" => {
            format!("{start}{said}{}", Value::from(value))
        }
        Some((start, "", _)) => start.to_owned(),
        Some((start, name, "")) => format!("{start}{said}\"{name}\""),
        Some((start, name, end)) => format!("{start}{said}\"{name}\"{after}{end}"),
        None => message.to_owned(),
    }
}

/// The messages of JSONata 2.0.6 that hold no value.
const FIXED: &[(&str, &str)] = &[
    ("D1004", "Regular expression matches zero length string"),
    (
        "D3001",
        "Attempting to invoke string function on Infinity or NaN",
    ),
    (
        "D3010",
        "Second argument of replace function cannot be an empty string",
    ),
    (
        "D3011",
        "Fourth argument of replace function must evaluate to a positive number",
    ),
    (
        "D3012",
        "Attempted to replace a matched string with a non-string value",
    ),
    (
        "D3020",
        "Third argument of split function must evaluate to a positive number",
    ),
    (
        "D3040",
        "Third argument of match function must evaluate to a positive number",
    ),
    (
        "D3050",
        "The second argument of reduce function must be a function with at least two arguments",
    ),
    (
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings or an array of \
         numbers.  Use the second argument to specify a comparison function",
    ),
    (
        "D3080",
        "The picture string must only contain a maximum of two sub-pictures",
    ),
    (
        "D3081",
        "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
    ),
    (
        "D3082",
        "The sub-picture must not contain more than one instance of the 'percent' character",
    ),
    (
        "D3083",
        "The sub-picture must not contain more than one instance of the 'per-mille' character",
    ),
    (
        "D3084",
        "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
    ),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an \
         'optional digit character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active \
         character and that is followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to \
         a 'decimal-separator' character",
    ),
    (
        "D3088",
        "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
    ),
    (
        "D3089",
        "The sub-picture must not contain two adjacent instances of the 'grouping-separator' \
         character",
    ),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit \
         family' that is followed by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit \
         character' that is followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a \
         character treated as an 'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are \
         members of the 'decimal digit family'",
    ),
    (
        "D3138",
        "The $single() function expected exactly 1 matching result.  Instead it matched more.",
    ),
    (
        "D3139",
        "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
    ),
    (
        "S0101",
        "String literal must be terminated by a matching quote",
    ),
    (
        "S0105",
        "Quoted property name must be terminated with a backquote (`)",
    ),
    ("S0207", "Unexpected end of expression"),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1008", "Attempted to partially apply a non-function"),
    (
        "T2003",
        "The left side of the range operator (..) must evaluate to an integer",
    ),
    (
        "T2004",
        "The right side of the range operator (..) must evaluate to an integer",
    ),
    (
        "T2006",
        "The right side of the function application operator ~> must be a function",
    ),
    (
        "T2008",
        "The expressions within an order-by clause must evaluate to numeric or string values",
    ),
];
