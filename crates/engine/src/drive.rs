//! Driving an execution: one turn after another until it ends or only waits.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use stepmill_asl::model::{IntegrationPattern, Resource, StateMachine};
use stepmill_integrations::mock::TestCase;
use stepmill_integrations::{Call, Outcome, Progress};
use stepmill_interpreter::{
    Effect, EventId, Execution, Happened, Identity, Limits, OpenTask, Payload, Reason, Record,
    Status, TaskOrder, TokenState, decide,
};
use stepmill_store::Change;
use tokio::sync::{mpsc, watch};

use crate::error::{Code, Error};
use crate::journal::Journal;
use crate::live::Woken;
use crate::message::{ActivityTask, Message, News, Reply};
use crate::running::{Job, RunningTask};
use crate::stops;
use crate::world::Surroundings;

/// An execution that waits for less than this stays in memory.
const LINGER: Duration = Duration::from_secs(2);
/// What happened to an execution while a commit was under way goes into one commit, up to so much.
const BATCH: usize = 64;

const TASK_FAILED: &str = "States.TaskFailed";
const INTERRUPTED: &str = "The process that ran the task ended before the task did.";

/// What becomes of a task that was running when the process ended, when it is not known whether it
/// had any effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interrupted {
    /// It runs again, under the same name where the service takes one: at least once.
    #[default]
    Rerun,
    /// It fails with `States.TaskFailed`: at most once. The definition says with `Retry` and `Catch`
    /// what follows. What is known to be the same call when it is repeated, such as starting an
    /// execution, runs again all the same.
    Fail,
}

/// An execution that is in memory.
pub(crate) struct Driver {
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) machine: Arc<StateMachine>,
    pub(crate) execution: Execution,
    pub(crate) limits: Limits,
    pub(crate) mocks: Option<Arc<TestCase>>,
    pub(crate) journal: Journal,
    pub(crate) mailbox: mpsc::UnboundedReceiver<Message>,
    /// Where its tasks tell of themselves.
    pub(crate) address: mpsc::UnboundedSender<Message>,
    /// It was brought into memory and has not yet come to a rest.
    pub(crate) woken: Option<Woken>,
    tasks: FxHashMap<EventId, RunningTask>,
    closing: bool,
}

/// What is decided and not yet kept.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    effects: Vec<Effect>,
    changes: Vec<Change>,
    answers: Vec<Answer>,
}

/// Speaks once it is known whether the batch is kept.
type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

impl Driver {
    pub(crate) fn new(
        surroundings: Arc<Surroundings>,
        machine: Arc<StateMachine>,
        execution: Execution,
        journal: Journal,
        (address, mailbox): (
            mpsc::UnboundedSender<Message>,
            mpsc::UnboundedReceiver<Message>,
        ),
    ) -> Self {
        let limits = if execution.identity().express {
            Limits::EXPRESS
        } else {
            Limits::STANDARD
        };
        Self {
            surroundings,
            machine,
            execution,
            limits,
            mocks: None,
            journal,
            mailbox,
            address,
            woken: None,
            tasks: FxHashMap::default(),
            closing: false,
        }
    }

    /// Runs until the execution has ended or, if it is kept, only waits.
    pub(crate) async fn drive(mut self) -> (Execution, Journal) {
        while let Some(message) = self.next().await {
            if matches!(message, Message::Abandon) {
                break;
            }
            let mut batch = Batch::default();
            self.take(message, &mut batch);
            while batch.answers.len() + batch.records.len() < BATCH
                && let Ok(message) = self.mailbox.try_recv()
            {
                self.take(message, &mut batch);
            }
            if !self.keep(batch).await {
                break;
            }
        }
        for task in self.tasks.values() {
            task.handle.abort();
        }
        (self.execution, self.journal)
    }

    /// Takes up tasks that ran in a process that is gone.
    pub(crate) fn resume(&mut self, interrupted: Interrupted) {
        for order in self.execution.open_tasks(&self.machine) {
            if !runs_here(&order) {
                continue;
            }
            match interrupted {
                Interrupted::Rerun => self.run_again(&order),
                // A job that is known is waited for again, not started again.
                Interrupted::Fail
                    if order.submitted.is_some()
                        || stepmill_integrations::can_be_repeated(&order.order.resource) =>
                {
                    self.run_again(&order);
                }
                Interrupted::Fail => {
                    let reason = Reason {
                        error: Some(TASK_FAILED.into()),
                        cause: Some(INTERRUPTED.into()),
                    };
                    let task = order.order.task;
                    let failed = Happened::TaskFailed { task, reason };
                    let _ = self.address.send(Message::Happened(failed));
                }
            }
        }
    }

    async fn next(&mut self) -> Option<Message> {
        if *self.execution.status() != Status::Running
            || (self.closing && self.tasks.values().all(RunningTask::can_be_left))
        {
            return self.journal.leave(&mut self.mailbox);
        }
        if self.execution.is_ready() {
            // Others get their turn between the turns of an execution that could go on.
            tokio::task::yield_now().await;
            let next = self.mailbox.try_recv();
            return Some(next.unwrap_or(Message::Happened(Happened::Continue)));
        }
        let idle = self.tasks.is_empty();
        let parks = idle && self.journal.is_kept();
        let Some(due) = self.execution.due() else {
            return if parks {
                self.journal.leave(&mut self.mailbox)
            } else {
                self.woken = None;
                self.mailbox.recv().await
            };
        };
        let pause = self.surroundings.clock.until(due, idle);
        if parks && pause > LINGER {
            return self.journal.leave(&mut self.mailbox);
        }
        self.woken = None;
        tokio::select! {
            biased;
            next = self.mailbox.recv() => next,
            () = tokio::time::sleep(pause) => Some(Message::Happened(Happened::Clock)),
        }
    }

    fn take(&mut self, message: Message, batch: &mut Batch) {
        match message {
            Message::Start { input, reply } => {
                self.decide(Happened::Start(input), batch);
                let started = self.execution.started();
                batch.answer(reply, started);
            }
            Message::Happened(happened) => {
                self.decide(happened, batch);
            }
            Message::CallEnded { task, happened } => {
                self.tasks.remove(&task);
                self.decide(happened, batch);
            }
            Message::Token {
                task,
                token,
                news,
                reply,
            } => self.token(task, &token, news, reply, batch),
            Message::Take {
                task,
                worker,
                reply,
            } => {
                if !reply.is_closed() {
                    self.hand_over(task, worker, reply, batch);
                } else if let Some(queue) = self.journal.queue_of(task) {
                    // The worker has gone away meanwhile: the next one gets it.
                    self.journal.offer(queue, task);
                }
            }
            Message::Stop { reason, reply } => {
                let now = self.decide(Happened::Stop(reason), batch);
                batch.answer(reply, self.execution.ended().unwrap_or(now));
            }
            Message::Redrive { reply } => {
                let now = self.surroundings.clock.now();
                match self.execution.redrivable(now, &self.limits) {
                    Ok(()) => {
                        let now = self.decide(Happened::Redrive, batch);
                        batch.answer(Some(reply), now);
                    }
                    Err(reason) => {
                        let error = Error::new(Code::ExecutionNotRedrivable, reason.to_string());
                        let _ = reply.send(Err(error));
                    }
                }
            }
            Message::Close => self.closing = true,
            Message::Abandon => {
                // Read again when the batch is kept.
                let _ = self.address.send(Message::Abandon);
            }
        }
    }

    fn token(
        &mut self,
        task: EventId,
        token: &str,
        news: News,
        reply: Reply<()>,
        batch: &mut Batch,
    ) {
        let refusal = match self.execution.holds_token(task, token) {
            TokenState::Running => {
                if !matches!(news, News::Heartbeat) {
                    // A function that sends its own token has still something to do: it goes on.
                    // A job does so without anybody who waits for it.
                    if let Some(running) = self.tasks.remove(&task)
                        && running.job.is_some()
                    {
                        running.handle.abort();
                    }
                }
                self.decide(news.happened(task), batch);
                batch.answer(Some(reply), ());
                return;
            }
            TokenState::Ended => Error::new(
                Code::TaskTimedOut,
                "Task Timed Out: 'Provided task does not exist anymore'",
            ),
            TokenState::Unknown => Error::invalid_token(),
        };
        // What closed the task may stand in this very batch.
        batch.answers.push(Box::new(move |kept| {
            let _ = reply.send(kept.and(Err(refusal)));
        }));
    }

    /// Gives an activity's task to a worker.
    fn hand_over(
        &mut self,
        task: EventId,
        worker: Option<Arc<str>>,
        reply: tokio::sync::oneshot::Sender<Option<ActivityTask>>,
        batch: &mut Batch,
    ) {
        let before = batch.records.len();
        self.decide(Happened::TaskStarted { task, worker }, batch);
        batch.changes.extend(self.journal.dequeue(task));
        let taken = self
            .execution
            .open_task(&self.machine, task)
            .filter(|_| batch.records.len() > before)
            .and_then(|order| {
                Some(ActivityTask {
                    token: order.order.token?.to_string(),
                    input: order.order.input.text().to_owned(),
                })
            });
        batch.answers.push(Box::new(move |kept| {
            let _ = reply.send(taken.filter(|_| kept.is_ok()));
        }));
    }

    /// Decides what follows; the time it was decided at.
    fn decide(&mut self, happened: Happened, batch: &mut Batch) -> Timestamp {
        let now = self.surroundings.clock.now();
        let turn = decide(
            &self.machine,
            &mut self.execution,
            happened,
            &self.surroundings.world(now),
            &self.limits,
        );
        batch.records.extend(turn.records);
        batch.effects.extend(turn.effects);
        now
    }

    /// Records first: keeps what was decided, and only then answers and carries out the effects.
    /// False if it cannot be kept, and the execution in memory is no longer the one on the disk.
    async fn keep(&mut self, batch: Batch) -> bool {
        let Batch {
            records,
            effects,
            mut changes,
            answers,
        } = batch;
        #[cfg(feature = "effects-first")]
        let effects = self.call_first(effects);
        if let Err(error) = self.note_jobs(&effects, &mut changes) {
            tracing::error!(%error, "a job that is to be ended cannot be noted");
        }
        if !records.is_empty() || !changes.is_empty() {
            let kept = self
                .journal
                .keep(&self.execution, &self.machine, &records, &effects, changes)
                .await;
            if let Err(error) = kept {
                // A name that is taken is the affair of whoever has asked.
                if error.code != Code::ExecutionAlreadyExists {
                    tracing::error!(
                        execution = self.execution.identity().execution_arn,
                        %error,
                        "a turn could not be kept"
                    );
                }
                for answer in answers {
                    answer(Err(error.clone()));
                }
                return false;
            }
        }
        self.journal
            .observe(&self.surroundings.observers, &self.execution, records);
        for answer in answers {
            answer(Ok(()));
        }
        for effect in effects {
            self.carry_out(effect);
        }
        true
    }

    /// Breaks the rule on purpose: makes calls before their records are kept. What is left to do.
    #[cfg(feature = "effects-first")]
    fn call_first(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let (calls, rest) = effects.into_iter().partition(|effect| {
            matches!(effect, Effect::RunTask(order)
                if !matches!(order.resource, Resource::Activity(_)))
        });
        let calls: Vec<Effect> = calls;
        for call in calls {
            self.carry_out(call);
        }
        rest
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::RunTask(order) => match (&order.resource, self.journal.queue_of(order.task)) {
                (Resource::Activity(_), Some(queue)) => self.journal.offer(queue, order.task),
                // What is begun now could not end before the process does.
                _ if self.closing => {}
                _ => self.run(call(self.execution.identity(), &order)),
            },
            Effect::CancelTask { task } => self.cancel(task),
            Effect::End(_) => self.journal.ended(),
        }
    }

    /// Keeps with the turn which jobs it gives up.
    fn note_jobs(&mut self, effects: &[Effect], changes: &mut Vec<Change>) -> Result<(), Error> {
        let Some(keeper) = self.journal.keeper() else {
            return Ok(());
        };
        for effect in effects {
            let Effect::CancelTask { task } = effect else {
                continue;
            };
            let running = self.tasks.get_mut(task);
            if let Some(job) = running.and_then(|running| running.job.as_mut())
                && let Some(call) = job.started()
            {
                let (number, change) = stops::note(keeper, call)?;
                job.noted = Some(number);
                changes.push(change);
            }
        }
        Ok(())
    }

    fn cancel(&mut self, task: EventId) {
        if let Some(running) = self.tasks.remove(&task) {
            running.give_up(&self.surroundings, self.journal.keeper());
        }
    }

    /// Runs a task that was running when the process ended.
    fn run_again(&mut self, task: &OpenTask) {
        let submitted = task.submitted.as_ref();
        self.run(Call {
            submitted: submitted.map(|output| output.text().to_owned()),
            repeated: submitted.is_none(),
            ..call(self.execution.identity(), &task.order)
        });
    }

    fn run(&mut self, call: Call) {
        let tasks = self.surroundings.tasks.clone();
        let address = self.address.clone();
        let task = call.task;
        let call = Arc::new(Call {
            mocks: self.mocks.clone(),
            ..call
        });
        let (job, submitted) = match call.is_job() {
            true => {
                let (tell, submitted) = watch::channel(call.submitted.clone());
                let job = Job {
                    call: call.clone(),
                    submitted,
                    noted: None,
                };
                (Some(job), Some(tell))
            }
            false => (None, None),
        };
        let running = tokio::spawn(async move {
            // An execution that has ended no longer listens.
            let progress = |Progress::Submitted(output): Progress| {
                let output = Payload::from(output);
                if let Some(submitted) = &submitted {
                    submitted.send_replace(Some(output.text().to_owned()));
                }
                let happened = Happened::TaskSubmitted { task, output };
                let _ = address.send(Message::Happened(happened));
            };
            let outcome = tasks.run(&call, &progress).await;
            let happened = settled(task, outcome);
            let _ = address.send(Message::CallEnded { task, happened });
        });
        let handle = running.abort_handle();
        self.tasks.insert(task, RunningTask { handle, job });
    }
}

impl Batch {
    fn answer<T: Send + 'static>(&mut self, reply: Option<Reply<T>>, value: T) {
        if let Some(reply) = reply {
            self.answers.push(Box::new(move |kept| {
                // Who asked may be gone.
                let _ = reply.send(kept.map(|()| value));
            }));
        }
    }
}

/// The call that a task asks for.
pub(crate) fn call(identity: &Identity, order: &TaskOrder) -> Call {
    Call {
        execution_arn: identity.execution_arn.clone(),
        state_machine: identity.state_machine_name.clone(),
        state_machine_arn: identity.state_machine_arn.clone(),
        execution_role_arn: identity.role_arn.clone(),
        state: order.state.to_string(),
        task: order.task,
        attempt: order.retry_count,
        resource: order.resource.clone(),
        input: order.input.text().to_owned(),
        role_arn: order.role_arn.as_ref().map(ToString::to_string),
        token: order.token.as_ref().map(ToString::to_string),
        submitted: None,
        repeated: false,
        mocks: None,
    }
}

/// What has happened when a call comes to its end.
pub(crate) fn settled(task: EventId, outcome: Outcome) -> Happened {
    let read = |output: &str| {
        Payload::from_text(output).map_err(|error| Happened::TaskImpossible {
            task,
            detail: error.to_string(),
        })
    };
    match outcome {
        Outcome::Succeeded(output) => match read(&output) {
            Ok(output) => Happened::TaskSucceeded { task, output },
            Err(unreadable) => unreadable,
        },
        Outcome::Submitted(output) => match read(&output) {
            Ok(output) => Happened::TaskSubmitted { task, output },
            Err(unreadable) => unreadable,
        },
        Outcome::Failed { error, cause } => Happened::TaskFailed {
            task,
            reason: Reason {
                error: error.map(Arc::from),
                cause: cause.map(Arc::from),
            },
        },
        Outcome::Impossible(detail) => Happened::TaskImpossible { task, detail },
    }
}

/// Whether a task runs in this process, rather than waiting for somebody to tell of it.
pub(crate) fn runs_here(order: &OpenTask) -> bool {
    match &order.order.resource {
        Resource::Activity(_) => false,
        Resource::Lambda(_) => true,
        Resource::Service(service) => {
            service.pattern != IntegrationPattern::WaitForTaskToken || order.submitted.is_none()
        }
    }
}
