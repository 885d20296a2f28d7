//! JSON that moves through an execution.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// JSON with its text, shared: passing it on costs a reference count.
///
/// The text is kept as it came where it came as text (AWS shows an execution's input as it was
/// sent); otherwise it is compact JSON, made when first asked for.
#[derive(Clone)]
pub struct Payload(Arc<Inner>);

struct Inner {
    value: Value,
    text: OnceLock<Box<str>>,
    /// The text came from outside and may hold blanks.
    as_sent: bool,
}

/// A text that is not JSON.
#[derive(Debug, thiserror::Error)]
#[error("not valid JSON: {0}")]
pub struct InvalidPayload(#[from] serde_json::Error);

impl Payload {
    /// JSON by its text, which is kept.
    pub fn from_text(text: &str) -> Result<Self, InvalidPayload> {
        let value = serde_json::from_str(text)?;
        Ok(Self(Arc::new(Inner {
            value,
            text: OnceLock::from(Box::from(text)),
            as_sent: true,
        })))
    }

    /// The JSON.
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// Its text.
    pub fn text(&self) -> &str {
        self.0
            .text
            .get_or_init(|| self.0.value.to_string().into_boxed_str())
    }

    /// The same JSON with its text made compact.
    #[must_use]
    pub fn compact(&self) -> Self {
        if self.0.as_sent {
            Self::from(self.0.value.clone())
        } else {
            self.clone()
        }
    }

    /// Whether it is the very same JSON, passed on.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether arrays and objects nest deeper than `levels`.
    pub fn is_deeper_than(&self, levels: usize) -> bool {
        is_deeper_than(self.value(), levels)
    }

    /// The JSON, copied only if it is shared.
    pub fn into_value(self) -> Value {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.value.clone(), |inner| inner.value)
    }
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => {
            levels == 0 || items.iter().any(|item| is_deeper_than(item, levels - 1))
        }
        Value::Object(members) => {
            levels == 0
                || members
                    .values()
                    .any(|member| is_deeper_than(member, levels - 1))
        }
        _ => false,
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(Arc::new(Inner {
            value,
            text: OnceLock::new(),
            as_sent: false,
        }))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.text() == other.text()
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).map_err(serde::de::Error::custom)
    }
}
