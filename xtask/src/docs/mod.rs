//! `cargo xtask docs`: the pages that are made from examples and data.

mod deviations;
mod tasks;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::root;
use crate::error::TaskError;

/// A page and where it stands below the repository.
struct Page {
    path: PathBuf,
    text: String,
}

/// Writes the pages, or only checks that they are what they would be written as.
pub(crate) fn run(check: bool) -> Result<(), TaskError> {
    let mut pages = tasks::pages()?;
    pages.push(deviations::page()?);
    let mut stale = Vec::new();
    for page in pages {
        let path = root().join(&page.path);
        let current = fs::read_to_string(&path).is_ok_and(|text| text == page.text);
        match (current, check) {
            (true, _) => {}
            (false, true) => stale.push(page.path.display().to_string()),
            (false, false) => {
                write(&path, &page.text)?;
                println!("wrote {}", page.path.display());
            }
        }
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(TaskError::Stale {
            files: stale,
            verb: "docs",
        }),
    }
}

fn write(path: &Path, text: &str) -> Result<(), TaskError> {
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text));
    written.map_err(|source| TaskError::File {
        path: path.to_owned(),
        source,
    })
}

fn read(path: &str) -> Result<String, TaskError> {
    let path = root().join(path);
    fs::read_to_string(&path).map_err(|source| TaskError::File { path, source })
}

fn read_json(path: &str) -> Result<Value, TaskError> {
    Ok(serde_json::from_str(&read(path)?)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pages_are_what_they_are_made_from() {
        super::run(true).unwrap();
    }
}
