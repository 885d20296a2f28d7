//! Choice states.

use std::cmp::Ordering as Order;

use jiff::Timestamp;
use serde_json::Value;
use stepmill_asl::model::{
    Choice, Comparison, Condition, Data, Operand, Operator, Rule, State, Transition, ValueType,
};
use stepmill_asl::template::Template;
use stepmill_asl::timestamp;

use crate::decide::{Deciding, Step};
use crate::failure::Failure;
use crate::payload::Payload;
use crate::probe::Stage;
use crate::record::ThreadId;
use crate::state::Leaving;
use crate::template::Scope;

impl Deciding<'_> {
    pub(crate) fn choose(&mut self, thread: ThreadId, state: &State, choice: &Choice) -> Step {
        match self.chosen(thread, state, choice) {
            Ok((leaving, to)) => self.leave(thread, leaving, to),
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn chosen(
        &self,
        thread: ThreadId,
        state: &State,
        choice: &Choice,
    ) -> Result<(Leaving, Transition), Failure> {
        let scope = self.scope(thread);
        let input = match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                self.show(|| Stage::AfterInputPath(input.clone()));
                input
            }
            Data::Jsonata(_) => scope.raw_input().compact(),
        };
        let scope = scope.on(&input);
        let mut matched: Option<&Rule> = None;
        for (rule, index) in choice.rules.iter().zip(0..) {
            if holds(&rule.condition, &scope, index)? {
                matched = Some(rule);
                break;
            }
        }
        // A matched rule's Assign and Output run instead of the state's own (AWS documentation).
        let (next, assign, output, place) = match (matched, choice.default) {
            (Some(rule), _) => {
                let index = choice.rules.iter().position(|r| std::ptr::eq(r, rule));
                let place = format!("Choices[{}]/", index.unwrap_or_default());
                (rule.next, rule.assign.as_ref(), rule.output.as_ref(), place)
            }
            (None, Some(next)) => (
                next,
                state.assign.as_ref(),
                state_output(state),
                String::new(),
            ),
            (None, None) => {
                return Err(Failure::Runtime(
                    "Failed to transition out of the state. The state does not point to a next \
                     state."
                        .to_owned(),
                ));
            }
        };
        let scope = scope.within(&place);
        let assigned = self.assign(&scope, assign, thread)?;
        let output = match (&state.data, output) {
            (_, Some(output)) => Payload::from(scope.template(output, "Output")?),
            (Data::JsonPath(data), None) => scope.output_path(data, input.clone())?,
            (Data::Jsonata(_), None) => input.clone(),
        };
        Ok((Leaving { output, assigned }, Transition::Next(next)))
    }
}

fn state_output(state: &State) -> Option<&Template> {
    match &state.data {
        Data::Jsonata(data) => data.output.as_ref(),
        Data::JsonPath(_) => None,
    }
}

fn holds(condition: &Condition, scope: &Scope<'_>, rule: usize) -> Result<bool, Failure> {
    match condition {
        Condition::Jsonata(condition) => {
            scope.boolean(condition, &format!("Choices[{rule}]/Condition"))
        }
        Condition::And(all) => {
            for condition in all {
                if !holds(condition, scope, rule)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(any) => {
            for condition in any {
                if holds(condition, scope, rule)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(condition) => Ok(!holds(condition, scope, rule)?),
        Condition::Comparison(comparison) => compare(comparison, scope),
    }
}

/// Evaluates one comparison. A value of another type never satisfies it (observed on AWS).
fn compare(comparison: &Comparison, scope: &Scope<'_>) -> Result<bool, Failure> {
    let Comparison { variable, operator } = comparison;
    let selected = scope.select(variable).ok();
    if let Operator::IsPresent(expected) = operator {
        return Ok(selected.is_some() == *expected);
    }
    let missing = |path: &stepmill_asl::jsonpath::Path| {
        Failure::Runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ))
    };
    let selected = selected.ok_or_else(|| missing(variable))?;
    let value: &Value = selected.as_ref();
    let other = |path| scope.select(path).map_err(|_| missing(path));
    Ok(match operator {
        Operator::IsPresent(_) => false,
        Operator::BooleanEquals(Operand::Literal(expected)) => value == &Value::Bool(*expected),
        Operator::BooleanEquals(Operand::Path(path)) => {
            value.is_boolean() && other(path)?.as_ref() == value
        }
        Operator::Numeric(ordering, operand) => {
            let order = match operand {
                Operand::Literal(number) => compare_numbers(value, &Value::Number(number.clone())),
                Operand::Path(path) => compare_numbers(value, other(path)?.as_ref()),
            };
            order.is_some_and(|order| ordering.holds(order))
        }
        Operator::String(ordering, operand) => {
            let order = match operand {
                Operand::Literal(text) => value.as_str().map(|value| compare_texts(value, text)),
                Operand::Path(path) => {
                    let other = other(path)?;
                    value
                        .as_str()
                        .zip(other.as_ref().as_str())
                        .map(|(a, b)| compare_texts(a, b))
                }
            };
            order.is_some_and(|order| ordering.holds(order))
        }
        Operator::Timestamp(ordering, operand) => {
            let expected = match operand {
                Operand::Literal((instant, _)) => Some(*instant),
                Operand::Path(path) => instant(other(path)?.as_ref()),
            };
            let order = instant(value).zip(expected).map(|(a, b)| a.cmp(&b));
            order.is_some_and(|order| ordering.holds(order))
        }
        Operator::StringMatches(pattern) => value
            .as_str()
            .is_some_and(|text| matches_pattern(text, pattern)),
        Operator::Is(value_type, expected) => is_of(value, *value_type) == *expected,
    })
}

fn instant(value: &Value) -> Option<Timestamp> {
    timestamp::parse(value.as_str()?)
}

fn is_of(value: &Value, value_type: ValueType) -> bool {
    match value_type {
        ValueType::Null => value.is_null(),
        ValueType::Numeric => value.is_number(),
        ValueType::String => value.is_string(),
        ValueType::Boolean => value.is_boolean(),
        ValueType::Timestamp => instant(value).is_some(),
    }
}

fn compare_numbers(a: &Value, b: &Value) -> Option<Order> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// Texts compare by their UTF-16 units, as Java's do.
fn compare_texts(a: &str, b: &str) -> Order {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Matches a pattern in which `*` stands for any text; `\*` and `\\` stand for themselves.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => pieces.push(String::new()),
            '\\' => {
                if let (Some(piece), Some(escaped)) = (pieces.last_mut(), characters.next()) {
                    piece.push(escaped);
                }
            }
            other => {
                if let Some(piece) = pieces.last_mut() {
                    piece.push(other);
                }
            }
        }
    }
    let [first, middle @ .., last] = pieces.as_slice() else {
        return text == pieces.concat();
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::{compare_texts, matches_pattern};

    #[test]
    fn patterns() {
        for (text, pattern, expected) in [
            ("log-1.txt", "log-*.txt", true),
            ("log-.txt", "log-*.txt", true),
            ("log-1.csv", "log-*.txt", false),
            ("abcabc", "*bc", true),
            ("abc", "a*b*c", true),
            ("ab", "ab*ab", false),
            ("a*c", r"a\*c", true),
            ("abc", r"a\*c", false),
            (r"a\c", r"a\\c", true),
            ("", "*", true),
            ("x", "", false),
        ] {
            assert_eq!(
                matches_pattern(text, pattern),
                expected,
                "{text} against {pattern}"
            );
        }
    }

    #[test]
    fn texts_compare_by_utf16_units() {
        // U+FF5E is above the surrogates that encode U+1F600.
        assert!(compare_texts("\u{1F600}", "\u{FF5E}").is_lt());
    }
}
