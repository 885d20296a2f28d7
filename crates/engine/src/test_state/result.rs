//! What TestState answers.

use serde::Serialize;
use serde_json::{Map, Value};
use stepmill_asl::model::Transition;
use stepmill_interpreter::{Fact, Reason, Stage, Status};

use super::definition::Tested;
use super::request::InspectionLevel;
use super::run::Ended;
use super::spaced::spaced_json;

/// What the state came to, with the API's names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestStateResult {
    /// How it stands with the state.
    pub status: TestStatus,
    /// Its output as JSON text, if it left with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The error, if there was one, also if it was caught.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The error's cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The state that it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_state: Option<String>,
    /// What its data went through; not at the level `INFO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection_data: Option<InspectionData>,
}

/// `status`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TestStatus {
    /// It left with an output.
    Succeeded,
    /// It failed, and nothing handles the error.
    Failed,
    /// It failed and would be retried.
    Retriable,
    /// It failed and left by a catcher.
    CaughtError,
}

/// What a state's data went through; texts are JSON. What does not apply is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // the API's names, explained there
pub struct InspectionData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_arguments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_input_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_parameters: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_result_selector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_result_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_details: Option<ErrorDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_items_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_item_selector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_item_batcher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_items_pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerated_failure_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerated_failure_percentage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u64>,
}

/// `errorDetails`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetails {
    /// The place in `Catch` of the catcher that the state left by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catch_index: Option<u32>,
    /// The place in `Retry` of the retrier that handles the error, also if it retries no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_index: Option<u32>,
    /// Seconds until it retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_backoff_interval_seconds: Option<i64>,
}

/// The answer for a state that has come to its end.
pub(super) fn of(ended: &Ended, tested: &Tested, level: InspectionLevel) -> TestStateResult {
    let mut result = TestStateResult {
        status: TestStatus::Failed,
        output: None,
        error: None,
        cause: None,
        next_state: None,
        inspection_data: None,
    };
    let mut details = ErrorDetails::default();
    let mut assigned: &[_] = &[];
    let mut reason = match &ended.status {
        Status::Failed(reason) | Status::Aborted(reason) => reason.clone(),
        Status::TimedOut => Reason {
            error: Some("States.Timeout".into()),
            cause: None,
        },
        Status::Running | Status::Succeeded(_) => Reason::default(),
    };
    let raised = || {
        let raised = ended.seen.iter().rev().find_map(|stage| match stage {
            Stage::Raised(reason) => Some(reason.clone()),
            _ => None,
        });
        raised.unwrap_or_default()
    };
    for stage in &ended.seen {
        match stage {
            Stage::Retrier(index) => details.retry_index = Some(*index),
            Stage::Catcher(index) => details.catch_index = Some(*index),
            _ => {}
        }
    }
    for record in &ended.records {
        match &record.fact {
            Fact::StateExited {
                output,
                assigned: variables,
                to,
                ..
            } => {
                result.status = TestStatus::Succeeded;
                if details.catch_index.is_some() {
                    result.status = TestStatus::CaughtError;
                    reason = raised();
                }
                result.output = Some(spaced_json(output.value()));
                assigned = variables;
                if let Transition::Next(next) = to {
                    result.next_state = Some(tested.machine.state(*next).name.to_string());
                }
            }
            Fact::RetryScheduled { until, .. } => {
                result.status = TestStatus::Retriable;
                reason = raised();
                let delay = until.duration_since(record.time);
                details.retry_backoff_interval_seconds = Some(delay.as_secs());
            }
            _ => {}
        }
    }
    if result.status == TestStatus::Failed {
        // A catcher that failed itself has caught nothing.
        details.catch_index = None;
    }
    result.error = reason.error.map(|error| error.to_string());
    result.cause = reason.cause.map(|cause| cause.to_string());
    if level != InspectionLevel::Info {
        let mut data = inspected(ended);
        let mut variables: Map<String, Value> = Map::new();
        for (name, value) in ended.variables.iter().chain(assigned) {
            variables.insert(name.to_string(), value.value().clone());
        }
        if !variables.is_empty() {
            data.variables = Some(spaced_json(&Value::Object(variables)));
        }
        data.error_details = Some(details).filter(|details| *details != ErrorDetails::default());
        result.inspection_data = Some(data);
    }
    result
}

fn inspected(ended: &Ended) -> InspectionData {
    let mut data = InspectionData {
        input: Some(ended.input.text().to_owned()),
        after_items_pointer: ended
            .items_pointer
            .as_ref()
            .map(|items| spaced_json(items.value())),
        ..InspectionData::default()
    };
    for stage in &ended.seen {
        let (text, payload) = match stage {
            Stage::AfterArguments(payload) => (&mut data.after_arguments, payload),
            Stage::AfterInputPath(payload) => (&mut data.after_input_path, payload),
            Stage::AfterParameters(payload) => (&mut data.after_parameters, payload),
            Stage::Result(payload) => (&mut data.result, payload),
            Stage::AfterResultSelector(payload) => (&mut data.after_result_selector, payload),
            Stage::AfterResultPath(payload) => (&mut data.after_result_path, payload),
            Stage::AfterItemsPath(payload) => (&mut data.after_items_path, payload),
            Stage::AfterItemSelector(payload) => (&mut data.after_item_selector, payload),
            Stage::AfterItemBatcher(payload) => (&mut data.after_item_batcher, payload),
            Stage::ToleratedFailureCount(count) => {
                data.tolerated_failure_count = Some(*count);
                continue;
            }
            Stage::ToleratedFailurePercentage(percentage) => {
                data.tolerated_failure_percentage = Some(*percentage);
                continue;
            }
            Stage::MaxConcurrency(most) => {
                data.max_concurrency = Some(*most);
                continue;
            }
            Stage::Iterations(_) | Stage::Raised(_) | Stage::Retrier(_) | Stage::Catcher(_) => {
                continue;
            }
        };
        *text = Some(spaced_json(payload.value()));
    }
    data
}
