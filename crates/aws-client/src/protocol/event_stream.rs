//! Event streams: messages one after another, each with headers, a payload and checksums.
//!
//! Source: Smithy, "Amazon Event Stream Specification".

use serde_json::{Map, Value};

use super::json;
use crate::error::Malformed;

/// The lengths and their checksum, before a message's headers.
const PRELUDE: usize = 12;
/// The checksum behind its payload.
const CHECKSUM: usize = 4;

/// What a stream says.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// An event, by its name in the model.
    Event(String, Value),
    /// An error that ends the stream: its code, and what it says.
    Exception(String, String),
}

/// The messages of a stream whose payloads are JSON.
pub(crate) fn read(mut body: &[u8]) -> Result<Vec<Message>, Malformed> {
    let mut messages = Vec::new();
    while !body.is_empty() {
        let frame = Frame::first(body).ok_or_else(|| Malformed::value("an event stream"))?;
        messages.push(frame.message()?);
        body = frame.rest;
    }
    Ok(messages)
}

/// A message as it is written.
struct Frame<'a> {
    headers: Vec<(String, String)>,
    payload: &'a [u8],
    /// What follows it.
    rest: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The first one; none if it is broken.
    fn first(body: &'a [u8]) -> Option<Self> {
        let total = usize::try_from(number(body)?).ok()?;
        let headers = usize::try_from(number(body.get(4..)?)?).ok()?;
        let (message, rest) = body.split_at_checked(total)?;
        let (checked, checksum) = message.split_at_checked(total.checked_sub(CHECKSUM)?)?;
        let prelude = checked.get(..PRELUDE - CHECKSUM)?;
        let is_whole = crc32fast::hash(prelude) == number(checked.get(prelude.len()..)?)?
            && crc32fast::hash(checked) == number(checksum)?;
        let content = checked.get(PRELUDE..).filter(|_| is_whole)?;
        let (headers, payload) = content.split_at_checked(headers)?;
        Some(Self {
            headers: texts(headers)?,
            payload,
            rest,
        })
    }

    fn header(&self, wanted: &str) -> Option<String> {
        let mut found = self.headers.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.clone())
    }

    fn message(&self) -> Result<Message, Malformed> {
        let needed = |name| {
            let header = self.header(name);
            header.ok_or_else(|| Malformed::value("an event"))
        };
        Ok(match needed(":message-type")?.as_str() {
            "exception" => {
                let said = json::parse(self.payload).unwrap_or_default();
                let message = said.get("message").and_then(Value::as_str);
                let message = message.unwrap_or_default().to_owned();
                Message::Exception(needed(":exception-type")?, message)
            }
            "error" => {
                let message = self.header(":error-message").unwrap_or_default();
                Message::Exception(needed(":error-code")?, message)
            }
            _ => {
                let payload = match self.payload.is_empty() {
                    true => Value::Object(Map::new()),
                    false => json::parse(self.payload)?,
                };
                Message::Event(needed(":event-type")?, payload)
            }
        })
    }
}

/// The headers that are texts; the others say nothing about events.
fn texts(mut bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    while let Some((&length, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at_checked(length.into())?;
        let (&kind, rest) = rest.split_first()?;
        let (value, rest) = match kind {
            0 | 1 => rest.split_at_checked(0)?,
            2 => rest.split_at_checked(1)?,
            3 => rest.split_at_checked(2)?,
            4 => rest.split_at_checked(4)?,
            5 | 8 => rest.split_at_checked(8)?,
            6 | 7 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                rest.split_at_checked(u16::from_be_bytes(*length).into())?
            }
            9 => rest.split_at_checked(16)?,
            _ => return None,
        };
        if kind == 7 {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
            headers.push((text(name)?, text(value)?));
        }
        bytes = rest;
    }
    Some(headers)
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes
        .first_chunk::<4>()
        .map(|bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn encoded(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in headers {
            bytes.push(u8::try_from(name.len()).unwrap());
            bytes.extend(name.bytes());
            bytes.push(7);
            bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            bytes.extend(value.bytes());
        }
        // One that is no text.
        bytes.extend(b"\x01n\x04\x00\x00\x00\x01");
        let total = PRELUDE + bytes.len() + payload.len() + CHECKSUM;
        let mut message = u32::try_from(total).unwrap().to_be_bytes().to_vec();
        message.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message.extend(bytes);
        message.extend(payload.bytes());
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message
    }

    #[test]
    fn messages_follow_each_other() {
        let event = [(":message-type", "event"), (":event-type", "delta")];
        let mut stream = encoded(&event, "{\"a\":1}");
        stream.extend(encoded(&event, ""));
        let thrown = [(":message-type", "exception"), (":exception-type", "oops")];
        stream.extend(encoded(&thrown, "{\"message\":\"m\"}"));
        let broken = [
            (":message-type", "error"),
            (":error-code", "c"),
            (":error-message", "m"),
        ];
        stream.extend(encoded(&broken, ""));
        let expected = vec![
            Message::Event("delta".to_owned(), json!({ "a": 1 })),
            Message::Event("delta".to_owned(), json!({})),
            Message::Exception("oops".to_owned(), "m".to_owned()),
            Message::Exception("c".to_owned(), "m".to_owned()),
        ];
        assert_eq!(read(&stream), Ok(expected));
    }

    #[test]
    fn what_is_broken_is_noticed() {
        let event = [(":message-type", "event"), (":event-type", "delta")];
        let whole = encoded(&event, "{}");
        for index in 0..whole.len() {
            let mut broken = whole.clone();
            broken[index] ^= 1;
            assert!(read(&broken).is_err(), "{index}");
            assert!(read(&whole[..index]).is_err() || index == 0, "{index}");
        }
        assert!(read(&encoded(&event[..1], "{}")).is_err());
        assert!(read(&encoded(&event, "{")).is_err());
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(bytes in vec(any::<u8>(), 0..100)) {
            let _ = read(&bytes);
        }
    }
}
