//! The functions of endpoint rules.
//!
//! Source: "Endpoint rules standard library" and "AWS functions" of the Smithy specification.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use http::Uri;
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::model::{Partition, partitions};
use crate::protocol::encode;

/// Calls a function; none where it has no value, or does not exist.
pub(super) fn call(function: &str, arguments: &[Value]) -> Option<Value> {
    match (function, arguments) {
        ("isSet", [value]) => Some(Value::Bool(!value.is_null())),
        ("not", [value]) => Some(Value::Bool(matches!(
            value,
            Value::Null | Value::Bool(false)
        ))),
        ("booleanEquals" | "stringEquals", [a, b]) => Some(Value::Bool(a == b)),
        ("getAttr", [value, Value::String(path)]) => attribute(value, path).cloned(),
        ("aws.partition", [Value::String(region)]) => partition(region),
        ("aws.parseArn", [Value::String(arn)]) => arn_parts(arn),
        ("isValidHostLabel", [Value::String(label), Value::Bool(dots)]) => {
            Some(Value::Bool(is_host_label(label, *dots)))
        }
        ("aws.isVirtualHostableS3Bucket", [Value::String(bucket), Value::Bool(dots)]) => {
            Some(Value::Bool(is_bucket_label(bucket, *dots)))
        }
        ("isValidHostLabel" | "aws.isVirtualHostableS3Bucket", _) => Some(Value::Bool(false)),
        ("substring", [Value::String(text), start, stop, Value::Bool(reverse)]) => {
            substring(text, start.as_u64()?, stop.as_u64()?, *reverse)
        }
        ("parseURL", [Value::String(url)]) => url_parts(url),
        ("uriEncode", [Value::String(text)]) => Some(encode(text).into()),
        _ => None,
    }
}

/// What a path as `resourceId[1]` leads to.
fn attribute<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, part| {
        let Some((name, index)) = part.strip_suffix(']').and_then(|part| part.split_once('['))
        else {
            return value.get(part);
        };
        let value = if name.is_empty() {
            value
        } else {
            value.get(name)?
        };
        value.get(index.parse::<usize>().ok()?)
    })
}

/// What the regions of partitions are called.
static PATTERNS: LazyLock<Vec<(&Partition, Option<Regex>)>> = LazyLock::new(|| {
    let partitions = partitions().iter();
    let pattern = |partition: &Partition| Regex::new(&partition.pattern).ok();
    partitions
        .map(|partition| (partition, pattern(partition)))
        .collect()
});

/// The partition that a region is in: the first, if none has it.
fn partition(region: &str) -> Option<Value> {
    let listed = |(partition, _): &&(&Partition, _)| partition.regions.iter().any(|r| r == region);
    let alike = |(_, pattern): &&(_, Option<Regex>)| {
        pattern
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(region))
    };
    let mut all = PATTERNS.iter();
    let found = all.find(|entry| listed(entry) || alike(entry));
    let (partition, _) = found.or(PATTERNS.first())?;
    let mut outputs = partition.outputs.clone();
    outputs.insert("name".to_owned(), partition.id.clone().into());
    Some(Value::Object(outputs))
}

fn arn_parts(arn: &str) -> Option<Value> {
    let mut parts = arn.splitn(6, ':');
    let mut part = || parts.next();
    let ("arn", partition, service) = (part()?, part()?, part()?) else {
        return None;
    };
    let (region, account, resource) = (part()?, part()?, part()?);
    if [partition, service, resource].contains(&"") {
        return None;
    }
    let resource: Vec<&str> = resource.split([':', '/']).collect();
    Some(json!({
        "partition": partition,
        "service": service,
        "region": region,
        "accountId": account,
        "resourceId": resource,
    }))
}

fn is_host_label(label: &str, dots: bool) -> bool {
    if dots {
        return label.split('.').all(|label| is_host_label(label, false));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-')
}

fn is_bucket_label(bucket: &str, dots: bool) -> bool {
    bucket.len() >= 3
        && !bucket.bytes().any(|byte| byte.is_ascii_uppercase())
        && bucket.parse::<Ipv4Addr>().is_err()
        && is_host_label(bucket, dots)
}

fn substring(text: &str, start: u64, stop: u64, reverse: bool) -> Option<Value> {
    let (start, stop) = (usize::try_from(start).ok()?, usize::try_from(stop).ok()?);
    if start >= stop || !text.is_ascii() {
        return None;
    }
    let (start, stop) = match reverse {
        true => (text.len().checked_sub(stop)?, text.len() - start),
        false => (start, stop),
    };
    Some(text.get(start..stop)?.into())
}

fn url_parts(url: &str) -> Option<Value> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority()?;
    if uri.query().is_some() {
        return None;
    }
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    // Whether it was written or not, a root path is none.
    let path = if url.ends_with('/') || uri.path() != "/" {
        uri.path()
    } else {
        ""
    };
    let mut normalized = uri.path().to_owned();
    if !normalized.ends_with('/') {
        normalized.push('/');
    }
    let parts: Map<String, Value> = Map::from_iter([
        ("scheme".to_owned(), scheme.into()),
        ("authority".to_owned(), authority.as_str().into()),
        ("path".to_owned(), path.into()),
        ("normalizedPath".to_owned(), normalized.into()),
        ("isIp".to_owned(), host.parse::<IpAddr>().is_ok().into()),
    ]);
    Some(Value::Object(parts))
}
