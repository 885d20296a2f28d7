//! The registry's documents in the store.
//!
//! | kind | key | content |
//! |---|---|---|
//! | `function` | `ACCOUNT/REGION/NAME` | [`Record`] |
//! | `function-version` | the function's, `/` and the number in 20 digits | [`Version`] |
//! | `function-alias` | the function's, `/` and the alias | [`Alias`] |
//! | `function-event` | its number in 20 digits | [`Event`] |

use serde::Serialize;
use serde::de::DeserializeOwned;
use stepmill_integrations::lambda::Owner;
use stepmill_store::{Change, Document};

use super::error::FunctionError;
use super::events::Event;
use super::model::{Alias, Record, Version};
use crate::keeper::Keeper;

const FUNCTION: &str = "function";
const VERSION: &str = "function-version";
const ALIAS: &str = "function-alias";
const EVENT: &str = "function-event";
/// How many documents are read at once.
const PAGE: usize = 500;

/// What a function is found by.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) owner: Owner,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(owner: &Owner, name: &str) -> Self {
        Self {
            owner: owner.clone(),
            name: name.to_owned(),
        }
    }

    fn text(&self) -> String {
        let Owner { account, region } = &self.owner;
        format!("{account}/{region}/{}", self.name)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let owner = Owner::new(parts.next()?, parts.next()?);
        Some(Self::new(&owner, parts.next()?))
    }
}

/// Reads and writes documents.
pub(super) struct Documents {
    keeper: Keeper,
}

/// A document's number and what it holds.
pub(super) type Numbered<T> = (u64, T);

impl Documents {
    pub(super) fn new(keeper: Keeper) -> Self {
        Self { keeper }
    }

    pub(super) fn number(&self) -> u64 {
        self.keeper.number()
    }

    /// Keeps all changes or none.
    pub(super) async fn commit(&self, changes: Vec<Change>) -> Result<(), FunctionError> {
        Ok(self.keeper.commit(changes).await?)
    }

    pub(super) fn function(&self, key: &Key) -> Result<Option<Numbered<Record>>, FunctionError> {
        self.get(FUNCTION, &key.text())
    }

    pub(super) fn put_function(
        key: &Key,
        number: u64,
        record: &Record,
    ) -> Result<Change, FunctionError> {
        put(FUNCTION, key.text(), number, record)
    }

    /// The owner's functions whose names come after `after`, by name, at most `limit`.
    pub(super) fn functions(
        &self,
        owner: &Owner,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, FunctionError> {
        let prefix = Key::new(owner, "").text();
        let after = format!("{prefix}{after}");
        let found = self
            .keeper
            .store()
            .documents(FUNCTION, &prefix, &after, limit)?;
        found
            .into_iter()
            .map(|document| {
                let name = document.key[prefix.len()..].to_owned();
                Ok((name, read(&document)?))
            })
            .collect()
    }

    /// Visits every function of every owner.
    pub(super) fn each_function(
        &self,
        mut visit: impl FnMut(Key, u64, Record) -> Result<(), FunctionError>,
    ) -> Result<(), FunctionError> {
        self.each(FUNCTION, "", |document| {
            let key = Key::parse(&document.key)
                .ok_or_else(|| FunctionError::internal("a function's key in the store is wrong"))?;
            visit(key, document.number, read(&document)?)
        })
    }

    pub(super) fn version(
        &self,
        key: &Key,
        version: &str,
    ) -> Result<Option<Numbered<Version>>, FunctionError> {
        match version.parse() {
            Ok(number) => self.get(VERSION, &version_key(key, number)),
            Err(_) => Ok(None),
        }
    }

    pub(super) fn put_version(
        key: &Key,
        number: u64,
        version: &Version,
    ) -> Result<Change, FunctionError> {
        let place = version.version.parse().unwrap_or_default();
        put(VERSION, version_key(key, place), number, version)
    }

    /// All published versions of a function, in order.
    pub(super) fn versions(&self, key: &Key) -> Result<Vec<Numbered<Version>>, FunctionError> {
        self.all(VERSION, &format!("{}/", key.text()))
    }

    pub(super) fn alias(
        &self,
        key: &Key,
        alias: &str,
    ) -> Result<Option<Numbered<Alias>>, FunctionError> {
        self.get(ALIAS, &alias_key(key, alias))
    }

    pub(super) fn put_alias(
        key: &Key,
        number: u64,
        alias: &Alias,
    ) -> Result<Change, FunctionError> {
        put(ALIAS, alias_key(key, &alias.name), number, alias)
    }

    /// All aliases of a function, by name.
    pub(super) fn aliases(&self, key: &Key) -> Result<Vec<Numbered<Alias>>, FunctionError> {
        self.all(ALIAS, &format!("{}/", key.text()))
    }

    pub(super) fn put_event(number: u64, event: &Event) -> Result<Change, FunctionError> {
        put(EVENT, format!("{number:020}"), number, event)
    }

    /// All asynchronous invocations that wait or run, in the order of their acceptance.
    pub(super) fn events(&self) -> Result<Vec<Numbered<Event>>, FunctionError> {
        self.all(EVENT, "")
    }

    fn get<T: DeserializeOwned>(
        &self,
        kind: &str,
        key: &str,
    ) -> Result<Option<Numbered<T>>, FunctionError> {
        match self.keeper.store().document(kind, key)? {
            None => Ok(None),
            Some(document) => Ok(Some((document.number, read(&document)?))),
        }
    }

    fn all<T: DeserializeOwned>(
        &self,
        kind: &str,
        prefix: &str,
    ) -> Result<Vec<Numbered<T>>, FunctionError> {
        let mut found = Vec::new();
        self.each(kind, prefix, |document| {
            found.push((document.number, read(&document)?));
            Ok(())
        })?;
        Ok(found)
    }

    fn each(
        &self,
        kind: &str,
        prefix: &str,
        mut visit: impl FnMut(Document) -> Result<(), FunctionError>,
    ) -> Result<(), FunctionError> {
        let mut after = String::new();
        loop {
            let page = self.keeper.store().documents(kind, prefix, &after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.key);
            for document in page {
                visit(document)?;
            }
        }
    }
}

fn version_key(key: &Key, number: u64) -> String {
    format!("{}/{number:020}", key.text())
}

fn alias_key(key: &Key, alias: &str) -> String {
    format!("{}/{alias}", key.text())
}

fn put(
    kind: &str,
    key: String,
    number: u64,
    value: &impl Serialize,
) -> Result<Change, FunctionError> {
    let body = serde_json::to_vec(value)
        .map_err(|error| FunctionError::internal(format!("cannot write {kind} {key}: {error}")))?;
    Ok(Change::Put(Document {
        number,
        kind: kind.to_owned(),
        key,
        body,
    }))
}

fn read<T: DeserializeOwned>(document: &Document) -> Result<T, FunctionError> {
    serde_json::from_slice(&document.body).map_err(|error| {
        let Document { kind, key, .. } = document;
        FunctionError::internal(format!("cannot read {kind} {key}: {error}"))
    })
}
