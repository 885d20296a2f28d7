//! Signing requests, as clients do.

use http::header::{AUTHORIZATION, HeaderValue, InvalidHeaderValue};
use http::request::Parts;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::authorization::{Authorization, basic};
use super::{AccessKey, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, canonical, signature};

/// Signs a request for a service in a region with Signature Version 4: adds `X-Amz-Date`, the
/// session's token if there is one, and `Authorization`. All other headers must be there, `Host`
/// among them, and are signed.
pub fn sign(
    parts: &mut Parts,
    body: &[u8],
    key: &AccessKey,
    session_token: Option<&str>,
    (service, region): (&str, &str),
    now: Timestamp,
) -> Result<(), InvalidHeaderValue> {
    let date = basic(now.as_second()).unwrap_or_default();
    let headers = &mut parts.headers;
    headers.insert(X_AMZ_DATE.clone(), HeaderValue::from_str(&date)?);
    if let Some(token) = session_token {
        headers.insert(X_AMZ_SECURITY_TOKEN.clone(), HeaderValue::from_str(token)?);
    }
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let mut authorization = Authorization {
        key: key.id.clone(),
        date: date.get(..8).unwrap_or_default().to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: names.join(";"),
        signature: String::new(),
    };
    let payload = canonical::hex(&Sha256::digest(body));
    let request = canonical::request(parts, &authorization.signed_headers, &payload);
    authorization.signature = signature::signature(&key.secret, &authorization, &date, &request);
    let header = HeaderValue::from_str(&authorization.to_string())?;
    parts.headers.insert(AUTHORIZATION, header);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // what helps a test may fail it

    use http::Request;
    use stepmill_engine::Caller;

    use super::super::{Access, Auth};
    use super::*;

    fn key() -> AccessKey {
        AccessKey {
            id: "AKIAEXAMPLE".to_owned(),
            secret: "hush".to_owned(),
            account: "123456789012".to_owned(),
        }
    }

    #[test]
    fn what_is_signed_is_accepted() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let request = Request::post("http://127.0.0.1:8083/a%20b?x=1")
            .header("host", "127.0.0.1:8083")
            .header("x-amz-target", "AWSStepFunctions.ListStateMachines")
            .body(())
            .unwrap();
        let (mut parts, ()) = request.into_parts();
        sign(
            &mut parts,
            b"{}",
            &key(),
            None,
            ("states", "eu-west-1"),
            now,
        )
        .unwrap();
        let auth = Auth::new(Access::Keys(vec![key()]), Caller::default());
        let claim = auth.claim(&parts, "states", now).unwrap();
        let caller = auth.verify(claim, &parts, b"{}", now).unwrap();
        assert_eq!(caller.account, "123456789012");
        assert_eq!(caller.region, "eu-west-1");
        let claim = auth.claim(&parts, "states", now).unwrap();
        let error = auth.verify(claim, &parts, b"{} ", now).unwrap_err();
        assert_eq!(&*error.code, "InvalidSignatureException");
    }
}
