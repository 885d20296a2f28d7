//! Both comparisons of one case, side by side.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Case, Kind};
use crate::compare::{Context, Difference, Rules};
use crate::outcome::{Failure, What};
use crate::placeholder::{Caller, Placeholders};
use crate::tokens::{KnownToken, TokenValue};

/// The strict and the lenient comparison. A lenient difference ends the case, a strict one is
/// noted.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    caller: Caller,
    contexts: Option<Contexts>,
    strict_failures: Vec<Failure>,
}

/// Both contexts; no strict one where the case has no unchecked paths.
#[derive(Clone, Debug)]
struct Contexts {
    lenient: Context,
    strict: Option<Context>,
}

impl Verdict {
    /// Nothing compared yet.
    pub(crate) fn new(caller: Caller) -> Self {
        Self {
            caller,
            contexts: None,
            strict_failures: Vec::new(),
        }
    }

    /// What only the strict comparison found, and whatever ended the lenient one.
    pub(crate) fn into_strict_failures(self) -> Vec<Failure> {
        self.strict_failures
    }

    /// Compares a response, or the part of it at `place`.
    pub(crate) fn check(
        &mut self,
        case: &Case,
        values: &mut Placeholders,
        expected: &Value,
        actual: &Value,
        at: &str,
        place: &str,
    ) -> Result<(), Vec<Failure>> {
        self.judge(case, values, at, |context| {
            context.differences(expected, actual, place)
        })
    }

    /// Compares an error as an SDK prints it; its code alone where its text is unchecked.
    pub(crate) fn check_error_text(
        &mut self,
        case: &Case,
        values: &mut Placeholders,
        expected: &str,
        actual: &str,
        at: &str,
        place: &str,
    ) -> Result<(), Vec<Failure>> {
        self.judge(case, values, at, |context| {
            let [expected, actual] = [expected, actual].map(|text| match text.split_once(')') {
                Some((code, _)) if context.skips(place) => code,
                _ => text,
            });
            context.differences(&Value::from(expected), &Value::from(actual), place)
        })
    }

    fn judge(
        &mut self,
        case: &Case,
        values: &mut Placeholders,
        at: &str,
        compare: impl Fn(&mut Context) -> Vec<Difference>,
    ) -> Result<(), Vec<Failure>> {
        let failures = |found: Vec<Difference>| -> Vec<Failure> {
            let failure = |found| Failure {
                at: at.to_owned(),
                what: What::Difference(found),
            };
            found.into_iter().map(failure).collect()
        };
        let caller = &self.caller;
        let contexts = match &mut self.contexts {
            Some(contexts) => {
                contexts.learn(case, values);
                contexts
            }
            none => none.insert(Contexts::new(case, caller, values)),
        };
        if let Some(strict) = &mut contexts.strict {
            self.strict_failures.extend(failures(compare(strict)));
        }
        let found = compare(&mut contexts.lenient);
        if found.is_empty() {
            Ok(())
        } else {
            Err(failures(found))
        }
    }
}

impl Contexts {
    fn new(case: &Case, caller: &Caller, values: &mut Placeholders) -> Self {
        let tokens = known_tokens(case, values);
        let context = |unchecked_paths: &[String]| {
            Context::new(&Rules {
                account: &caller.account,
                region: &caller.region,
                tokens: &tokens,
                wildcards: &case.wildcards,
                unchecked_paths,
                unordered_branches: case.unordered_branches,
            })
        };
        Self {
            lenient: context(&case.unchecked_paths),
            strict: (!case.unchecked_paths.is_empty()).then(|| context(&[])),
        }
    }

    /// Binds tokens that name a response which has come since.
    fn learn(&mut self, case: &Case, values: &mut Placeholders) {
        for (token, value) in &case.tokens {
            let Some(KnownToken::Text(text)) = value else {
                continue;
            };
            if is_name_of_ours(case, token, text) {
                continue;
            }
            for context in [Some(&mut self.lenient), self.strict.as_mut()]
                .into_iter()
                .flatten()
            {
                if context.tokens.bound(token).is_none()
                    && let Ok(text) = values.fill_to_text(text)
                {
                    context.tokens.bind(token, text);
                }
            }
        }
    }
}

/// The case's tokens with placeholders filled in; those that name a response which has not come
/// are unknown.
fn known_tokens(case: &Case, values: &mut Placeholders) -> BTreeMap<String, TokenValue> {
    let mut known = BTreeMap::new();
    for (token, value) in &case.tokens {
        let value = match value {
            Some(KnownToken::Text(text)) if !is_name_of_ours(case, token, text) => {
                values.fill_to_text(text).ok().map(KnownToken::Text)
            }
            Some(KnownToken::AnyOf(texts)) => {
                let filled: Result<Vec<_>, _> =
                    texts.iter().map(|text| values.fill_to_text(text)).collect();
                Some(KnownToken::AnyOf(filled.unwrap_or_default()))
            }
            _ => None,
        };
        known.insert(token.clone(), value);
    }
    known
}

/// Where the runner names the state machine, tokens for its name take whatever they meet.
fn is_name_of_ours(case: &Case, token: &str, text: &str) -> bool {
    matches!(case.kind, Kind::Execution { .. })
        && token.starts_with("<ArnPart")
        && text.contains("${u")
}
