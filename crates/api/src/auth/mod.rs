//! Who calls: account and region from the credential, and Signature Version 4 where it is demanded.
//!
//! Without [`Access::Keys`] signatures are not looked at: the credential only says which account and
//! region a request is about. With it, a request must be signed with one of the keys, within five
//! minutes, and is taken once.

mod authorization;
mod canonical;
mod replay;
mod sign;
mod signature;

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use http::request::Parts;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use stepmill_engine::Caller;
use subtle::ConstantTimeEq as _;

use crate::protocol::Failure;
use authorization::Authorization;
use replay::{Replays, Taken};
pub use sign::sign;

/// How far a signature's time may be from the clock, in seconds (AWS: 5 minutes).
const SKEW: i64 = 5 * 60;
/// Signatures remembered, so that each is taken once: some 50 bytes each.
const REMEMBERED: usize = 1_000_000;

static AMZ_SDK_INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
static AMZ_SDK_REQUEST: HeaderName = HeaderName::from_static("amz-sdk-request");
static X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
static X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// A key that requests are signed with.
#[derive(Clone)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The account whose resources it gives access to, 12 digits.
    pub account: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Who may call.
#[derive(Debug, Clone, Default)]
pub enum Access {
    /// Everyone who reaches the port. An access key id of 12 digits names the account, any other
    /// stands for the default account.
    #[default]
    Open,
    /// Those who sign with one of these keys.
    Keys(Vec<AccessKey>),
}

/// Decides who a caller is.
#[derive(Debug)]
pub(crate) struct Auth {
    access: Access,
    default: Caller,
    replays: Replays,
}

/// What the headers of a request claim, before its body is read.
#[derive(Debug)]
pub(crate) struct Claim {
    caller: Caller,
    /// What is left to be proven when the body is there.
    signed: Option<Signed>,
}

#[derive(Debug)]
struct Signed {
    authorization: Authorization,
    secret: String,
    /// `X-Amz-Date`, as text and in seconds since 1970.
    date: String,
    time: i64,
}

impl Auth {
    pub(crate) fn new(access: Access, default: Caller) -> Self {
        Self {
            access,
            default,
            replays: Replays::new(REMEMBERED),
        }
    }

    /// What the headers say. Whoever cannot have signed is refused before the body is read.
    pub(crate) fn claim(
        &self,
        parts: &Parts,
        service: &str,
        now: Timestamp,
    ) -> Result<Claim, Failure> {
        match &self.access {
            Access::Open => Ok(Claim {
                caller: self.named(&parts.headers)?,
                signed: None,
            }),
            Access::Keys(keys) => signed(keys, parts, service, now),
        }
    }

    /// The caller, if what was claimed is true of this body.
    pub(crate) fn verify(
        &self,
        claim: Claim,
        parts: &Parts,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Caller, Failure> {
        let Some(signed) = claim.signed else {
            return Ok(claim.caller);
        };
        let authorization = &signed.authorization;
        let payload = canonical::hex(&Sha256::digest(body));
        let request = canonical::request(parts, &authorization.signed_headers, &payload);
        let expected = signature::signature(&signed.secret, authorization, &signed.date, &request);
        let given = authorization.signature.as_bytes();
        if !bool::from(expected.as_bytes().ct_eq(given)) {
            return Err(refused(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. Consult the service \
                 documentation for details.",
            ));
        }
        // The body's arrival took time; and only what is proven is worth remembering.
        in_time(&signed.date, signed.time, now)?;
        let request = Taken {
            signature: &expected,
            invocation: &invocation(&parts.headers),
            time: signed.time,
        };
        let expired = now.as_second() - SKEW;
        if !self.replays.first(request, now.as_millisecond(), expired) {
            return Err(refused(
                "InvalidSignatureException",
                "The request signature has been used before. Sign each request anew.",
            ));
        }
        Ok(claim.caller)
    }

    /// The account and region that an unchecked credential names.
    fn named(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let mut caller = self.default.clone();
        let Some(credential) = authorization::credential(headers) else {
            return Ok(caller);
        };
        let mut scope = credential.split('/');
        let key = scope.next().unwrap_or_default();
        if is_account(key) {
            key.clone_into(&mut caller.account);
        }
        if let Some(region) = scope.nth(1) {
            check_region(region)?;
            region.clone_into(&mut caller.region);
        }
        Ok(caller)
    }
}

/// What a signed request claims.
fn signed(
    keys: &[AccessKey],
    parts: &Parts,
    service: &str,
    now: Timestamp,
) -> Result<Claim, Failure> {
    if !parts.headers.contains_key(AUTHORIZATION) {
        return Err(refused(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    }
    let authorization = Authorization::read(&parts.headers)?;
    let date = authorization::single(&parts.headers, &X_AMZ_DATE).unwrap_or_default();
    let known = keys.iter().find(|key| key.id == authorization.key);
    let Some(key) = known else {
        return Err(unknown_client());
    };
    // Keys here are long-term ones, which have no session.
    if parts.headers.contains_key(&X_AMZ_SECURITY_TOKEN) {
        return Err(unknown_client());
    }
    check_region(&authorization.region)?;
    if authorization.service != service {
        return Err(refused(
            "InvalidSignatureException",
            format!("Credential should be scoped to correct service: '{service}'. "),
        ));
    }
    authorization.covers(&parts.headers)?;
    let time = authorization::seconds(date).ok_or_else(|| {
        refused(
            "IncompleteSignatureException",
            format!("Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"),
        )
    })?;
    if !date.starts_with(&authorization.date) {
        return Err(refused(
            "InvalidSignatureException",
            format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{date}'.",
                authorization.date,
                &date[..8],
            ),
        ));
    }
    in_time(date, time, now)?;
    Ok(Claim {
        caller: Caller {
            account: key.account.clone(),
            region: authorization.region.clone(),
        },
        signed: Some(Signed {
            secret: key.secret.clone(),
            date: date.to_owned(),
            time,
            authorization,
        }),
    })
}

/// Whether a signature of that time is neither too old nor of the future, in AWS's words.
fn in_time(date: &str, time: i64, now: Timestamp) -> Result<(), Failure> {
    let now = now.as_second();
    let show = |second: i64| authorization::basic(second).unwrap_or_default();
    let text = if time < now - SKEW {
        format!(
            "Signature expired: {date} is now earlier than {} ({} - 5 min.)",
            show(now - SKEW),
            show(now)
        )
    } else if time > now + SKEW {
        format!(
            "Signature not yet current: {date} is still later than {} ({} + 5 min.)",
            show(now + SKEW),
            show(now)
        )
    } else {
        return Ok(());
    };
    Err(refused("InvalidSignatureException", text))
}

fn unknown_client() -> Failure {
    refused(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

/// What SDKs say of the invocation and of the attempt that a request is.
fn invocation(headers: &HeaderMap) -> String {
    let text = |name| authorization::single(headers, name).unwrap_or_default();
    let (id, attempt) = (text(&AMZ_SDK_INVOCATION_ID), text(&AMZ_SDK_REQUEST));
    match id {
        "" => String::new(),
        id => format!("{id} {attempt}"),
    }
}

/// Regions become parts of ARNs.
fn check_region(region: &str) -> Result<(), Failure> {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    match (1..=32).contains(&region.len()) && region.bytes().all(fits) {
        true => Ok(()),
        false => Err(refused(
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. ",
        )),
    }
}

/// Whether a text is an account: 12 digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|c| c.is_ascii_digit())
}

fn refused(code: &str, message: impl Into<String>) -> Failure {
    Failure::common(StatusCode::BAD_REQUEST, code, message.into())
}

#[cfg(test)]
mod tests;
