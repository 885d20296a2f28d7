//! CloudWatch Logs: the log groups are where their ARNs say.

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_aws_client::{CallError, Client, Overrides, Response};
use tokio::runtime::Handle;

use crate::machines::LogGroups;
use crate::observe::logs::destination::LogDestination;
use crate::observe::logs::event::{LogEvent, LogStream};

/// The service's model.
const SERVICE: &str = "logs";
/// A call of `PutLogEvents` takes so many events and so many bytes, of which each event takes some
/// more than its message (API reference).
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
const BYTES_MORE: usize = 26;
/// What a log group gets when a state machine is created that logs to it (observed on AWS).
const VALIDATION_STREAM: &str = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";
const VALIDATION: &str = "Permissions are set correctly to allow AWS CloudWatch Logs to write into \
                          your logs while creating a subscription.";
/// Log streams that are remembered as made; beyond that, all are asked for again.
const REMEMBERED: usize = 10_000;

/// Log groups in CloudWatch Logs.
pub struct CloudWatchLogs {
    client: Client,
    runtime: Handle,
    /// Log streams that exist.
    streams: HashSet<(String, String)>,
}

impl CloudWatchLogs {
    /// Must be called within a tokio runtime, which makes the calls.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            runtime: Handle::current(),
            streams: HashSet::new(),
        }
    }

    /// Writes what belongs to one log stream.
    async fn put(&mut self, stream: &LogStream, events: Vec<&LogEvent>) -> Result<(), CallError> {
        self.make(stream).await?;
        for batch in batches(events) {
            let put = self.put_batch(stream, &batch).await;
            let gone = put
                .as_ref()
                .is_err_and(|error| is(error, "ResourceNotFoundException"));
            if !gone {
                put?;
                continue;
            }
            // It has been deleted since: it is made again, if its log group is still there.
            self.streams.remove(&key(stream));
            self.make(stream).await?;
            self.put_batch(stream, &batch).await?;
        }
        Ok(())
    }

    async fn put_batch(
        &self,
        stream: &LogStream,
        batch: &[&LogEvent],
    ) -> Result<Response, CallError> {
        let events = batch
            .iter()
            .map(|event| json!({ "timestamp": event.timestamp, "message": event.message }));
        let mut parameters = names(stream);
        parameters.insert("logEvents".to_owned(), events.collect());
        let (_, region, _) = stream.group();
        call(&self.client, region, "PutLogEvents", parameters.into()).await
    }

    /// Makes the log stream, unless it is there.
    async fn make(&mut self, stream: &LogStream) -> Result<(), CallError> {
        if self.streams.contains(&key(stream)) {
            return Ok(());
        }
        let (_, region, _) = stream.group();
        let parameters = names(stream).into();
        match call(&self.client, region, "CreateLogStream", parameters).await {
            Err(error) if !is(&error, "ResourceAlreadyExistsException") => return Err(error),
            _ => {}
        }
        if self.streams.len() >= REMEMBERED {
            self.streams.clear();
        }
        self.streams.insert(key(stream));
        Ok(())
    }
}

/// Which log groups there are in CloudWatch Logs.
pub struct CloudWatchLogGroups {
    client: Client,
}

impl CloudWatchLogGroups {
    /// Those that the client finds.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl LogGroups for CloudWatchLogGroups {
    /// One that cannot be asked for is taken to exist: whoever creates a state machine can do nothing
    /// about that.
    fn exists<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            let stream = stream(arn, "");
            let (_, region, name) = stream.group();
            let parameters = json!({ "logGroupNamePrefix": name });
            match call(&self.client, region, "DescribeLogGroups", parameters).await {
                Ok(found) => is_among(&found.json, name),
                Err(error) => {
                    tracing::warn!(%error, "whether a log group exists cannot be asked for");
                    true
                }
            }
        })
    }

    fn taken<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let mut logs = CloudWatchLogs::new(self.client.clone());
            let event = LogEvent {
                stream: Arc::new(stream(arn, VALIDATION_STREAM)),
                timestamp: Timestamp::now().as_millisecond(),
                message: VALIDATION.to_owned(),
            };
            if let Err(error) = logs.put(&event.stream, vec![&event]).await {
                tracing::warn!(%error, "a log group cannot be written to");
            }
        })
    }
}

fn stream(group_arn: &str, name: &str) -> LogStream {
    LogStream {
        group_arn: group_arn.to_owned(),
        name: name.to_owned(),
    }
}

impl LogDestination for CloudWatchLogs {
    fn deliver(&mut self, events: &[LogEvent]) -> io::Result<()> {
        let runtime = self.runtime.clone();
        let mut written = Ok(());
        for (stream, events) in by_stream(events) {
            let put = runtime.block_on(self.put(stream, events));
            written = written.and(put.map_err(io::Error::other));
        }
        written
    }
}

/// The events of each log stream, in their order.
fn by_stream(events: &[LogEvent]) -> Vec<(&LogStream, Vec<&LogEvent>)> {
    let mut streams: Vec<(&LogStream, Vec<&LogEvent>)> = Vec::new();
    for event in events {
        match streams
            .iter_mut()
            .find(|(stream, _)| *stream == &*event.stream)
        {
            Some((_, found)) => found.push(event),
            None => streams.push((&event.stream, vec![event])),
        }
    }
    streams
}

async fn call(
    client: &Client,
    region: &str,
    operation: &str,
    parameters: Value,
) -> Result<Response, CallError> {
    let overrides = Overrides {
        region: Some(region.to_owned()),
        ..Overrides::default()
    };
    client
        .call(SERVICE, operation, &parameters, &overrides)
        .await
}

fn names(stream: &LogStream) -> Map<String, Value> {
    let (_, _, group) = stream.group();
    Map::from_iter([
        ("logGroupName".to_owned(), json!(group)),
        ("logStreamName".to_owned(), json!(stream.name)),
    ])
}

fn key(stream: &LogStream) -> (String, String) {
    (stream.group_arn.clone(), stream.name.clone())
}

fn is(error: &CallError, code: &str) -> bool {
    matches!(error, CallError::Service(error) if error.code == code)
}

fn is_among(found: &Value, name: &str) -> bool {
    let groups = found.get("logGroups").and_then(Value::as_array);
    let names = groups
        .into_iter()
        .flatten()
        .map(|group| group.get("logGroupName"));
    names.flatten().any(|found| found == name)
}

/// The events as single calls take them, in the order of their times.
fn batches(mut events: Vec<&LogEvent>) -> Vec<Vec<&LogEvent>> {
    events.sort_by_key(|event| event.timestamp);
    let mut batches: Vec<Vec<&LogEvent>> = Vec::new();
    let mut bytes = 0;
    for event in events {
        let more = event.message.len() + BYTES_MORE;
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_EVENTS && bytes + more <= MOST_BYTES => {
                batch.push(event);
                bytes += more;
            }
            _ => {
                batches.push(vec![event]);
                bytes = more;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(stream: &Arc<LogStream>, timestamp: i64, length: usize) -> LogEvent {
        LogEvent {
            stream: stream.clone(),
            timestamp,
            message: "m".repeat(length),
        }
    }

    fn stream(name: &str) -> Arc<LogStream> {
        let group = "arn:aws:logs:eu-west-1:123456789012:log-group:g";
        Arc::new(super::stream(group, name))
    }

    #[test]
    fn calls_are_in_order_and_within_the_limits() {
        let stream = stream("s");
        let half = MOST_BYTES / 2 - BYTES_MORE;
        let events = [
            event(&stream, 3, half),
            event(&stream, 1, half),
            event(&stream, 2, half),
        ];
        let batches = batches(events.iter().collect());
        let times = batches
            .iter()
            .map(|batch| batch.iter().map(|event| event.timestamp));
        let times: Vec<Vec<i64>> = times.map(Iterator::collect).collect();
        assert_eq!(times, [vec![1, 2], vec![3]]);
        let many: Vec<LogEvent> = (0..10_001).map(|time| event(&stream, time, 1)).collect();
        let lengths = super::batches(many.iter().collect());
        let lengths: Vec<usize> = lengths.iter().map(Vec::len).collect();
        assert_eq!(lengths, [MOST_EVENTS, 1]);
    }

    #[test]
    fn streams_are_kept_apart() {
        let (a, b) = (stream("a"), stream("b"));
        let events = [event(&a, 1, 1), event(&b, 2, 1), event(&a, 3, 1)];
        let found = by_stream(&events);
        let found = found
            .iter()
            .map(|(stream, events)| (&*stream.name, events.len()));
        assert_eq!(found.collect::<Vec<_>>(), [("a", 2), ("b", 1)]);
    }

    #[test]
    fn a_log_group_is_found_by_its_whole_name() {
        let found = json!({ "logGroups": [{ "logGroupName": "g/more" }, { "logGroupName": "g" }] });
        assert!(is_among(&found, "g"));
        assert!(!is_among(&found, "g/m"));
        assert!(!is_among(&json!({}), "g"));
    }
}
