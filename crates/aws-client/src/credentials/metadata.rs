//! Credentials that the machine offers: to a container, to an instance.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri};
use serde_json::Value;

use super::Credentials;
use crate::client::Client;
use crate::config::Environment;
use crate::error::CredentialError;
use crate::protocol::Answer;

/// What the services call the parts of credentials.
const NAMES: [&str; 4] = ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"];
/// Where ECS offers them.
const CONTAINER: &str = "http://169.254.170.2";
/// Where containers of ECS and EKS may be sent without TLS, beside this machine.
const CONTAINERS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
/// Where EC2 offers them.
const INSTANCE: &str = "http://169.254.169.254";
/// How long an answer may take: these services are near, or not there.
const PATIENCE: Duration = Duration::from_secs(1);

/// Those of a container of ECS or EKS; none if there is no word of any.
pub(super) async fn of_container(
    environment: &Environment,
    client: &Client,
) -> Result<Option<Credentials>, CredentialError> {
    let relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = match (
        relative,
        environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ) {
        (Some(path), _) => format!("{CONTAINER}{path}"),
        (None, Some(url)) => url.to_owned(),
        (None, None) => return Ok(None),
    };
    let uri: Option<Uri> = url.parse().ok();
    if !uri.as_ref().is_some_and(may_have_token) {
        return Err(CredentialError::Refused { url });
    }
    let token = match environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|source| CredentialError::File {
                path: path.into(),
                source,
            })?;
            Some(text.trim().to_owned())
        }
        None => environment
            .get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            .map(str::to_owned),
    };
    let headers = token.map(|token| ("authorization", token));
    let answer = ask(client, Method::GET, &url, headers.into_iter()).await?;
    let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let found = Credentials::of_json(&found, NAMES);
    let unusable = || CredentialError::Unusable {
        place: "the container's credential service".to_owned(),
    };
    found.ok_or_else(unusable).map(Some)
}

/// Whether a token may be sent there: with TLS anywhere, otherwise only near.
fn may_have_token(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let near = host == "localhost"
        || CONTAINERS.contains(&host)
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback());
    uri.scheme_str() == Some("https") || near
}

/// Those of an instance's role, by version 2 of its service; none if nobody answers there.
pub(super) async fn of_instance(
    environment: &Environment,
    client: &Client,
) -> Result<Option<Credentials>, CredentialError> {
    let endpoint = environment
        .get("AWS_EC2_METADATA_SERVICE_ENDPOINT")
        .unwrap_or(INSTANCE);
    let endpoint = endpoint.trim_end_matches('/');
    let url = format!("{endpoint}/latest/api/token");
    let life = ("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned());
    let Ok(token) = ask(client, Method::PUT, &url, [life].into_iter()).await else {
        return Ok(None);
    };
    let token = String::from_utf8_lossy(&token.body).into_owned();
    let token = || [("x-aws-ec2-metadata-token", token.clone())].into_iter();
    let url = format!("{endpoint}/latest/meta-data/iam/security-credentials/");
    let Ok(role) = ask(client, Method::GET, &url, token()).await else {
        // An instance without a role.
        return Ok(None);
    };
    let role = String::from_utf8_lossy(&role.body).trim().to_owned();
    let answer = ask(client, Method::GET, &format!("{url}{role}"), token()).await?;
    let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let found = Credentials::of_json(&found, NAMES);
    let unusable = || CredentialError::Unusable {
        place: "the instance's metadata service".to_owned(),
    };
    found.ok_or_else(unusable).map(Some)
}

async fn ask(
    client: &Client,
    method: Method,
    url: &str,
    headers: impl Iterator<Item = (&'static str, String)>,
) -> Result<Answer, CredentialError> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let refused = || CredentialError::Refused {
        url: url.to_owned(),
    };
    let request = request.body(Bytes::new()).map_err(|_| refused())?;
    let answer = client.send(request, PATIENCE).await;
    let answer = answer.map_err(|source| CredentialError::Transport {
        url: url.to_owned(),
        source,
    })?;
    match answer.status {
        200..300 => Ok(answer),
        status => Err(CredentialError::Status {
            url: url.to_owned(),
            status,
        }),
    }
}
