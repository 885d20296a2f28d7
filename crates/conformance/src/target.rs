//! What the runner drives: anything that answers the Step Functions API.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// Why a call gave no answer to compare.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The API answered an error, in the form that cases record: see [`api_error`].
    #[error("{}", describe(.0))]
    Api(Value),
    /// The target does not have what the call asks for. The case is skipped.
    #[error("the target has no {0}")]
    Unsupported(String),
    /// No answer came, or one that makes no sense. The case fails.
    #[error("{0}")]
    Broken(String),
}

/// A Lambda function to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The text of its Python module.
    pub source: String,
    /// `MODULE.FUNCTION`; `source` is the module.
    pub handler: String,
    /// Its own timeout.
    pub timeout: Duration,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
}

/// An engine under test.
///
/// A target is made for each case and used from one thread. What an in-process engine keeps must
/// not be shared between the targets, or must stand it.
pub trait Target {
    /// One Step Functions API call, as `StartExecution`. `parameters` and the answer are the API's
    /// JSON; times are numbers of seconds or texts.
    fn call(&self, operation: &str, parameters: &Value) -> Result<Value, CallError>;

    /// One call of another AWS service, named as in a case's `requires`, with the parameters and
    /// the answer in the form of boto3.
    fn call_service(
        &self,
        service: &str,
        operation: &str,
        _parameters: &Value,
    ) -> Result<Value, CallError> {
        Err(CallError::Unsupported(format!("{service} {operation}")))
    }

    /// Creates a Lambda function that tasks can then invoke.
    fn create_function(&self, function: &Function) -> Result<(), CallError>;

    /// Deletes what [`Target::create_function`] made.
    fn delete_function(&self, name: &str) -> Result<(), CallError>;

    /// Makes the engine use a mock configuration (file format of AWS Step Functions Local) for the
    /// executions that start from now on.
    fn set_mock_config(&self, config: &Value) -> Result<(), CallError>;

    /// Whether cases with this requirement can run: `lambda`, `sqs`, `mock-config`,
    /// `distributed-map`, ….
    fn supports(&self, requirement: &str) -> bool;

    /// Whether the target has this Step Functions operation.
    fn supports_operation(&self, _operation: &str) -> bool {
        true
    }

    /// Lets time pass between two looks at an execution. A target with virtual time moves its
    /// clock instead of sleeping.
    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// An API error in the form that cases record: `{"Error": {"Code", "Message"}, MEMBERS…,
/// "$http_status": STATUS}`. `members` are the error shape's own (`message`, `reason`), without
/// those that are null.
pub fn api_error(code: &str, message: &str, members: Map<String, Value>, status: u16) -> Value {
    let mut error = Map::new();
    error.insert(
        "Error".to_owned(),
        json!({"Code": code, "Message": message}),
    );
    error.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
    error.insert("$http_status".to_owned(), json!(status));
    Value::Object(error)
}

fn describe(error: &Value) -> String {
    let part = |name: &str| error["Error"][name].as_str().unwrap_or_default();
    format!("{}: {}", part("Code"), part("Message"))
}
