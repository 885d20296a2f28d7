//! Values of attributes.

use crate::core::Problem;
use crate::value::{JsonPath, Object, Text, Value};

/// The value of an attribute, with its type.
///
/// What is wrong with it is reported by the task that it is given to.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct DynamoAttributeValue {
    value: Value,
    problem: Option<Problem>,
}

impl DynamoAttributeValue {
    fn of(kind: &str, value: impl Into<Value>) -> Self {
        Self {
            value: Value::object([(kind, Some(value.into()))]),
            problem: None,
        }
    }

    /// A text.
    pub fn from_string(text: impl Into<Text>) -> Self {
        Self::of("S", text.into())
    }

    /// A number.
    pub fn from_number(number: impl Into<f64>) -> Self {
        Self::of("N", number.into().to_string())
    }

    /// A number as its digits: `"3.14"`, a path to a text, or a number too long for [`from_number`](Self::from_number).
    pub fn number_from_string(digits: impl Into<Text>) -> Self {
        Self::of("N", digits.into())
    }

    /// Bytes in base64.
    pub fn from_binary(base64: impl Into<Text>) -> Self {
        Self::of("B", base64.into())
    }

    /// A set of texts: a list, or a path to one.
    pub fn from_string_set(texts: impl Into<Value>) -> Self {
        Self::of("SS", texts)
    }

    /// A set of numbers.
    pub fn from_number_set<N: Into<f64>>(numbers: impl IntoIterator<Item = N>) -> Self {
        let numbers = numbers.into_iter().map(|number| number.into().to_string());
        Self::of("NS", numbers.collect::<Vec<_>>())
    }

    /// A set of numbers as their digits: a list, or a path to one.
    pub fn number_set_from_strings(digits: impl Into<Value>) -> Self {
        Self::of("NS", digits)
    }

    /// A set of bytes in base64: a list, or a path to one.
    pub fn from_binary_set(base64: impl Into<Value>) -> Self {
        Self::of("BS", base64)
    }

    /// A map of attributes.
    pub fn from_map<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        let mut members = Object::new();
        let mut problem = None;
        for (name, attribute) in attributes {
            problem = problem.or(attribute.problem);
            members.insert(name.into(), attribute.value);
        }
        let value = Self::of("M", Value::Object(members)).value;
        Self { value, problem }
    }

    /// The map at a path, whose values have their types: `{"id": {"S": "message-007"}}`.
    pub fn map_from_json_path(path: impl Into<JsonPath>) -> Self {
        Self::at_path("M", "map_from_json_path", path.into())
    }

    /// The map that a JSONata expression gives, whose values have their types.
    pub fn map_from_jsonata(expression: impl Into<String>) -> Self {
        Self::jsonata("M", "map_from_jsonata", expression.into())
    }

    /// A list of values.
    pub fn from_list(values: impl IntoIterator<Item = Self>) -> Self {
        let mut items = Vec::new();
        let mut problem = None;
        for item in values {
            problem = problem.or(item.problem);
            items.push(item.value);
        }
        let value = Self::of("L", Value::List(items)).value;
        Self { value, problem }
    }

    /// The list at a path, whose values have their types: `[{"S": "message-007"}]`.
    pub fn list_from_json_path(path: impl Into<JsonPath>) -> Self {
        Self::at_path("L", "list_from_json_path", path.into())
    }

    /// The list that a JSONata expression gives, whose values have their types.
    pub fn list_from_jsonata(expression: impl Into<String>) -> Self {
        Self::jsonata("L", "list_from_jsonata", expression.into())
    }

    /// No value, if true.
    pub fn from_null(null: bool) -> Self {
        Self::of("NULL", null)
    }

    /// True or false.
    pub fn from_boolean(value: bool) -> Self {
        Self::of("BOOL", value)
    }

    /// The boolean at a path.
    pub fn boolean_from_json_path(path: impl Into<JsonPath>) -> Self {
        Self::at_path("BOOL", "boolean_from_json_path", path.into())
    }

    /// The boolean that a JSONata expression gives.
    pub fn boolean_from_jsonata(expression: impl Into<String>) -> Self {
        Self::jsonata("BOOL", "boolean_from_jsonata", expression.into())
    }

    /// The value as DynamoDB reads it: `{"S": "message-007"}`.
    pub fn attribute_value(&self) -> &Value {
        &self.value
    }

    fn at_path(kind: &str, property: &'static str, path: JsonPath) -> Self {
        let expression = path.expression();
        let problem =
            (!expression.starts_with('$') && !expression.starts_with("States.")).then(|| {
                let message =
                    "Data JSON path values must either be exactly equal to '$' or start with '$.'";
                Problem::property(property, message)
            });
        let value = Self::of(kind, path).value;
        Self { value, problem }
    }

    fn jsonata(kind: &str, property: &'static str, expression: String) -> Self {
        let whole = expression.starts_with("{%") && expression.ends_with("%}");
        let problem = (!whole).then(|| {
            let message = "Data JSONata expression values must either be exactly start with '{%' and end with '%}'";
            Problem::property(property, message)
        });
        let value = Self::of(kind, expression).value;
        Self { value, problem }
    }

    /// Several as the members of an object.
    pub(super) fn members(
        attributes: impl IntoIterator<Item = (String, Self)>,
    ) -> Result<Value, Problem> {
        let members = attributes
            .into_iter()
            .map(|(name, attribute)| match attribute.problem {
                None => Ok((name, attribute.value)),
                Some(problem) => Err(problem),
            });
        members.collect::<Result<Object, _>>().map(Value::Object)
    }
}

/// Attributes by their names.
pub(super) type Attributes = Vec<(String, DynamoAttributeValue)>;

/// What can be given as attributes.
pub(super) fn attributes<N: Into<String>>(
    given: impl IntoIterator<Item = (N, DynamoAttributeValue)>,
) -> Attributes {
    let given = given.into_iter();
    given.map(|(name, value)| (name.into(), value)).collect()
}

/// Names that stand for attributes in expressions, as the members of an object.
pub(super) fn names<N: Into<String>, T: Into<Text>>(
    given: impl IntoIterator<Item = (N, T)>,
) -> Value {
    let given = given.into_iter();
    Value::Object(
        given
            .map(|(name, attribute)| (name.into(), attribute.into().into()))
            .collect(),
    )
}
