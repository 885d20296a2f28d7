//! Jobs that tasks start elsewhere: waited for again after a crash, ended when nobody waits.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{
    Caller, Chance, Config, CreateStateMachine, Engine, Interrupted, StartExecution, Tasks,
};
use stepmill_integrations::{Call, Outcome, Progress, StopError};
use stepmill_interpreter::Reason;
use stepmill_store::Memory;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, Semaphore};

const PATIENCE: Duration = Duration::from_secs(60);

/// A service outside, which does not crash with the engine.
#[derive(Default)]
struct Service {
    /// What it was asked for, in order: `start`, `take up ID`, `stop ID`.
    seen: Mutex<Vec<String>>,
    changed: Notify,
    /// The token of the task that was called last.
    token: Mutex<Option<String>>,
    /// Starts that may come to their end.
    starts: Gate,
    /// Jobs that may.
    jobs: Gate,
    /// Stops that may.
    stops: Gate,
    /// Stops that fail, with this for the next attempt.
    refusals: Mutex<Vec<StopError>>,
}

struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Gate {
    fn open(&self) {
        self.0.add_permits(100);
    }

    async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

impl Service {
    fn see(&self, what: String) {
        self.seen.lock().unwrap().push(what);
        self.changed.notify_waiters();
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until it was asked for that.
    async fn until(&self, what: &str) {
        let seen = async {
            loop {
                let changed = self.changed.notified();
                if self.seen().iter().any(|seen| seen == what) {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        assert!(waited.is_ok(), "{what} is not among {:?}", self.seen());
    }

    async fn answer(&self, call: &Call, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
        self.token.lock().unwrap().clone_from(&call.token);
        if let Some(submitted) = &call.submitted {
            self.see(format!("take up {submitted}"));
        } else {
            self.see("start".to_owned());
            self.starts.pass().await;
            progress(Progress::Submitted(json!({ "JobId": 1 })));
            self.see("started".to_owned());
        }
        self.jobs.pass().await;
        Outcome::Succeeded("\"done\"".to_owned())
    }
}

/// The service as the tasks of one engine see it.
struct Client(Arc<Service>);

impl Tasks for Client {
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(self.0.answer(call, progress))
    }

    fn stop<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = Result<(), StopError>> + Send + 'a>> {
        Box::pin(async {
            let submitted = call.submitted.clone().unwrap_or_default();
            self.0.see(format!("asked to stop {submitted}"));
            self.0.stops.pass().await;
            if let Some(refusal) = self.0.refusals.lock().unwrap().pop() {
                return Err(refusal);
            }
            self.0.see(format!("stop {submitted}"));
            Ok(())
        })
    }
}

/// A life of the engine; dropping it is a crash.
struct Life {
    runtime: Option<Runtime>,
    engine: Option<Engine>,
}

impl Life {
    fn begin(store: &Arc<Memory>, service: &Arc<Service>, interrupted: Interrupted) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let tasks = Arc::new(Client(service.clone()));
        let config = Config {
            interrupted,
            ..Config::new(Chance::new(1, [1; 32]))
        };
        let engine = {
            let _inside = runtime.enter();
            Engine::open(store.clone(), |_| tasks, config).unwrap()
        };
        Self {
            runtime: Some(runtime),
            engine: Some(engine),
        }
    }

    fn run<T>(&self, what: impl AsyncFnOnce(&Engine) -> T) -> T {
        let engine = self.engine.as_ref().unwrap();
        self.runtime.as_ref().unwrap().block_on(what(engine))
    }

    /// Starts an execution whose task runs a job, and returns when the service has been asked for it.
    fn start(&self, service: &Service, task: &Value) -> String {
        self.run(async |engine| {
            let mut state = json!({
                "Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": true,
                "Parameters": { "JobName": "n", "JobQueue": "q", "JobDefinition": "d" },
            });
            let members = task.as_object().unwrap().clone();
            state.as_object_mut().unwrap().extend(members);
            let machine = CreateStateMachine {
                name: "m".to_owned(),
                definition: json!({ "StartAt": "Job", "States": { "Job": state } }).to_string(),
                role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
                ..CreateStateMachine::default()
            };
            let caller = Caller::default();
            let created = engine.machines().create_state_machine(&caller, machine);
            let started = engine.start_execution(StartExecution {
                state_machine_arn: created.await.unwrap().arn,
                ..StartExecution::default()
            });
            let arn = started.await.unwrap().execution_arn;
            service.until("start").await;
            arn
        })
    }

    fn stop(&self, arn: &str) {
        self.run(async |engine| {
            engine.stop_execution(arn, Reason::default()).await.unwrap();
        });
    }

    fn status(&self, arn: &str) -> &'static str {
        self.run(async |engine| {
            let ended = async {
                loop {
                    let described = engine.describe_execution(arn).unwrap();
                    if described.status != "RUNNING" {
                        return described.status;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(PATIENCE, ended).await.unwrap()
        })
    }

    /// Returns when the history has a `TaskSubmitted`.
    fn submitted(&self, arn: &str) {
        self.run(async |engine| {
            let submitted = async {
                let query = stepmill_engine::HistoryQuery {
                    execution_arn: arn.to_owned(),
                    reverse: false,
                    after: None,
                    limit: 100,
                };
                while !engine
                    .history(&query)
                    .unwrap()
                    .items
                    .iter()
                    .any(|event| event.event_type == "TaskSubmitted")
                {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(PATIENCE, submitted).await.unwrap();
        });
    }

    fn until(&self, service: &Service, what: &str) {
        self.run(async |_| service.until(what).await);
    }

    fn shut_down(&self, grace: Duration) {
        self.run(async |engine| engine.shutdown(grace).await);
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // Nothing is left of it: all that runs ends here, wherever it is.
        let runtime = self.runtime.take().unwrap();
        {
            let _inside = runtime.enter();
            self.engine.take();
        }
        runtime.shutdown_timeout(PATIENCE);
    }
}

const JOB: &str = r#"{"JobId":1}"#;

#[test]
fn a_job_is_taken_up_again_after_a_crash_also_where_interrupted_tasks_fail() {
    for interrupted in [Interrupted::Rerun, Interrupted::Fail] {
        let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
        let life = Life::begin(&store, &service, interrupted);
        service.starts.open();
        let arn = life.start(&service, &json!({}));
        life.submitted(&arn);
        drop(life);
        let life = Life::begin(&store, &service, interrupted);
        life.until(&service, &format!("take up {JOB}"));
        service.jobs.open();
        assert_eq!(life.status(&arn), "SUCCEEDED");
        assert_eq!(
            service.seen(),
            ["start", "started", &format!("take up {JOB}")]
        );
    }
}

#[test]
fn a_job_is_ended_with_its_execution() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.starts.open();
    service.stops.open();
    let arn = life.start(&service, &json!({}));
    life.submitted(&arn);
    life.stop(&arn);
    life.until(&service, &format!("stop {JOB}"));
    assert_eq!(life.status(&arn), "ABORTED");
}

#[test]
fn a_job_is_ended_when_its_task_times_out() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.starts.open();
    service.stops.open();
    let arn = life.start(&service, &json!({ "TimeoutSeconds": 1 }));
    life.until(&service, &format!("stop {JOB}"));
    assert_eq!(life.status(&arn), "FAILED");
}

#[test]
fn a_job_whose_start_is_under_way_is_ended_once_it_has_started() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.stops.open();
    let arn = life.start(&service, &json!({}));
    life.stop(&arn);
    service.starts.open();
    life.until(&service, &format!("stop {JOB}"));
    assert_eq!(life.status(&arn), "ABORTED");
}

#[test]
fn a_job_is_ended_after_a_crash_that_came_between() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.starts.open();
    let arn = life.start(&service, &json!({}));
    life.submitted(&arn);
    life.stop(&arn);
    life.until(&service, &format!("asked to stop {JOB}"));
    drop(life);
    assert!(!service.seen().contains(&format!("stop {JOB}")));

    service.stops.open();
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    life.until(&service, &format!("stop {JOB}"));
    life.shut_down(PATIENCE);
    drop(life);
    // Then it is done: nobody asks again.
    let before = service.seen();
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    life.shut_down(PATIENCE);
    assert_eq!(service.seen(), before);
}

#[test]
fn ending_a_job_is_tried_again_as_long_as_that_may_help() {
    for may_pass in [true, false] {
        let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
        let life = Life::begin(&store, &service, Interrupted::Rerun);
        service.starts.open();
        service.stops.open();
        let message = "not now".to_owned();
        service
            .refusals
            .lock()
            .unwrap()
            .push(StopError { message, may_pass });
        let arn = life.start(&service, &json!({}));
        life.submitted(&arn);
        life.stop(&arn);
        // A shutdown waits for jobs that are being ended.
        life.run(async |_| service.until(&format!("asked to stop {JOB}")).await);
        life.shut_down(PATIENCE);
        let stopped = service.seen().contains(&format!("stop {JOB}"));
        assert_eq!(stopped, may_pass);
    }
}

#[test]
fn a_server_that_is_told_to_stop_does_not_wait_for_jobs() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.starts.open();
    let arn = life.start(&service, &json!({}));
    life.submitted(&arn);
    // It would wait for an hour, and the test for less.
    let shutdown = async |engine: &Engine| {
        let shutdown = engine.shutdown(Duration::from_secs(3_600));
        tokio::select! {
            () = shutdown => true,
            () = tokio::time::sleep(PATIENCE) => false,
        }
    };
    assert!(life.run(shutdown));
    drop(life);
    service.jobs.open();
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    assert_eq!(life.status(&arn), "SUCCEEDED");
    assert!(!service.seen().iter().any(|seen| seen.contains("stop")));
}

#[test]
fn a_job_that_its_token_ends_early_is_left_alone() {
    let (store, service) = (Arc::new(Memory::new()), Arc::new(Service::default()));
    let life = Life::begin(&store, &service, Interrupted::Rerun);
    service.starts.open();
    let arn = life.start(&service, &json!({}));
    life.submitted(&arn);
    let token = service.token.lock().unwrap().clone().unwrap();
    life.run(async |engine| engine.send_task_success(&token, "\"early\"").await.unwrap());
    assert_eq!(life.status(&arn), "SUCCEEDED");
    life.shut_down(PATIENCE);
    assert!(!service.seen().iter().any(|seen| seen.contains("stop")));
}
