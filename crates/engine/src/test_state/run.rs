//! Running the state: the interpreter's turns, from before the state to its end.

use std::sync::Arc;

use stepmill_asl::World;
use stepmill_asl::model::Transition;
use stepmill_interpreter::{
    Effect, Execution, Fact, Happened, Identity, Limits, Payload, Probe, Record, Stage, Status,
    TaskOrder, ThreadId, decide_under,
};
use uuid::Uuid;

use super::definition::Tested;
use super::mocked;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::drive;
use crate::error::Error;
use crate::names;
use crate::tasks::Tasks;

/// A state that runs.
pub(super) struct Run<'a> {
    tested: &'a Tested,
    probe: Probe,
    execution: Execution,
    records: Vec<Record>,
}

/// A state that has left, failed, or would be retried.
pub(super) struct Ended {
    pub(super) input: Payload,
    pub(super) variables: Vec<(Arc<str>, Payload)>,
    pub(super) status: Status,
    pub(super) records: Vec<Record>,
    pub(super) seen: Vec<Stage>,
    /// What an `ItemReader` read, after its `ItemsPointer`.
    pub(super) items_pointer: Option<Payload>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        tested: &'a Tested,
        probe: Probe,
        caller: &Caller,
        role: Option<&str>,
    ) -> Self {
        Self {
            tested,
            probe,
            execution: Execution::new(identity(caller, role)),
            records: Vec::new(),
        }
    }

    /// Runs it; `answer` is what its task comes to, if that is mocked.
    pub(super) async fn finish(
        mut self,
        input: Payload,
        variables: &[(Arc<str>, Payload)],
        answer: Option<mocked::Outcome>,
        tasks: &dyn Tasks,
        clock: &Clock,
    ) -> Result<Ended, Error> {
        self.arrive(&input, variables, clock);
        // Two steps: entering the state, and one attempt at it. What it leads to is not begun.
        let mut order = self.turn(Happened::Continue, 2, clock);
        let mut answer = answer;
        while !self.has_ended() {
            let happened = match (order.as_ref(), answer.take()) {
                (Some(order), Some(Ok(output))) => Happened::TaskSucceeded {
                    task: order.task,
                    output,
                },
                (Some(order), Some(Err(reason))) => Happened::TaskFailed {
                    task: order.task,
                    reason,
                },
                (order, None | Some(_)) => wait(&self.execution, order, tasks, clock).await?,
            };
            order = self.turn(happened, 0, clock).or(order);
        }
        Ok(Ended {
            input,
            variables: variables.to_vec(),
            status: self.execution.status().clone(),
            records: self.records,
            seen: self.probe.into_seen(),
            items_pointer: None,
        })
    }

    /// The records of an execution that has come to where the state is next.
    fn arrive(&mut self, input: &Payload, variables: &[(Arc<str>, Payload)], clock: &Clock) {
        let started = Fact::ExecutionStarted {
            input: input.clone(),
        };
        let led_here = Fact::StateExited {
            state: self.tested.id,
            output: input.clone(),
            assigned: variables.to_vec(),
            to: Transition::Next(self.tested.id),
        };
        for (id, fact) in [(1, started), (0, led_here)] {
            let record = Record {
                time: clock.now(),
                thread: ThreadId::ROOT,
                id,
                previous: 0,
                fact,
            };
            self.execution.apply(&self.tested.machine, &record);
        }
    }

    /// One turn; gives the task that it wants run.
    fn turn(&mut self, happened: Happened, steps: usize, clock: &Clock) -> Option<TaskOrder> {
        let world = World::new(clock.now(), Uuid::new_v4().as_u64_pair().0);
        let limits = Limits {
            turn_steps: steps,
            ..Limits::EXPRESS
        };
        let turn = decide_under(
            &self.probe,
            &self.tested.machine,
            &mut self.execution,
            happened,
            &world,
            &limits,
        );
        self.records.extend(turn.records);
        turn.effects.into_iter().find_map(|effect| match effect {
            Effect::RunTask(order) => Some(*order),
            Effect::CancelTask { .. } | Effect::End(_) => None,
        })
    }

    fn has_ended(&self) -> bool {
        let left = |record: &Record| {
            matches!(
                record.fact,
                Fact::StateExited { .. } | Fact::RetryScheduled { .. }
            )
        };
        *self.execution.status() != Status::Running || self.records.iter().any(left)
    }
}

/// Waits for the task or the time, whichever comes first.
async fn wait(
    execution: &Execution,
    order: Option<&TaskOrder>,
    tasks: &dyn Tasks,
    clock: &Clock,
) -> Result<Happened, Error> {
    let due = execution.due();
    let due = due.ok_or_else(|| Error::internal("The state waits for nothing."))?;
    let pause = tokio::time::sleep(clock.until(due, order.is_none()));
    let Some(order) = order else {
        pause.await;
        return Ok(Happened::Clock);
    };
    let call = drive::call(execution.identity(), order);
    let nothing_before_the_end = |_| {};
    tokio::select! {
        biased;
        outcome = tasks.run(&call, &nothing_before_the_end) => {
            Ok(drive::settled(order.task, outcome))
        }
        () = pause => Ok(Happened::Clock),
    }
}

/// An execution of a state under test looks like an Express execution (observed on AWS).
fn identity(caller: &Caller, role: Option<&str>) -> Identity {
    let Caller { account, region } = caller;
    let machine = Uuid::new_v4();
    let mut identity = names::identity(&machine.to_string(), true, account, region);
    let name = &identity.name;
    identity.execution_arn = format!("arn:aws:states:{region}:{account}:express:{machine}:{name}");
    if let Some(role) = role {
        role.clone_into(&mut identity.role_arn);
    }
    identity
}
