//! Conditions of Choice states.

use super::options::QueryLanguage;
use crate::value::{JsonPath, Object, Text, Value, well_formed};

/// What must be true for a branch of a Choice state to be taken.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Condition(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Comparison {
        variable: JsonPath,
        operator: &'static str,
        with: With,
    },
    /// `And`, `Or`
    Compound(&'static str, Vec<Condition>),
    Not(Box<Condition>),
    Jsonata(String),
}

/// What a variable is compared with.
#[derive(Debug, Clone, PartialEq)]
enum With {
    Literal(Value),
    Path(JsonPath),
}

/// Methods that compare the value at a path with a literal, or test it.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident($value:ty) $operator:literal;)*) => {
        impl Condition {$(
            $(#[$doc])*
            pub fn $name(variable: impl Into<JsonPath>, value: impl Into<$value>) -> Self {
                let value: $value = value.into();
                Self::comparison(variable.into(), $operator, With::Literal(value.into()))
            }
        )*}
    };
}

/// Methods that compare the value at a path with the value at another.
macro_rules! path_comparisons {
    ($($(#[$doc:meta])* $name:ident $operator:literal;)*) => {
        impl Condition {$(
            $(#[$doc])*
            pub fn $name(variable: impl Into<JsonPath>, value: impl Into<JsonPath>) -> Self {
                Self::comparison(variable.into(), $operator, With::Path(value.into()))
            }
        )*}
    };
}

/// Methods that test what is at a path.
macro_rules! tests {
    ($($(#[$doc:meta])* $name:ident $operator:literal $value:literal;)*) => {
        impl Condition {$(
            $(#[$doc])*
            pub fn $name(variable: impl Into<JsonPath>) -> Self {
                Self::comparison(variable.into(), $operator, With::Literal($value.into()))
            }
        )*}
    };
}

tests! {
    /// There is a value at the path.
    is_present "IsPresent" true;
    /// There is no value at the path.
    is_not_present "IsPresent" false;
    /// It is a text.
    is_string "IsString" true;
    /// It is no text.
    is_not_string "IsString" false;
    /// It is a number.
    is_numeric "IsNumeric" true;
    /// It is no number.
    is_not_numeric "IsNumeric" false;
    /// It is a boolean.
    is_boolean "IsBoolean" true;
    /// It is no boolean.
    is_not_boolean "IsBoolean" false;
    /// It is a timestamp.
    is_timestamp "IsTimestamp" true;
    /// It is no timestamp.
    is_not_timestamp "IsTimestamp" false;
    /// It is `null`.
    is_null "IsNull" true;
    /// It is not `null`.
    is_not_null "IsNull" false;
}

comparisons! {
    /// It is that boolean.
    boolean_equals(bool) "BooleanEquals";
    /// It is that text.
    string_equals(Text) "StringEquals";
    /// It comes before that text.
    string_less_than(Text) "StringLessThan";
    /// It comes before that text or is equal.
    string_less_than_equals(Text) "StringLessThanEquals";
    /// It comes after that text.
    string_greater_than(Text) "StringGreaterThan";
    /// It comes after that text or is equal.
    string_greater_than_equals(Text) "StringGreaterThanEquals";
    /// It is a text of that pattern: `*` is any text, `\\*` a star.
    string_matches(Text) "StringMatches";
    /// It is that number.
    number_equals(f64) "NumericEquals";
    /// It is less than that number.
    number_less_than(f64) "NumericLessThan";
    /// It is at most that number.
    number_less_than_equals(f64) "NumericLessThanEquals";
    /// It is greater than that number.
    number_greater_than(f64) "NumericGreaterThan";
    /// It is at least that number.
    number_greater_than_equals(f64) "NumericGreaterThanEquals";
    /// It is that point in time.
    timestamp_equals(Text) "TimestampEquals";
    /// It is before that point in time.
    timestamp_less_than(Text) "TimestampLessThan";
    /// It is not after that point in time.
    timestamp_less_than_equals(Text) "TimestampLessThanEquals";
    /// It is after that point in time.
    timestamp_greater_than(Text) "TimestampGreaterThan";
    /// It is not before that point in time.
    timestamp_greater_than_equals(Text) "TimestampGreaterThanEquals";
}

path_comparisons! {
    /// It is the boolean at the other path.
    boolean_equals_json_path "BooleanEqualsPath";
    /// It is the text at the other path.
    string_equals_json_path "StringEqualsPath";
    /// It comes before the text at the other path.
    string_less_than_json_path "StringLessThanPath";
    /// It comes before the text at the other path or is equal.
    string_less_than_equals_json_path "StringLessThanEqualsPath";
    /// It comes after the text at the other path.
    string_greater_than_json_path "StringGreaterThanPath";
    /// It comes after the text at the other path or is equal.
    string_greater_than_equals_json_path "StringGreaterThanEqualsPath";
    /// It is the number at the other path.
    number_equals_json_path "NumericEqualsPath";
    /// It is less than the number at the other path.
    number_less_than_json_path "NumericLessThanPath";
    /// It is at most the number at the other path.
    number_less_than_equals_json_path "NumericLessThanEqualsPath";
    /// It is greater than the number at the other path.
    number_greater_than_json_path "NumericGreaterThanPath";
    /// It is at least the number at the other path.
    number_greater_than_equals_json_path "NumericGreaterThanEqualsPath";
    /// It is the point in time at the other path.
    timestamp_equals_json_path "TimestampEqualsPath";
    /// It is before the point in time at the other path.
    timestamp_less_than_json_path "TimestampLessThanPath";
    /// It is not after the point in time at the other path.
    timestamp_less_than_equals_json_path "TimestampLessThanEqualsPath";
    /// It is after the point in time at the other path.
    timestamp_greater_than_json_path "TimestampGreaterThanPath";
    /// It is not before the point in time at the other path.
    timestamp_greater_than_equals_json_path "TimestampGreaterThanEqualsPath";
}

impl Condition {
    /// All of them are true.
    pub fn and(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Kind::Compound("And", conditions.into_iter().collect()))
    }

    /// At least one of them is true.
    pub fn or(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Kind::Compound("Or", conditions.into_iter().collect()))
    }

    /// It is not true.
    // The name is the CDK's; it takes no `self`.
    #[allow(clippy::should_implement_trait)]
    pub fn not(condition: Condition) -> Self {
        Self(Kind::Not(Box::new(condition)))
    }

    /// What an expression gives: `{% $states.input.total > 100 %}`. JSONata only.
    pub fn jsonata(condition: impl Into<String>) -> Self {
        Self(Kind::Jsonata(condition.into()))
    }

    fn comparison(variable: JsonPath, operator: &'static str, with: With) -> Self {
        Self(Kind::Comparison {
            variable,
            operator,
            with,
        })
    }

    /// What is wrong with it, whatever the query language.
    pub(super) fn problem(&self) -> Option<String> {
        match &self.0 {
            Kind::Comparison {
                variable,
                operator,
                with,
            } => {
                if !variable.expression().starts_with('$') {
                    return Some(format!(
                        "Variable reference must be '$', start with '$.', or start with '$[', got '{variable}'"
                    ));
                }
                let with = match with {
                    With::Path(path) => well_formed(path).err().map(|problem| problem.to_string()),
                    With::Literal(value) => value.as_path().map(|path| {
                        format!("{operator} compares with a literal: for what is at {path}, use the method with json_path")
                    }),
                };
                let malformed = well_formed(variable)
                    .err()
                    .map(|problem| problem.to_string());
                malformed.or(with)
            }
            Kind::Compound(_, conditions) if conditions.is_empty() => Some(
                "Must supply at least one inner condition for a logical combination".to_owned(),
            ),
            Kind::Compound(_, conditions) => conditions.iter().find_map(Self::problem),
            Kind::Not(condition) => condition.problem(),
            Kind::Jsonata(expression) => {
                let is_expression = expression.starts_with("{%") && expression.ends_with("%}");
                (!is_expression).then(|| {
                    format!("JSONata expression must start with '{{%' and end with '%}}', got '{expression}'")
                })
            }
        }
    }

    /// The query language that it is written in; none if it mixes both.
    pub(super) fn language(&self) -> Option<QueryLanguage> {
        let is_json_path = |condition: &Self| condition.language() == Some(QueryLanguage::JsonPath);
        let pure = match &self.0 {
            Kind::Jsonata(_) => return Some(QueryLanguage::Jsonata),
            Kind::Comparison { .. } => true,
            Kind::Compound(_, conditions) => conditions.iter().all(is_json_path),
            Kind::Not(condition) => is_json_path(condition),
        };
        pure.then_some(QueryLanguage::JsonPath)
    }

    /// It as it stands in a definition.
    pub fn render_condition(&self) -> Object {
        let (name, value) = match &self.0 {
            Kind::Comparison {
                variable,
                operator,
                with,
            } => {
                let value = match with {
                    With::Literal(value) => value.clone(),
                    With::Path(path) => path.expression().into(),
                };
                return Object::from_iter([
                    ("Variable".to_owned(), variable.expression().into()),
                    ((*operator).to_owned(), value),
                ]);
            }
            Kind::Compound(name, conditions) => {
                let conditions = conditions.iter().map(Self::render_condition);
                (*name, Value::List(conditions.map(Value::Object).collect()))
            }
            Kind::Not(condition) => ("Not", condition.render_condition().into()),
            Kind::Jsonata(expression) => ("Condition", expression.as_str().into()),
        };
        Object::from_iter([(name.to_owned(), value)])
    }
}
