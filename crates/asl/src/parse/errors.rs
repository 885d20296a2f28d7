//! `Retry` and `Catch`.

use crate::model::{Catcher, ErrorHandling, QueryLanguage, ResultPath, Retrier};

use super::checker::Checker;
use super::fields::{Field, Object, both, jsonata, jsonpath};
use super::number::{Bounds, MAX_SECONDS};
use super::query::{Env, Reads};
use super::source::Kind;
use super::state::Reading;

const RETRIER: &[Field] = &[
    both("BackoffRate"),
    both("Comment"),
    both("ErrorEquals"),
    both("IntervalSeconds"),
    both("JitterStrategy"),
    both("MaxAttempts"),
    both("MaxDelaySeconds"),
];

const CATCHER: &[Field] = &[
    both("Assign"),
    both("Comment"),
    both("ErrorEquals"),
    both("Next"),
    jsonpath("ResultPath"),
    jsonata("Output"),
];

/// The longest `MaxDelaySeconds`: 366 days.
const MAX_DELAY: u64 = 31_622_400;

impl Checker<'_> {
    /// `Retry` and `Catch` of a state.
    pub(crate) fn error_handling(&mut self, reading: &Reading<'_, '_>) -> ErrorHandling {
        let object = reading.object;
        let mut errors = ErrorHandling::default();
        let retry = self.array(object, "Retry", true).unwrap_or_default();
        let place = object.place.key("Retry");
        for (at, node) in retry.iter().enumerate() {
            let head = node.bytes.start..node.bytes.start + 1;
            if let Some(entry) = self.object(node, place.index(at), head) {
                let retrier = self.retrier(&entry, at + 1 == retry.len());
                errors.retry.extend(retrier);
            }
        }
        let catch = self.array(object, "Catch", true).unwrap_or_default();
        let place = object.place.key("Catch");
        for (at, node) in catch.iter().enumerate() {
            let head = node.bytes.start..node.bytes.start + 1;
            if let Some(entry) = self.object(node, place.index(at), head) {
                let catcher = self.catcher(&entry, at + 1 == catch.len(), reading);
                errors.catch.extend(catcher);
            }
        }
        errors
    }

    fn retrier(&mut self, entry: &Object<'_>, last: bool) -> Option<Retrier> {
        self.known_fields(entry, "a Retry entry", RETRIER, None);
        self.required(entry, &["ErrorEquals"]);
        let error_equals = self.error_equals(entry, last);
        let mut whole = |name, least, most| self.integer(entry, name, Bounds { least, most });
        // Zero is accepted, although the Developer Guide asks for a positive number (observed).
        let interval_seconds = whole("IntervalSeconds", 0, MAX_SECONDS);
        let max_attempts = whole("MaxAttempts", 0, MAX_SECONDS);
        let max_delay_seconds = whole("MaxDelaySeconds", 1, MAX_DELAY);
        let rates = Bounds {
            least: 1.0,
            most: f64::MAX,
        };
        let backoff_rate = self.float(entry, "BackoffRate", rates);
        let jitter = self.keyword(entry, "JitterStrategy");
        let comment = self.comment(entry);
        Some(Retrier {
            error_equals: error_equals?,
            interval_seconds,
            max_attempts,
            backoff_rate,
            max_delay_seconds,
            jitter,
            comment,
        })
    }

    fn catcher(
        &mut self,
        entry: &Object<'_>,
        last: bool,
        reading: &Reading<'_, '_>,
    ) -> Option<Catcher> {
        let env = Env {
            language: reading.language,
            reads: Reads {
                result: false,
                error_output: true,
            },
        };
        self.known_fields(entry, "a Catch entry", CATCHER, Some(env.language));
        self.required(entry, &["ErrorEquals", "Next"]);
        let error_equals = self.error_equals(entry, last);
        let next = self.target(entry, "Next", reading.inside.targets);
        let result_path = match env.language {
            QueryLanguage::JsonPath => self.result_path(entry),
            QueryLanguage::Jsonata => Some(ResultPath::default()),
        };
        let output = self.inner_output(entry, env);
        let assign = self.assign(entry, env, reading.inside.scope);
        let comment = self.comment(entry);
        Some(Catcher {
            error_equals: error_equals?,
            next: next?,
            result_path: result_path?,
            output,
            assign,
            comment,
        })
    }

    /// `ErrorEquals` of an entry; `States.ALL` stands alone, in the last one.
    fn error_equals(&mut self, entry: &Object<'_>, last: bool) -> Option<Vec<String>> {
        let items = self.array(entry, "ErrorEquals", false)?;
        let field = entry.place.key("ErrorEquals");
        let mut names = Vec::with_capacity(items.len());
        for (at, node) in items.iter().enumerate() {
            let place = field.index(at);
            let Kind::String(name) = &node.kind else {
                self.wrong_type(&place, node, "[STRING]", "an error's name");
                continue;
            };
            if name == "States.ALL" && (items.len() > 1 || !last) {
                let message = "States.ALL must appear alone and at end of list";
                let help = if last {
                    "give States.ALL an entry of its own, behind the others"
                } else {
                    "move the entry with States.ALL behind the others, which it would hide"
                };
                self.schema(&place, &node.bytes, message, help);
            }
            names.push(name.clone());
        }
        Some(names)
    }
}
