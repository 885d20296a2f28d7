//! What can be given where a value is wanted.

use serde_json::Number;

use super::{JsonPath, Lazy, Name, Object, Pseudo, Text, Token, Value};

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Name> for Value {
    fn from(text: Name) -> Self {
        Self::Text(text.into())
    }
}

impl From<&Name> for Value {
    fn from(text: &Name) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Token> for Value {
    fn from(token: Token) -> Self {
        Self::Text(token.into())
    }
}

impl From<Pseudo> for Value {
    fn from(pseudo: Pseudo) -> Self {
        Self::Text(pseudo.into())
    }
}

impl From<JsonPath> for Value {
    fn from(path: JsonPath) -> Self {
        Self::Text(path.into())
    }
}

impl From<&JsonPath> for Value {
    fn from(path: &JsonPath) -> Self {
        Self::Text(path.into())
    }
}

impl From<Lazy> for Value {
    fn from(lazy: Lazy) -> Self {
        Self::Lazy(lazy)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    /// A number without a fraction is written without one; what JSON cannot express is `null`.
    fn from(number: f64) -> Self {
        #[allow(clippy::cast_possible_truncation)]
        let whole = number as i64;
        #[allow(clippy::cast_precision_loss)]
        let exact = whole as f64;
        match exact.to_bits() == number.to_bits() {
            true => Self::from(whole),
            false => Number::from_f64(number).map_or(Self::Null, Self::Number),
        }
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}

from_integers!(i32, i64, u8, u16, u32, u64, usize);

impl From<Object> for Value {
    fn from(members: Object) -> Self {
        Self::Object(members)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => text.into(),
            serde_json::Value::Array(items) => items.into(),
            serde_json::Value::Object(members) => {
                let members = members.into_iter();
                Self::Object(members.map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

/// A JSON object whose values may be tokens and paths: `object! { "id": JsonPath::string_at("$.id") }`.
///
/// A value is anything that a [`Value`] can be made of; nested objects are written with `object!` again.
#[macro_export]
macro_rules! object {
    ($($name:literal : $value:expr),* $(,)?) => {{
        let members = [$(($name, $crate::value::Value::from($value))),*];
        $crate::value::Value::Object($crate::value::Object::from(members))
    }};
}
