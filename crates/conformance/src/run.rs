//! Replays one case against a target.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use stepmill_engine::test_state::spaced_json;

use crate::case::{Call, Case, Expectation, FunctionSpec, Kind, Row, Run, Step, Until};
use crate::outcome::{Failure, Outcome, shown};
use crate::placeholder::{Caller, PlaceholderError, Placeholders, follow, unique};
use crate::target::{CallError, Function, Target};
use crate::verdict::Verdict;

/// The first and the longest pause between two looks at an execution.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(80)];

/// How long a call with `poll` is repeated.
const POLL: Duration = Duration::from_secs(25);

/// A function's timeout where the case gives none, in seconds: Lambda's own default.
const FUNCTION_TIMEOUT: u64 = 3;

/// Parameters that are JSON texts in the API and may be values in a case.
const JSON_TEXTS: [&str; 6] = [
    "definition",
    "input",
    "output",
    "context",
    "variables",
    "inspectionData",
];

/// Ends of an execution.
const TERMINAL: [&str; 4] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who calls.
    pub caller: Caller,
    /// How long an execution is waited for.
    pub wait: Duration,
    /// The folder of the Lambda handlers.
    pub functions: PathBuf,
}

/// Why a case stops before its end.
#[derive(Debug)]
enum Stop {
    Failed(Vec<Failure>),
    Lacks(String),
}

/// Both verdicts on one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    /// On all that AWS sent.
    pub strict: Outcome,
    /// Without the unchecked paths.
    pub lenient: Outcome,
}

/// Replays `case` against `target`, and deletes what it made there.
pub fn run_case(case: &Case, target: &dyn Target, options: &Options) -> Verdicts {
    let lacking: Vec<String> = case
        .needs()
        .into_iter()
        .filter(|need| !target.supports(need))
        .chain(
            case.operations()
                .into_iter()
                .filter(|operation| !target.supports_operation(operation))
                .map(|operation| format!("operation {operation}")),
        )
        .collect();
    if !lacking.is_empty() {
        return both(Outcome::Skipped { needs: lacking });
    }
    let verdict = Verdict::new(options.caller.clone());
    let values = Placeholders::new(options.caller.clone());
    let mut runner = Runner {
        case,
        target,
        options,
        values,
        verdict,
        made: Vec::new(),
    };
    let end = runner.run();
    runner.clean_up();
    runner.verdicts(end)
}

fn both(outcome: Outcome) -> Verdicts {
    Verdicts {
        strict: outcome.clone(),
        lenient: outcome,
    }
}

/// What a case made and must be deleted.
enum Made {
    StateMachine(String),
    Activity(String),
    Function(String),
}

struct Runner<'a> {
    case: &'a Case,
    target: &'a dyn Target,
    options: &'a Options,
    values: Placeholders,
    verdict: Verdict,
    made: Vec<Made>,
}

impl Runner<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let case = self.case;
        for spec in &case.functions {
            self.create_function(spec)?;
        }
        if let Some(config) = &case.mock_config {
            let config = self.fill("mock configuration", config)?;
            self.target
                .set_mock_config(&config)
                .map_err(|error| stop("mock configuration", error))?;
        }
        match &case.kind {
            Kind::Execution { definition, runs } => self.run_executions(definition, runs),
            Kind::ChoiceTable(rows) => self.run_choice_table(rows),
            Kind::Script(steps) => {
                for step in steps {
                    self.run_step(step)?;
                }
                Ok(())
            }
        }
    }

    fn verdicts(self, end: Result<(), Stop>) -> Verdicts {
        let strict = self.verdict.into_strict_failures();
        let failed = |failures: Vec<Failure>| Outcome::Failed { failures };
        match end {
            Ok(()) if strict.is_empty() => both(Outcome::Passed),
            Ok(()) => Verdicts {
                strict: failed(strict),
                lenient: Outcome::Passed,
            },
            Err(Stop::Lacks(need)) => both(Outcome::Skipped { needs: vec![need] }),
            Err(Stop::Failed(failures)) if strict.is_empty() => both(failed(failures)),
            Err(Stop::Failed(failures)) => Verdicts {
                strict: failed(strict),
                lenient: failed(failures),
            },
        }
    }

    fn create_function(&mut self, spec: &FunctionSpec) -> Result<(), Stop> {
        let at = format!("function {}", spec.function);
        let path = self.options.functions.join(&spec.function);
        let source = std::fs::read_to_string(&path)
            .map_err(|error| fail(&at, format!("{}: {error}", path.display())))?;
        let environment = spec.env.iter().flatten().map(|(name, value)| {
            Ok((
                self.values.fill_to_text(name)?,
                self.values.fill_to_text(value)?,
            ))
        });
        let environment = environment
            .collect::<Result<_, _>>()
            .map_err(|error| no_value(&at, &error))?;
        let function = Function {
            name: self
                .values
                .fill_to_text(&spec.name)
                .map_err(|error| no_value(&at, &error))?,
            source,
            handler: spec
                .handler
                .clone()
                .unwrap_or_else(|| "handler.handler".to_owned()),
            timeout: Duration::from_secs(spec.timeout.unwrap_or(FUNCTION_TIMEOUT)),
            environment,
        };
        self.target
            .create_function(&function)
            .map_err(|error| stop(&at, error))?;
        self.made.push(Made::Function(function.name));
        Ok(())
    }

    fn run_executions(&mut self, definition: &Value, runs: &[Run]) -> Result<(), Stop> {
        let machine = self.create_state_machine(definition)?;
        for (index, run) in runs.iter().enumerate() {
            let execution = self.start(&machine, run.input.as_ref())?;
            self.wait(&execution, Until::Terminal)?;
            let of_execution = json!({"executionArn": execution});
            if let Some(history) = &run.history {
                let wanted = match history {
                    Value::Array(_) => json!({"events": history}),
                    response => response.clone(),
                };
                let came = self.call("GetExecutionHistory", &of_execution)?;
                self.check(&wanted, &came, &format!("run {index} history"), "")?;
            }
            if let Some(description) = &run.description {
                let came = self.call("DescribeExecution", &of_execution)?;
                self.check(description, &came, &format!("run {index} description"), "")?;
            }
        }
        Ok(())
    }

    fn run_choice_table(&mut self, rows: &[Row]) -> Result<(), Stop> {
        let mut machines: Vec<(&Value, String)> = Vec::new();
        let mut failures = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let known = machines
                .iter()
                .find(|(definition, _)| *definition == &row.definition);
            let machine = if let Some((_, machine)) = known {
                machine.clone()
            } else {
                let machine = self.create_state_machine(&row.definition)?;
                machines.push((&row.definition, machine.clone()));
                machine
            };
            let execution = self.start(&machine, Some(&row.input))?;
            self.wait(&execution, Until::Terminal)?;
            let came = self.call("DescribeExecution", &json!({"executionArn": execution}))?;
            let output = came.get("output").cloned().unwrap_or_default();
            match self.check(&row.output, &output, &format!("row {index}"), "") {
                Err(Stop::Failed(found)) => failures.extend(found),
                other => other?,
            }
        }
        if failures.is_empty() {
            Ok(())
        } else {
            Err(Stop::Failed(failures))
        }
    }

    fn run_step(&mut self, step: &Step) -> Result<(), Stop> {
        let call = match step {
            Step::Await { until, execution } => {
                let execution = self
                    .values
                    .fill_to_text(execution)
                    .map_err(|error| no_value("await", &error))?;
                return self.wait(&execution, *until);
            }
            Step::Call(call) => call,
        };
        let mut clock = Clock::new(self.target);
        loop {
            let before = self.verdict.clone();
            match self.run_call(call) {
                Err(Stop::Failed(_)) if call.poll && clock.elapsed() < POLL => {
                    self.verdict = before;
                    clock.pause();
                }
                other => return other,
            }
        }
    }

    fn run_call(&mut self, call: &Call) -> Result<(), Stop> {
        let at = format!("{} {}", call.id, call.operation);
        let parameters = self.fill(&at, &call.params)?;
        let answer = match call.other_service() {
            Some(service) => self
                .target
                .call_service(service, &call.operation, &parameters),
            None => self
                .target
                .call(&call.operation, &with_json_texts(&parameters)),
        };
        let (response, failed) = match answer {
            Ok(response) => (response, false),
            Err(CallError::Api(error)) => (error, true),
            Err(other) => return Err(stop(&at, other)),
        };
        if !failed && call.other_service().is_none() {
            self.remember(&call.operation, &response);
        }
        self.values.answered(&call.id, response.clone());
        for expectation in &call.expect {
            match &expectation.error_text {
                Some(text) => {
                    self.check_error_text(call, expectation, text, &response, failed, &at)?;
                }
                None => self.check_part(expectation, &response, &at)?,
            }
        }
        for (name, least) in &call.at_least {
            let held = response
                .get(name)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            if !failed && held < *least {
                return Err(fail(&at, format!("{name} holds {held} of {least}")));
            }
        }
        if call.expect.is_empty() && failed != call.fails {
            let came = shown(response.get("Error").unwrap_or(&response));
            let wanted = if call.fails { "an error" } else { "success" };
            return Err(fail(&at, format!("expected {wanted}, got {came}")));
        }
        Ok(())
    }

    fn check_part(
        &mut self,
        expectation: &Expectation,
        response: &Value,
        at: &str,
    ) -> Result<(), Stop> {
        let wanted = &expectation.value;
        let mut part = follow(response, &expectation.path)
            .map_err(|error| fail(at, format!("{error} in {}", shown(response))))?;
        if wanted.get("$http_status").is_none()
            && let Value::Object(members) = &mut part
        {
            members.shift_remove("$http_status");
        }
        self.check(wanted, &part, at, &expectation.place())
    }

    fn check_error_text(
        &mut self,
        call: &Call,
        expectation: &Expectation,
        wanted: &str,
        response: &Value,
        failed: bool,
        at: &str,
    ) -> Result<(), Stop> {
        if !failed {
            return Err(fail(
                at,
                format!("expected an error, got {}", shown(response)),
            ));
        }
        let part = |name: &str| response["Error"][name].as_str().unwrap_or_default();
        let came = format!(
            "An error occurred ({}) when calling the {} operation: {}",
            part("Code"),
            call.operation,
            part("Message")
        );
        self.verdict
            .check_error_text(
                self.case,
                &mut self.values,
                wanted,
                &came,
                at,
                &expectation.place(),
            )
            .map_err(Stop::Failed)
    }

    fn check(
        &mut self,
        expected: &Value,
        actual: &Value,
        at: &str,
        place: &str,
    ) -> Result<(), Stop> {
        self.verdict
            .check(self.case, &mut self.values, expected, actual, at, place)
            .map_err(Stop::Failed)
    }

    fn create_state_machine(&mut self, definition: &Value) -> Result<String, Stop> {
        let role = self.fill("CreateStateMachine", &json!("${role}"))?;
        let definition = self.fill("CreateStateMachine", definition)?;
        let parameters = json!({
            "name": format!("conformance_{}", unique(12)),
            "definition": definition,
            "roleArn": role,
            "type": self.case.machine_type,
        });
        let response = self.call("CreateStateMachine", &parameters)?;
        text_member(&response, "stateMachineArn", "CreateStateMachine")
    }

    fn start(&mut self, machine: &str, input: Option<&Value>) -> Result<String, Stop> {
        let mut parameters = json!({"stateMachineArn": machine});
        if let Some(input) = input {
            parameters["input"] = self.fill("StartExecution", input)?;
        }
        let response = self.call("StartExecution", &parameters)?;
        text_member(&response, "executionArn", "StartExecution")
    }

    /// A Step Functions call of the runner itself, which must succeed.
    fn call(&mut self, operation: &str, parameters: &Value) -> Result<Value, Stop> {
        let response = self
            .target
            .call(operation, &with_json_texts(parameters))
            .map_err(|error| stop(operation, error))?;
        self.remember(operation, &response);
        Ok(response)
    }

    fn wait(&self, execution: &str, until: Until) -> Result<(), Stop> {
        let mut clock = Clock::new(self.target);
        let parameters = json!({"executionArn": execution});
        while clock.elapsed() < self.options.wait {
            if until == Until::Started {
                // An execution that is not there yet is waited for too.
                let answer = self.target.call("GetExecutionHistory", &parameters);
                let events = answer
                    .as_ref()
                    .ok()
                    .and_then(|history| history.get("events"));
                if events
                    .and_then(Value::as_array)
                    .is_some_and(|events| !events.is_empty())
                {
                    return Ok(());
                }
            } else {
                let answer = self
                    .target
                    .call("DescribeExecution", &parameters)
                    .map_err(|error| stop("DescribeExecution", error))?;
                let status = answer["status"].as_str().unwrap_or_default();
                if TERMINAL.contains(&status) {
                    return if until == Until::Succeeded && status != "SUCCEEDED" {
                        let ended = format!(
                            "the execution ended {status} {} {}",
                            answer["error"], answer["cause"]
                        );
                        Err(fail("await", ended))
                    } else {
                        Ok(())
                    };
                }
            }
            clock.pause();
        }
        let state = match until {
            Until::Terminal => "ended",
            Until::Succeeded => "succeeded",
            Until::Started => "started",
        };
        let waited = self.options.wait.as_secs_f64();
        Err(fail(
            "await",
            format!("the execution has not {state} after {waited} s"),
        ))
    }

    fn fill(&mut self, at: &str, value: &Value) -> Result<Value, Stop> {
        self.values
            .fill(value)
            .map_err(|error| no_value(at, &error))
    }

    /// What the case makes is deleted at its end.
    fn remember(&mut self, operation: &str, response: &Value) {
        let arn = |name: &str| {
            response
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        self.made.extend(match operation {
            "CreateStateMachine" => arn("stateMachineArn").map(Made::StateMachine),
            "CreateActivity" => arn("activityArn").map(Made::Activity),
            _ => None,
        });
    }

    /// What cannot be deleted (a case may have deleted it itself) does not change the verdict.
    fn clean_up(&mut self) {
        for made in self.made.drain(..) {
            let _ = match made {
                Made::StateMachine(arn) => self
                    .target
                    .call("DeleteStateMachine", &json!({"stateMachineArn": arn}))
                    .map(drop),
                Made::Activity(arn) => self
                    .target
                    .call("DeleteActivity", &json!({"activityArn": arn}))
                    .map(drop),
                Made::Function(name) => self.target.delete_function(&name),
            };
        }
    }
}

/// Time spent waiting: what passed here, or what the target was told to let pass, if that is more.
struct Clock<'a> {
    target: &'a dyn Target,
    started: Instant,
    paused: Duration,
    next: Duration,
}

impl<'a> Clock<'a> {
    fn new(target: &'a dyn Target) -> Self {
        Self {
            target,
            started: Instant::now(),
            paused: Duration::ZERO,
            next: PAUSES[0],
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed().max(self.paused)
    }

    fn pause(&mut self) {
        self.target.pause(self.next);
        self.paused += self.next;
        self.next = (self.next * 2).min(PAUSES[1]);
    }
}

fn with_json_texts(parameters: &Value) -> Value {
    let Value::Object(members) = parameters else {
        return parameters.clone();
    };
    let sent = members.iter().map(|(name, value)| {
        let is_text = value.is_string() || value.is_null();
        let value = if !is_text && JSON_TEXTS.contains(&name.as_str()) {
            Value::String(spaced_json(value))
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    Value::Object(sent.collect::<Map<_, _>>())
}

fn text_member(response: &Value, name: &str, at: &str) -> Result<String, Stop> {
    let text = response.get(name).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| fail(at, format!("no {name} in {}", shown(response))))
}

fn stop(at: &str, error: CallError) -> Stop {
    match error {
        CallError::Unsupported(need) => Stop::Lacks(need),
        other => fail(at, other.to_string()),
    }
}

fn fail(at: &str, message: impl Into<String>) -> Stop {
    Stop::Failed(vec![Failure::message(at, message)])
}

fn no_value(at: &str, error: &PlaceholderError) -> Stop {
    fail(at, error.to_string())
}
