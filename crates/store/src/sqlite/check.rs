//! Looking for damage everywhere.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::file;
use super::lock::Lock;
use super::open::{configure, connect, look_at_log};
use super::read::{columns, document_row, entry_row, execution_row};
use super::schema;
use crate::bounds::TURN_BITS;
use crate::error::StoreError;

/// Problems that are told one by one.
const PROBLEMS: usize = 1_000;
/// Rows between two reports of progress.
const STRIDE: u64 = 10_000;
/// Pages kept in memory, in bytes.
const CACHE: u64 = 32 << 20;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being looked at.
    pub stage: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is; 0 if that is not known.
    pub total: u64,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Executions that can be read.
    pub executions: u64,
    /// Entries that can be read.
    pub entries: u64,
    /// Documents that can be read.
    pub documents: u64,
    /// What is wrong; the first thousand problems.
    pub problems: Vec<String>,
    /// How many further ones there are.
    pub more: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, what: String) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(what);
        } else {
            self.more += 1;
        }
    }
}

/// Reads the whole of a store that nobody has open: the structure of the file, all indexes, every
/// checksum, and whether rows and entries belong together. An error if it cannot be looked at, what
/// is wrong with it is in the report.
pub(crate) fn check(path: &Path, mut progress: impl FnMut(Progress)) -> Result<Report, StoreError> {
    if file::size(path)? == 0 {
        let source = std::io::ErrorKind::NotFound.into();
        return Err(file::failed("read", path, source));
    }
    let _lock = Lock::take(path)?;
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // What is checked stays as it is.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let known = u32::try_from(schema::MIGRATIONS.len()).unwrap_or(u32::MAX);
    let mut report = Report::default();
    let found = match schema::version(&conn, path, known) {
        Err(StoreError::Damaged(what)) => {
            report.problem(what);
            return Ok(report);
        }
        found => found?,
    };
    let mut checker = Checker {
        conn: &conn,
        report: &mut report,
        progress: &mut progress,
    };
    checker.stage(|_| configure(&conn, CACHE));
    checker.stage(|_| look_at_log(&conn, path));
    checker.stage(Checker::structure);
    if found == known {
        checker.stage(Checker::executions);
        checker.stage(Checker::documents);
        checker.stage(Checker::numbers);
    } else {
        report.problem(format!(
            "the schema has version {found}, only version {known} can be checked further: open the \
             store once to bring it up to date"
        ));
    }
    Ok(report)
}

struct Checker<'a> {
    conn: &'a Connection,
    report: &'a mut Report,
    progress: &'a mut dyn FnMut(Progress),
}

impl Checker<'_> {
    /// A stage that cannot be finished is a problem, and the next one may still be possible.
    fn stage(&mut self, run: impl FnOnce(&mut Self) -> Result<(), StoreError>) {
        if let Err(error) = run(self) {
            self.report.problem(error.to_string());
        }
    }

    fn tell(&mut self, stage: &'static str, done: u64, total: u64) {
        if done.is_multiple_of(STRIDE) || done == total {
            (self.progress)(Progress { stage, done, total });
        }
    }

    fn count(&self, table: &str) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {table}");
        Ok(self.conn.query_row(&sql, [], |row| row.get(0))?)
    }

    /// The structure of the file, and whether the indexes have what the tables have.
    fn structure(&mut self) -> Result<(), StoreError> {
        self.tell("structure", 0, 0);
        let mut check = self
            .conn
            .prepare(&format!("PRAGMA integrity_check({PROBLEMS})"))?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let found: String = row.get(0)?;
            if found != "ok" {
                self.report.problem(found);
            }
        }
        Ok(())
    }

    /// Executions and entries side by side: both are in the order of executions' numbers.
    fn executions(&mut self) -> Result<(), StoreError> {
        let total = self.count("executions")?;
        let sql = concat!("SELECT ", columns!(), " FROM executions ORDER BY number");
        let mut rows = self.conn.prepare(sql)?;
        let mut rows = rows.query([])?;
        let mut entries = self
            .conn
            .prepare("SELECT key, sum, body FROM entries ORDER BY key")?;
        let mut entries = entries.query([])?;
        let mut entry = entries.next()?;
        let mut done = 0;
        loop {
            let row = rows.next()?;
            let number: Option<i64> = row.map(|row| row.get(0)).transpose()?;
            let mut turns = 0;
            let mut orphan = None;
            while let Some(found) = entry {
                let of = found.get::<_, i64>(0)? >> TURN_BITS;
                if number.is_some_and(|number| of > number) {
                    break;
                }
                if number != Some(of) && orphan != Some(of) {
                    orphan = Some(of);
                    let problem =
                        format!("there are entries of execution {of}, which does not exist");
                    self.report.problem(problem);
                }
                match entry_row(found) {
                    Err(error) => self.report.problem(error.to_string()),
                    Ok(entry) if number == Some(of) && entry.turn != turns => {
                        let problem = format!(
                            "turn {turns} of execution {of} is missing: turn {} follows",
                            entry.turn
                        );
                        self.report.problem(problem);
                        turns = entry.turn;
                    }
                    Ok(_) => {}
                }
                if number == Some(of) {
                    turns += 1;
                }
                self.report.entries += 1;
                entry = entries.next()?;
            }
            let (Some(row), Some(number)) = (row, number) else {
                return Ok(());
            };
            if let Err(error) = execution_row(row) {
                self.report.problem(error.to_string());
            }
            if turns == 0 {
                self.report.problem(format!(
                    "execution {number} has no entry: turn 0 is missing"
                ));
            }
            self.report.executions += 1;
            done += 1;
            self.tell("executions", done, total);
        }
    }

    fn documents(&mut self) -> Result<(), StoreError> {
        let total = self.count("documents")?;
        let sql = "SELECT number, sum, kind, key, body FROM documents ORDER BY number";
        let mut rows = self.conn.prepare(sql)?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(error) = document_row(row) {
                self.report.problem(error.to_string());
            }
            self.report.documents += 1;
            self.tell("documents", self.report.documents, total);
        }
        Ok(())
    }

    /// Whether numbers can be given out.
    fn numbers(&mut self) -> Result<(), StoreError> {
        self.tell("numbers", 0, 0);
        let behind: bool = self.conn.query_row(
            "SELECT coalesce((SELECT max(last) FROM sequence), -1) <
                max(coalesce((SELECT max(number) FROM executions), 0),
                    coalesce((SELECT max(number) FROM documents), 0))",
            [],
            |row| row.get(0),
        )?;
        if behind {
            let problem = "the sequence of numbers is behind the numbers that are in use";
            self.report.problem(problem.to_owned());
        }
        Ok(())
    }
}
