//! `cargo xtask integrations`: what every optimised integration calls, and what tested it.

mod data;
mod page;
mod tests;

use std::fs;

use data::{Catalog, Table};

use crate::command::root;
use crate::error::TaskError;

const PAGE: &str = "docs/integrations.md";
const CATALOG: &str = "crates/catalog/data/integrations.json";
const TABLE: &str = "crates/integrations/tests/services/cases/table.json";

/// Writes the page, or only checks that it is up to date; fails in both cases if an integration has no
/// test for one of its patterns.
pub(crate) fn run(check: bool) -> Result<(), TaskError> {
    let catalog: Catalog = read(CATALOG)?;
    let table: Table = read(TABLE)?;
    let (rows, mut wrong) = tests::of(&catalog, &table);
    let text = page::text(&catalog, &rows);
    let path = root().join(PAGE);
    if check {
        if !fs::read_to_string(&path).is_ok_and(|current| current == text) {
            wrong.push(format!(
                "{PAGE} is not up to date: run `cargo xtask integrations`"
            ));
        }
    } else {
        fs::write(&path, text).map_err(|source| TaskError::File { path, source })?;
        println!("wrote {PAGE}");
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(TaskError::Integrations(wrong)),
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, TaskError> {
    let path = root().join(path);
    let text = fs::read_to_string(&path).map_err(|source| TaskError::File {
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| TaskError::Source {
        path,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod checks {
    #[test]
    fn every_integration_is_tested_with_every_pattern() {
        super::run(true).unwrap();
    }
}
