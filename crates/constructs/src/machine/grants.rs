//! What others may be allowed to do with a machine, and its metrics.

use super::metric::{Metric, Statistic};
use super::state_machine::StateMachine;
use crate::core::{Arn, ArnFormat};
use crate::iam::{Grant, Grantable};
use crate::value::Text;

impl StateMachine {
    /// Allows to start executions.
    pub fn grant_start_execution(&self, identity: &dyn Grantable) -> Grant {
        self.grant(identity, &["states:StartExecution"])
    }

    /// Allows to start executions of an express machine and wait for them.
    pub fn grant_start_sync_execution(&self, identity: &dyn Grantable) -> Grant {
        self.grant(identity, &["states:StartSyncExecution"])
    }

    /// Allows to read executions and their results.
    pub fn grant_read(&self, identity: &dyn Grantable) -> Grant {
        self.grant(
            identity,
            &["states:ListExecutions", "states:ListStateMachines"],
        );
        self.grant_execution(
            identity,
            &[
                "states:DescribeExecution",
                "states:DescribeStateMachineForExecution",
                "states:GetExecutionHistory",
            ],
        );
        let everywhere = [
            "states:ListActivities",
            "states:DescribeStateMachine",
            "states:DescribeActivity",
        ];
        Grant::add_to_principal(identity, everywhere, ["*"])
    }

    /// Allows to end tasks that wait for their token.
    pub fn grant_task_response(&self, identity: &dyn Grantable) -> Grant {
        self.grant(
            identity,
            &[
                "states:SendTaskSuccess",
                "states:SendTaskFailure",
                "states:SendTaskHeartbeat",
            ],
        )
    }

    /// Allows actions on executions.
    pub fn grant_execution(&self, identity: &dyn Grantable, actions: &[&str]) -> Grant {
        let executions = self.execution_arn().then(":*");
        Grant::add_to_principal(identity, actions.iter().copied(), [executions])
    }

    /// Allows to go on with executions that failed.
    pub fn grant_redrive_execution(&self, identity: &dyn Grantable) -> Grant {
        self.grant_execution(identity, &["states:RedriveExecution"])
    }

    /// Allows actions on the machine.
    pub fn grant(&self, identity: &dyn Grantable, actions: &[&str]) -> Grant {
        let machine = self.state_machine_arn();
        Grant::add_to_principal(identity, actions.iter().copied(), [machine])
    }

    /// The ARN of its executions, up to their names.
    fn execution_arn(&self) -> Text {
        let executions = Text::from("execution:").then(self.name_in_arn());
        self.scope().arn("states", executions)
    }

    pub(super) fn name_in_arn(&self) -> Text {
        let arn = self.state_machine_arn();
        Arn::split(&arn).resource_name(ArnFormat::Colon)
    }

    /// A metric of its executions, summed up over 5 minutes.
    pub fn metric(&self, name: &str) -> Metric {
        Metric::states(name, Statistic::Sum).dimension("StateMachineArn", self.state_machine_arn())
    }

    /// How many executions failed.
    pub fn metric_failed(&self) -> Metric {
        self.metric("ExecutionsFailed")
    }

    /// How many executions, and retries, were held back.
    pub fn metric_throttled(&self) -> Metric {
        self.metric("ExecutionThrottled")
    }

    /// How many executions were aborted.
    pub fn metric_aborted(&self) -> Metric {
        self.metric("ExecutionsAborted")
    }

    /// How many executions succeeded.
    pub fn metric_succeeded(&self) -> Metric {
        self.metric("ExecutionsSucceeded")
    }

    /// How many executions took too long.
    pub fn metric_timed_out(&self) -> Metric {
        self.metric("ExecutionsTimedOut")
    }

    /// How many executions were started.
    pub fn metric_started(&self) -> Metric {
        self.metric("ExecutionsStarted")
    }

    /// How long executions took, in milliseconds, on average.
    pub fn metric_time(&self) -> Metric {
        self.metric("ExecutionTime").statistic(Statistic::Average)
    }
}
