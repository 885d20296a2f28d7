//! `DeleteStateMachine`: a state machine goes when its executions have ended.

use jiff::Timestamp;
use stepmill_store::{Change, ListExecutions};

use crate::arn::{Arn, Resource};
use crate::error::Error;
use crate::machines::cache::Stale;
use crate::machines::documents::{
    self, DeletedBody, DeletingBody, Kept, MachineBody, deleted_key, deleting_key, parts, place,
    within,
};
use crate::machines::registry::{Count, Decision, Inner, Machines};
use crate::page::NameCursor;

impl Machines {
    /// `DeleteStateMachine`: from now on it is DELETING and starts nothing. Answers its number, so
    /// that its executions can be stopped; when they have ended, [`Machines::deleted`] must be
    /// called. `None` if there is no such state machine, which is no error.
    pub async fn delete_state_machine(&self, arn: &str) -> Result<Option<u64>, Error> {
        let arn = arn.to_owned();
        self.change(move |inner, _| inner.delete(&arn)).await
    }

    /// The state machines that are DELETING: their deletion must be taken up again when the store
    /// is opened.
    pub fn deleting(&self) -> Result<Vec<u64>, Error> {
        let mut machines = Vec::new();
        self.inner().each(documents::DELETING, "", |document| {
            machines.push(Kept::<DeletingBody>::read(document)?.body.machine);
            Ok(())
        })?;
        Ok(machines)
    }

    /// Deletes a state machine that is DELETING, with its versions and aliases. Its revisions stay:
    /// executions of theirs can still be described.
    pub async fn deleted(&self, machine: u64) -> Result<(), Error> {
        self.change(move |inner, _| inner.bury(machine)).await
    }

    /// Forgets state machines that were deleted before `before` and have no executions left, with
    /// their revisions. Looks at `limit` of them, after those before, and answers where to go on.
    pub async fn forget_deleted(
        &self,
        before: Timestamp,
        after: Option<NameCursor>,
        limit: usize,
    ) -> Result<Option<NameCursor>, Error> {
        self.change(move |inner, _| inner.forget_deleted(before, after, limit))
            .await
    }
}

impl Inner {
    fn delete(&self, text: &str) -> Result<Decision<Option<u64>>, Error> {
        let arn = Arn::parse(text)?;
        let name = match arn.resource {
            Resource::StateMachine {
                name,
                qualifier: None,
            } => name,
            Resource::StateMachine { .. } => {
                return Err(Error::validation(format!(
                    "A version or an alias cannot be deleted with DeleteStateMachine: '{text}'"
                )));
            }
            Resource::Labelled { .. } => return Err(arn.labelled()),
            _ => return Err(arn.unsuited()),
        };
        let Some(mut machine) = self.find_machine(&arn, name)? else {
            return Ok(Decision::unchanged(None));
        };
        let number = machine.number;
        if machine.body.deleting {
            return Ok(Decision::unchanged(Some(number)));
        }
        machine.body.deleting = true;
        let mark = Kept {
            number: self.keeper.number(),
            key: deleting_key(number),
            body: DeletingBody { machine: number },
        };
        let changes = vec![
            machine.put(documents::MACHINE)?,
            mark.put(documents::DELETING)?,
        ];
        Ok(Decision::of(changes, Some(number)).making_stale(Stale::Machine(number)))
    }

    fn bury(&self, machine: u64) -> Result<Decision<()>, Error> {
        let store = self.keeper.store();
        let document = store.document_numbered(machine)?;
        let document = document.filter(|document| document.kind == documents::MACHINE);
        let Some(document) = document else {
            return Ok(Decision::unchanged(()));
        };
        let machine: Kept<MachineBody> = Kept::read(document)?;
        if !machine.body.deleting {
            return Ok(Decision::unchanged(()));
        }
        let mut changes = Vec::new();
        for kind in [documents::VERSION, documents::ALIAS] {
            self.each(kind, &within(machine.number), |document| {
                changes.push(Change::Delete {
                    number: document.number,
                });
                Ok(())
            })?;
        }
        let key = deleting_key(machine.number);
        if let Some(mark) = store.document(documents::DELETING, &key)? {
            changes.push(Change::Delete {
                number: mark.number,
            });
        }
        changes.push(Change::Delete {
            number: machine.number,
        });
        let body = DeletedBody {
            deleted: self.clock.now(),
        };
        let deleted = Kept {
            number: machine.number,
            key: deleted_key(&machine.key, machine.number),
            body,
        };
        changes.push(deleted.put(documents::DELETED)?);
        let (account, region, _) = parts(&machine.key).unwrap_or_default();
        let count = Count::one_less(documents::MACHINE, place(account, region));
        Ok(Decision::of(changes, ())
            .making_stale(Stale::Machine(machine.number))
            .counting(count))
    }

    fn forget_deleted(
        &self,
        before: Timestamp,
        after: Option<NameCursor>,
        limit: usize,
    ) -> Result<Decision<Option<NameCursor>>, Error> {
        let store = self.keeper.store();
        let after = after.map_or_else(String::new, |cursor| cursor.after);
        let found = store.documents(documents::DELETED, "", &after, limit)?;
        let next = found.last().filter(|_| found.len() == limit);
        let next = next.map(|last| NameCursor {
            after: last.key.clone(),
        });
        let mut changes = Vec::new();
        for document in found {
            let deleted: Kept<DeletedBody> = Kept::read(document)?;
            let one = ListExecutions {
                scope: deleted.number,
                statuses: Vec::new(),
                version: None,
                alias: None,
                after: None,
                limit: 1,
            };
            if deleted.body.deleted >= before || !store.executions(&one)?.is_empty() {
                continue;
            }
            self.each(documents::REVISION, &within(deleted.number), |document| {
                changes.push(Change::Delete {
                    number: document.number,
                });
                Ok(())
            })?;
            changes.push(Change::Delete {
                number: deleted.number,
            });
        }
        Ok(Decision::of(changes, next))
    }
}
