//! How requests show who sends them.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign as aws_sign,
};
use aws_sigv4::sign::{v4, v4a};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};

use crate::credentials::Credentials;
use crate::endpoint::{Endpoint, EndpointAuth};
use crate::error::CallError;
use crate::model::{AuthScheme, Operation, OtherSignature, Service};
use crate::secret::Secret;

/// A way to sign, chosen for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signing {
    /// None.
    Anonymous,
    /// A token.
    Bearer,
    /// Signature Version 4.
    V4(Scope),
    /// Its asymmetric variant, whose region may be several, or `*`.
    V4a(Scope),
}

/// What a signature is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) name: String,
    pub(crate) region: String,
    /// Whether the body is left out.
    pub(crate) unsigned_body: bool,
    /// S3 signs its paths as they are, and the body's hash as a header.
    pub(crate) s3: bool,
}

/// Chooses how to sign a request: the endpoint's word counts before the model's.
///
/// `bearer` says whether there is a token for the service: then that is used where it may be.
pub(crate) fn choose(
    name: &str,
    service: &Service,
    operation: &Operation,
    endpoint: &Endpoint,
    region: Option<&str>,
    bearer: bool,
) -> Result<Signing, CallError> {
    if operation.unauthenticated {
        return Ok(Signing::Anonymous);
    }
    let by_token = service.auth.contains(&AuthScheme::Bearer)
        || service.signature == Some(OtherSignature::Bearer);
    if by_token && (bearer || service.signature.is_some()) {
        return Ok(Signing::Bearer);
    }
    let unsupported = |scheme: &str| CallError::Signature {
        service: name.to_owned(),
        scheme: scheme.to_owned(),
    };
    if service.signature == Some(OtherSignature::V2) {
        return Err(unsupported("Signature Version 2"));
    }
    let by_model = || match service.auth.first() {
        Some(AuthScheme::SigV4a) => "sigv4a",
        Some(AuthScheme::Anonymous) => "none",
        _ => "sigv4",
    };
    let by_endpoint = endpoint.auth.iter();
    let mut by_endpoint =
        by_endpoint.filter(|auth| auth.scheme.starts_with("sigv4") || auth.scheme == "none");
    let fallback = EndpointAuth {
        scheme: by_model().to_owned(),
        ..EndpointAuth::default()
    };
    let auth = match by_endpoint.next() {
        Some(auth) => auth,
        None if endpoint.auth.is_empty() => &fallback,
        None => return Err(unsupported(&endpoint.auth[0].scheme)),
    };
    if auth.scheme == "none" {
        return Ok(Signing::Anonymous);
    }
    let default_name = service.signing_name.as_ref().unwrap_or(&service.prefix);
    let signing_name = auth.signing_name.as_ref().unwrap_or(default_name);
    let regions = match auth.signing_regions.is_empty() {
        true => None,
        false => Some(auth.signing_regions.join(",")),
    };
    let known = auth.signing_region.clone().or(regions);
    let region = known.or(region.map(str::to_owned));
    let region = region.ok_or_else(|| CallError::NoRegion {
        service: name.to_owned(),
    })?;
    let scope = Scope {
        s3: signing_name.starts_with("s3"),
        name: signing_name.clone(),
        region,
        unsigned_body: operation.unsigned,
    };
    match auth.scheme.as_str() {
        "sigv4" => Ok(Signing::V4(scope)),
        "sigv4a" => Ok(Signing::V4a(scope)),
        other => Err(unsupported(other)),
    }
}

/// Signs a request for a time.
pub(crate) fn sign(
    request: &mut Request<Bytes>,
    scope: &Scope,
    asymmetric: bool,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<(), SignError> {
    let identity = identity(credentials).into();
    let mut settings = SigningSettings::default();
    if scope.s3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if scope.unsigned_body {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let params: SigningParams = match asymmetric {
        false => v4::SigningParams::builder()
            .identity(&identity)
            .region(&scope.region)
            .name(&scope.name)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|_| SignError)?
            .into(),
        true => v4a::SigningParams::builder()
            .identity(&identity)
            .region_set(&scope.region)
            .name(&scope.name)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|_| SignError)?
            .into(),
    };
    let headers = request.headers().iter();
    let headers: Option<Vec<_>> = headers
        .map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let body = match scope.unsigned_body {
        true => SignableBody::UnsignedPayload,
        false => SignableBody::Bytes(request.body()),
    };
    let method = request.method().as_str();
    let uri = request.uri().to_string();
    let headers = headers.ok_or(SignError)?.into_iter();
    let signable = SignableRequest::new(method, uri, headers, body).map_err(|_| SignError)?;
    let (instructions, _) = aws_sign(signable, &params)
        .map_err(|_| SignError)?
        .into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// A URL that whoever has it can get, with those headers, for so long from a time on.
pub(crate) fn presign(
    url: &str,
    headers: &[(&str, &str)],
    scope: &Scope,
    credentials: &Credentials,
    time: SystemTime,
    lasts: Duration,
) -> Result<String, SignError> {
    let identity = identity(credentials).into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lasts);
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.name)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|_| SignError)?
        .into();
    let mut request = Request::get(url).body(()).map_err(|_| SignError)?;
    let body = SignableBody::Bytes(&[]);
    let signable = SignableRequest::new("GET", url, headers.iter().copied(), body);
    let (instructions, _) = aws_sign(signable.map_err(|_| SignError)?, &params)
        .map_err(|_| SignError)?
        .into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

fn identity(credentials: &Credentials) -> AwsCredentials {
    let token = credentials.session_token.as_ref();
    AwsCredentials::new(
        &credentials.access_key_id,
        credentials.secret_access_key.expose(),
        token.map(|token| token.expose().to_owned()),
        None,
        "stepmill",
    )
}

/// A request that cannot be signed: it holds bytes that no header has. What they are is not said.
#[derive(Debug)]
pub(crate) struct SignError;

/// Puts a token into a request.
pub(crate) fn put_token(request: &mut Request<Bytes>, token: &Secret) -> Result<(), SignError> {
    let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
    let mut value = value.map_err(|_| SignError)?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(schemes: &[&str]) -> Endpoint {
        let auth = schemes.iter().map(|scheme| EndpointAuth {
            scheme: (*scheme).to_owned(),
            signing_regions: vec!["*".to_owned()],
            ..EndpointAuth::default()
        });
        Endpoint {
            url: "https://x".to_owned(),
            headers: Vec::new(),
            auth: auth.collect(),
        }
    }

    fn chosen(
        name: &str,
        operation: &str,
        schemes: &[&str],
        bearer: bool,
    ) -> Result<Signing, String> {
        let service = Service::named(name).unwrap();
        let operation = service.operation(operation).unwrap();
        let region = Some("r-1");
        let found = choose(
            name,
            &service,
            operation,
            &endpoint(schemes),
            region,
            bearer,
        );
        found.map_err(|error| error.to_string())
    }

    fn scope(name: &str, region: &str, unsigned_body: bool) -> Scope {
        Scope {
            name: name.to_owned(),
            region: region.to_owned(),
            unsigned_body,
            s3: name == "s3",
        }
    }

    #[test]
    fn model_and_endpoint_decide() {
        let v4 = |name, region| Ok(Signing::V4(scope(name, region, false)));
        assert_eq!(chosen("sqs", "ListQueues", &[], false), v4("sqs", "r-1"));
        assert_eq!(
            chosen("stepfunctions", "ListActivities", &[], false),
            v4("states", "r-1")
        );
        assert_eq!(
            chosen("s3", "ListBuckets", &["sigv4"], false),
            v4("s3", "*")
        );
        let asymmetric = Ok(Signing::V4a(scope("s3", "*", false)));
        assert_eq!(
            chosen("s3", "ListBuckets", &["other", "sigv4a", "sigv4"], false),
            asymmetric
        );
        let unsigned = Ok(Signing::V4(scope("ebs", "r-1", true)));
        assert_eq!(chosen("ebs", "PutSnapshotBlock", &[], false), unsigned);
        let anonymous = chosen("sts", "AssumeRoleWithWebIdentity", &[], false);
        assert_eq!(anonymous, Ok(Signing::Anonymous));
        assert_eq!(
            chosen("bedrock-runtime", "Converse", &[], false),
            v4("bedrock", "r-1")
        );
        assert_eq!(
            chosen("bedrock-runtime", "Converse", &[], true),
            Ok(Signing::Bearer)
        );
        assert_eq!(
            chosen("codecatalyst", "ListSpaces", &[], false),
            Ok(Signing::Bearer)
        );
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let error = chosen("sdb", "ListDomains", &[], false).unwrap_err();
        assert!(error.contains("Signature Version 2"), "{error}");
        let error = chosen("s3", "ListBuckets", &["beta-s3express"], false).unwrap_err();
        assert!(error.contains("beta-s3express"), "{error}");
    }

    #[test]
    fn asymmetric_signatures_name_their_regions() {
        let mut request = Request::builder()
            .uri("https://x/")
            .body(Bytes::new())
            .unwrap();
        let credentials = Credentials::new("AKID", "secret");
        let time = SystemTime::UNIX_EPOCH;
        sign(
            &mut request,
            &scope("s3", "*", false),
            true,
            &credentials,
            time,
        )
        .unwrap();
        let signature = request.headers()[AUTHORIZATION].to_str().unwrap();
        assert!(signature.starts_with("AWS4-ECDSA-P256-SHA256 Credential=AKID/19700101/s3/"));
        assert_eq!(request.headers()["x-amz-region-set"], "*");
    }

    #[test]
    fn tokens_are_not_shown() {
        let mut request = Request::builder()
            .uri("https://x/")
            .body(Bytes::new())
            .unwrap();
        put_token(&mut request, &Secret::from("t0ken")).unwrap();
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer t0ken");
        assert!(!format!("{request:?}").contains("t0ken"));
    }
}
