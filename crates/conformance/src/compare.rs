//! The comparison of an expectation with an actual response.
//!
//! It means the same as the data set's reference comparison; the rules are those of its README.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::events;
use crate::paths::PathPattern;
use crate::tokens::{TokenValue, Tokens, is_token};

/// Members that AWS began to send after some recordings were made: an extra one is no difference.
const LATER_MEMBERS: [&str; 4] = [
    "encryptionConfiguration",
    "redriveCount",
    "redriveStatus",
    "redriveStatusReason",
];

/// Whole texts that stand for any time value.
const ANY_TIME: [&str; 3] = ["timestamp", "datetime", "date"];

/// One place where the actual response is not the expected one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The place, as `/events/3/id`.
    pub path: String,
    /// What was recorded, or `"(absent)"`.
    pub expected: Value,
    /// What came, or `"(missing)"`.
    pub actual: Value,
}

/// What a case says about its comparisons.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The account of the caller, recorded as `111111111111`.
    pub account: &'a str,
    /// The region of the caller.
    pub region: &'a str,
    /// The case's tokens, with placeholders filled in.
    pub tokens: &'a BTreeMap<String, TokenValue>,
    /// Texts that, as a whole value, stand for any value.
    pub wildcards: &'a [String],
    /// Paths left out of the comparison; empty for the strict verdict.
    pub unchecked_paths: &'a [String],
    /// Whether the events between a Parallel state's start and end have no order.
    pub unordered_branches: bool,
}

/// The comparison of one case: rules, and the texts that its tokens turned out to stand for.
#[derive(Clone, Debug)]
pub struct Context {
    /// The tokens and what they are bound to.
    pub tokens: Tokens,
    any: HashSet<String>,
    unchecked: Vec<PathPattern>,
    unordered_branches: bool,
}

impl Context {
    /// A comparison by `rules`, with nothing met yet.
    pub fn new(rules: &Rules<'_>) -> Self {
        Self {
            tokens: Tokens::new(rules.account, rules.region, rules.tokens),
            any: ANY_TIME
                .into_iter()
                .chain(rules.wildcards.iter().map(String::as_str))
                .map(str::to_owned)
                .collect(),
            unchecked: rules
                .unchecked_paths
                .iter()
                .map(|path| PathPattern::parse(path))
                .collect(),
            unordered_branches: rules.unordered_branches,
        }
    }

    /// Whether the place `path` is left out of the comparison.
    pub fn skips(&self, path: &str) -> bool {
        self.unchecked.iter().any(|pattern| pattern.matches(path))
    }

    /// The differences between `expected` and `actual`, none if they agree. `path` is where both
    /// stand: empty, or `/name` of the expectation.
    pub fn differences(&mut self, expected: &Value, actual: &Value, path: &str) -> Vec<Difference> {
        let mut found = Vec::new();
        self.compare(expected, actual, path, &mut found);
        found
    }

    /// Depth is that of `expected`, which the JSON parser bounds.
    pub(crate) fn compare(
        &mut self,
        expected: &Value,
        actual: &Value,
        path: &str,
        found: &mut Vec<Difference>,
    ) {
        if expected
            .as_str()
            .is_some_and(|text| self.any.contains(text))
        {
            return;
        }
        let actual = &*recorded_form(expected, actual);
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                self.compare_objects(expected, actual, path, found);
            }
            (Value::Array(expected), Value::Array(actual)) => {
                self.compare_lists(expected, actual, path, found);
            }
            (Value::String(expected), Value::String(actual))
                if self.tokens.matches(expected, actual) => {}
            // A token may stand for a value of another type.
            (Value::String(text), other) if !other.is_string() && is_token(text) => {}
            // Numbers differ as their JSON texts do: 1 is not 1.0.
            (Value::Null | Value::Bool(_) | Value::Number(_), other) if expected == other => {}
            _ => found.push(difference(path.to_owned(), expected, actual)),
        }
    }

    fn compare_objects(
        &mut self,
        expected: &Members,
        actual: &Members,
        path: &str,
        found: &mut Vec<Difference>,
    ) {
        let mut seen: HashSet<&str> = HashSet::new();
        for (name, wanted) in expected {
            let place = format!("{path}/{name}");
            let met = actual.get_key_value(name).or_else(|| {
                actual.iter().find(|(other, _)| {
                    !expected.contains_key(*other) && self.matches_text(name, other)
                })
            });
            if let Some((met, _)) = met {
                seen.insert(met);
            }
            if self.skips(&place) {
                continue;
            }
            match met {
                Some((_, value)) => self.compare(wanted, value, &place, found),
                None => found.push(difference(place, wanted, &json!("(missing)"))),
            }
        }
        for (name, value) in actual {
            let place = format!("{path}/{name}");
            let known = seen.contains(name.as_str()) || LATER_MEMBERS.contains(&name.as_str());
            if !known && !self.skips(&place) {
                found.push(difference(place, &json!("(absent)"), value));
            }
        }
    }

    fn compare_lists(
        &mut self,
        expected: &[Value],
        actual: &[Value],
        path: &str,
        found: &mut Vec<Difference>,
    ) {
        if self.unordered_branches && path.ends_with("/events") {
            events::compare_unordered(self, expected, actual, path, found);
            return;
        }
        if path.contains("/variableReferences/") {
            if sorted_texts(expected) != sorted_texts(actual) {
                let [expected, actual] = [expected, actual].map(|list| Value::from(list.to_vec()));
                found.push(difference(path.to_owned(), &expected, &actual));
            }
            return;
        }
        let actual = events::with_recorded_map_exits(expected, actual);
        let kept = |length: usize| -> Vec<usize> {
            (0..length)
                .filter(|index| !self.skips(&format!("{path}/{index}")))
                .collect()
        };
        let (wanted, came) = (kept(expected.len()), kept(actual.len()));
        if wanted.len() != came.len() {
            found.extend(length_differences(
                path,
                [expected.len(), actual.len()],
                [overview(expected, 40), overview(&actual, 40)],
            ));
            return;
        }
        for (index, other) in wanted.into_iter().zip(came) {
            self.compare(
                &expected[index],
                &actual[other],
                &format!("{path}/{index}"),
                found,
            );
        }
    }

    fn matches_text(&mut self, expected: &str, actual: &str) -> bool {
        self.any.contains(expected) || self.tokens.matches(expected, actual)
    }

    /// What is bound now, for [`Context::restore`].
    pub fn save(&self) -> HashMap<String, String> {
        self.tokens.save()
    }

    /// Forgets what was bound since `saved` was taken.
    pub fn restore(&mut self, saved: HashMap<String, String>) {
        self.tokens.restore(saved);
    }
}

type Members = serde_json::Map<String, Value>;

/// JSON texts were recorded as their values: where anything but a text is expected, a text that
/// came is parsed.
fn recorded_form<'a>(expected: &Value, actual: &'a Value) -> Cow<'a, Value> {
    match actual {
        Value::String(text) if !expected.is_string() => {
            serde_json::from_str(text).map_or(Cow::Borrowed(actual), Cow::Owned)
        }
        _ => Cow::Borrowed(actual),
    }
}

pub(crate) fn difference(path: String, expected: &Value, actual: &Value) -> Difference {
    Difference {
        path,
        expected: expected.clone(),
        actual: actual.clone(),
    }
}

/// Lists of different lengths: their lengths, and what they hold in short.
pub(crate) fn length_differences(
    path: &str,
    [expected, actual]: [usize; 2],
    [wanted, came]: [Value; 2],
) -> [Difference; 2] {
    [
        difference(format!("{path}/length"), &json!(expected), &json!(actual)),
        difference(format!("{path}/overview"), &wanted, &came),
    ]
}

/// The `type`s of the elements, or the elements where they are no objects.
pub(crate) fn overview(list: &[Value], limit: usize) -> Value {
    list.iter()
        .take(limit)
        .map(|element| match element {
            Value::Object(members) => members.get("type").cloned().unwrap_or_default(),
            other => other.clone(),
        })
        .collect()
}

fn sorted_texts(list: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = list
        .iter()
        .map(|element| {
            element
                .as_str()
                .map_or_else(|| element.to_string(), str::to_owned)
        })
        .collect();
    texts.sort_unstable();
    texts
}
