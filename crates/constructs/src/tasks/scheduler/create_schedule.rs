//! Making a schedule.

use jiff::Timestamp;

use super::schedule::Schedule;
use super::target::EventBridgeSchedulerTarget;
use crate::core::{Duration, Problem, Scope};
use crate::resources::Key;
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::names;
use crate::value::{Text, Value};

/// Makes a schedule, by which EventBridge Scheduler calls a target.
#[derive(Debug, Clone)]
#[must_use]
pub struct EventBridgeSchedulerCreateScheduleTask {
    scope: Scope,
    options: StateOptions,
    schedule_name: Text,
    schedule: Schedule,
    target: EventBridgeSchedulerTarget,
    action_after_completion: Option<ActionAfterCompletion>,
    client_token: Option<Text>,
    description: Option<Text>,
    end_date: Option<Text>,
    flexible_time_window: Option<Duration>,
    group_name: Option<Text>,
    kms_key: Option<Key>,
    timezone: Option<Text>,
    start_date: Option<Text>,
    enabled: bool,
}

names! {
    /// What becomes of a schedule that has happened for the last time.
    pub enum ActionAfterCompletion {
        /// It stays.
        None = "NONE",
        /// It is deleted.
        Delete = "DELETE",
    }
}

impl EventBridgeSchedulerCreateScheduleTask {
    /// Makes a schedule of a name that calls a target.
    pub fn new(
        scope: &Scope,
        id: &str,
        schedule_name: impl Into<Text>,
        schedule: Schedule,
        target: EventBridgeSchedulerTarget,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            schedule_name: schedule_name.into(),
            schedule,
            target,
            action_after_completion: None,
            client_token: None,
            description: None,
            end_date: None,
            flexible_time_window: None,
            group_name: None,
            kms_key: None,
            timezone: None,
            start_date: None,
            enabled: true,
        }
    }

    /// What becomes of the schedule after its last time; it stays unless said.
    pub fn action_after_completion(mut self, action: ActionAfterCompletion) -> Self {
        self.action_after_completion = Some(action);
        self
    }

    /// A text by which the Scheduler knows that a request is a repetition, up to 64 characters.
    pub fn client_token(mut self, token: impl Into<Text>) -> Self {
        self.client_token = Some(token.into());
        self
    }

    /// What the schedule is for, up to 512 characters.
    pub fn description(mut self, description: impl Into<Text>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Before when it calls the target: `2026-12-31T00:00:00Z`, or a path.
    pub fn end_date(mut self, date: impl Into<Text>) -> Self {
        self.end_date = Some(date.into());
        self
    }

    /// How much later than planned it may call the target, from a minute to a day, in whole minutes; not at all unless
    /// said.
    pub fn flexible_time_window(mut self, window: Duration) -> Self {
        self.flexible_time_window = Some(window);
        self
    }

    /// The group of schedules that it belongs to; `default` unless said.
    pub fn group_name(mut self, name: impl Into<Text>) -> Self {
        self.group_name = Some(name.into());
        self
    }

    /// The key to encrypt the schedule's data with; the target's role is allowed to decrypt with it.
    pub fn kms_key(mut self, key: &Key) -> Self {
        self.kms_key = Some(key.clone());
        self
    }

    /// The time zone of the schedule's times: `Europe/Berlin`; UTC unless said.
    pub fn timezone(mut self, name: impl Into<Text>) -> Self {
        self.timezone = Some(name.into());
        self
    }

    /// From when it calls the target: `2026-01-01T00:00:00Z`, or a path; at once unless said.
    pub fn start_date(mut self, date: impl Into<Text>) -> Self {
        self.start_date = Some(date.into());
        self
    }

    /// Whether it calls the target at all; it does unless said.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

task_state!(EventBridgeSchedulerCreateScheduleTask, define);

fn define(
    create: EventBridgeSchedulerCreateScheduleTask,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let target_role = create.target.role.clone();
    let (schedule, target) = (create.schedule.expression()?, create.target.render()?);
    let start_date = instant("start_date", create.start_date)?;
    let end_date = instant("end_date", create.end_date)?;
    if let (Some(Instant::Known(start)), Some(Instant::Known(end))) = (&start_date, &end_date)
        && start >= end
    {
        let message = "'startDate' must be before 'endDate'";
        return Err(Problem::property("start_date", message));
    }
    check_client_token(create.client_token.as_ref())?;
    check_description(create.description.as_ref())?;
    let window = create.flexible_time_window.map(minutes).transpose()?;
    check_group_name(create.group_name.as_ref())?;
    check_timezone(create.timezone.as_ref())?;
    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    if let Some(key) = &create.kms_key {
        key.grant_decrypt(&target_role);
    }
    let completion = create
        .action_after_completion
        .unwrap_or(ActionAfterCompletion::None);
    let window = Value::object([
        ("Mode", Some(window.map_or("OFF", |_| "FLEXIBLE").into())),
        ("MaximumWindowInMinutes", window.map(Value::from)),
    ]);
    let state = if create.enabled {
        "ENABLED"
    } else {
        "DISABLED"
    };
    let key = create.kms_key.as_ref().map(Key::key_arn);
    let parameters = Value::object([
        ("ActionAfterCompletion", Some(completion.into())),
        ("ClientToken", create.client_token.map(Value::from)),
        ("Description", create.description.map(Value::from)),
        ("EndDate", end_date.map(Value::from)),
        ("FlexibleTimeWindow", Some(window)),
        ("GroupName", create.group_name.map(Value::from)),
        ("KmsKeyArn", key.map(Value::from)),
        ("Name", Some(create.schedule_name.into())),
        ("ScheduleExpression", Some(schedule.into())),
        (
            "ScheduleExpressionTimezone",
            create.timezone.map(Value::from),
        ),
        ("StartDate", start_date.map(Value::from)),
        ("State", Some(state.into())),
        ("Target", Some(target)),
    ]);
    task.integration(
        "aws-sdk:scheduler",
        "createSchedule",
        pattern,
        parameters,
        &[],
    )
}

/// A point in time.
enum Instant {
    Known(Timestamp),
    AtRunTime(Text),
}

impl From<Instant> for Value {
    fn from(instant: Instant) -> Self {
        match instant {
            Instant::Known(time) => time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string().into(),
            Instant::AtRunTime(text) => text.into(),
        }
    }
}

fn instant(property: &'static str, date: Option<Text>) -> Result<Option<Instant>, Problem> {
    let Some(date) = date else { return Ok(None) };
    let literal = date.as_literal().filter(|date| !date.starts_with("{%"));
    let Some(literal) = literal else {
        return Ok(Some(Instant::AtRunTime(date)));
    };
    match literal.parse() {
        Ok(time) => Ok(Some(Instant::Known(time))),
        Err(error) => Err(Problem::property(
            property,
            format!("'{literal}' is no point in time like 2026-01-31T12:00:00Z: {error}"),
        )),
    }
}

/// A text that is known, with its length in characters.
fn literal(text: Option<&Text>) -> Option<(&str, usize)> {
    let text = text?.as_literal().filter(|text| !text.starts_with("{%"))?;
    Some((text, text.chars().count()))
}

fn is_word(text: &str, more: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
}

fn check_client_token(token: Option<&Text>) -> Result<(), Problem> {
    let Some((token, length)) = literal(token) else {
        return Ok(());
    };
    let problem = |message| Err(Problem::property("client_token", message));
    if !(1..=64).contains(&length) {
        return problem(format!(
            "ClientToken must be between 1 and 64 characters long. Got: {length}"
        ));
    }
    if !is_word(token, "-_") {
        return problem(format!(
            "ClientToken must consist of alphanumeric characters, dashes, and underscores only, Got: {token}"
        ));
    }
    Ok(())
}

fn check_description(description: Option<&Text>) -> Result<(), Problem> {
    match literal(description) {
        Some((_, length)) if length > 512 => {
            let message =
                format!("Description must be less than 512 characters long. Got: {length}");
            Err(Problem::property("description", message))
        }
        _ => Ok(()),
    }
}

/// The window in minutes.
fn minutes(window: Duration) -> Result<u64, Problem> {
    let problem = |message: String| Problem::property("flexible_time_window", message);
    let allowed = Duration::minutes(1)..=Duration::minutes(1440);
    if !allowed.contains(&window) {
        let message = "FlexibleTimeWindow must be between 1 and 1440 minutes";
        return Err(problem(message.to_owned()));
    }
    window.whole_minutes().map_err(problem)
}

fn check_group_name(name: Option<&Text>) -> Result<(), Problem> {
    let Some((name, length)) = literal(name) else {
        return Ok(());
    };
    let problem = |message| Err(Problem::property("group_name", message));
    if !(1..=64).contains(&length) {
        return problem(format!(
            "GroupName must be between 1 and 64 characters long. Got: {length}"
        ));
    }
    if !is_word(name, "-_.") {
        return problem(format!(
            "GroupName must consist of alphanumeric characters, dashes, underscores, and periods only, Got: {name}"
        ));
    }
    Ok(())
}

fn check_timezone(name: Option<&Text>) -> Result<(), Problem> {
    match literal(name) {
        Some((_, length)) if !(1..=50).contains(&length) => {
            let message =
                format!("Timezone must be between 1 and 50 characters long. Got: {length}");
            Err(Problem::property("timezone", message))
        }
        _ => Ok(()),
    }
}
