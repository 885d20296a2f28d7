//! Requests with an endpoint: what HTTP sends.

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Uri};

use crate::endpoint::Endpoint;
use crate::error::{CallError, EndpointError, ParameterError, Problem};
use crate::protocol::{Request, encode};
use crate::secret::without_password;

const AGENT: &str = concat!("stepmill/", env!("CARGO_PKG_VERSION"));

/// Why a request cannot be sent.
#[derive(Debug)]
pub(crate) enum Unusable {
    Endpoint(EndpointError),
    Parameter(ParameterError),
}

impl Unusable {
    /// The same, of a call of a service.
    pub(crate) fn of(self, service: &str) -> CallError {
        match self {
            Self::Endpoint(source) => CallError::Endpoint {
                service: service.to_owned(),
                source,
            },
            Self::Parameter(error) => error.into(),
        }
    }
}

/// The request as HTTP sends it, without signature.
///
/// What a model puts before the host (`sync-`) is left out where an endpoint was configured (`custom`):
/// its name is the user's choice, and those of this machine have none below them.
pub(crate) fn http(
    request: Request,
    endpoint: &Endpoint,
    custom: bool,
) -> Result<http::Request<Bytes>, Unusable> {
    let no_url = || {
        Unusable::Endpoint(EndpointError::NoUrl {
            url: without_password(&endpoint.url),
        })
    };
    let base: Uri = endpoint.url.parse().map_err(|_| no_url())?;
    let scheme = base
        .scheme_str()
        .filter(|scheme| matches!(*scheme, "http" | "https"));
    let (scheme, authority) = scheme.zip(base.authority()).ok_or_else(no_url)?;
    // A password in a URL is none of AWS's, and would be sent to whoever the endpoint is.
    if authority.as_str().contains('@') {
        return Err(no_url());
    }
    let prefix = request.host_prefix.filter(|_| !custom).unwrap_or_default();
    let path = format!("{}{}", base.path().trim_end_matches('/'), request.path);
    let slash = if path.starts_with('/') { "" } else { "/" };
    let query = request.query.iter().map(|(name, value)| match value {
        Some(value) => format!("{}={}", encode(name), encode(value)),
        None => encode(name),
    });
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("{scheme}://{prefix}{authority}{slash}{path}{mark}{query}");
    let mut sent = http::Request::builder()
        .method(request.method.as_str())
        .uri(uri);
    let given = endpoint.headers.iter().chain(&request.headers);
    for (name, value) in given {
        let parsed = name
            .parse::<HeaderName>()
            .ok()
            .zip(HeaderValue::from_str(value).ok());
        let (header, value) = parsed
            .ok_or_else(|| Unusable::Parameter(ParameterError::of(name, Problem::NotAHeader)))?;
        if header != HOST {
            sent = sent.header(header, value);
        }
    }
    sent = sent.header(USER_AGENT, AGENT);
    sent.body(Bytes::from(request.body)).map_err(|_| no_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(endpoint: &str, path: &str, custom: bool) -> Result<String, Unusable> {
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: vec![
                ("a b".to_owned(), Some("ü".to_owned())),
                ("acl".to_owned(), None),
            ],
            host_prefix: Some("sync-".to_owned()),
            ..Request::default()
        };
        let endpoint = Endpoint {
            url: endpoint.to_owned(),
            headers: Vec::new(),
            auth: Vec::new(),
        };
        http(request, &endpoint, custom).map(|request| request.uri().to_string())
    }

    #[test]
    fn the_parts_make_one_url() {
        for (endpoint, path, custom, expected) in [
            (
                "https://states.x.com",
                "/",
                false,
                "https://sync-states.x.com/?a%20b=%C3%BC&acl",
            ),
            (
                "http://localhost:1/b/",
                "/k//l",
                true,
                "http://localhost:1/b/k//l?a%20b=%C3%BC&acl",
            ),
            (
                "http://localhost:1/b",
                "",
                true,
                "http://localhost:1/b?a%20b=%C3%BC&acl",
            ),
            (
                "http://localhost:1",
                "",
                true,
                "http://localhost:1/?a%20b=%C3%BC&acl",
            ),
        ] {
            assert_eq!(url(endpoint, path, custom).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for endpoint in [
            "localhost:8000",
            "ftp://x",
            "",
            "http://",
            "http://u:p@host",
        ] {
            assert!(
                matches!(url(endpoint, "/", true), Err(Unusable::Endpoint(_))),
                "{endpoint}"
            );
        }
    }
}
