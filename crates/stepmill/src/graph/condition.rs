//! Conditions of Choice states in a few words.

use std::fmt::Display;

use stepmill_asl::model::{Comparison, Condition, Dynamic, Operand, Operator, Ordering, ValueType};

/// The condition as short as it can be read: `$.total > 100 and $.vip = true`.
pub(super) fn short(condition: &Condition) -> String {
    match condition {
        Condition::Jsonata(Dynamic::Literal(holds)) => holds.to_string(),
        Condition::Jsonata(Dynamic::Query(query)) => query.to_string(),
        Condition::Jsonata(Dynamic::Expression(expression)) => one_line(expression.source()),
        Condition::And(all) => joined(all, " and "),
        Condition::Or(any) => joined(any, " or "),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Comparison(comparison) => format!("not {}", compare(comparison)),
            other => format!("not ({})", short(other)),
        },
        Condition::Comparison(comparison) => compare(comparison),
    }
}

fn joined(conditions: &[Condition], word: &str) -> String {
    let parts = conditions.iter().map(|condition| match condition {
        Condition::And(_) | Condition::Or(_) => format!("({})", short(condition)),
        other => short(other),
    });
    parts.collect::<Vec<_>>().join(word)
}

fn compare(comparison: &Comparison) -> String {
    let variable = &comparison.variable;
    match &comparison.operator {
        Operator::BooleanEquals(Operand::Literal(value)) => format!("{variable} = {value}"),
        Operator::BooleanEquals(Operand::Path(path)) => format!("{variable} = {path}"),
        Operator::Numeric(ordering, operand) => {
            ordered(variable, *ordering, operand, ToString::to_string)
        }
        Operator::String(ordering, operand) => {
            ordered(variable, *ordering, operand, |text| format!("\"{text}\""))
        }
        Operator::Timestamp(ordering, operand) => {
            ordered(variable, *ordering, operand, |(_, text)| text.clone())
        }
        Operator::StringMatches(pattern) => format!("{variable} matches \"{pattern}\""),
        Operator::IsPresent(wanted) => format!("{variable} {} present", is(*wanted)),
        Operator::Is(value_type, wanted) => {
            let name = match value_type {
                ValueType::Null => "null",
                ValueType::Numeric => "a number",
                ValueType::String => "a string",
                ValueType::Boolean => "a boolean",
                ValueType::Timestamp => "a timestamp",
            };
            format!("{variable} {} {name}", is(*wanted))
        }
    }
}

fn is(wanted: bool) -> &'static str {
    if wanted { "is" } else { "is not" }
}

fn ordered<T>(
    variable: &impl Display,
    ordering: Ordering,
    operand: &Operand<T>,
    literal: impl Fn(&T) -> String,
) -> String {
    let sign = match ordering {
        Ordering::Equals => "=",
        Ordering::LessThan => "<",
        Ordering::LessThanEquals => "≤",
        Ordering::GreaterThan => ">",
        Ordering::GreaterThanEquals => "≥",
    };
    match operand {
        Operand::Literal(value) => format!("{variable} {sign} {}", literal(value)),
        Operand::Path(path) => format!("{variable} {sign} {path}"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
