//! `bedrockagentcore:invokeHarness`: what an agent streams, as one answer.
//!
//! Source: Developer Guide, "Invoke Amazon Bedrock AgentCore harness with Step Functions": the last
//! message of the assistant alone, of it the texts alone, and the sums over all messages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::aws::error::client_side;
use crate::aws::request::Request;
use crate::call::Outcome;

const TOKENS: [&str; 3] = ["inputTokens", "outputTokens", "totalTokens"];

/// Lets the agent do its work, however many turns that takes.
pub(super) async fn invoke(
    request: &Request<'_>,
    parameters: Map<String, Value>,
) -> Result<Value, Outcome> {
    let response = request.send(parameters).await?;
    let events = response.json.get("stream").and_then(Value::as_array);
    let conversation = Conversation::of(events.into_iter().flatten());
    let unfinished = || client_side(&request.action, "The response has no end".to_owned());
    conversation.result().ok_or_else(unfinished)
}

/// A conversation as its events tell it.
#[derive(Default)]
struct Conversation {
    role: String,
    /// The texts of the message that is being told, by their place in it.
    texts: BTreeMap<u64, String>,
    /// The last message of the assistant that was told to its end, and why it ended.
    last: Option<(Vec<String>, Value)>,
    tokens: [u64; 3],
    milliseconds: u64,
}

impl Conversation {
    fn of<'a>(events: impl Iterator<Item = &'a Value>) -> Self {
        let mut conversation = Self::default();
        for (name, event) in events.filter_map(Value::as_object).flatten() {
            conversation.hear(name, event);
        }
        conversation
    }

    fn hear(&mut self, name: &str, event: &Value) {
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        match name {
            "messageStart" => {
                self.texts.clear();
                event["role"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut self.role);
            }
            "contentBlockDelta" => {
                if let Some(text) = event["delta"]["text"].as_str() {
                    let place = number(&event["contentBlockIndex"]);
                    self.texts.entry(place).or_default().push_str(text);
                }
            }
            "messageStop" if self.role == "assistant" => {
                let texts = std::mem::take(&mut self.texts);
                let reason = event["stopReason"].clone();
                self.last = Some((texts.into_values().collect(), reason));
            }
            "metadata" => {
                for (sum, name) in self.tokens.iter_mut().zip(TOKENS) {
                    *sum = sum.saturating_add(number(&event["usage"][name]));
                }
                let milliseconds = number(&event["metrics"]["latencyMs"]);
                self.milliseconds = self.milliseconds.saturating_add(milliseconds);
            }
            // Of tools, of thoughts and of hooks nothing is shown.
            _ => {}
        }
    }

    /// The task's result; none if no message of the assistant has come to its end.
    fn result(self) -> Option<Value> {
        let (texts, reason) = self.last?;
        let content = texts.into_iter().map(|text| json!({ "Text": text }));
        let content: Vec<_> = content.collect();
        let [input, output, total] = self.tokens;
        Some(json!({
            "Output": { "Message": { "Role": "assistant", "Content": content } },
            "StopReason": reason,
            "Usage": { "InputTokens": input, "OutputTokens": output, "TotalTokens": total },
            "Metrics": { "LatencyMs": self.milliseconds },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_has_no_result() {
        for events in [
            json!([]),
            json!([{ "messageStart": { "role": "assistant" } }]),
            json!([{ "messageStart": { "role": "user" } }, { "messageStop": { "stopReason": "x" } }]),
        ] {
            let events = events.as_array().unwrap();
            assert_eq!(Conversation::of(events.iter()).result(), None);
        }
    }
}
