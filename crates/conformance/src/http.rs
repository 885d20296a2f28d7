//! A target behind an HTTP endpoint: the AWS JSON 1.0 protocol, and Lambda's REST API for the
//! functions that cases need.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Response};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::case::DISTRIBUTED_MAP;
use crate::placeholder::Caller;
use crate::services::Services;
use crate::target::{CallError, Function, Target, api_error};

/// A call is given up after this time; `GetActivityTask` alone may take 60 seconds.
const CALL_TIMEOUT: Duration = Duration::from_secs(90);

/// A response is read up to this size, in bytes.
const MAX_RESPONSE: u64 = 64 << 20;

/// Where the services are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Step Functions: `http://127.0.0.1:8083`.
    pub states: String,
    /// Lambda, if cases that need functions are to run.
    pub lambda: Option<String>,
    /// All other services of AWS, if cases that need some are to run.
    pub services: Option<String>,
    /// The file that the engine reads its mock configuration from at each start.
    pub mock_config: Option<PathBuf>,
    /// What cases may need that the engine lacks.
    pub without: Vec<String>,
}

/// An engine behind an HTTP endpoint. Calls are not signed: they carry a credential that names
/// the account, and a signature that no one checks.
#[derive(Clone, Debug)]
pub struct HttpTarget {
    agent: Agent,
    endpoints: Endpoints,
    caller: Caller,
    services: Option<Services>,
}

impl HttpTarget {
    /// A target at `endpoints`, called by `caller`.
    pub fn new(endpoints: Endpoints, caller: Caller) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(CALL_TIMEOUT))
            .build()
            .new_agent();
        let services = endpoints.services.as_deref();
        Self {
            agent,
            services: services.map(|endpoint| Services::new(endpoint, &caller)),
            endpoints,
            caller,
        }
    }

    fn authorization(&self, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.caller.account, self.caller.region
        )
    }

    fn lambda(&self) -> Result<&str, CallError> {
        self.endpoints
            .lambda
            .as_deref()
            .ok_or_else(|| CallError::Unsupported("lambda".to_owned()))
    }
}

impl Target for HttpTarget {
    fn call(&self, operation: &str, parameters: &Value) -> Result<Value, CallError> {
        let response = self
            .agent
            .post(&self.endpoints.states)
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amz-Target", format!("AWSStepFunctions.{operation}"))
            .header("Authorization", self.authorization("states"))
            .send(parameters.to_string());
        let answer = Answer::read(response).map_err(|why| broken(operation, &why))?;
        answer.into_result().map_err(|error| match error {
            CallError::Broken(why) => broken(operation, &why),
            other => other,
        })
    }

    fn call_service(
        &self,
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value, CallError> {
        match &self.services {
            Some(services) => services.call(service, operation, parameters),
            None => Err(CallError::Unsupported(service.to_owned())),
        }
    }

    fn create_function(&self, function: &Function) -> Result<(), CallError> {
        let code = archive(function).map_err(|why| broken("CreateFunction", &why))?;
        let body = json!({
            "FunctionName": function.name,
            "Runtime": "python3.12",
            "Handler": function.handler,
            "Role": format!("arn:aws:iam::{}:role/lambda", self.caller.account),
            "Timeout": function.timeout.as_secs(),
            "Environment": {"Variables": function.environment},
            "Code": {"ZipFile": BASE64.encode(code)},
        });
        let response = self
            .agent
            .post(format!("{}/2015-03-31/functions", self.lambda()?))
            .header("Content-Type", "application/json")
            .header("Authorization", self.authorization("lambda"))
            .send(body.to_string());
        let answer = Answer::read(response).map_err(|why| broken("CreateFunction", &why))?;
        if answer.status < 300 {
            Ok(())
        } else {
            Err(broken("CreateFunction", &answer.shown()))
        }
    }

    fn delete_function(&self, name: &str) -> Result<(), CallError> {
        let response = self
            .agent
            .delete(format!("{}/2015-03-31/functions/{name}", self.lambda()?))
            .header("Authorization", self.authorization("lambda"))
            .call();
        Answer::read(response).map_err(|why| broken("DeleteFunction", &why))?;
        Ok(())
    }

    fn set_mock_config(&self, config: &Value) -> Result<(), CallError> {
        let path = self
            .endpoints
            .mock_config
            .as_deref()
            .ok_or_else(|| CallError::Unsupported("mock-config".to_owned()))?;
        replace_file(path, config).map_err(|error| broken("mock configuration", &error.to_string()))
    }

    fn supports(&self, requirement: &str) -> bool {
        match requirement {
            lacking if self.endpoints.without.iter().any(|need| need == lacking) => false,
            "lambda" => self.endpoints.lambda.is_some(),
            "mock-config" => self.endpoints.mock_config.is_some(),
            DISTRIBUTED_MAP => true,
            service => self.services.is_some() && Services::know(service),
        }
    }
}

/// An HTTP response.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn read(response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Self, String> {
        let (head, mut body) = response.map_err(|error| error.to_string())?.into_parts();
        let body = body
            .with_config()
            .limit(MAX_RESPONSE)
            .read_to_vec()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// What the protocol says: the output, or the error by its code and members.
    fn into_result(self) -> Result<Value, CallError> {
        let text: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        let body: Value = serde_json::from_slice(text)
            .map_err(|error| CallError::Broken(format!("{error} in {}", self.shown())))?;
        if self.status < 300 {
            return Ok(body);
        }
        let Value::Object(mut members) = body else {
            return Err(CallError::Broken(self.shown()));
        };
        let named = members.shift_remove("__type");
        let code = self
            .headers
            .get("x-amzn-ErrorType")
            .and_then(|value| value.to_str().ok())
            .or_else(|| named.as_ref()?.as_str())
            .map_or_else(|| self.status.to_string(), error_code);
        let capitalised = members.shift_remove("Message");
        let message = members.get("message").or(capitalised.as_ref());
        let message = message
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Err(CallError::Api(api_error(
            &code,
            &message,
            members,
            self.status,
        )))
    }

    fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        format!(
            "status {}: {}",
            self.status,
            text.chars().take(200).collect::<String>()
        )
    }
}

/// `aws.states#InvalidArn:http://…` names `InvalidArn`.
fn error_code(text: &str) -> String {
    let code = text.rsplit('#').next().unwrap_or_default();
    code.split(':').next().unwrap_or_default().to_owned()
}

fn broken(operation: &str, why: &str) -> CallError {
    CallError::Broken(format!("{operation}: {why}"))
}

/// The function's code as Lambda takes it.
fn archive(function: &Function) -> Result<Vec<u8>, String> {
    let module = function.handler.split('.').next().unwrap_or_default();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive
        .start_file(format!("{module}.py"), stored)
        .map_err(|error| error.to_string())?;
    archive
        .write_all(function.source.as_bytes())
        .map_err(|error| error.to_string())?;
    archive
        .finish()
        .map(Cursor::into_inner)
        .map_err(|error| error.to_string())
}

/// Replaces the file at once, so that no reader sees half of it, and makes it a whole second
/// newer, so that a reader which looks at the time sees a change.
fn replace_file(path: &Path, config: &Value) -> std::io::Result<()> {
    let since_epoch = |time: SystemTime| {
        time.duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs()
    };
    let last = path
        .metadata()
        .and_then(|metadata| metadata.modified())
        .map_or(0, since_epoch);
    let second = since_epoch(SystemTime::now()).max(last + 1);
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".tmp");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(config.to_string().as_bytes())?;
    file.set_modified(UNIX_EPOCH + Duration::from_secs(second))?;
    drop(file);
    std::fs::rename(&fresh, path)
}
