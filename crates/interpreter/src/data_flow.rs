//! The paths of a state and its dynamic fields.

use serde_json::Value;
use stepmill_asl::jsonata;
use stepmill_asl::jsonpath::Path;
use stepmill_asl::model::{Dynamic, JsonPathData, ResultPath, Selection};

use crate::failure::Failure;
use crate::payload::Payload;
use crate::template::Scope;

impl Scope<'_> {
    /// The input after `InputPath`.
    pub(crate) fn effective_input(&self, data: &JsonPathData) -> Result<Payload, Failure> {
        match &data.input_path {
            Selection::Whole => Ok(self.raw_input().compact()),
            Selection::Nothing => Ok(Payload::from(Value::Object(serde_json::Map::new()))),
            Selection::Path(path) => self.selection(path),
        }
    }

    /// The output after `OutputPath`.
    pub(crate) fn output_path(
        &self,
        data: &JsonPathData,
        output: Payload,
    ) -> Result<Payload, Failure> {
        match &data.output_path {
            Selection::Whole => Ok(output),
            Selection::Nothing => Ok(Payload::from(Value::Object(serde_json::Map::new()))),
            Selection::Path(path) => self.on(&output).selection(path),
        }
    }

    fn selection(&self, path: &Path) -> Result<Payload, Failure> {
        self.select(path)
            .map(|selected| Payload::from(selected.into_owned()))
            .map_err(|missing| {
                Failure::Runtime(format!("Invalid path '{}' : {missing}", path.text()))
            })
    }

    /// The raw input with a result put in by `ResultPath`.
    pub(crate) fn result_path(
        &self,
        data: &JsonPathData,
        result: Payload,
    ) -> Result<Payload, Failure> {
        self.put(&data.result_path, result)
    }

    /// The raw input with a value put in.
    pub(crate) fn put(&self, at: &ResultPath, value: Payload) -> Result<Payload, Failure> {
        match at {
            ResultPath::Whole => Ok(value),
            ResultPath::Discard => Ok(self.raw_input().compact()),
            ResultPath::Path(path) => path
                .write(self.raw_input().value().clone(), value.into_value())
                .map(Payload::from)
                .map_err(|error| {
                    Failure::Runtime(format!("Invalid path '{}' : {error}", path.text()))
                }),
        }
    }

    /// A whole number that may not be negative, such as `TimeoutSeconds`.
    pub(crate) fn seconds(&self, field: &Dynamic<u64>, name: &str) -> Result<u64, Failure> {
        match field {
            Dynamic::Literal(seconds) => Ok(*seconds),
            Dynamic::Query(query) => {
                let value = self.query(query).map_err(Failure::Runtime)?;
                value.as_u64().ok_or_else(|| {
                    Failure::Runtime(format!(
                        "The {name}Path field refers to value \"{}\" which is not a valid \
                         integer: {}",
                        shown(&value),
                        query.text()
                    ))
                })
            }
            Dynamic::Expression(expression) => self.whole_number(expression, name),
        }
    }

    /// The whole number that an expression gives.
    pub(crate) fn whole_number(
        &self,
        expression: &jsonata::Expression,
        field: &str,
    ) -> Result<u64, Failure> {
        let value = self.expression(expression, field)?;
        value
            .as_u64()
            .ok_or_else(|| Self::unexpected(expression, field, "integer", &value))
    }

    /// The text that an expression gives.
    pub(crate) fn text(
        &self,
        expression: &jsonata::Expression,
        field: &str,
    ) -> Result<String, Failure> {
        match self.expression(expression, field)? {
            Value::String(text) => Ok(text),
            value => Err(Self::unexpected(expression, field, "string", &value)),
        }
    }

    /// The truth value of a `Condition`.
    pub(crate) fn boolean(&self, field: &Dynamic<bool>, name: &str) -> Result<bool, Failure> {
        match field {
            Dynamic::Literal(value) => Ok(*value),
            Dynamic::Query(query) => match self.query(query).map_err(Failure::Runtime)? {
                Value::Bool(value) => Ok(value),
                _ => Ok(false),
            },
            Dynamic::Expression(expression) => match self.expression(expression, name)? {
                Value::Bool(value) => Ok(value),
                value => Err(Self::unexpected(expression, name, "boolean", &value)),
            },
        }
    }
}

/// A value as AWS shows it within quotes: a text without its own.
pub(crate) fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
