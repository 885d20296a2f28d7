//! The header `Authorization` of Signature Version 4.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{X_AMZ_DATE, refused};
use crate::protocol::Failure;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
const BASIC: &str = "%Y%m%dT%H%M%SZ";

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization {
    pub(super) key: String,
    /// `YYYYMMDD`
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    /// Names in lower case, joined by `;`.
    pub(super) signed_headers: String,
    pub(super) signature: String,
}

impl Authorization {
    /// Reads the header; what is missing is told in AWS's words.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Failure> {
        let incomplete = |text: String| Err(refused("IncompleteSignatureException", text));
        let header = single(headers, &AUTHORIZATION).unwrap_or_default();
        let Some(parameters) = header.strip_prefix(ALGORITHM) else {
            return incomplete(format!(
                "Unsupported AWS 'algorithm': '{}'. ",
                header.split(' ').next().unwrap_or_default()
            ));
        };
        let parameter = |name: &str| {
            let value = |part: &&str| {
                part.trim()
                    .strip_prefix(name)?
                    .strip_prefix('=')
                    .map(str::len)
            };
            let part = parameters.split(',').find(|part| value(part).is_some())?;
            part.trim().get(name.len() + 1..)
        };
        let mut missing = Vec::new();
        let mut need = |name: &str| {
            let value = parameter(name).filter(|value| !value.is_empty());
            if value.is_none() {
                missing.push(format!(
                    "Authorization header requires '{name}' parameter. "
                ));
            }
            value.unwrap_or_default()
        };
        let credential = need("Credential");
        let signature = need("Signature");
        let signed_headers = need("SignedHeaders");
        if single(headers, &X_AMZ_DATE).is_none() {
            let either = "Authorization header requires existence of either a 'X-Amz-Date' or a \
                          'Date' header. ";
            missing.push(either.to_owned());
        }
        if !missing.is_empty() {
            // AWS repeats the header here; a signature has no business in logs.
            return incomplete(missing.concat());
        }
        let parts: Vec<&str> = credential.split('/').collect();
        let [key, date, region, service, TERMINATOR] = parts[..] else {
            return incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            ));
        };
        Ok(Self {
            key: key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: signed_headers.to_owned(),
            signature: signature.to_owned(),
        })
    }

    /// Whether the host and every `x-amz-` header of the request is signed: what is not could have
    /// been changed on the way.
    pub(super) fn covers(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let signed: Vec<&str> = self.signed_headers.split(';').collect();
        let amz = headers
            .keys()
            .map(HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-"));
        for name in std::iter::once("host").chain(amz) {
            if !signed.contains(&name) {
                let shown = if name == "host" { "Host" } else { name };
                return Err(refused(
                    "InvalidSignatureException",
                    format!("'{shown}' must be a 'SignedHeader' in the AWS Authorization."),
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            date,
            region,
            service,
            signed_headers,
            signature,
        } = self;
        write!(
            f,
            "{ALGORITHM} Credential={key}/{date}/{region}/{service}/{TERMINATOR}, \
             SignedHeaders={signed_headers}, Signature={signature}"
        )
    }
}

/// The credential that a request names, without looking at the rest.
pub(super) fn credential(headers: &HeaderMap) -> Option<&str> {
    let header = single(headers, &AUTHORIZATION)?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split([',', ' ']).next()
}

/// A header that stands there once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Seconds since 1970 of a time as `20150830T123600Z`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let time = DateTime::strptime(BASIC, text).ok()?;
    let time = time.to_zoned(TimeZone::UTC).ok()?;
    Some(time.timestamp().as_second())
}

/// The reverse of [`seconds`].
pub(super) fn basic(second: i64) -> Option<String> {
    let time = Timestamp::from_second(second).ok()?;
    Some(time.strftime(BASIC).to_string())
}
