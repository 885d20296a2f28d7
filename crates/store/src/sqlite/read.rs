//! Reading.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::open;
use super::options::Options;
use super::sums::{self, Sum};
use crate::bounds::{TURN_BITS, TURNS};
use crate::error::StoreError;
use crate::model::{Document, Entry, ExecutionRow, Update};

/// The columns of an execution, in the order that [`execution_row`] reads.
macro_rules! columns {
    () => {
        "number, scope, status, busy, sorted, due, version, alias, sum, name, detail"
    };
}
pub(crate) use columns;

/// Connections that only read.
pub(crate) struct Readers {
    connections: Vec<Mutex<Option<Connection>>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn open(options: &Options) -> Result<Self, StoreError> {
        let connections = (0..options.readers.max(1))
            .map(|_| open::reader(options).map(|conn| Mutex::new(Some(conn))))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connections,
            next: AtomicUsize::new(0),
        })
    }

    /// Reads with a connection that nobody uses, or waits for one.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &*self.free() {
            Some(conn) => read(conn),
            None => Err(StoreError::Closed),
        }
    }

    fn free(&self) -> MutexGuard<'_, Option<Connection>> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(free)) => return free.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[next]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for those who read, and closes.
    pub(crate) fn close(&self) {
        for connection in &self.connections {
            connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
        }
    }
}

pub(crate) fn execution(
    conn: &Connection,
    number: u64,
) -> Result<Option<ExecutionRow>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM executions WHERE number = ?1");
    let mut found = conn.prepare_cached(sql)?;
    found
        .query_and_then([key(number)], execution_row)?
        .next()
        .transpose()
}

pub(crate) fn execution_named(
    conn: &Connection,
    scope: u64,
    name: &str,
) -> Result<Option<ExecutionRow>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM executions WHERE scope = ?1 AND name = ?2"
    );
    let mut found = conn.prepare_cached(sql)?;
    found
        .query_and_then(params![key(scope), name], execution_row)?
        .next()
        .transpose()
}

/// An execution from a row of [`columns`].
pub(crate) fn execution_row(row: &Row<'_>) -> Result<ExecutionRow, StoreError> {
    let number = row.get(0)?;
    let damaged = |_| StoreError::Damaged(format!("execution {number}"));
    let sum: Sum = row.get(8).map_err(damaged)?;
    let read = || {
        Ok(ExecutionRow {
            number,
            scope: row.get(1)?,
            update: Update {
                status: row.get(2)?,
                busy: row.get(3)?,
                sorted: row.get(4)?,
                due: row.get(5)?,
            },
            version: row.get(6)?,
            alias: row.get(7)?,
            name: row.get(9)?,
            detail: row.get(10)?,
        })
    };
    let execution = read().map_err(damaged)?;
    if sums::execution(&execution) == sum {
        Ok(execution)
    } else {
        Err(StoreError::Damaged(format!("execution {number}")))
    }
}

pub(crate) fn count(conn: &Connection, statuses: &[u8]) -> Result<u64, StoreError> {
    let mut counting = conn.prepare_cached(
        "WITH RECURSIVE scopes (scope) AS (
             SELECT min(scope) FROM executions
             UNION ALL
             SELECT (SELECT min(scope) FROM executions WHERE scope > scopes.scope) FROM scopes
             WHERE scopes.scope IS NOT NULL
         )
         SELECT count(*)
         FROM scopes CROSS JOIN executions INDEXED BY executions_by_status
             ON executions.scope = scopes.scope
         WHERE executions.status = ?1",
    )?;
    let mut count = 0;
    for (index, status) in statuses.iter().enumerate() {
        if !statuses[..index].contains(status) {
            count += counting.query_row([status], |row| row.get::<_, u64>(0))?;
        }
    }
    Ok(count)
}

pub(crate) fn entries(
    conn: &Connection,
    execution: u64,
    from: u32,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let Some(first) = entry_key(execution, from) else {
        return Ok(Vec::new());
    };
    let mut found = conn.prepare_cached(
        "SELECT key, sum, body FROM entries WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3",
    )?;
    let end = ((first >> TURN_BITS) + 1) << TURN_BITS;
    found
        .query_and_then(params![first, end, most(limit)], entry_row)?
        .collect()
}

pub(crate) fn last_entry(conn: &Connection, execution: u64) -> Result<Option<Entry>, StoreError> {
    let Some(first) = entry_key(execution, 0) else {
        return Ok(None);
    };
    let mut found = conn.prepare_cached(
        "SELECT key, sum, body FROM entries WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT 1",
    )?;
    found
        .query_and_then([first, first + i64::from(TURNS)], entry_row)?
        .next()
        .transpose()
}

/// The key of an entry, if there can be one.
fn entry_key(execution: u64, turn: u32) -> Option<i64> {
    let possible = execution < crate::bounds::NUMBERS && turn < TURNS;
    possible.then(|| execution.cast_signed() << TURN_BITS | i64::from(turn))
}

/// An entry from its key, sum and body.
pub(crate) fn entry_row(row: &Row<'_>) -> Result<Entry, StoreError> {
    let key: i64 = row.get(0)?;
    let turn = u32::try_from(key & i64::from(TURNS - 1)).unwrap_or(0);
    let damaged = || {
        let execution = key >> TURN_BITS;
        StoreError::Damaged(format!("turn {turn} of execution {execution}"))
    };
    let sum: Sum = row.get(1).map_err(|_| damaged())?;
    let bytes: Vec<u8> = row.get(2).map_err(|_| damaged())?;
    if sums::entry(key, &bytes) == sum {
        Ok(Entry { turn, bytes })
    } else {
        Err(damaged())
    }
}

pub(crate) fn due(
    conn: &Connection,
    after: (i64, u64),
    until: i64,
    limit: usize,
) -> Result<Vec<(i64, u64)>, StoreError> {
    // In two parts, because many executions can be due at the same time: the first begins in the
    // midst of them, where a comparison of both columns would begin with the first of them.
    let (time, number) = after;
    let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut pairs = Vec::new();
    if time <= until {
        let mut found = conn.prepare_cached(DUE_AT)?;
        for row in found.query_map(params![time, key(number), most(limit)], pair)? {
            pairs.push(row?);
        }
    }
    let mut found = conn.prepare_cached(DUE_AFTER)?;
    for row in found.query_map(params![time, until, most(limit - pairs.len())], pair)? {
        pairs.push(row?);
    }
    Ok(pairs)
}

const DUE_AT: &str = "SELECT due, number FROM executions INDEXED BY executions_due
     WHERE due = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
const DUE_AFTER: &str = "SELECT due, number FROM executions INDEXED BY executions_due
     WHERE due > ?1 AND due <= ?2 ORDER BY due, number LIMIT ?3";

pub(crate) fn next_due(conn: &Connection, after: (i64, u64)) -> Result<Option<i64>, StoreError> {
    Ok(due(conn, after, i64::MAX, 1)?.first().map(|(due, _)| *due))
}

pub(crate) fn busy(conn: &Connection, after: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
    let mut found = conn.prepare_cached(
        "SELECT number FROM executions INDEXED BY executions_busy
         WHERE busy = 1 AND number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = found.query_map(params![key(after), most(limit)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn queued(
    conn: &Connection,
    queue: u64,
    limit: usize,
) -> Result<Vec<(u64, u64)>, StoreError> {
    let mut found = conn.prepare_cached(
        "SELECT execution, task FROM queued INDEXED BY queued_by_queue
         WHERE queue = ?1 ORDER BY position LIMIT ?2",
    )?;
    let rows = found.query_map(params![key(queue), most(limit)], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn document(
    conn: &Connection,
    kind: &str,
    name: &str,
) -> Result<Option<Document>, StoreError> {
    let mut found = conn.prepare_cached(
        "SELECT number, sum, kind, key, body FROM documents WHERE kind = ?1 AND key = ?2",
    )?;
    found
        .query_and_then([kind, name], document_row)?
        .next()
        .transpose()
}

pub(crate) fn document_numbered(
    conn: &Connection,
    number: u64,
) -> Result<Option<Document>, StoreError> {
    let mut found = conn
        .prepare_cached("SELECT number, sum, kind, key, body FROM documents WHERE number = ?1")?;
    found
        .query_and_then([key(number)], document_row)?
        .next()
        .transpose()
}

pub(crate) fn documents(
    conn: &Connection,
    kind: &str,
    prefix: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Document>, StoreError> {
    let mut found = conn.prepare_cached(
        "SELECT number, sum, kind, key, body FROM documents INDEXED BY documents_by_key
         WHERE kind = ?1 AND key >= ?2 ORDER BY key",
    )?;
    let first = if after < prefix {
        prefix.to_owned()
    } else {
        // What follows `after` immediately.
        format!("{after}\0")
    };
    let mut rows = found.query([kind, &first])?;
    let mut documents = Vec::new();
    while documents.len() < limit
        && let Some(row) = rows.next()?
    {
        let document = document_row(row)?;
        if !document.key.starts_with(prefix) {
            break;
        }
        documents.push(document);
    }
    Ok(documents)
}

/// A document from its number, sum, kind, key and body.
pub(crate) fn document_row(row: &Row<'_>) -> Result<Document, StoreError> {
    let number = row.get(0)?;
    let damaged = |_| StoreError::Damaged(format!("document {number}"));
    let sum: Sum = row.get(1).map_err(damaged)?;
    let read = || {
        Ok(Document {
            number,
            kind: row.get(2)?,
            key: row.get(3)?,
            body: row.get(4)?,
        })
    };
    let document = read().map_err(damaged)?;
    if sums::document(&document) == sum {
        Ok(document)
    } else {
        let Document { kind, key, .. } = document;
        Err(StoreError::Damaged(format!(
            "document {number} ({kind} {key})"
        )))
    }
}

pub(crate) fn last_number(conn: &Connection) -> Result<u64, StoreError> {
    let mut found = conn.prepare_cached("SELECT last FROM sequence")?;
    let last = found.query_row([], |row| row.get(0)).optional()?;
    last.ok_or_else(|| StoreError::Damaged("the sequence of numbers is gone".to_owned()))
}

/// A number as the database has it; one that is too large for it stands for one that nothing has.
pub(crate) fn key(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn what_is_due_is_found_without_looking_at_others() {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn, 0, &schema::MIGRATIONS).unwrap();
        for (sql, expected) in [
            (DUE_AT, "INDEX executions_due (due=? AND rowid>?)"),
            (DUE_AFTER, "INDEX executions_due (due>? AND due<?)"),
        ] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let plan = plan
                .query_map([1, 2, 3], |row| row.get::<_, String>(3))
                .unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(plan[0].contains(expected), "{plan:?}");
        }
    }
}
