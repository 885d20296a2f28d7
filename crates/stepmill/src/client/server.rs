//! Calling a server: AWS JSON 1.0, signed if there is a key.

use std::env;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use stepmill::api::{AccessKey, sign};
use stepmill::engine::REGION;
use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, HOST};
use ureq::http::{Request, Uri};
use uuid::Uuid;

use crate::cli::EndpointArgs;
use crate::problem::Problem;

/// Where `stepmill serve` listens unless told otherwise.
const ENDPOINT: &str = "http://127.0.0.1:8083";
/// A synchronous execution takes up to five minutes.
const TIMEOUT: Duration = Duration::from_secs(330);
/// A connection that is not made in this time will not be.
const CONNECT: Duration = Duration::from_secs(10);
/// An answer is read up to this size, in bytes: a thousand events with data of 256 KiB.
const MAX_ANSWER: u64 = 512 * 1024 * 1024;

/// A server that can be called.
pub(super) struct Server {
    agent: Agent,
    endpoint: String,
    /// Host and port, as the header `Host` has them.
    host: String,
    region: String,
    key: Option<AccessKey>,
    session_token: Option<String>,
}

/// What a server answered instead of a result.
pub(super) struct Refused {
    /// AWS's code.
    pub(super) code: String,
    message: String,
}

/// Why a call has no result.
pub(super) enum CallError {
    Refused(Refused),
    Broken(Problem),
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Broken(problem) => problem,
            CallError::Refused(Refused { code, message }) => {
                let problem = Self::new(if message.is_empty() {
                    code.clone()
                } else {
                    message
                });
                let help = match code.as_str() {
                    "MissingAuthenticationTokenException" | "IncompleteSignatureException" => {
                        "the server wants signed requests: set AWS_ACCESS_KEY_ID and \
                         AWS_SECRET_ACCESS_KEY"
                    }
                    "UnrecognizedClientException" | "InvalidSignatureException" => {
                        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be one of the server's \
                         keys, and the clocks must agree"
                    }
                    "StateMachineDoesNotExist" => "`stepmill list` shows what there is",
                    "ExecutionDoesNotExist" => "`stepmill list MACHINE` shows what there is",
                    _ => return problem.code(code),
                };
                problem.code(code).help(help)
            }
        }
    }
}

impl Server {
    /// The server that the arguments and the environment name.
    pub(super) fn new(args: &EndpointArgs) -> Result<Self, Problem> {
        let endpoint = args
            .endpoint
            .clone()
            .or_else(|| variable("AWS_ENDPOINT_URL_SFN"))
            .unwrap_or_else(|| ENDPOINT.to_owned());
        let host = host(&endpoint)?;
        let region = args.region.as_ref().map(|region| region.0.clone());
        let region = region
            .or_else(|| variable("AWS_REGION"))
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| REGION.to_owned());
        let id = variable("AWS_ACCESS_KEY_ID");
        let key = id.zip(variable("AWS_SECRET_ACCESS_KEY"));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(TIMEOUT))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            endpoint,
            host,
            region,
            key: key.map(|(id, secret)| AccessKey {
                id,
                secret,
                account: String::new(),
            }),
            session_token: variable("AWS_SESSION_TOKEN"),
        })
    }

    /// One call: the action's answer.
    pub(super) fn call(&self, action: &str, request: &Value) -> Result<Value, CallError> {
        let body = request.to_string();
        let request = Request::post(&self.endpoint)
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .header(HOST, &self.host)
            .header("x-amz-target", format!("AWSStepFunctions.{action}"))
            // Two calls in one second have different signatures.
            .header("amz-sdk-invocation-id", Uuid::new_v4().to_string())
            .body(())
            .map_err(|error| self.broken(&error.to_string()))?;
        let (mut parts, ()) = request.into_parts();
        if let Some(key) = &self.key {
            let scope = ("states", self.region.as_str());
            let token = self.session_token.as_deref();
            let now = Timestamp::now();
            sign(&mut parts, body.as_bytes(), key, token, scope, now)
                .map_err(|error| self.broken(&format!("cannot sign with this key: {error}")))?;
        }
        let response = self
            .agent
            .run(Request::from_parts(parts, body))
            .map_err(|error| self.unreachable(&error))?;
        let succeeded = response.status().is_success();
        let text = response
            .into_body()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_string()
            .map_err(|error| self.broken(&error.to_string()))?;
        let Ok(answer) = serde_json::from_str::<Value>(&text) else {
            return Err(self.broken("its answer is not JSON"));
        };
        if succeeded {
            return Ok(answer);
        }
        let member = |name: &str| answer[name].as_str();
        let code = member("__type").unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        let message = member("message").or(member("Message")).unwrap_or_default();
        Err(CallError::Refused(Refused {
            code: code.to_owned(),
            message: message.to_owned(),
        }))
    }

    fn broken(&self, what: &str) -> CallError {
        CallError::Broken(Problem::new(format!("{}: {what}", self.endpoint)))
    }

    fn unreachable(&self, error: &ureq::Error) -> CallError {
        let problem = Problem::new(format!("{}: no answer: {error}", self.endpoint));
        CallError::Broken(
            problem.help(
                "start a server with `stepmill serve`, or name another one with --endpoint URL",
            ),
        )
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Host and port of an address that can be called.
fn host(endpoint: &str) -> Result<String, Problem> {
    let uri: Option<Uri> = endpoint.parse().ok();
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    let authority = uri.as_ref().and_then(Uri::authority);
    match (scheme, authority) {
        (Some("http"), Some(authority)) => Ok(authority.to_string()),
        (Some("https"), _) => Err(Problem::new(format!("{endpoint}: https is not supported"))
            .help("these verbs are for servers on this machine; `aws stepfunctions` speaks https")),
        _ => Err(
            Problem::new(format!("{endpoint}: is no address of a server"))
                .help("write it as http://127.0.0.1:8083"),
        ),
    }
}
