//! Reading the fields of a request, none of which is ignored.

use serde_json::{Map, Value};

use super::error::{FunctionError, FunctionErrorCode};

/// The fields of a JSON object that are not read yet.
#[derive(Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// A field; `null` is as good as none.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, FunctionError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    pub(super) fn required_text(&mut self, name: &str) -> Result<String, FunctionError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, FunctionError> {
        match self.value(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(wrong_type(name, "a boolean")),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, FunctionError> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong_type(name, "an integer")),
            },
        }
    }

    /// A number within bounds; outside them AWS's words for `member`.
    pub(super) fn number_within(
        &mut self,
        name: &str,
        least: i64,
        most: i64,
    ) -> Result<Option<u32>, FunctionError> {
        let Some(number) = self.number(name)? else {
            return Ok(None);
        };
        let rule = if number < least {
            format!("Member must have value greater than or equal to {least}")
        } else if number > most {
            format!("Member must have value less than or equal to {most}")
        } else {
            return Ok(u32::try_from(number).ok());
        };
        Err(FunctionError::constraint(
            &number.to_string(),
            &member(name),
            &rule,
        ))
    }

    /// A text of limited length.
    pub(super) fn text_within(
        &mut self,
        name: &str,
        most: usize,
    ) -> Result<Option<String>, FunctionError> {
        let text = self.text(name)?;
        if let Some(text) = &text
            && text.chars().count() > most
        {
            let rule = format!("Member must have length less than or equal to {most}");
            return Err(FunctionError::constraint(text, &member(name), &rule));
        }
        Ok(text)
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, FunctionError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self(fields))),
            Some(_) => Err(wrong_type(name, "an object")),
        }
    }

    /// An object whose values are all texts.
    pub(super) fn texts(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<(String, String)>>, FunctionError> {
        let Some(Self(fields)) = self.object(name)? else {
            return Ok(None);
        };
        let texts = fields.into_iter().map(|(key, value)| match value {
            Value::String(text) => Ok((key, text)),
            _ => Err(wrong_type(&format!("{name}.{key}"), "a string")),
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// A list of texts.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, FunctionError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Ok(text),
                    _ => Err(wrong_type(name, "a list of strings")),
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(wrong_type(name, "a list of strings")),
        }
    }

    /// Refuses a field unless it asks for nothing: tools send empty ones.
    pub(super) fn refuse(&mut self, name: &str, why: &str) -> Result<(), FunctionError> {
        match self.value(name) {
            Some(value) if !asks_nothing(&value) => Err(FunctionError::unsupported(name, why)),
            _ => Ok(()),
        }
    }

    /// Refuses fields that nobody has read.
    pub(super) fn finish(self, operation: &str) -> Result<(), FunctionError> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(field) => Err(FunctionError::new(
                FunctionErrorCode::ValidationException,
                format!("{operation} has no field '{field}' that Stepmill's local Lambda knows"),
            )),
        }
    }
}

fn asks_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(asks_nothing),
    }
}

fn wrong_type(name: &str, expected: &str) -> FunctionError {
    FunctionError::new(
        FunctionErrorCode::SerializationException,
        format!("The field '{name}' must be {expected}"),
    )
}

pub(super) fn missing(name: &str) -> FunctionError {
    FunctionError::new(
        FunctionErrorCode::ValidationException,
        format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member \
             must not be null",
            member(name)
        ),
    )
}

/// A field's name as AWS's validation writes it: `MemorySize` is `memorySize`.
pub(super) fn member(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
