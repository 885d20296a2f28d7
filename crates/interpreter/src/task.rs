//! Task states.

use std::sync::Arc;

use serde_json::Value;
use stepmill_asl::model::{Data, IntegrationPattern, Resource, State, StateId, Task, Transition};

use crate::decide::{Deciding, Step};
use crate::effect::{Effect, TaskOrder};
use crate::failure::{Failure, Origin, Raised, TIMEOUT};
use crate::payload::Payload;
use crate::probe::Stage;
use crate::record::{EventId, Fact, Reason, Schedule, ThreadId};
use crate::state::data_limit;
use crate::thread::{Doing, Running, Visit};
use crate::token;

impl Deciding<'_> {
    pub(crate) fn run_task(&mut self, thread: ThreadId, state: &State, task: &Task) -> Step {
        let schedule = match self.schedule(thread, state, task) {
            Ok(schedule) => schedule,
            Err(failure) => return self.fail(thread, failure),
        };
        let (id, schedule) = (schedule.state, Arc::new(schedule));
        let scheduled = self.emit_next(thread, Fact::TaskScheduled(schedule.clone()))?;
        let retry_count = self.execution.visit(thread).map_or(0, Visit::retry_count);
        if let Some(order) = TaskOrder::new(self.machine, scheduled, &schedule, retry_count) {
            self.want(Effect::RunTask(Box::new(order)));
        }
        // An activity's task starts when a worker takes it.
        if !matches!(task.resource, Resource::Activity(_)) {
            self.emit_next(
                thread,
                Fact::TaskStarted {
                    state: id,
                    worker: None,
                },
            )?;
        }
        Ok(())
    }

    fn schedule(&self, thread: ThreadId, state: &State, task: &Task) -> Result<Schedule, Failure> {
        if let Resource::Activity(arn) = &task.resource
            && !self.world.activities.exist(arn)
        {
            // Observed on AWS: nothing is scheduled.
            return Err(Failure::Runtime(
                "The activity ARN does not exist.".to_owned(),
            ));
        }
        let token = takes_token(&task.resource).then(|| self.next_token());
        let scope = self.scope(thread);
        let scope = scope.with_token(token.as_deref());
        let input = match &state.data {
            Data::JsonPath(data) => scope.effective_input(data)?,
            Data::Jsonata(data) => match &data.arguments {
                Some(arguments) => Payload::from(scope.template(arguments, "Arguments")?),
                None => scope.raw_input().compact(),
            },
        };
        self.show(|| match &state.data {
            Data::JsonPath(_) => Stage::AfterInputPath(input.clone()),
            Data::Jsonata(_) => Stage::AfterArguments(input.clone()),
        });
        let scope = scope.on(&input);
        let timeout_seconds = task
            .timeout_seconds
            .as_ref()
            .map(|field| scope.seconds(field, "TimeoutSeconds"))
            .transpose()?;
        let heartbeat_seconds = task
            .heartbeat_seconds
            .as_ref()
            .map(|field| scope.seconds(field, "HeartbeatSeconds"))
            .transpose()?;
        let role_arn = match &task.credentials {
            Some(credentials) => match scope.template(credentials, "Credentials")? {
                Value::Object(object) => match object.get("RoleArn") {
                    Some(Value::String(role)) => Some(Arc::from(role.as_str())),
                    other => {
                        return Err(Failure::Runtime(format!(
                            "Credentials.RoleArn must be a string but was: {}",
                            other.unwrap_or(&Value::Null)
                        )));
                    }
                },
                other => {
                    return Err(Failure::Runtime(format!(
                        "Credentials must be an object but was: {other}"
                    )));
                }
            },
            None => None,
        };
        let parameters = match &state.data {
            Data::JsonPath(data) => {
                let parameters = match &data.parameters {
                    Some(parameters) => Payload::from(scope.template(parameters, "Parameters")?),
                    None => input.clone(),
                };
                self.show(|| Stage::AfterParameters(parameters.clone()));
                parameters
            }
            Data::Jsonata(_) => input.clone(),
        };
        self.fits(&parameters, &state.name)?;
        let state = self.execution.visit(thread).map(|visit| visit.state);
        let Some(state) = state else {
            return Err(Failure::Runtime("The state is gone.".to_owned()));
        };
        Ok(Schedule {
            state,
            input: parameters,
            timeout_seconds,
            heartbeat_seconds,
            role_arn,
            token: token.map(Arc::from),
        })
    }

    /// The token of the task that the next event schedules.
    fn next_token(&self) -> String {
        let task = self.execution.last_event() + 1;
        token::issue(&self.world.token_key, self.execution.identity(), task)
    }

    /// The thread that a running task belongs to; `None` if its outcome no longer matters.
    fn thread_of(&self, task: EventId) -> Option<(ThreadId, &State)> {
        let thread = self.execution.task_thread(task)?;
        Some((thread, self.state_of(thread)?))
    }

    /// A running task with its thread and state; `None` if its outcome no longer matters.
    fn running(&self, task: EventId) -> Option<(ThreadId, StateId, &Running)> {
        let thread = self.execution.task_thread(task)?;
        let visit = self.execution.visit(thread)?;
        match &visit.doing {
            Doing::Task(running) => Some((thread, visit.state, running)),
            _ => None,
        }
    }

    /// Starts a task; told twice, as after a crash, it has still started once.
    pub(crate) fn task_started(&mut self, task: EventId, worker: Option<Arc<str>>) -> Step {
        match self.running(task) {
            Some((thread, state, running)) if !running.started => {
                self.emit_next(thread, Fact::TaskStarted { state, worker })?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A service has taken the task; told twice, it has still been taken once.
    pub(crate) fn task_submitted(&mut self, task: EventId, output: Payload) -> Step {
        match self.running(task) {
            Some((thread, state, running)) if running.submitted.is_none() => {
                let about = self.machine.state(state);
                if output.text().len() > self.limits.payload_bytes {
                    // What the service has begun is of no use to anybody.
                    self.want(Effect::CancelTask { task });
                    return self.task_failed_with(thread, data_limit(&resource_name(about)));
                }
                if let Err(failure) = self.nests(&output, &about.name) {
                    return self.fail(thread, failure);
                }
                self.emit_next(thread, Fact::TaskSubmitted { state, output })?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn task_heartbeat(&mut self, task: EventId) {
        if let Some(thread) = self.execution.task_thread(task) {
            let previous = self.last_event(thread);
            self.note(thread, previous, Fact::TaskHeartbeat);
        }
    }

    pub(crate) fn task_succeeded(&mut self, task: EventId, output: &Payload) -> Step {
        let machine = self.machine;
        let Some((thread, _)) = self.thread_of(task) else {
            return Ok(());
        };
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let id = visit.state;
        let state = machine.state(id);
        if output.text().len() > self.limits.payload_bytes {
            let raised = data_limit(&resource_name(state));
            return self.task_failed_with(thread, raised);
        }
        if let Err(failure) = self.nests(output, &state.name) {
            return self.fail(thread, failure);
        }
        self.emit_next(
            thread,
            Fact::TaskSucceeded {
                state: id,
                output: output.clone(),
            },
        )?;
        self.show(|| Stage::Result(output.clone()));
        match self.with_result(thread, state, output) {
            Ok(leaving) => self.leave(thread, leaving, state.transition.unwrap_or(Transition::End)),
            Err(failure) => self.fail(thread, failure),
        }
    }

    pub(crate) fn task_failed(&mut self, task: EventId, reason: Reason) -> Step {
        let Some((thread, _)) = self.thread_of(task) else {
            return Ok(());
        };
        self.task_failed_with(
            thread,
            Raised {
                reason,
                origin: Origin::Other,
            },
        )
    }

    fn task_failed_with(&mut self, thread: ThreadId, raised: Raised) -> Step {
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = visit.state;
        let fact = Fact::TaskFailed {
            state,
            reason: raised.reason.clone(),
        };
        self.emit_next(thread, fact)?;
        self.fail(thread, Failure::Raised(raised))
    }

    pub(crate) fn task_impossible(&mut self, task: EventId, detail: &str) -> Step {
        let Some((thread, _)) = self.thread_of(task) else {
            return Ok(());
        };
        self.fail(thread, Failure::Runtime(detail.to_owned()))
    }

    /// The time limit or the heartbeat of the thread's task has passed.
    pub(crate) fn task_timed_out(&mut self, thread: ThreadId) -> Step {
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let Doing::Task(running) = &visit.doing else {
            return Ok(());
        };
        let (state, task) = (visit.state, running.task);
        let heartbeat = running.times_out.is_none_or(|at| at > self.world.now);
        self.emit_next(thread, Fact::TaskTimedOut { state, heartbeat })?;
        self.want(Effect::CancelTask { task });
        let reason = Reason {
            error: Some(TIMEOUT.into()),
            cause: None,
        };
        let origin = if heartbeat {
            Origin::Heartbeat
        } else {
            Origin::Timeout
        };
        self.fail(thread, Failure::Raised(Raised { reason, origin }))
    }
}

/// Whether a task can be ended by its token.
fn takes_token(resource: &Resource) -> bool {
    match resource {
        Resource::Lambda(_) => false,
        Resource::Activity(_) => true,
        Resource::Service(service) => service.pattern != IntegrationPattern::RequestResponse,
    }
}

/// What a task is called in the text about a result that is too large (observed on AWS).
fn resource_name(state: &State) -> String {
    match &state.kind {
        stepmill_asl::model::StateKind::Task(task) => match &task.resource {
            Resource::Lambda(arn) | Resource::Activity(arn) => arn.to_string(),
            Resource::Service(service) => service.resource_type(),
        },
        _ => state.name.to_string(),
    }
}
