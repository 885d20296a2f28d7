//! The jobs of cases: from their start to their end, whatever that is.

use std::sync::Mutex;

use serde_json::{Map, Value, json};
use stepmill_asl::model::IntegrationPattern;
use stepmill_integrations::{Call, Integrations, Outcome, Progress};

use super::Row;
use super::strict::{asked, requested};
use super::table::Job;
use super::template::{filled, holds, overlaid};
use crate::call;
use crate::strict::Strict;

/// A row's job on the strict server, with an account of its own.
struct Life<'a> {
    strict: &'a Strict,
    row: &'a Row,
    job: &'static Job,
    key: String,
    tasks: Integrations,
    context: Value,
}

impl<'a> Life<'a> {
    async fn begin(strict: &'a Strict, row: &'a Row, what: &str) -> Self {
        let key = format!("{what}-{}-{}", row.service, row.action);
        strict.script(&key, &json!(row.case.answers));
        let tasks = strict.integrations(&key);
        let context = row.prepare(&tasks).await;
        Self {
            strict,
            row,
            job: row.case.sync.as_ref().unwrap(),
            key,
            tasks,
            context,
        }
    }

    /// The API action that is asked, as the strict server calls it.
    fn asking(&self) -> String {
        let operation = self.job.poll.keys().next().unwrap();
        format!("{}.{operation}", self.row.api().model.unwrap())
    }

    /// The answer that the job has a status.
    fn status(&self, status: &str) -> Value {
        let mut shown = json!(status);
        for step in self.job.status.rsplit('.') {
            shown = match step.parse::<usize>() {
                Ok(_) => json!([shown]),
                Err(_) => json!({ step: shown }),
            };
        }
        json!({ "result": overlaid(shown, &Value::Object(self.job.polled.clone())) })
    }

    /// How a job that is at its end is shown.
    fn success(&self) -> Value {
        match (&self.job.success, &self.job.gone) {
            (Some(status), _) => self.status(status),
            (None, Some(code)) => json!({ "error": { "code": code } }),
            (None, None) => panic!("{} never succeeds", self.row.resource()),
        }
    }

    fn script(&self, answers: &[Value]) {
        self.strict
            .script(&self.key, &json!({ self.asking(): answers }));
    }

    fn call(&self) -> Call {
        let parameters = filled(&self.row.case.parameters, &self.context);
        call(&self.row.resource(), &parameters)
    }

    /// Runs the task: its outcome, what it said when it had started the job, and what it asked.
    async fn run(&self, call: &Call) -> (Outcome, Vec<Value>, Vec<Value>) {
        let before = self.strict.requests(&self.key).len();
        let submitted = Mutex::new(Vec::new());
        let progress = |Progress::Submitted(response)| submitted.lock().unwrap().push(response);
        let outcome = self.tasks.run(call, &progress).await;
        let requests = self.strict.requests(&self.key).split_off(before);
        (outcome, submitted.into_inner().unwrap(), requests)
    }

    /// What the task shows, by the response to the start and the last answer with a status.
    fn shown(&self, requests: &[Value], started: &Value) -> Value {
        let mut context = self.context.clone();
        context["started"] = started.clone();
        let polled = requests.iter().rev().map(|request| &request["result"]);
        let polled = polled.filter(|result| !result.is_null());
        context["polled"] = polled.clone().next().unwrap().clone();
        filled(&self.job.result, &context)
    }

    /// One request of `{"GetJobRun": {…}}`, with what is known when the job has been started.
    fn request(&self, of: &Map<String, Value>, started: &Value) -> (String, Value) {
        let mut context = self.context.clone();
        context["started"] = started.clone();
        let (operation, parameters) = of.iter().next().unwrap();
        (operation.clone(), filled(parameters, &context))
    }
}

fn rows() -> Vec<Row> {
    Row::all(&[IntegrationPattern::RunJob])
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_started_asked_for_and_shown() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in &rows() {
        let name = row.resource();
        let life = Life::begin(&strict, row, "run").await;
        // A question that is not answered does not end the waiting.
        let throttled =
            json!({ "error": { "code": "ThrottlingException", "message": "", "status": 400 } });
        let mut answers = vec![throttled];
        let states = life.job.states.iter();
        answers.extend(states.map(|state| life.status(state)));
        answers.push(life.success());
        life.script(&answers);
        let (outcome, submitted, requests) = life.run(&life.call()).await;
        assert_eq!(submitted.len(), 1, "{name}: {outcome:?}");

        let started = &requests[0]["result"];
        let mut expected = requested(row, &life.context);
        let question = life.request(&life.job.poll, started);
        expected.extend(vec![question; answers.len()]);
        let found: Vec<_> = requests.iter().map(asked).collect();
        assert_eq!(found, expected, "{name}");
        let Outcome::Succeeded(text) = outcome else {
            panic!("{name}: {outcome:?}");
        };
        let result: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(result, life.shown(&requests, started), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_end_badly_fail_their_tasks_and_are_the_cause() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in &rows() {
        let life = Life::begin(&strict, row, "fail").await;
        for status in &life.job.failure {
            let name = format!("{} {status}", row.resource());
            life.script(&[life.status(&life.job.states[0]), life.status(status)]);
            let (outcome, _, requests) = life.run(&life.call()).await;
            let shown = life.shown(&requests, &requests[0]["result"]);
            let Outcome::Failed { error, cause } = outcome else {
                panic!("{name}: {outcome:?}");
            };
            assert_eq!(error.as_deref(), Some("States.TaskFailed"), "{name}");
            let cause: Value = serde_json::from_str(&cause.unwrap()).unwrap();
            assert_eq!(cause, shown, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_taken_up_again_and_stopped_by_what_their_start_has_answered() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in &rows() {
        let name = row.resource();
        let life = Life::begin(&strict, row, "again").await;
        life.script(&[life.success()]);
        let mut call = life.call();
        let (_, submitted, requests) = life.run(&call).await;
        let started = requests[0]["result"].clone();
        call.submitted = Some(submitted[0].to_string());

        life.script(&[life.status(&life.job.states[0]), life.success()]);
        let (outcome, submitted, requests) = life.run(&call).await;
        assert!(
            matches!(outcome, Outcome::Succeeded(_)),
            "{name}: {outcome:?}"
        );
        assert!(submitted.is_empty(), "{name}: {submitted:?}");
        let question = life.request(&life.job.poll, &started);
        let found: Vec<_> = requests.iter().map(asked).collect();
        assert_eq!(found, [question.clone(), question], "{name}");

        let before = strict.requests(&life.key).len();
        life.tasks.stop(&call).await.unwrap();
        let requests = strict.requests(&life.key).split_off(before);
        let expected = life.job.stop.as_ref();
        let expected = expected.map(|stop| life.request(stop, &started));
        assert_eq!(requests.len(), usize::from(expected.is_some()), "{name}");
        if let Some((operation, parameters)) = expected {
            let (found, with) = asked(&requests[0]);
            assert_eq!(found, operation, "{name}");
            assert!(holds(&parameters, &with), "{name}: {with}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_are_gone_fail_their_tasks() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in &rows() {
        let name = row.resource();
        let life = Life::begin(&strict, row, "gone").await;
        if life.job.gone.is_some() {
            continue;
        }
        let code = "AccessDeniedException";
        let gone = json!({ "error": { "code": code, "message": "Who asks?", "status": 403 } });
        life.script(&[life.status(&life.job.states[0]), gone]);
        let (outcome, _, _) = life.run(&life.call()).await;
        let Outcome::Failed { cause, .. } = outcome else {
            panic!("{name}: {outcome:?}");
        };
        assert!(cause.unwrap().starts_with("Who asks? (Service: "), "{name}");
    }
}

/// A task has succeeded if its essential containers have.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_ecs_end_as_their_containers_do() {
    let Some(strict) = Strict::start() else {
        return;
    };
    let rows = rows();
    let row = rows.iter().find(|row| row.service == "ecs").unwrap();
    for (what, exit_codes, essential, succeeds) in [
        ("well", [0, 0], true, true),
        ("badly", [0, 1], true, false),
        ("unimportant", [0, 1], false, true),
    ] {
        let life = Life::begin(&strict, row, what).await;
        let containers = ["main", "side"].iter().zip(exit_codes);
        let containers = containers
            .map(|(name, code)| json!({ "name": name, "exitCode": code, "reason": null }));
        let stopped = json!({ "tasks": [{
            "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited",
            "containers": containers.collect::<Vec<_>>(),
        }] });
        let definition = json!({ "taskDefinition": { "containerDefinitions": [
            { "name": "main", "essential": true }, { "name": "side", "essential": essential },
        ] } });
        let script = json!({
            "ecs.DescribeTasks": [{ "result": stopped }],
            "ecs.DescribeTaskDefinition": [{ "result": definition }],
        });
        strict.script(&life.key, &script);
        let (outcome, _, _) = life.run(&life.call()).await;
        assert_eq!(
            matches!(outcome, Outcome::Succeeded(_)),
            succeeds,
            "{what}: {outcome:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_start_is_made_again_is_known_by_its_name() {
    let Some(strict) = Strict::start() else {
        return;
    };
    let mut seen = 0;
    for row in &rows() {
        let poll = row.facts.poll.as_ref().unwrap();
        let Some(taken) = &poll.taken else { continue };
        seen += 1;
        let life = Life::begin(&strict, row, "again").await;
        let api = row.api();
        let start = format!("{}.{}", api.model.unwrap(), api.action);
        let refused = json!({ start: [{ "error": { "code": taken } }] });
        strict.script(&life.key, &refused);
        life.script(&[life.success()]);
        let first = life.call();
        let again = Call {
            repeated: true,
            ..first.clone()
        };
        let (outcome, submitted, _) = life.run(&first).await;
        assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
        assert_eq!(submitted, Vec::<Value>::new());
        let (outcome, submitted, _) = life.run(&again).await;
        assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?}");
        assert_eq!(submitted, [json!({})]);
    }
    assert_eq!(seen, 5);
}
