//! `GetExecutionHistory`.

use bytes::Bytes;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use stepmill_engine::{Caller, HistoryQuery};
use stepmill_interpreter::HistoryEvent;

use super::encode::Seconds;
use super::{Operations, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

/// Members of details that are an execution's data (as observed where AWS leaves them out of logs).
const DATA: [&str; 4] = ["input", "inputDetails", "output", "outputDetails"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryInput {
    execution_arn: String,
    max_results: Option<usize>,
    #[serde(default)]
    reverse_order: bool,
    next_token: Option<String>,
    #[serde(default = "yes")]
    include_execution_data: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct History<'a> {
    events: Vec<Event<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operations {
    pub(super) fn history(
        &self,
        caller: &Caller,
        request: &HistoryInput,
    ) -> Result<Bytes, Failure> {
        let list = List {
            caller,
            operation: Operation::GetExecutionHistory,
            arguments: &[
                Some(&request.execution_arn),
                request.reverse_order.then_some("reverse"),
            ],
        };
        let page = self.engine.history(&HistoryQuery {
            execution_arn: request.execution_arn.clone(),
            reverse: request.reverse_order,
            after: self.cursor(list, request.next_token.as_deref())?,
            limit: paging::size(request.max_results),
        })?;
        let events = page.items.iter().map(|event| Event {
            event,
            with_data: request.include_execution_data,
        });
        write(&History {
            events: events.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}

/// An event, written without a copy of its details.
struct Event<'a> {
    event: &'a HistoryEvent,
    with_data: bool,
}

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { event, with_data } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &Seconds(event.timestamp))?;
        map.serialize_entry("type", &event.event_type)?;
        map.serialize_entry("id", &event.id)?;
        map.serialize_entry("previousEventId", &event.previous)?;
        match &event.details {
            None => {}
            Some((name, details)) if *with_data => map.serialize_entry(name, details)?,
            Some((name, details)) => map.serialize_entry(name, &WithoutData(details))?,
        }
        map.end()
    }
}

struct WithoutData<'a>(&'a Value);

impl Serialize for WithoutData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(details) => serializer.collect_map(
                details
                    .iter()
                    .filter(|(name, _)| !DATA.contains(&name.as_str())),
            ),
            other => other.serialize(serializer),
        }
    }
}
