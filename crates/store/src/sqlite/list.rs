//! Pages of lists.

use rusqlite::{Connection, Rows, params};

use super::read::{columns, execution_row, key};
use crate::error::StoreError;
use crate::model::{ExecutionRow, ListExecutions};

/// An index that holds executions by something, then by status, then in the order of lists.
struct Index {
    /// Which statuses there are after one.
    statuses: &'static str,
    /// Those with a status, in order.
    rows: &'static str,
}

/// The index by `$by`, whose first column is `$column`.
macro_rules! index {
    ($by:literal, $column:literal) => {
        Index {
            statuses: concat!(
                "SELECT min(status) FROM executions INDEXED BY executions_by_",
                $by,
                " WHERE ",
                $column,
                " = ?1 AND status > ?2"
            ),
            rows: concat!(
                "SELECT ",
                columns!(),
                " FROM executions INDEXED BY executions_by_",
                $by,
                " WHERE ",
                $column,
                " = ?1 AND status = ?2 AND (sorted, number) < (?3, ?4)",
                " ORDER BY sorted DESC, number DESC"
            ),
        }
    };
}

const BY_SCOPE: Index = index!("status", "scope");
const BY_VERSION: Index = index!("version", "version");
const BY_ALIAS: Index = index!("alias", "alias");

/// A page of executions: what the index has for each status is in order, so merging it is enough.
pub(crate) fn executions(
    conn: &Connection,
    query: &ListExecutions,
) -> Result<Vec<ExecutionRow>, StoreError> {
    // One transaction, so that nothing moves from one status to another meanwhile.
    let transaction = conn.unchecked_transaction()?;
    let (index, by) = match (query.version, query.alias) {
        (Some(version), _) => (BY_VERSION, version),
        (None, Some(alias)) => (BY_ALIAS, alias),
        (None, None) => (BY_SCOPE, query.scope),
    };
    let statuses = match &query.statuses[..] {
        [] => statuses(conn, &index, by)?,
        some => {
            let mut some = some.to_vec();
            some.sort_unstable();
            some.dedup();
            some
        }
    };
    let (sorted, number) = query.after.unwrap_or((i64::MAX, u64::MAX));
    let mut statements = statuses
        .iter()
        .map(|_| conn.prepare_cached(index.rows))
        .collect::<Result<Vec<_>, _>>()?;
    let mut sources = Vec::with_capacity(statuses.len());
    for (statement, status) in statements.iter_mut().zip(statuses) {
        let rows = statement.query(params![key(by), status, sorted, key(number)])?;
        sources.push(Source::new(rows, query)?);
    }
    let mut page = Vec::new();
    while page.len() < query.limit
        && let Some(source) = sources.iter_mut().max_by_key(|source| source.place())
        && let Some(row) = source.next(query)?
    {
        page.push(row);
    }
    drop(sources);
    drop(statements);
    transaction.commit()?;
    Ok(page)
}

/// The statuses that there are.
fn statuses(conn: &Connection, index: &Index, by: u64) -> Result<Vec<u8>, StoreError> {
    let mut next = conn.prepare_cached(index.statuses)?;
    let mut statuses = Vec::new();
    let mut after = -1;
    while let Some(status) = next.query_row([key(by), after], |row| row.get::<_, Option<u8>>(0))? {
        statuses.push(status);
        after = i64::from(status);
    }
    Ok(statuses)
}

/// Executions with one status, in order.
struct Source<'a> {
    rows: Rows<'a>,
    first: Option<ExecutionRow>,
}

impl<'a> Source<'a> {
    fn new(rows: Rows<'a>, query: &ListExecutions) -> Result<Self, StoreError> {
        let mut source = Self { rows, first: None };
        source.next(query)?;
        Ok(source)
    }

    /// Where its first stands in the list.
    fn place(&self) -> Option<(i64, u64)> {
        self.first
            .as_ref()
            .map(|row| (row.update.sorted, row.number))
    }

    /// Takes its first.
    fn next(&mut self, query: &ListExecutions) -> Result<Option<ExecutionRow>, StoreError> {
        let mut following = None;
        while let Some(row) = self.rows.next()? {
            let row = execution_row(row)?;
            if row.scope == query.scope && query.alias.is_none_or(|alias| row.alias == Some(alias))
            {
                following = Some(row);
                break;
            }
        }
        Ok(std::mem::replace(&mut self.first, following))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    /// Lists are read in order from an index, from the place where the page before has ended.
    #[test]
    fn no_list_is_sorted() {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn, 0, &schema::MIGRATIONS).unwrap();
        for index in [BY_SCOPE, BY_VERSION, BY_ALIAS] {
            let mut plan = conn
                .prepare(&format!("EXPLAIN QUERY PLAN {}", index.rows))
                .unwrap();
            let plan = plan
                .query_map([1, 2, 3, 4], |row| row.get::<_, String>(3))
                .unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(plan[0].contains("status=? AND sorted<?)"), "{plan:?}");
        }
    }
}
