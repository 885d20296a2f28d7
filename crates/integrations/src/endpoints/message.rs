//! Requests and answers of HTTP, as tasks write and see them.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use stepmill_aws_client::WebAnswer;

use crate::metadata::spelled;

/// How many headers a request may have.
const HEADERS: usize = 1000;
/// All but what RFC 3986 calls unreserved.
const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A name or a value of a query string or a form.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// A query string, also of a form.
pub(crate) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A URL with a query string added to what it has.
pub(crate) fn with_query(url: &str, query: &str) -> String {
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, true) => format!("{url}&{query}"),
        (false, false) => format!("{url}?{query}"),
    }
}

/// A path with what no path has encoded; what is encoded already stays as it is.
pub(crate) fn path(text: &str) -> String {
    const OTHER: AsciiSet = RESERVED
        .remove(b'/')
        .remove(b'%')
        .remove(b'!')
        .remove(b'$')
        .remove(b'&')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b'+')
        .remove(b',')
        .remove(b';')
        .remove(b'=')
        .remove(b':')
        .remove(b'@');
    utf8_percent_encode(text, &OTHER).to_string()
}

/// Headers; none, if one cannot be sent, or if they are too many.
pub(crate) fn headers<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if headers.len() >= HEADERS {
            return None;
        }
        headers.append(name, HeaderValue::from_str(value).ok()?);
    }
    Some(headers)
}

/// Sets a header that is a secret; whether it can be sent.
pub(crate) fn set_secret(headers: &mut HeaderMap, name: &str, value: &str) -> bool {
    let name = HeaderName::from_bytes(name.as_bytes()).ok();
    let Some((name, mut value)) = name.zip(HeaderValue::from_str(value).ok()) else {
        return false;
    };
    value.set_sensitive(true);
    headers.try_insert(name, value).is_ok()
}

/// What a text is as JSON; itself, if it is none.
pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// An answer as a task's result; none, if its body is no text.
///
/// Source: Developer Guide, "Create API Gateway REST APIs with Step Functions", output format.
pub(crate) fn result(answer: &WebAnswer) -> Option<Value> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    let mut headers = Map::new();
    for (name, value) in &answer.headers {
        let name = match name.as_str() {
            "connection" => "Connection",
            "via" => "Via",
            "x-amzn-trace-id" => "X-Amzn-Trace-Id",
            other => spelled(other),
        };
        let values = headers.entry(name).or_insert(json!([]));
        if let Some(values) = values.as_array_mut() {
            values.push(String::from_utf8_lossy(value.as_bytes()).into());
        }
    }
    Some(json!({
        "Headers": headers,
        "ResponseBody": parsed(body),
        "StatusCode": answer.status,
        "StatusText": answer.reason,
    }))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_keep_what_is_encoded() {
        for (text, expected) in [
            ("a/b", "a/b"),
            ("a b?c#d", "a%20b%3Fc%23d"),
            ("a%2Fb", "a%2Fb"),
            ("ä/{x}", "%C3%A4/%7Bx%7D"),
        ] {
            assert_eq!(path(text), expected);
        }
    }

    #[test]
    fn results_have_lists_of_headers_and_json_where_it_is_json() {
        let answer = |body: &[u8]| WebAnswer {
            status: 200,
            reason: "OK".to_owned(),
            headers: headers([("x-own", "1"), ("content-type", "a/b"), ("X-Own", "2")]).unwrap(),
            body: body.to_vec().into(),
        };
        let expected = json!({
            "Headers": { "x-own": ["1", "2"], "Content-Type": ["a/b"] },
            "ResponseBody": { "a": 1 }, "StatusCode": 200, "StatusText": "OK",
        });
        assert_eq!(result(&answer(b"{\"a\":1}")), Some(expected));
        assert_eq!(result(&answer(b"plain")).unwrap()["ResponseBody"], "plain");
        assert_eq!(result(&answer(b"")).unwrap()["ResponseBody"], "");
        assert_eq!(result(&answer(b"\xff\xfe")), None);
    }

    #[test]
    fn headers_cannot_smuggle_others() {
        for (name, value) in [
            ("a\r\nb", "1"),
            ("a b", "1"),
            ("", "1"),
            ("a", "1\r\nb: 2"),
            ("a", "\0"),
        ] {
            assert_eq!(headers([(name, value)]), None, "{name:?} {value:?}");
        }
        let many = std::iter::repeat(("a", ""));
        assert!(headers(many.clone().take(1000)).is_some());
        assert!(headers(many.take(1001)).is_none());
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_again(pairs in prop::collection::vec(("\\PC*", "\\PC*"), 0..5)) {
            let borrowed = pairs.iter().map(|(name, value)| (&**name, &**value));
            let text = query(borrowed);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            let decode = |text: &str| {
                let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
                decoded.map(Cow::into_owned).unwrap()
            };
            let read = text.split('&').filter(|part| !part.is_empty());
            let read: Vec<_> = read
                .map(|part| part.split_once('=').unwrap())
                .map(|(name, value)| (decode(name), decode(value)))
                .collect();
            prop_assert_eq!(read, pairs);
        }
    }
}
