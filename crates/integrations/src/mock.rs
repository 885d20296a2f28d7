//! Mocked service integrations.
//!
//! The mock configuration file of AWS Step Functions Local: test cases name, for states of a state
//! machine, what their attempts return or throw. Source: Step Functions Developer Guide, "Testing
//! state machines with Step Functions Local: mocked service integrations".

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use stepmill_asl::model::{IntegrationPattern, Resource};

use crate::call::{Call, Outcome, Progress};

/// A mock configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// Its file cannot be read.
    #[error("the mock configuration {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not JSON, or not of the format.
    #[error("the mock configuration is not valid: {0}")]
    Invalid(#[from] serde_json::Error),
    /// A mocked response has a key that names no attempts.
    #[error(
        "mocked response {response:?}: {key:?} is neither an attempt such as \"0\" nor a range such as \"1-2\""
    )]
    Attempts {
        /// The response's name.
        response: String,
        /// The key.
        key: String,
    },
    /// A test case names a response that is not there.
    #[error(
        "state machine {machine:?}, test case {case:?}, state {state:?}: there is no mocked response {response:?}"
    )]
    NoResponse {
        /// The state machine.
        machine: String,
        /// The test case.
        case: String,
        /// The state.
        state: String,
        /// The name that is missing.
        response: String,
    },
    /// No state machine has the test case that those have which name none.
    #[error(
        "no state machine of the mock configuration has the test case {case:?}; it has: {known}"
    )]
    NoDefault {
        /// The test case.
        case: String,
        /// What there is.
        known: String,
    },
    /// The state machine or test case asked for is not there.
    #[error(
        "the mock configuration has no test case {case:?} for the state machine {machine:?}; it has: {known}"
    )]
    NoCase {
        /// The state machine.
        machine: String,
        /// The test case.
        case: String,
        /// What there is.
        known: String,
    },
}

/// A mock configuration.
#[derive(Debug, Clone)]
pub struct MockConfig {
    machines: IndexMap<String, IndexMap<String, TestCaseStates>>,
}

type TestCaseStates = IndexMap<String, Arc<MockedResponse>>;

/// What the attempts at a state return or throw.
#[derive(Debug)]
struct MockedResponse {
    name: String,
    attempts: Vec<(u32, u32, Answer)>,
}

#[derive(Debug, Clone, Deserialize)]
enum Answer {
    Return(Value),
    Throw {
        #[serde(rename = "Error")]
        error: String,
        #[serde(rename = "Cause")]
        cause: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct File {
    #[serde(default)]
    state_machines: IndexMap<String, MachineCases>,
    #[serde(default)]
    mocked_responses: IndexMap<String, IndexMap<String, Answer>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct MachineCases {
    #[serde(default)]
    test_cases: IndexMap<String, IndexMap<String, String>>,
}

impl MockConfig {
    /// Reads a mock configuration file's text.
    pub fn parse(text: &str) -> Result<Self, MockError> {
        let file: File = serde_json::from_str(text)?;
        let mut responses = HashMap::new();
        for (name, answers) in file.mocked_responses {
            let mut attempts = Vec::with_capacity(answers.len());
            for (key, answer) in answers {
                let (first, last) = attempt_range(&key).ok_or_else(|| MockError::Attempts {
                    response: name.clone(),
                    key: key.clone(),
                })?;
                attempts.push((first, last, answer));
            }
            let response = MockedResponse {
                name: name.clone(),
                attempts,
            };
            responses.insert(name, Arc::new(response));
        }
        let mut machines = IndexMap::new();
        for (machine, cases) in file.state_machines {
            let mut test_cases = IndexMap::new();
            for (case, states) in cases.test_cases {
                let mut resolved = IndexMap::new();
                for (state, response) in states {
                    let found = responses
                        .get(&response)
                        .ok_or_else(|| MockError::NoResponse {
                            machine: machine.clone(),
                            case: case.clone(),
                            state: state.clone(),
                            response,
                        })?;
                    resolved.insert(state, found.clone());
                }
                test_cases.insert(case, resolved);
            }
            machines.insert(machine, test_cases);
        }
        Ok(Self { machines })
    }

    /// A test case of a state machine.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<TestCase, MockError> {
        let states = self.machines.get(machine).and_then(|cases| cases.get(case));
        let states = states.ok_or_else(|| MockError::NoCase {
            machine: machine.to_owned(),
            case: case.to_owned(),
            known: self.known(),
        })?;
        Ok(TestCase {
            states: states.clone(),
            attempts: Mutex::default(),
        })
    }

    fn has(&self, machine: &str, case: &str) -> bool {
        let cases = self.machines.get(machine);
        cases.is_some_and(|cases| cases.contains_key(case))
    }

    fn known(&self) -> String {
        let cases = self
            .machines
            .iter()
            .flat_map(|(machine, cases)| cases.keys().map(move |case| format!("{machine}#{case}")));
        let known = cases.collect::<Vec<_>>().join(", ");
        if known.is_empty() {
            "none".to_owned()
        } else {
            known
        }
    }
}

/// A larger file of mocks is refused.
const MAX_SIZE: u64 = 32 * 1024 * 1024;

/// A mock configuration in a file, which may change.
#[derive(Debug)]
pub struct MockFile {
    path: PathBuf,
    /// The test case of executions that name none.
    default: Option<String>,
    /// The text that was read last, and what it says.
    last: Mutex<(String, MockConfig)>,
}

impl MockFile {
    /// Reads the file; `default` is the test case of executions that name none, of state machines that have it.
    pub fn open(path: impl Into<PathBuf>, default: Option<String>) -> Result<Self, MockError> {
        let path = path.into();
        let text = read(&path)?;
        let config = MockConfig::parse(&text)?;
        if let Some(case) = &default
            && !config
                .machines
                .keys()
                .any(|machine| config.has(machine, case))
        {
            return Err(MockError::NoDefault {
                case: case.clone(),
                known: config.known(),
            });
        }
        Ok(Self {
            path,
            default,
            last: Mutex::new((text, config)),
        })
    }

    /// A test case of a state machine, as the file has it now.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<TestCase, MockError> {
        self.now()?.1.test_case(machine, case)
    }

    /// The test case of a state machine's executions that name none, if the file has one for it now.
    pub fn default_case(&self, machine: &str) -> Result<Option<String>, MockError> {
        let Some(case) = &self.default else {
            return Ok(None);
        };
        let there = self.now()?.1.has(machine, case);
        Ok(there.then(|| case.clone()))
    }

    /// What the file says now.
    fn now(&self) -> Result<MutexGuard<'_, (String, MockConfig)>, MockError> {
        let text = read(&self.path)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Times of files are too coarse to tell whether it is the same text.
        if last.0 != text {
            let config = MockConfig::parse(&text)?;
            *last = (text, config);
        }
        Ok(last)
    }
}

fn read(path: &PathBuf) -> Result<String, MockError> {
    let unreadable = |source| MockError::Unreadable {
        path: path.clone(),
        source,
    };
    let mut text = String::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_SIZE + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_SIZE {
        let error = format!("it has more than {MAX_SIZE} bytes");
        return Err(unreadable(io::Error::other(error)));
    }
    Ok(text)
}

/// `"0"` or `"1-2"`, both ends included.
fn attempt_range(key: &str) -> Option<(u32, u32)> {
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// One test case in use: it counts the attempts at each state.
#[derive(Debug)]
pub struct TestCase {
    states: TestCaseStates,
    attempts: Mutex<HashMap<(String, String), u32>>,
}

impl TestCase {
    /// Whether a state is mocked.
    pub fn has(&self, state: &str) -> bool {
        self.states.contains_key(state)
    }

    /// The mocked outcome of a call, if its state is mocked.
    pub fn answer(&self, call: &Call, progress: &(dyn Fn(Progress) + Sync)) -> Option<Outcome> {
        let response = self.states.get(&call.state)?;
        let attempt = self.next_attempt(call);
        let answer = response
            .attempts
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&attempt))
            .map(|(_, _, answer)| answer.clone());
        let Some(answer) = answer else {
            return Some(Outcome::Impossible(format!(
                "The mocked response '{}' has no answer for attempt {attempt} of the state '{}'.",
                response.name, call.state
            )));
        };
        if let Resource::Service(service) = &call.resource {
            match (service.pattern, &answer) {
                (IntegrationPattern::RequestResponse, _) => {}
                (IntegrationPattern::WaitForTaskToken, _) | (_, Answer::Throw { .. }) => {
                    progress(Progress::Submitted(Value::Object(serde_json::Map::new())));
                }
                (_, Answer::Return(value)) => progress(Progress::Submitted(value.clone())),
            }
        }
        Some(match answer {
            Answer::Return(value) => Outcome::Succeeded(value.to_string()),
            Answer::Throw { error, cause } => Outcome::Failed {
                error: Some(error),
                cause,
            },
        })
    }

    fn next_attempt(&self, call: &Call) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (call.execution_arn.clone(), call.state.clone());
        let count = attempts.entry(key).or_default();
        let attempt = *count;
        *count += 1;
        attempt
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;
    use stepmill_asl::model::Resource;

    use super::{MockConfig, MockError, MockFile};
    use crate::call::{Call, Outcome, Progress};

    fn call(state: &str, resource: &str) -> Call {
        Call {
            execution_arn: "arn".to_owned(),
            state_machine: "orders".to_owned(),
            state_machine_arn: "arn".to_owned(),
            execution_role_arn: "arn".to_owned(),
            state: state.to_owned(),
            attempt: 0,
            resource: Resource::parse(resource).unwrap(),
            input: "{}".to_owned(),
            role_arn: None,
            token: None,
            task: 3,
            submitted: None,
            repeated: false,
            mocks: None,
        }
    }

    fn config() -> MockConfig {
        let config = json!({
            "StateMachines": {"orders": {"TestCases": {
                "flaky": {"Charge": "flaky", "Ship": "shipped"}
            }}},
            "MockedResponses": {
                "flaky": {
                    "0-1": {"Throw": {"Error": "Busy", "Cause": "try again"}},
                    "2": {"Return": {"ok": true}}
                },
                "shipped": {"0": {"Return": "gone"}}
            }
        });
        MockConfig::parse(&config.to_string()).unwrap()
    }

    #[test]
    fn answers_by_attempt() {
        let case = config().test_case("orders", "flaky").unwrap();
        let call = call("Charge", "arn:aws:states:::lambda:invoke");
        let ignore = |_| {};
        let busy = Some(Outcome::failed("Busy", "try again"));
        assert_eq!(case.answer(&call, &ignore), busy);
        assert_eq!(case.answer(&call, &ignore), busy);
        let returned = case.answer(&call, &ignore);
        assert_eq!(
            returned,
            Some(Outcome::Succeeded("{\"ok\":true}".to_owned()))
        );
        let Some(Outcome::Impossible(missing)) = case.answer(&call, &ignore) else {
            panic!("a missing attempt must not be answered");
        };
        assert!(missing.contains("attempt 3"), "{missing}");
    }

    #[test]
    fn a_state_that_is_not_mocked_is_left_alone() {
        let case = config().test_case("orders", "flaky").unwrap();
        let call = call("Other", "arn:aws:states:::lambda:invoke");
        assert_eq!(case.answer(&call, &|_| {}), None);
    }

    #[test]
    fn a_callback_is_submitted_first() {
        let case = config().test_case("orders", "flaky").unwrap();
        let call = call("Ship", "arn:aws:states:::sqs:sendMessage.waitForTaskToken");
        let seen = Mutex::new(Vec::new());
        let outcome = case.answer(&call, &|progress| seen.lock().unwrap().push(progress));
        assert_eq!(outcome, Some(Outcome::Succeeded("\"gone\"".to_owned())));
        assert_eq!(*seen.lock().unwrap(), [Progress::Submitted(json!({}))]);
    }

    #[test]
    fn says_what_is_wrong() {
        for (config, expected) in [
            ("[", "not valid"),
            (
                r#"{"MockedResponses":{"a":{"x":{"Return":1}}}}"#,
                "\"x\" is neither",
            ),
            (
                r#"{"MockedResponses":{"a":{"2-1":{"Return":1}}}}"#,
                "\"2-1\" is neither",
            ),
            (
                r#"{"StateMachines":{"m":{"TestCases":{"c":{"S":"nope"}}}}}"#,
                "no mocked response \"nope\"",
            ),
            (r#"{"Machines":{}}"#, "unknown field"),
        ] {
            let error = MockConfig::parse(config).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = config()
            .test_case("orders", "nope")
            .unwrap_err()
            .to_string();
        assert!(error.contains("orders#flaky"), "{error}");
    }

    #[test]
    fn a_file_is_read_again_when_it_has_changed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mock.json");
        let write = |case: &str| {
            let cases = json!({"StateMachines": {"m": {"TestCases": {case: {}}}}});
            std::fs::write(&path, cases.to_string()).unwrap();
        };
        assert!(matches!(
            MockFile::open(&path, None),
            Err(MockError::Unreadable { .. })
        ));
        write("a");
        let file = MockFile::open(&path, None).unwrap();
        file.test_case("m", "a").unwrap();
        write("b");
        file.test_case("m", "b").unwrap();
        assert!(matches!(
            file.test_case("m", "a"),
            Err(MockError::NoCase { .. })
        ));
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(
            file.test_case("m", "b"),
            Err(MockError::Invalid(_))
        ));
    }
}
