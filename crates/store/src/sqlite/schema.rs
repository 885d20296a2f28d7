//! The tables, and how older files become newer ones.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::error::StoreError;

/// What marks a file as a Stepmill store: "step".
pub(crate) const APPLICATION: i32 = 0x7374_6570;

/// Each makes the next version of the schema from the one before; the first makes version 1 from
/// nothing. What is released is never changed: a change is one more step.
pub(crate) const MIGRATIONS: [&str; 1] = [VERSION_1];

/// A row of an execution stands beside its entries and not among them, so that lists read few pages.
///
/// - The key of an entry is `execution << 24 | turn`: an execution's entries stand together, in
///   order, and need no index.
/// - Lists come from one index; those by version or alias have another that holds only executions
///   started through one. The indexes of what is due and busy hold only what is.
/// - `sum` is the checksum of what never changes in a row.
/// - `sequence.last` outlives the rows that had the number.
const VERSION_1: &str = "
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    status INTEGER NOT NULL,
    busy INTEGER NOT NULL,
    sorted INTEGER NOT NULL,
    due INTEGER,
    version INTEGER,
    alias INTEGER,
    sum INTEGER NOT NULL,
    name TEXT NOT NULL,
    detail BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX executions_by_name ON executions (scope, name);
CREATE INDEX executions_by_status ON executions (scope, status, sorted);
CREATE INDEX executions_by_version ON executions (version, status, sorted) WHERE version IS NOT NULL;
CREATE INDEX executions_by_alias ON executions (alias, status, sorted) WHERE alias IS NOT NULL;
CREATE INDEX executions_due ON executions (due) WHERE due IS NOT NULL;
CREATE INDEX executions_busy ON executions (busy) WHERE busy = 1;

CREATE TABLE entries (
    key INTEGER PRIMARY KEY,
    sum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE queued (
    position INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    task INTEGER NOT NULL
) STRICT;
CREATE INDEX queued_by_queue ON queued (queue);
CREATE UNIQUE INDEX queued_by_task ON queued (execution, task, queue);

CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    sum INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_by_key ON documents (kind, key);

CREATE TABLE sequence (last INTEGER NOT NULL) STRICT;
INSERT INTO sequence (last) VALUES (0);
";

/// The version of a store's schema. Refuses what is not a store or is newer than `known`.
pub(crate) fn version(conn: &Connection, path: &Path, known: u32) -> Result<u32, StoreError> {
    let not_a_store = |reason: String| StoreError::NotAStore {
        path: path.to_owned(),
        reason,
    };
    let application: i32 = match conn.pragma_query_value(None, "application_id", |row| row.get(0)) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(not_a_store(
                "it is no SQLite file, or its header is damaged".to_owned(),
            ));
        }
        other => other?,
    };
    if application != APPLICATION {
        return Err(not_a_store(format!(
            "it is a SQLite file of another application (id {application:#x})"
        )));
    }
    let found: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(found)
}

/// Brings a store from version `from` to the newest one, each step whole or not at all.
pub(crate) fn migrate(
    conn: &mut Connection,
    from: u32,
    migrations: &[&str],
) -> Result<(), StoreError> {
    for (step, to) in migrations.iter().zip(1_u32..).skip(from as usize) {
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", to)?;
        transaction.commit()?;
        if from > 0 {
            tracing::info!(version = to, "the store has a new schema");
        }
    }
    Ok(())
}
