//! Unit tests of workflows: a state machine runs in the embedded engine, and its tasks are answered by mocks.
//!
//! ```
//! use serde_json::json;
//! use stepmill::prelude::*;
//! use stepmill::testing::MockedRun;
//!
//! let stack = Stack::new(&App::new(), "Shop");
//! let queue = Queue::new(&stack, "Orders");
//! let order = TaskInput::from_json_path_at("$.order");
//! let machine = StateMachine::new(&stack, "Machine", SqsSendMessage::new(&stack, "Send", &queue, order));
//!
//! let ended = MockedRun::of(&machine)
//!     .returns("Send", json!({"MessageId": "1"}))
//!     .run(json!({"order": {"id": 7}}))?;
//! assert_eq!(ended.output, Some(json!({"MessageId": "1"})));
//! # Ok::<(), stepmill::testing::TestError>(())
//! ```

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::asl::model::StateMachine as Machine;
use crate::asl::{Options, parse};
use crate::constructs::core::ConstructErrors;
use crate::constructs::machine::StateMachine;
use crate::constructs::template::{Names, NotKnown, Place};
use crate::engine::{ACCOUNT, Chance, Clock, Finished, REGION, Runner, Start, identity};
use crate::integrations::Integrations;
use crate::integrations::mock::{MockConfig, MockError, TestCase};
use crate::interpreter::{Fact, Limits, Payload, Status};

const NAME: &str = "MockedRun";

/// A state machine that is about to run, and what its tasks are answered.
///
/// Waits and pauses between retries take no time. A task without an answer fails: no service is called.
#[derive(Clone)]
#[must_use]
pub struct MockedRun {
    machine: StateMachine,
    answers: IndexMap<String, Vec<Json>>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its output, if it succeeded.
    pub output: Option<Json>,
    /// The error and its cause, if it failed.
    pub error: Option<(String, String)>,
    /// The names of the states that it entered, in order.
    pub states: Vec<String>,
}

/// Why an execution could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Constructs are wrong.
    #[error(transparent)]
    Constructs(#[from] ConstructErrors),
    /// The definition refers to something that has no name before a deployment.
    #[error(transparent)]
    NotKnown(#[from] NotKnown),
    /// The definition is not valid.
    #[error("the definition is not valid: {0}")]
    Definition(String),
    /// The mocks are not valid.
    #[error(transparent)]
    Mock(#[from] MockError),
    /// The engine cannot run here.
    #[error("the engine cannot run: {0}")]
    Engine(String),
}

impl MockedRun {
    /// A machine whose tasks have no answers yet.
    pub fn of(machine: &StateMachine) -> Self {
        Self {
            machine: machine.clone(),
            answers: IndexMap::new(),
        }
    }

    /// Lets a task succeed with a result. A second answer for a state is for its second attempt, and so on.
    pub fn returns(self, state: &str, result: impl Into<Json>) -> Self {
        let result: Json = result.into();
        self.answer(state, json!({"Return": result}))
    }

    /// Lets a task fail with an error.
    pub fn fails(self, state: &str, error: &str, cause: &str) -> Self {
        self.answer(state, json!({"Throw": {"Error": error, "Cause": cause}}))
    }

    fn answer(mut self, state: &str, answer: Json) -> Self {
        self.answers
            .entry(state.to_owned())
            .or_default()
            .push(answer);
        self
    }

    /// Runs the machine to its end.
    pub fn run(self, input: Json) -> Result<Ended, TestError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| TestError::Engine(error.to_string()))?;
        let start = self.start(input)?;
        let machine = start.machine.clone();
        let chance = Chance::from_system().map_err(|error| TestError::Engine(error.to_string()))?;
        let runner = Runner::new(Integrations::new(), Clock::skipping(), chance);
        let finished = runtime
            .block_on(async { runner.start(start).finish().await })
            .map_err(|error| TestError::Engine(error.to_string()))?;
        Ok(ended(&machine, finished))
    }
}

impl MockedRun {
    fn start(self, input: Json) -> Result<Start, TestError> {
        let parsed = parse(
            &self.definition()?.to_string(),
            &Options {
                services: &stepmill_catalog::recognizes,
                ..Options::default()
            },
        );
        let messages: Vec<String> = parsed.errors().map(|error| error.message.clone()).collect();
        let machine = parsed
            .machine
            .ok_or_else(|| TestError::Definition(messages.join("; ")))?;
        Ok(Start {
            machine: Arc::new(machine),
            identity: identity(NAME, false, ACCOUNT, REGION),
            input: Payload::from(input),
            limits: Limits::STANDARD,
            mocks: Some(Arc::new(self.mocks()?)),
        })
    }

    /// The definition with names instead of references.
    fn definition(&self) -> Result<Json, TestError> {
        let template = self.machine.scope().template()?;
        let place = Place {
            partition: "aws".to_owned(),
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
        };
        let definition = self.machine.definition().ok_or_else(|| {
            TestError::Definition("an imported state machine has none here".to_owned())
        })?;
        Ok(Names::of(&template.body, place).resolve(&definition)?)
    }

    /// The answers as a mock configuration in the format of Step Functions Local.
    fn mocks(&self) -> Result<TestCase, TestError> {
        let mut states = Map::new();
        let mut responses = Map::new();
        for (state, answers) in &self.answers {
            let attempts = answers.iter().enumerate();
            let attempts: Map<String, Json> = attempts
                .map(|(attempt, answer)| (attempt.to_string(), answer.clone()))
                .collect();
            states.insert(state.clone(), state.as_str().into());
            responses.insert(state.clone(), attempts.into());
        }
        let config = json!({
            "StateMachines": {NAME: {"TestCases": {NAME: states}}},
            "MockedResponses": responses,
        });
        Ok(MockConfig::parse(&config.to_string())?.test_case(NAME, NAME)?)
    }
}

fn ended(machine: &Machine, finished: Finished) -> Ended {
    let text = |text: Option<Arc<str>>| text.map(|text| text.to_string()).unwrap_or_default();
    let (output, error) = match finished.status {
        Status::Succeeded(output) => (Some(output.value().clone()), None),
        Status::Failed(reason) | Status::Aborted(reason) => {
            (None, Some((text(reason.error), text(reason.cause))))
        }
        Status::TimedOut => (None, Some(("States.Timeout".to_owned(), String::new()))),
        Status::Running => (None, None),
    };
    let entered = finished
        .records
        .iter()
        .filter_map(|record| match record.fact {
            Fact::StateEntered { state, .. } => Some(machine.state(state).name.to_string()),
            _ => None,
        });
    Ended {
        output,
        error,
        states: entered.collect(),
    }
}
