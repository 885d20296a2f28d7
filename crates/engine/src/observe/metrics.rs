//! Metrics of executions, as Prometheus reads them.
//!
//! They are AWS's metrics of the namespace `AWS/States` (Developer Guide, "Monitoring Step Functions
//! metrics using Amazon CloudWatch") under names as Prometheus wants them: `aws_states_`, the words
//! of AWS's name in lower case with `_` between them, and a suffix. What AWS counts is a counter and
//! ends in `_total`; what AWS gives in milliseconds is a histogram in seconds and ends in
//! `_seconds`. Dimensions are labels: `StateMachineArn` is `state_machine_arn`. So
//! `ExecutionsStarted` by `StateMachineArn` is
//! `aws_states_executions_started_total{state_machine_arn="…"}`.
//!
//! | AWS | here |
//! |---|---|
//! | `Executions{Started,Succeeded,Failed,Aborted,TimedOut}` | `aws_states_executions_…_total` |
//! | `ExecutionsRedriven`, `RedrivenExecutions{Succeeded,…}` | `aws_states_executions_redriven_total`, `aws_states_redriven_executions_…_total` |
//! | `ExecutionTime` | `aws_states_execution_time_seconds` |
//! | `ExpressExecutionBilledDuration` | `aws_states_express_execution_billed_duration_seconds_total` |
//! | `ConsumedCapacity` of the `ServiceMetric` `StateTransition` | `aws_states_state_transitions_total`, by state machine |
//! | `Activities{Scheduled,Started,Succeeded,Failed,TimedOut,HeartbeatTimedOut}` | `aws_states_activities_…_total{activity_arn}` |
//! | `LambdaFunctions{Scheduled,Started,Succeeded,Failed,TimedOut}` | `aws_states_lambda_functions_…_total{lambda_function_arn}` |
//! | `ServiceIntegrations{Scheduled,Started,Succeeded,Failed,TimedOut}` | `aws_states_service_integrations_…_total{service_integration_resource_arn}` |
//! | `{Activity,LambdaFunction,ServiceIntegration}{ScheduleTime,RunTime,Time}` | `aws_states_activity_schedule_time_seconds`, … |
//!
//! What nobody measures here is not shown: billed memory, throttling, map runs. What others know,
//! such as `OpenExecutionCount`, they add with [`Metrics::add`].
//!
//! Series are as many as there are state machines, activities, functions and resources, up to
//! [`MetricsConfig::max_series`] of each; what comes beyond that is counted together under the label
//! `other`.

mod handles;
mod histogram;
mod running;
mod series;
mod text;

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Deserialize;
use stepmill_interpreter::{Execution, Fact, Record, TaskKind};

use crate::observer::{ObservedTurn, Observer};

use handles::Handles;
use running::Running;
use series::{MachineCounter, MachineSeries, SeriesSet, TaskCounter, TaskSeries};

/// The section `[metrics]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// State machines that are told apart, at most; and as many activities, functions and resources.
    pub max_series: usize,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { max_series: 1_000 }
    }
}

/// Counts what executions do.
pub struct Metrics {
    machines: SeriesSet<MachineSeries>,
    activities: SeriesSet<TaskSeries>,
    functions: SeriesSet<TaskSeries>,
    integrations: SeriesSet<TaskSeries>,
    handles: Handles,
    running: Running,
    others: Mutex<Vec<Other>>,
}

/// A value that somebody else knows.
struct Other {
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    value: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new(config: &MetricsConfig) -> Self {
        Self {
            machines: SeriesSet::new(config.max_series),
            activities: SeriesSet::new(config.max_series),
            functions: SeriesSet::new(config.max_series),
            integrations: SeriesSet::new(config.max_series),
            handles: Handles::default(),
            running: Running::default(),
            others: Mutex::default(),
        }
    }

    /// Shows a value that somebody else knows. A name that ends in `_total` is a counter's, any
    /// other one a gauge's.
    pub fn add(
        &self,
        name: &'static str,
        help: &'static str,
        value: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        let kind = if name.ends_with("_total") {
            "counter"
        } else {
            "gauge"
        };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.push(Other {
            name,
            help,
            kind,
            value: Box::new(value),
        });
    }

    /// Everything in Prometheus' text format, version 0.0.4
    /// (`Content-Type: text/plain; version=0.0.4`).
    pub fn render(&self) -> String {
        let mut out = String::new();
        text::machines(&mut out, &self.machines);
        for (words, set) in [
            (&text::ACTIVITIES, &self.activities),
            (&text::FUNCTIONS, &self.functions),
            (&text::INTEGRATIONS, &self.integrations),
        ] {
            text::tasks(&mut out, words, set);
        }
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        for other in &*others {
            text::single(
                &mut out,
                other.name,
                other.help,
                other.kind,
                (other.value)(),
            );
        }
        out
    }

    fn set(&self, kind: TaskKind) -> &SeriesSet<TaskSeries> {
        match kind {
            TaskKind::Activity => &self.activities,
            TaskKind::Lambda => &self.functions,
            TaskKind::Service => &self.integrations,
        }
    }

    fn task(&self, execution: &Execution, task: &TaskSeries, record: &Record) {
        let (counter, ends) = match &record.fact {
            Fact::TaskScheduled(_) => {
                self.running.scheduled(execution, record);
                (TaskCounter::Scheduled, false)
            }
            Fact::TaskStarted { .. } => {
                if let Some(scheduled) = self.running.started(execution, record) {
                    task.schedule_time
                        .observe(record.time.duration_since(scheduled));
                }
                (TaskCounter::Started, false)
            }
            Fact::TaskSucceeded { .. } => (TaskCounter::Succeeded, true),
            Fact::TaskFailed { .. } => (TaskCounter::Failed, true),
            Fact::TaskTimedOut {
                heartbeat: true, ..
            } => (TaskCounter::HeartbeatTimedOut, true),
            Fact::TaskTimedOut { .. } => (TaskCounter::TimedOut, true),
            _ => return,
        };
        task.add(counter);
        if ends && let Some((scheduled, started)) = self.running.ended(execution, record) {
            task.time.observe(record.time.duration_since(scheduled));
            if let Some(started) = started {
                task.run_time.observe(record.time.duration_since(started));
            }
        }
    }
}

impl Observer for Metrics {
    fn turn(&self, turn: &ObservedTurn<'_>) {
        let execution = turn.execution;
        let handles = self.handles.of(
            turn.revision,
            |arn| self.machines.of(arn),
            |kind, arn| self.set(kind).of(arn),
        );
        let machine = &*handles.machine;
        for (record, redrives) in turn.records_with_redrives() {
            let how = |ended: MachineCounter| match redrives {
                0 => (ended, None),
                _ => (ended, Some(ended.redriven())),
            };
            match &record.fact {
                Fact::StateEntered { .. } => machine.add(MachineCounter::StateTransitions),
                Fact::TaskScheduled(schedule) => {
                    if let Some(task) = handles.task(schedule.state) {
                        self.task(execution, task, record);
                    }
                }
                Fact::TaskStarted { state, .. }
                | Fact::TaskSucceeded { state, .. }
                | Fact::TaskFailed { state, .. }
                | Fact::TaskTimedOut { state, .. } => {
                    if let Some(task) = handles.task(*state) {
                        self.task(execution, task, record);
                    }
                }
                Fact::StateAborted { .. } => self.running.aborted(execution, record),
                Fact::ExecutionStarted { .. } => machine.add(MachineCounter::Started),
                Fact::ExecutionRedriven { .. } => machine.add(MachineCounter::Redriven),
                Fact::ExecutionSucceeded { .. } => {
                    self.ended(
                        execution,
                        machine,
                        record.time,
                        how(MachineCounter::Succeeded),
                    );
                }
                Fact::ExecutionFailed(_) => {
                    self.ended(execution, machine, record.time, how(MachineCounter::Failed));
                }
                Fact::ExecutionAborted(_) => {
                    self.ended(
                        execution,
                        machine,
                        record.time,
                        how(MachineCounter::Aborted),
                    );
                }
                Fact::ExecutionTimedOut => {
                    self.ended(
                        execution,
                        machine,
                        record.time,
                        how(MachineCounter::TimedOut),
                    );
                }
                _ => {}
            }
        }
    }
}

impl Metrics {
    fn ended(
        &self,
        execution: &Execution,
        machine: &MachineSeries,
        time: Timestamp,
        (how, redriven): (MachineCounter, Option<MachineCounter>),
    ) {
        machine.add(how);
        if let Some(redriven) = redriven {
            machine.add(redriven);
        }
        let lasted = time.duration_since(execution.started());
        machine.execution_time.observe(lasted);
        if execution.identity().express {
            machine.bill(lasted);
        }
        self.running.forget(execution);
    }
}
