//! Clients: each has a connection and asks until the server is gone.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::ledger::{Job, Ledger};
use super::machines::{Kind, STARTED, activity_arn, holder_arn, told};
use crate::http::Connection;
use crate::random::Random;

/// With nothing to do.
const PAUSE: Duration = Duration::from_millis(20);

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Starts executions, now and then one that was asked for before.
    Starter,
    /// Stops them.
    Stopper,
    /// Finds tokens and tells of their tasks.
    Holder,
    /// Works on an activity's tasks.
    Worker,
}

impl Role {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Starter, Self::Stopper, Self::Holder, Self::Worker];
}

/// The clients that load a server together.
pub(crate) const ROLES: [(Role, usize); 4] = [
    (Role::Starter, 10),
    (Role::Stopper, 2),
    (Role::Holder, 3),
    (Role::Worker, 3),
];

/// One client.
pub(crate) struct Client {
    pub(crate) role: Role,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) random: Random,
    pub(crate) round: u32,
    /// The server is gone, or everything is done.
    pub(crate) over: Arc<AtomicBool>,
}

impl Client {
    /// Asks until the server is gone.
    pub(crate) async fn run(mut self, address: SocketAddr) {
        // The error is the end of the server: whatever was not answered may have happened or not.
        let _ = self.ask(address).await;
    }

    async fn ask(&mut self, address: SocketAddr) -> io::Result<()> {
        let mut connection = Connection::open(address).await?;
        while !self.over.load(Ordering::Relaxed) {
            let done = match self.role {
                Role::Starter => self.start(&mut connection).await?,
                Role::Stopper => self.stop(&mut connection).await?,
                Role::Holder => self.tell(&mut connection).await?,
                Role::Worker => self.work(&mut connection).await?,
            };
            if !done {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    async fn start(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let again = match self.random.once_in(10) {
            true => self.ledger.again(&mut self.random),
            false => None,
        };
        let (number, job) = again.unwrap_or_else(|| {
            let kind = STARTED[usize::try_from(self.random.below(6)).unwrap_or(0)];
            self.ledger.ask(kind, self.round)
        });
        let start = json!({
            "stateMachineArn": job.kind.arn(),
            "name": job.name,
            "input": Kind::input(number),
        });
        match connection.call("StartExecution", &start).await? {
            Ok(started) => self.started(number, &job, &started),
            // It was started before, perhaps by another client just now, and has ended. What it is,
            // its description tells.
            Err(code) if code == "ExecutionAlreadyExists" => {
                let describe = json!({ "executionArn": job.kind.execution_arn(&job.name) });
                match connection.call("DescribeExecution", &describe).await? {
                    Ok(described) => self.started(number, &job, &described),
                    Err(code) => self.contradict(&job, &format!("exists, and {code}")),
                }
            }
            Err(code) => self.contradict(&job, &format!("cannot be started: {code}")),
        }
        Ok(true)
    }

    fn started(&self, number: u64, job: &Job, answer: &Value) {
        if answer["executionArn"] != json!(job.kind.execution_arn(&job.name)) {
            self.contradict(job, &format!("is {}", answer["executionArn"]));
        }
        match &job.started {
            Some(date) if *date != answer["startDate"] => {
                let dates = format!("was started at {date} and {}", answer["startDate"]);
                self.contradict(job, &dates);
            }
            _ => self.ledger.started(number, &answer["startDate"]),
        }
    }

    async fn stop(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let Some((number, job)) = self.ledger.take(Kind::Long, &mut self.random) else {
            return Ok(false);
        };
        self.ledger.note(number, |job| job.stop_asked = true);
        let stop = json!({ "executionArn": job.kind.execution_arn(&job.name) });
        let answer = connection.call("StopExecution", &stop).await;
        match answer {
            Ok(Ok(stopped)) => {
                let date = stopped["stopDate"].clone();
                self.ledger.note(number, |job| job.stopped = Some(date));
            }
            Ok(Err(code)) => self.contradict(&job, &format!("cannot be stopped: {code}")),
            Err(gone) => {
                self.ledger.put_back(Kind::Long, number);
                return Err(gone);
            }
        }
        Ok(true)
    }

    async fn tell(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let Some((number, job)) = self.ledger.take(Kind::Callback, &mut self.random) else {
            return Ok(false);
        };
        match self.tell_of(connection, number, &job).await {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.ledger.put_back(Kind::Callback, number);
                Ok(false)
            }
            Err(gone) => {
                self.ledger.put_back(Kind::Callback, number);
                Err(gone)
            }
        }
    }

    /// Whether there is nothing more to tell.
    async fn tell_of(
        &mut self,
        connection: &mut Connection,
        number: u64,
        job: &Job,
    ) -> io::Result<bool> {
        let describe = json!({ "executionArn": holder_arn(&job.name) });
        let Ok(described) = connection.call("DescribeExecution", &describe).await? else {
            // It is on its way.
            return Ok(false);
        };
        let input = described["input"].as_str().unwrap_or_default();
        let input: Value = serde_json::from_str(input).unwrap_or_default();
        self.send(connection, number, job, &input["token"]).await?;
        Ok(true)
    }

    async fn work(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let ask = json!({ "activityArn": activity_arn(), "workerName": "w" });
        let task = match connection.call("GetActivityTask", &ask).await? {
            Ok(task) => task,
            Err(code) => {
                let what = format!("the activity gives no task: {code}");
                self.ledger.contradiction(self.round, what);
                return Ok(false);
            }
        };
        let Some(input) = task["input"].as_str() else {
            return Ok(false);
        };
        let input: Value = serde_json::from_str(input).unwrap_or_default();
        let number = input["n"].as_u64().unwrap_or(u64::MAX);
        let job = self.ledger.lock().jobs.get(&number).cloned();
        let Some(job) = job else {
            let what = format!("a task that nobody has asked for: {input}");
            self.ledger.contradiction(self.round, what);
            return Ok(true);
        };
        let token = task["taskToken"].clone();
        self.send(connection, number, &job, &token).await?;
        Ok(true)
    }

    async fn send(
        &mut self,
        connection: &mut Connection,
        number: u64,
        job: &Job,
        token: &Value,
    ) -> io::Result<()> {
        let output = told(number).to_string();
        let tell = json!({ "taskToken": token, "output": output });
        match connection.call("SendTaskSuccess", &tell).await? {
            Ok(_) => {
                if job.told && job.kind == Kind::Callback {
                    self.contradict(job, "takes its token twice");
                }
                self.ledger.note(number, |job| job.told = true);
            }
            // Told before, and the answer was lost; or an activity's time is up.
            Err(code) if code == "TaskTimedOut" => {}
            Err(code) => self.contradict(job, &format!("refuses its token: {code}")),
        }
        Ok(())
    }

    fn contradict(&self, job: &Job, what: &str) {
        let what = format!("{}:{} {what}", job.kind.name(), job.name);
        self.ledger.contradiction(self.round, what);
    }
}
