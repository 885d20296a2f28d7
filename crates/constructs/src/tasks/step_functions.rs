//! Step Functions itself: starts executions of other machines, and asks activities.

use stepmill_asl::model;

use crate::core::{Problem, Scope};
use crate::iam::Statement;
use crate::machine::{Activity, StateMachine};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskMetrics, TaskScope, task_state,
};
use crate::value::{JsonPath, Text, Value};

/// The member of an input by which the console links an execution to the one that started it.
const STARTED_BY: &str = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID";

/// Starts an execution of another machine. With [`IntegrationPattern::RunJob`] its output is JSON, not text.
#[derive(Debug, Clone)]
#[must_use]
pub struct StepFunctionsStartExecution {
    scope: Scope,
    options: StateOptions,
    state_machine: StateMachine,
    input: Option<TaskInput>,
    name: Option<Text>,
    associate_with_parent: bool,
}

impl StepFunctionsStartExecution {
    /// Starts an execution with the state's input.
    pub fn new(scope: &Scope, id: &str, state_machine: &StateMachine) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            state_machine: state_machine.clone(),
            input: None,
            name: None,
            associate_with_parent: false,
        }
    }

    /// What the execution is started with; the state's input unless said.
    pub fn input(mut self, input: TaskInput) -> Self {
        self.input = Some(input);
        self
    }

    /// The execution's name; Step Functions makes one unless said.
    pub fn name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether the console links the execution to the one that starts it. The input must then be an object.
    pub fn associate_with_parent(mut self, associate: bool) -> Self {
        self.associate_with_parent = associate;
        self
    }

    fn input_value(&self) -> Result<Value, Problem> {
        let given = self.input.as_ref().map(TaskInput::value);
        if !self.associate_with_parent {
            return Ok(given.map_or_else(|| JsonPath::entire_payload().into(), Value::clone));
        }
        let mut members = match given {
            None => crate::value::Object::new(),
            Some(Value::Object(members)) => members.clone(),
            Some(_) => {
                let message = "Could not enable `associateWithParent` because `input` is taken directly from a JSON path. Use `sfn.TaskInput.fromObject` instead.";
                return Err(Problem::property("associate_with_parent", message));
            }
        };
        let parent = JsonPath::string_at("$$.Execution.Id");
        members.insert(STARTED_BY.to_owned(), parent.into());
        Ok(Value::Object(members))
    }
}

task_state!(StepFunctionsStartExecution, start_execution);

fn start_execution(
    start: StepFunctionsStartExecution,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob, WaitForTaskToken};

    let supported = [RequestResponse, RunJob, WaitForTaskToken];
    let pattern = task.pattern(RequestResponse, &supported)?;
    let missing =
        "Task Token is required in `input` for callback. Use JsonPath.taskToken to set the token.";
    let given = start.input.as_ref().map(TaskInput::value);
    task.needs_token(pattern, "input", given, missing)?;
    let parameters = Value::object([
        ("Input", Some(start.input_value()?)),
        (
            "StateMachineArn",
            Some(start.state_machine.state_machine_arn().into()),
        ),
        ("Name", start.name.map(Value::from)),
    ]);
    let pattern = match pattern {
        RunJob => model::IntegrationPattern::RunJobJson,
        other => other.into(),
    };
    task.integration("states", "startExecution", pattern, parameters, &[])
}

/// Asks an activity: waits until a worker has taken the task and done it.
#[derive(Debug, Clone)]
#[must_use]
pub struct StepFunctionsInvokeActivity {
    scope: Scope,
    options: StateOptions,
    activity: Activity,
    parameters: Option<Value>,
}

impl StepFunctionsInvokeActivity {
    /// Asks an activity with the state's input.
    pub fn new(scope: &Scope, id: &str, activity: &Activity) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            activity: activity.clone(),
            parameters: None,
        }
    }

    /// What the worker is given; the state's input unless said.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.parameters = Some(parameters.into());
        self
    }

    /// What the worker is given, with JSONata expressions: what [`parameters`](Self::parameters) is called in JSONata.
    pub fn arguments(self, arguments: impl Into<Value>) -> Self {
        self.parameters(arguments)
    }
}

task_state!(StepFunctionsInvokeActivity, invoke_activity);

#[allow(clippy::unnecessary_wraps)]
fn invoke_activity(
    invoke: StepFunctionsInvokeActivity,
    _: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let arn = invoke.activity.activity_arn();
    let decrypt = invoke.activity.key().map(|key| {
        let context = "kms:EncryptionContext:aws:states:activityArn";
        Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn()]).condition(
            "StringEquals",
            context,
            arn.clone(),
        )
    });
    Ok(TaskDefinition {
        resource: arn.clone(),
        parameters: invoke.parameters,
        statements: decrypt.into_iter().collect(),
        metrics: TaskMetrics {
            singular: Some("Activity"),
            plural: Some("Activities"),
            dimensions: [("ActivityArn", arn.into())].into(),
        },
    })
}
