//! The engine in this process as a target: no server, no network, local Lambda functions.
//!
//! It has the few operations that run a state machine; management of machines is the API's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use stepmill_asl::Severity;
use stepmill_asl::model::{StateMachine, StateMachineType};
use stepmill_asl::parse::{Format, Options, parse};
use stepmill_engine::test_state::{TestStateRequest, test_state};
use stepmill_engine::{Chance, Clock, Finished, Runner, Start, identity, validate_definition};
use stepmill_integrations::Integrations;
use stepmill_integrations::lambda::{self, Host, HostOptions};
use stepmill_integrations::mock::MockConfig;
use stepmill_interpreter::{Identity, Limits, Payload, Status, history_event};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::placeholder::Caller;
use crate::target::{CallError, Function, Target, api_error};

/// What the offline target can do.
const OPERATIONS: [&str; 8] = [
    "CreateStateMachine",
    "DeleteStateMachine",
    "ValidateStateMachineDefinition",
    "StartExecution",
    "StartSyncExecution",
    "DescribeExecution",
    "GetExecutionHistory",
    "TestState",
];

/// The engine in this process.
pub struct Offline {
    runtime: Runtime,
    caller: Caller,
    machines: RefCell<HashMap<String, Machine>>,
    executions: RefCell<HashMap<String, Ended>>,
    functions: RefCell<HashMap<String, (lambda::Function, TempDir)>>,
    mocks: RefCell<Option<MockConfig>>,
}

#[derive(Clone)]
struct Machine {
    name: String,
    role: String,
    definition: Arc<StateMachine>,
    express: bool,
}

struct Ended {
    machine: Machine,
    identity: Identity,
    input: String,
    finished: Finished,
}

impl Offline {
    /// A target with nothing in it.
    pub fn new(caller: Caller) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            caller,
            machines: RefCell::default(),
            executions: RefCell::default(),
            functions: RefCell::default(),
            mocks: RefCell::default(),
        })
    }

    fn create(&self, parameters: &Value) -> Result<Value, CallError> {
        only(parameters, &["name", "definition", "roleArn", "type"])?;
        let name = text(parameters, "name")?;
        let machine_type = machine_type(parameters);
        let parsed = parse(text(parameters, "definition")?, &options(machine_type));
        let Some(machine) = parsed.machine else {
            let reasons: Vec<String> = parsed
                .diagnostics
                .iter()
                .filter(|diagnostic| {
                    diagnostic.severity == stepmill_asl::diagnostic::Severity::Error
                })
                .map(stepmill_asl::diagnostic::Diagnostic::aws_text)
                .collect();
            let message = format!("Invalid State Machine Definition: '{}'", reasons.join(", "));
            return Err(refused("InvalidDefinition", &message));
        };
        let Caller {
            account, region, ..
        } = &self.caller;
        let arn = format!("arn:aws:states:{region}:{account}:stateMachine:{name}");
        let machine = Machine {
            name: name.to_owned(),
            role: text(parameters, "roleArn")?.to_owned(),
            definition: Arc::new(machine),
            express: machine_type == StateMachineType::Express,
        };
        self.machines.borrow_mut().insert(arn.clone(), machine);
        Ok(json!({ "stateMachineArn": arn, "creationDate": 0 }))
    }

    fn start(&self, parameters: &Value) -> Result<String, CallError> {
        let arn = text(parameters, "stateMachineArn")?;
        let (arn, case) = arn
            .split_once('#')
            .map_or((arn, None), |(arn, case)| (arn, Some(case)));
        let machine = self.machines.borrow().get(arn).cloned().ok_or_else(|| {
            refused(
                "StateMachineDoesNotExist",
                &format!("State Machine Does Not Exist: '{arn}'"),
            )
        })?;
        let input = parameters
            .get("input")
            .and_then(Value::as_str)
            .unwrap_or("{}");
        let payload = Payload::from_text(input).map_err(|error| {
            refused(
                "InvalidExecutionInput",
                &format!("Invalid State Machine Execution Input: '{error}'"),
            )
        })?;
        let express = machine.express;
        let Caller {
            account, region, ..
        } = &self.caller;
        let mut identity = identity(&machine.name, express, account, region);
        identity.role_arn.clone_from(&machine.role);
        let mut mocks = None;
        if let Some(case) = case {
            let config = self.mocks.borrow();
            let config = config
                .as_ref()
                .ok_or_else(|| broken("no mock configuration is set"))?;
            let case = config.test_case(&machine.name, case).map_err(broken)?;
            mocks = Some(Arc::new(case));
        }
        let functions = self.declared_functions();
        let start = Start {
            machine: machine.definition.clone(),
            identity: identity.clone(),
            input: payload,
            limits: if express {
                Limits::EXPRESS
            } else {
                Limits::STANDARD
            },
            mocks,
        };
        let finished = self.runtime.block_on(async {
            let host = self.host(functions).await?;
            let integrations = Integrations::new().with_lambda(Arc::new(host));
            let chance = Chance::from_system().map_err(broken)?;
            let runner = Runner::new(integrations, Clock::skipping(), chance);
            runner.start(start).finish().await.map_err(broken)
        })?;
        let arn = identity.execution_arn.clone();
        let ended = Ended {
            machine,
            identity,
            input: input.to_owned(),
            finished,
        };
        self.executions.borrow_mut().insert(arn.clone(), ended);
        Ok(arn)
    }

    fn declared_functions(&self) -> Vec<lambda::Function> {
        let functions = self.functions.borrow();
        let declared = functions.values().map(|(function, _)| function.clone());
        declared.collect()
    }

    async fn host(&self, functions: Vec<lambda::Function>) -> Result<Host, CallError> {
        let options = HostOptions {
            account: self.caller.account.clone(),
            region: self.caller.region.clone(),
            ..HostOptions::default()
        };
        Host::start(functions, options).await.map_err(broken)
    }

    fn test_state(&self, parameters: &Value) -> Result<Value, CallError> {
        let request: TestStateRequest =
            serde_json::from_value(parameters.clone()).map_err(broken)?;
        let functions = self.declared_functions();
        let caller = stepmill_engine::Caller {
            account: self.caller.account.clone(),
            region: self.caller.region.clone(),
        };
        let tested = self.runtime.block_on(async {
            let integrations =
                Integrations::new().with_lambda(Arc::new(self.host(functions).await?));
            let clock = Clock::skipping();
            Ok(test_state(&request, &caller, &integrations, &clock).await)
        })?;
        match tested {
            Ok(result) => serde_json::to_value(result).map_err(broken),
            Err(error) => Err(refused(&format!("{:?}", error.code), &error.message)),
        }
    }

    fn with_execution(
        &self,
        parameters: &Value,
        show: impl FnOnce(&str, &Ended) -> Value,
    ) -> Result<Value, CallError> {
        let arn = text(parameters, "executionArn")?;
        let executions = self.executions.borrow();
        let ended = executions.get(arn).ok_or_else(|| {
            refused(
                "ExecutionDoesNotExist",
                &format!("Execution Does Not Exist: '{arn}'"),
            )
        })?;
        Ok(show(arn, ended))
    }

    fn history(&self, ended: &Ended) -> Value {
        let machine = &ended.machine.definition;
        let events = ended.finished.records.iter().filter_map(|record| {
            history_event(machine, &ended.identity, &self.caller.region, record)
        });
        json!({ "events": events.map(|event| event.to_json()).collect::<Vec<_>>() })
    }
}

impl Target for Offline {
    fn call(&self, operation: &str, parameters: &Value) -> Result<Value, CallError> {
        match operation {
            "CreateStateMachine" => self.create(parameters),
            "DeleteStateMachine" => {
                self.machines
                    .borrow_mut()
                    .remove(text(parameters, "stateMachineArn")?);
                Ok(json!({}))
            }
            "ValidateStateMachineDefinition" => validate(parameters),
            "StartExecution" => {
                let arn = self.start(parameters)?;
                Ok(json!({ "executionArn": arn, "startDate": 0 }))
            }
            "StartSyncExecution" => {
                let arn = self.start(parameters)?;
                let mut described = self.with_execution(&json!({"executionArn": arn}), describe)?;
                if let Value::Object(described) = &mut described {
                    let billing =
                        json!({"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64});
                    described.insert("billingDetails".to_owned(), billing);
                }
                Ok(described)
            }
            "DescribeExecution" => self.with_execution(parameters, describe),
            "GetExecutionHistory" => {
                only(parameters, &["executionArn"])?;
                self.with_execution(parameters, |_, ended| self.history(ended))
            }
            "TestState" => self.test_state(parameters),
            other => Err(CallError::Unsupported(other.to_owned())),
        }
    }

    fn create_function(&self, function: &Function) -> Result<(), CallError> {
        let directory = TempDir::new().map_err(broken)?;
        let module = function.handler.split('.').next().unwrap_or("handler");
        std::fs::write(
            directory.path().join(format!("{module}.py")),
            &function.source,
        )
        .map_err(broken)?;
        let runtime = "python3.12".parse().map_err(broken)?;
        let mut declared =
            lambda::Function::new(&function.name, runtime, &function.handler, directory.path());
        declared.timeout = function.timeout;
        declared.environment.extend(function.environment.clone());
        self.functions
            .borrow_mut()
            .insert(function.name.clone(), (declared, directory));
        Ok(())
    }

    fn delete_function(&self, name: &str) -> Result<(), CallError> {
        self.functions.borrow_mut().remove(name);
        Ok(())
    }

    fn set_mock_config(&self, config: &Value) -> Result<(), CallError> {
        *self.mocks.borrow_mut() = Some(MockConfig::parse(&config.to_string()).map_err(broken)?);
        Ok(())
    }

    fn supports(&self, requirement: &str) -> bool {
        matches!(requirement, "lambda" | "mock-config")
    }

    fn supports_operation(&self, operation: &str) -> bool {
        OPERATIONS.contains(&operation)
    }

    fn pause(&self, _time: Duration) {
        // An execution has ended when its start returns: there is nothing to wait for.
    }
}

fn validate(parameters: &Value) -> Result<Value, CallError> {
    let validation = validate_definition(
        text(parameters, "definition")?,
        machine_type(parameters),
        Severity::Error,
        None,
    );
    let diagnostics: Vec<Value> = validation
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let mut shown = Map::new();
            shown.insert("severity".to_owned(), json!(diagnostic.severity.as_str()));
            shown.insert("code".to_owned(), json!(diagnostic.code.as_str()));
            shown.insert("message".to_owned(), json!(diagnostic.message));
            if let Some(location) = &diagnostic.location {
                shown.insert("location".to_owned(), json!(location));
            }
            Value::Object(shown)
        })
        .collect();
    let result = if validation.valid { "OK" } else { "FAIL" };
    Ok(json!({
        "result": result,
        "diagnostics": diagnostics,
        "truncated": validation.truncated,
    }))
}

fn describe(arn: &str, ended: &Ended) -> Value {
    let identity = &ended.identity;
    let status = &ended.finished.status;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("executionArn", json!(arn));
    put("stateMachineArn", json!(identity.state_machine_arn));
    put("name", json!(identity.name));
    put("status", json!(status.name()));
    let times = ended
        .finished
        .records
        .iter()
        .map(|record| record.time.as_millisecond());
    #[allow(clippy::cast_precision_loss)] // milliseconds are far below 2⁵³
    let seconds = |time: Option<i64>| json!(time.unwrap_or_default() as f64 / 1000.0);
    put("startDate", seconds(times.clone().min()));
    put("stopDate", seconds(times.max()));
    put("input", json!(ended.input));
    put("inputDetails", json!({"included": true}));
    match status {
        Status::Succeeded(output) => {
            put("output", json!(output.text()));
            put("outputDetails", json!({"included": true}));
        }
        Status::Failed(reason) | Status::Aborted(reason) => {
            if let Some(error) = &reason.error {
                put("error", json!(error));
            }
            if let Some(cause) = &reason.cause {
                put("cause", json!(cause));
            }
        }
        Status::Running | Status::TimedOut => {}
    }
    if !identity.express {
        put("redriveCount", json!(0));
        match status {
            Status::Succeeded(_) | Status::Running => {
                put("redriveStatus", json!("NOT_REDRIVABLE"));
                let name = status.name();
                let reason = format!("Execution is {name} and cannot be redriven");
                put("redriveStatusReason", json!(reason));
            }
            _ => {
                put("redriveStatus", json!("REDRIVABLE"));
            }
        }
    }
    Value::Object(shown)
}

fn options(machine_type: StateMachineType) -> Options<'static> {
    Options {
        format: Format::Json,
        machine_type,
        services: &stepmill_catalog::recognizes,
        ..Options::default()
    }
}

fn machine_type(parameters: &Value) -> StateMachineType {
    match parameters.get("type").and_then(Value::as_str) {
        Some("EXPRESS") => StateMachineType::Express,
        _ => StateMachineType::Standard,
    }
}

fn text<'a>(parameters: &'a Value, name: &str) -> Result<&'a str, CallError> {
    parameters.get(name).and_then(Value::as_str).ok_or_else(|| {
        refused(
            "ValidationException",
            &format!("{name} is required and must be a string"),
        )
    })
}

/// Parameters beyond those of running a machine belong to the API.
fn only(parameters: &Value, known: &[&str]) -> Result<(), CallError> {
    let given = parameters.as_object().into_iter().flatten();
    match given
        .map(|(name, _)| name)
        .find(|name| !known.contains(&name.as_str()))
    {
        Some(unknown) => Err(CallError::Unsupported(format!("parameter {unknown}"))),
        None => Ok(()),
    }
}

fn refused(code: &str, message: &str) -> CallError {
    let mut members = Map::new();
    members.insert("message".to_owned(), json!(message));
    CallError::Api(api_error(code, message, members, 400))
}

#[allow(clippy::needless_pass_by_value)] // it stands in map_err, which gives values
fn broken(error: impl ToString) -> CallError {
    CallError::Broken(error.to_string())
}
