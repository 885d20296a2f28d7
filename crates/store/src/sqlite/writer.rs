//! The thread that writes: it takes whatever commits have come together, writes them in one
//! transaction, and tells all of them when the disk has it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::apply::{self, Given, Refused};
use super::log::Log;
use super::open::limit;
use super::options::Options;
use crate::error::{CommitError, StoreError};
use crate::model::{Change, Health};

/// The name of the thread.
const NAME: &str = "stepmill-store";
/// Commits in one transaction, at most.
const GROUP: usize = 4_096;
/// Waiting for those who are about to come is worth this part of the time that a flush takes.
const LINGER: u32 = 4;
/// Waiting for them never takes longer.
const LINGER_MOST: Duration = Duration::from_millis(2);
/// After the first failure; doubled with each further one.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
const PAUSE_MOST: Duration = Duration::from_secs(2);

/// What the writer is asked to do.
pub(crate) enum Job {
    /// To keep changes.
    Commit {
        changes: Vec<Change>,
        receipt: oneshot::Sender<Result<(), CommitError>>,
    },
    /// To delete old executions.
    Forget {
        statuses: Vec<u8>,
        before: i64,
        limit: usize,
        done: mpsc::Sender<Result<usize, Arc<StoreError>>>,
    },
}

/// What the writer and those who ask share.
pub(crate) struct Desk {
    queue: Mutex<Queue>,
    came: Condvar,
    health: Mutex<Health>,
}

struct Queue {
    jobs: Vec<Job>,
    /// How many jobs the writer waits for; more than there ever are while it does not wait.
    wanted: usize,
    /// How large the file may become, in bytes.
    limit: Option<u64>,
    closing: bool,
}

impl Desk {
    /// Leaves a job for the writer; returns it if the store is closed.
    pub(crate) fn leave(&self, job: Job) -> Result<(), Job> {
        let mut queue = self.queue();
        if queue.closing {
            return Err(job);
        }
        queue.jobs.push(job);
        let enough = queue.jobs.len() >= queue.wanted;
        drop(queue);
        if enough {
            self.came.notify_one();
        }
        Ok(())
    }

    /// Lets the file grow to so many bytes.
    pub(crate) fn limit(&self, size: Option<u64>) {
        self.queue().limit = size;
        self.came.notify_one();
    }

    /// Takes no more jobs.
    pub(crate) fn close(&self) {
        self.queue().closing = true;
        self.came.notify_one();
    }

    pub(crate) fn health(&self) -> Health {
        self.locked_health().clone()
    }

    fn set_health(&self, health: Health) {
        let mut known = self.locked_health();
        match (&*known, &health) {
            (Health::Well, Health::Failing(why)) => {
                tracing::error!(%why, "the store cannot keep commits; it goes on trying");
            }
            (Health::Failing(_), Health::Well) => tracing::info!("the store keeps commits again"),
            _ => {}
        }
        *known = health;
    }

    fn locked_health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there are so many jobs, the store is being closed, or the time is over.
    fn wait(&self, wanted: usize, until: Option<Instant>) -> MutexGuard<'_, Queue> {
        let mut queue = self.queue();
        queue.wanted = wanted;
        while queue.jobs.len() < wanted && !queue.closing {
            queue = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self
                    .came
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(time) => {
                    let waited = self.came.wait_timeout(queue, time);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        queue.wanted = usize::MAX;
        queue
    }

    /// Waits before another attempt; whether there is to be one.
    fn pause(&self, time: Duration, limit: Option<u64>) -> bool {
        let queue = self.queue();
        let waited = self
            .came
            .wait_timeout_while(queue, time, |queue| !queue.closing && queue.limit == limit);
        !waited.unwrap_or_else(PoisonError::into_inner).0.closing
    }
}

/// Starts the writer. Its thread returns the connection when the store is closed.
pub(crate) fn start(
    conn: Connection,
    options: &Options,
) -> Result<(Arc<Desk>, JoinHandle<Connection>), StoreError> {
    let desk = Arc::new(Desk {
        queue: Mutex::new(Queue {
            jobs: Vec::new(),
            wanted: usize::MAX,
            limit: options.max_size,
            closing: false,
        }),
        came: Condvar::new(),
        health: Mutex::new(Health::Well),
    });
    let mut conn = conn;
    let log = Log::new(&mut conn, options)?;
    let writer = Writer {
        given: apply::given(&conn)?,
        conn,
        log,
        desk: desk.clone(),
        pending: Vec::new(),
        limit: options.max_size,
        last: Last {
            size: 0,
            end: Instant::now(),
            took: Duration::ZERO,
        },
    };
    let thread = std::thread::Builder::new()
        .name(NAME.to_owned())
        .spawn(move || writer.run())
        .map_err(|source| super::file::failed("start a thread for", &options.path, source))?;
    Ok((desk, thread))
}

struct Writer {
    conn: Connection,
    log: Log,
    given: Given,
    desk: Arc<Desk>,
    /// What was taken from the desk and is not done.
    pending: Vec<Job>,
    /// How large the file may become.
    limit: Option<u64>,
    last: Last,
}

/// The last transaction.
struct Last {
    /// How many jobs it had.
    size: usize,
    /// When it was over.
    end: Instant,
    /// How long it took to be written and flushed.
    took: Duration,
}

impl Writer {
    fn run(mut self) -> Connection {
        while self.take() {
            let rest = self.pending.split_off(self.pending.len().min(GROUP));
            let group = std::mem::replace(&mut self.pending, rest);
            if let Err(group) = self.keep(group) {
                self.pending.splice(..0, group);
                break;
            }
            self.log.tidy(&self.conn);
        }
        self.pending.append(&mut self.desk.queue().jobs);
        let closed = Arc::new(StoreError::Closed);
        for job in self.pending.drain(..) {
            refuse(job, &closed);
        }
        self.conn
    }

    /// Takes jobs from the desk, waiting for them; whether there are any.
    fn take(&mut self) -> bool {
        if !self.pending.is_empty() {
            return true;
        }
        let desk = self.desk.clone();
        // Those whose commits were kept just now come back soon: a flush for the first of them alone
        // would keep all others waiting for the next one.
        let expected = desk.queue().jobs.len() + self.last.size;
        let soon = self.last.end + (self.last.took / LINGER).min(LINGER_MOST);
        loop {
            let rest = self.log.idle().map(|pause| Instant::now() + pause);
            let queue = desk.wait(1, rest);
            if !queue.jobs.is_empty() {
                break;
            }
            if queue.closing {
                return false;
            }
            drop(queue);
            self.log.rest(&self.conn);
        }
        let mut queue = desk.wait(expected, Some(soon));
        self.pending.append(&mut queue.jobs);
        true
    }

    /// Writes jobs until they are kept or refused. Returns them if the store is closed meanwhile.
    fn keep(&mut self, mut group: Vec<Job>) -> Result<(), Vec<Job>> {
        let mut pause = PAUSE;
        loop {
            let start = Instant::now();
            let error = match self.grow().and_then(|()| self.write(&group)) {
                Ok((outcomes, given)) => {
                    self.given = given;
                    self.desk.set_health(Health::Well);
                    self.last = Last {
                        size: group.len(),
                        end: Instant::now(),
                        took: start.elapsed(),
                    };
                    for (job, outcome) in group.into_iter().zip(outcomes) {
                        answer(job, outcome);
                    }
                    return Ok(());
                }
                Err(error) => error,
            };
            if !self.conn.is_autocommit()
                && let Err(error) = self.conn.execute_batch("ROLLBACK")
            {
                tracing::warn!(%error, "cannot roll back");
            }
            let passing = may_pass(&error);
            let error = Arc::new(StoreError::from(error));
            self.desk.set_health(Health::Failing(error.to_string()));
            if !passing {
                for job in group {
                    refuse(job, &error);
                }
                return Ok(());
            }
            // Deleting can wait for better times; whoever asked for it should not.
            let (commits, others): (Vec<_>, Vec<_>) = group
                .into_iter()
                .partition(|job| matches!(job, Job::Commit { .. }));
            for job in others {
                refuse(job, &error);
            }
            group = commits;
            if !self.desk.pause(pause, self.limit) {
                return Err(group);
            }
            pause = (pause * 2).min(PAUSE_MOST);
        }
    }

    /// Lets the file grow as far as it is allowed to by now.
    fn grow(&mut self) -> rusqlite::Result<()> {
        let allowed = self.desk.queue().limit;
        if allowed != self.limit {
            limit(&self.conn, allowed)?;
            self.limit = allowed;
        }
        Ok(())
    }

    /// Writes jobs in one transaction: what became of each, and what has been given out.
    fn write(&self, group: &[Job]) -> rusqlite::Result<(Vec<Outcome>, Given)> {
        let mut savepoints = false;
        loop {
            if let Some(written) = self.attempt(group, savepoints)? {
                return Ok(written);
            }
            // A commit was refused when some of it had been written. That is rare, so only now each
            // gets a savepoint of its own.
            savepoints = true;
        }
    }

    fn attempt(
        &self,
        group: &[Job],
        savepoints: bool,
    ) -> rusqlite::Result<Option<(Vec<Outcome>, Given)>> {
        let run = |sql: &str| self.conn.prepare_cached(sql)?.execute([]);
        let mut given = self.given;
        let mut outcomes = Vec::with_capacity(group.len());
        run("BEGIN IMMEDIATE")?;
        for job in group {
            outcomes.push(match job {
                Job::Commit { changes, .. } => {
                    if savepoints {
                        run("SAVEPOINT one")?;
                    }
                    let before = given;
                    let outcome = match apply::commit(&self.conn, changes, &mut given)? {
                        Ok(()) => Outcome::Kept,
                        Err(Refused { why, wrote }) => {
                            given = before;
                            if wrote && savepoints {
                                run("ROLLBACK TO one")?;
                            } else if wrote {
                                run("ROLLBACK")?;
                                return Ok(None);
                            }
                            Outcome::Refused(why)
                        }
                    };
                    if savepoints {
                        run("RELEASE one")?;
                    }
                    outcome
                }
                Job::Forget {
                    statuses,
                    before,
                    limit,
                    ..
                } => Outcome::Forgot(apply::forget(&self.conn, statuses, *before, *limit)?),
            });
        }
        if given.number != self.given.number {
            apply::sequence(&self.conn, given.number)?;
        }
        run("COMMIT")?;
        Ok(Some((outcomes, given)))
    }
}

/// What became of a job.
enum Outcome {
    Kept,
    Refused(CommitError),
    Forgot(usize),
}

/// Tells what became of a job. Whoever has asked may be gone.
fn answer(job: Job, outcome: Outcome) {
    match (job, outcome) {
        (Job::Commit { receipt, .. }, Outcome::Refused(why)) => drop(receipt.send(Err(why))),
        (Job::Commit { receipt, .. }, _) => drop(receipt.send(Ok(()))),
        (Job::Forget { done, .. }, Outcome::Forgot(count)) => drop(done.send(Ok(count))),
        // Without an answer, the one who waits sees that none will come.
        (Job::Forget { .. }, _) => {}
    }
}

fn refuse(job: Job, error: &Arc<StoreError>) {
    match job {
        Job::Commit { receipt, .. } => drop(receipt.send(Err(error.clone().into()))),
        Job::Forget { done, .. } => drop(done.send(Err(error.clone()))),
    }
}

/// Whether trying again can help: a full disk can be emptied, a device can come back.
fn may_pass(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationAborted
        )
    )
}
