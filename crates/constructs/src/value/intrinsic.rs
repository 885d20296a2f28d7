//! Intrinsic functions of the States Language.

use std::fmt::Write;

use super::JsonPath;

/// An argument of an intrinsic function: a path or another call, a text, a number, a boolean.
///
/// A `&str` is a text and is put in quotes, even if it looks like a path; a path is a [`JsonPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(String);

impl From<JsonPath> for Argument {
    fn from(path: JsonPath) -> Self {
        Self(path.expression().to_owned())
    }
}

impl From<&JsonPath> for Argument {
    fn from(path: &JsonPath) -> Self {
        Self(path.expression().to_owned())
    }
}

impl From<&str> for Argument {
    /// A text in quotes. `\{` and `\}` stay as they are: they are braces that `format` leaves alone.
    fn from(text: &str) -> Self {
        let mut quoted = String::from("'");
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let escaped = match c {
                '\'' => true,
                '\\' => !matches!(chars.peek(), Some('{' | '}')),
                _ => false,
            };
            quoted.extend(escaped.then_some('\\'));
            quoted.push(c);
        }
        quoted.push('\'');
        Self(quoted)
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

macro_rules! from_literals {
    ($($literal:ty),*) => {$(
        impl From<$literal> for Argument {
            fn from(literal: $literal) -> Self {
                Self(literal.to_string())
            }
        }
    )*};
}

from_literals!(bool, i32, i64, u32, u64, usize, f64);

fn call<const N: usize>(function: &str, arguments: [Argument; N]) -> JsonPath {
    call_with(function, arguments)
}

fn call_with(function: &str, arguments: impl IntoIterator<Item = Argument>) -> JsonPath {
    let mut text = format!("States.{function}(");
    for (index, argument) in arguments.into_iter().enumerate() {
        let separator = if index > 0 { ", " } else { "" };
        // Writing to a String does not fail.
        let _ = write!(text, "{separator}{}", argument.0);
    }
    text.push(')');
    JsonPath::of(text)
}

/// Calls of intrinsic functions; they can be arguments of one another.
impl JsonPath {
    /// An array of values: `JsonPath::array([JsonPath::string_at("$.a"), JsonPath::string_at("$.b")])`.
    pub fn array<T: Into<Argument>>(values: impl IntoIterator<Item = T>) -> Self {
        call_with("Array", values.into_iter().map(Into::into))
    }

    /// An array cut into arrays of at most so many elements.
    pub fn array_partition(array: impl Into<Argument>, chunk_size: impl Into<Argument>) -> Self {
        call("ArrayPartition", [array.into(), chunk_size.into()])
    }

    /// Whether a value is in an array.
    pub fn array_contains(array: impl Into<Argument>, value: impl Into<Argument>) -> Self {
        call("ArrayContains", [array.into(), value.into()])
    }

    /// The numbers from a first to a last one, with a step between neighbours.
    pub fn array_range(
        start: impl Into<Argument>,
        end: impl Into<Argument>,
        step: impl Into<Argument>,
    ) -> Self {
        call("ArrayRange", [start.into(), end.into(), step.into()])
    }

    /// The element at an index, counted from 0.
    pub fn array_get_item(array: impl Into<Argument>, index: impl Into<Argument>) -> Self {
        call("ArrayGetItem", [array.into(), index.into()])
    }

    /// How many elements an array has.
    pub fn array_length(array: impl Into<Argument>) -> Self {
        call("ArrayLength", [array.into()])
    }

    /// An array with each value once.
    pub fn array_unique(array: impl Into<Argument>) -> Self {
        call("ArrayUnique", [array.into()])
    }

    /// A text in base64.
    pub fn base64_encode(input: impl Into<Argument>) -> Self {
        call("Base64Encode", [input.into()])
    }

    /// The text that is in base64.
    pub fn base64_decode(base64: impl Into<Argument>) -> Self {
        call("Base64Decode", [base64.into()])
    }

    /// The hash of data by an algorithm: `"SHA-256"`.
    pub fn hash(data: impl Into<Argument>, algorithm: impl Into<Argument>) -> Self {
        call("Hash", [data.into(), algorithm.into()])
    }

    /// The members of two objects; of members with one name, the second object's.
    pub fn json_merge(value1: impl Into<Argument>, value2: impl Into<Argument>) -> Self {
        call("JsonMerge", [value1.into(), value2.into(), false.into()])
    }

    /// A random whole number from the first number up to, but without, the second.
    pub fn math_random(start: impl Into<Argument>, end: impl Into<Argument>) -> Self {
        call("MathRandom", [start.into(), end.into()])
    }

    /// The sum of two whole numbers.
    pub fn math_add(num1: impl Into<Argument>, num2: impl Into<Argument>) -> Self {
        call("MathAdd", [num1.into(), num2.into()])
    }

    /// A text cut at each of the characters of another.
    pub fn string_split(input_string: impl Into<Argument>, splitter: impl Into<Argument>) -> Self {
        call("StringSplit", [input_string.into(), splitter.into()])
    }

    /// A random UUID.
    pub fn uuid() -> Self {
        call("UUID", [])
    }

    /// A text with values in the place of each `{}`: `JsonPath::format("order {}", [JsonPath::string_at("$.id")])`.
    pub fn format<T: Into<Argument>>(
        format_string: impl Into<Argument>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values = values.into_iter().map(Into::into);
        call_with(
            "Format",
            std::iter::once(format_string.into()).chain(values),
        )
    }

    /// The value whose JSON a text is.
    pub fn string_to_json(json_string: impl Into<Argument>) -> Self {
        call("StringToJson", [json_string.into()])
    }

    /// A value as JSON text.
    pub fn json_to_string(value: &JsonPath) -> Self {
        call("JsonToString", [value.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_paths_are_not() {
        let greeting = JsonPath::format("it's {} \\{\\} \\", [JsonPath::string_at("$.who")]);
        assert_eq!(
            greeting.expression(),
            r"States.Format('it\'s {} \{\} \\', $.who)"
        );
        let nested = JsonPath::array_length(JsonPath::array([1, 2]));
        assert_eq!(
            nested.expression(),
            "States.ArrayLength(States.Array(1, 2))"
        );
        let mixed = JsonPath::array::<Argument>([JsonPath::uuid().into(), true.into(), 1.5.into()]);
        assert_eq!(mixed.expression(), "States.Array(States.UUID(), true, 1.5)");
    }
}
