//! Calls of other services of AWS, in the form of boto3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};
use stepmill_aws_client::{
    CallError as Failed, Client, Config, Credentials, Operation, Overrides, Provider, Reference,
    Service, ShapeType,
};

use crate::placeholder::Caller;
use crate::target::{CallError, api_error};

/// All services at one endpoint.
#[derive(Clone)]
pub(crate) struct Services(Config);

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Services").field(&self.0.endpoint).finish()
    }
}

impl Services {
    pub(crate) fn new(endpoint: &str, caller: &Caller) -> Self {
        Self(Config {
            region: Some(caller.region.clone()),
            endpoint: Some(endpoint.to_owned()),
            credentials: Provider::fixed(Credentials::new(&*caller.account, "secret")),
            ..Config::default()
        })
    }

    /// Whether there is such a service, by its name in boto3.
    pub(crate) fn know(service: &str) -> bool {
        Service::named(service).is_some()
    }

    pub(crate) fn call(
        &self,
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value, CallError> {
        let broken = |why: String| CallError::Broken(format!("{service} {operation}: {why}"));
        // A client's connections belong to a runtime, and cases run in threads of their own.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| broken(error.to_string()))?;
        let model = Service::named(service);
        let found = model
            .as_ref()
            .and_then(|model| Some((model, model.operation(operation)?)));
        let Some((model, found)) = found else {
            return Err(CallError::Unsupported(format!("{service} {operation}")));
        };
        let parameters = encoded(model, found, parameters);
        let client = Client::new(self.0.clone());
        let overrides = Overrides::default();
        match runtime.block_on(client.call(service, operation, &parameters, &overrides)) {
            Ok(response) => Ok(decoded(model, found, response.json)),
            Err(Failed::Service(error)) => {
                let code = error.query_code.as_ref().unwrap_or(&error.code);
                let answer = api_error(code, &error.message, Map::new(), error.status);
                Err(CallError::Api(answer))
            }
            Err(error) => Err(broken(error.to_string())),
        }
    }
}

/// Whether a member of a structure is bytes.
fn is_bytes(model: &Service, side: Option<&Reference>, name: &str) -> bool {
    let shape = side.map(|side| model.shape(side));
    let member = shape.and_then(|shape| shape.members.get(name));
    member.is_some_and(|member| model.shape(member).is == ShapeType::Blob)
}

/// Bytes as the client takes them: cases have `{"$bytes": BASE64}`, or a text.
fn encoded(model: &Service, operation: &Operation, parameters: &Value) -> Value {
    let members = parameters.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| {
        let bytes = is_bytes(model, operation.input.as_ref(), name);
        let value = match (value.get("$bytes"), value) {
            (Some(base64), _) => base64.clone(),
            (None, Value::String(text)) if bytes => Value::String(BASE64.encode(text)),
            (None, value) => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(members.collect())
}

/// A response with a body of bytes as text, as cases have it.
fn decoded(model: &Service, operation: &Operation, mut response: Value) -> Value {
    for (name, value) in response.as_object_mut().into_iter().flatten() {
        if is_bytes(model, operation.output.as_ref(), name)
            && let Some(Ok(bytes)) = value.as_str().map(|text| BASE64.decode(text))
        {
            *value = Value::String(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    response
}
