//! Changes as statements.

use rusqlite::{Connection, OptionalExtension, Params, Result, params};

use super::sums;
use crate::bounds::TURN_BITS;
use crate::error::{CommitError, StoreError};
use crate::model::{Change, Document, Entry, ExecutionRow, Update};

/// What a transaction has given out so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    /// The highest number of an execution or a document.
    pub(crate) number: u64,
    /// The highest position in a queue.
    pub(crate) position: i64,
}

/// A commit that cannot be kept.
pub(crate) struct Refused {
    pub(crate) why: CommitError,
    /// Whether something of it was written before that showed.
    pub(crate) wrote: bool,
}

/// Writes a commit. An error is the database's, and none of the commit's own.
pub(crate) fn commit(
    conn: &Connection,
    changes: &[Change],
    given: &mut Given,
) -> Result<std::result::Result<(), Refused>> {
    let mut writing = Writing {
        conn,
        given,
        opened: None,
        exists: None,
    };
    for (index, change) in changes.iter().enumerate() {
        let later = changes.get(index + 1..).unwrap_or_default();
        if let Some(why) = writing.apply(change, later)? {
            return Ok(Err(Refused {
                why,
                wrote: index > 0,
            }));
        }
    }
    Ok(Ok(()))
}

/// The sequence and the queues as the database has them.
pub(crate) fn given(conn: &Connection) -> Result<Given> {
    let number = conn.query_row("SELECT last FROM sequence", [], |row| row.get(0))?;
    let highest = "SELECT coalesce(max(position), 0) FROM queued";
    let position = conn.query_row(highest, [], |row| row.get(0))?;
    Ok(Given { number, position })
}

/// Writes how far the sequence is.
pub(crate) fn sequence(conn: &Connection, number: u64) -> Result<()> {
    conn.prepare_cached("UPDATE sequence SET last = ?1")?
        .execute([number])?;
    Ok(())
}

/// Deletes closed executions; how many.
pub(crate) fn forget(
    conn: &Connection,
    statuses: &[u8],
    before: i64,
    limit: usize,
) -> Result<usize> {
    // From each scope in turn, so that the index is read only where there is something.
    let mut old = conn.prepare_cached(
        "WITH RECURSIVE scopes (scope) AS (
             SELECT min(scope) FROM executions
             UNION ALL
             SELECT (SELECT min(scope) FROM executions WHERE scope > scopes.scope) FROM scopes
             WHERE scopes.scope IS NOT NULL
         )
         SELECT executions.number
         FROM scopes CROSS JOIN executions INDEXED BY executions_by_status
             ON executions.scope = scopes.scope
         WHERE executions.status = ?1 AND executions.sorted < ?2
         LIMIT ?3",
    )?;
    let mut deleted = 0;
    for (index, status) in statuses.iter().enumerate() {
        if statuses[..index].contains(status) {
            continue;
        }
        let left = i64::try_from(limit - deleted).unwrap_or(i64::MAX);
        let numbers: Vec<i64> = old
            .query_map(params![status, before, left], |row| row.get(0))?
            .collect::<Result<_>>()?;
        deleted += numbers.len();
        for number in numbers {
            delete(conn, number)?;
        }
    }
    Ok(deleted)
}

fn delete(conn: &Connection, number: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM executions WHERE number = ?1")?
        .execute([number])?;
    conn.prepare_cached("DELETE FROM entries WHERE key >= ?1 AND key < ?2")?
        .execute([number << TURN_BITS, (number + 1) << TURN_BITS])?;
    conn.prepare_cached("DELETE FROM queued WHERE execution = ?1")?
        .execute([number])?;
    Ok(())
}

/// One commit while it is being written.
struct Writing<'a> {
    conn: &'a Connection,
    given: &'a mut Given,
    /// What this commit has opened last: it was written as the commit leaves it.
    opened: Option<u64>,
    /// What is known to exist.
    exists: Option<u64>,
}

impl Writing<'_> {
    fn apply(&mut self, change: &Change, later: &[Change]) -> Result<Option<CommitError>> {
        match change {
            Change::Open(row) => return self.open(row, later),
            Change::Append { execution, entry } => return self.append(*execution, entry),
            Change::Update { execution, update } => return self.update(*execution, update),
            Change::Enqueue {
                queue,
                execution,
                task,
            } => {
                self.run(
                    "INSERT OR IGNORE INTO queued (position, queue, execution, task)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![self.given.position + 1, queue, execution, task],
                )?;
                self.given.position += 1;
            }
            Change::Dequeue {
                queue,
                execution,
                task,
            } => {
                self.run(
                    "DELETE FROM queued WHERE execution = ?1 AND task = ?2 AND queue = ?3",
                    params![execution, task, queue],
                )?;
            }
            Change::Put(document) => self.put(document)?,
            Change::Delete { number } => {
                self.run("DELETE FROM documents WHERE number = ?1", [number])?;
            }
        }
        Ok(None)
    }

    fn open(&mut self, row: &ExecutionRow, later: &[Change]) -> Result<Option<CommitError>> {
        let last = later.iter().rev().find_map(|change| match change {
            Change::Update { execution, update } if *execution == row.number => Some(update),
            _ => None,
        });
        let Update {
            status,
            sorted,
            due,
            busy,
        } = last.unwrap_or(&row.update);
        let written = self.run(
            "INSERT OR IGNORE INTO executions
                 (number, scope, status, busy, sorted, due, version, alias, sum, name, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                row.number,
                row.scope,
                status,
                busy,
                sorted,
                due,
                row.version,
                row.alias,
                sums::execution(row),
                row.name,
                row.detail,
            ],
        )?;
        if written == 0 {
            return self.taken(row).map(Some);
        }
        self.given.number = self.given.number.max(row.number);
        self.opened = Some(row.number);
        self.exists = Some(row.number);
        Ok(None)
    }

    /// Why an execution could not be opened.
    fn taken(&self, row: &ExecutionRow) -> Result<CommitError> {
        let sql = "SELECT number FROM executions WHERE scope = ?1 AND name = ?2";
        let mut named = self.conn.prepare_cached(sql)?;
        let by = named
            .query_row(params![row.scope, row.name], |row| row.get(0))
            .optional()?;
        Ok(by.map_or_else(
            || StoreError::NumberTaken(row.number).into(),
            CommitError::NameTaken,
        ))
    }

    fn append(&mut self, execution: u64, entry: &Entry) -> Result<Option<CommitError>> {
        if self.exists != Some(execution) {
            let sql = "SELECT 1 FROM executions WHERE number = ?1";
            if !self.conn.prepare_cached(sql)?.exists([execution])? {
                return Ok(Some(CommitError::NoExecution(execution)));
            }
        }
        let key = execution.cast_signed() << TURN_BITS | i64::from(entry.turn);
        let written = self.run(
            "INSERT OR IGNORE INTO entries (key, sum, body) VALUES (?1, ?2, ?3)",
            params![key, sums::entry(key, &entry.bytes), entry.bytes],
        )?;
        Ok((written == 0).then_some(CommitError::Stale {
            execution,
            turn: entry.turn,
        }))
    }

    fn update(&mut self, execution: u64, update: &Update) -> Result<Option<CommitError>> {
        if self.opened == Some(execution) {
            return Ok(None);
        }
        let Update {
            status,
            sorted,
            due,
            busy,
        } = update;
        let written = self.run(
            "UPDATE executions SET status = ?2, sorted = ?3, due = ?4, busy = ?5 WHERE number = ?1",
            params![execution, status, sorted, due, busy],
        )?;
        self.exists = Some(execution);
        Ok((written == 0).then_some(CommitError::NoExecution(execution)))
    }

    fn put(&mut self, document: &Document) -> Result<()> {
        let Document {
            number,
            kind,
            key,
            body,
        } = document;
        self.run(
            "INSERT OR REPLACE INTO documents (number, sum, kind, key, body)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![number, sums::document(document), kind, key, body],
        )?;
        self.given.number = self.given.number.max(*number);
        Ok(())
    }

    fn run(&self, sql: &str, values: impl Params) -> Result<usize> {
        self.conn.prepare_cached(sql)?.execute(values)
    }
}
