//! Tags of state machines and activities.

use serde::{Deserialize, Serialize};

use crate::arn::{Arn, Resource};
use crate::error::{Code, Error};
use crate::machines::Machines;
use crate::machines::documents::{self, ActivityBody, Kept, MachineBody, named};
use crate::machines::registry::{Decision, Inner};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value; empty if none was given.
    #[serde(default)]
    pub value: String,
}

/// What can have tags.
enum Tagged {
    Machine(Kept<MachineBody>),
    Activity(Kept<ActivityBody>),
}

impl Machines {
    /// `TagResource`: adds tags, or gives those that are there new values.
    pub async fn tag(&self, arn: &str, tags: Vec<Tag>) -> Result<(), Error> {
        check_tags(&tags)?;
        let arn = arn.to_owned();
        self.change(move |inner, _| inner.retag(&arn, |kept, most| add(kept, tags, most, &arn)))
            .await
    }

    /// `UntagResource`; keys that are not there are no error.
    pub async fn untag(&self, arn: &str, keys: Vec<String>) -> Result<(), Error> {
        let arn = arn.to_owned();
        self.change(move |inner, _| {
            inner.retag(&arn, |kept, _| {
                kept.retain(|tag| !keys.contains(&tag.key));
                Ok(())
            })
        })
        .await
    }

    /// `ListTagsForResource`: in the order in which they were added.
    pub fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, Error> {
        Ok(match self.inner().tagged(arn)? {
            Tagged::Machine(machine) => machine.body.tags,
            Tagged::Activity(activity) => activity.body.tags,
        })
    }
}

impl Inner {
    fn tagged(&self, text: &str) -> Result<Tagged, Error> {
        let arn = Arn::parse(text)?;
        let store = self.keeper.store();
        let missing = || {
            // Observed on AWS, for ARNs of versions too.
            Error::new(
                Code::ResourceNotFound,
                format!("Resource not found: '{text}'"),
            )
            .with("resourceName", text)
        };
        if !arn.is_possible() {
            return Err(missing());
        }
        match arn.resource {
            Resource::StateMachine {
                name,
                qualifier: None,
            } => {
                let key = named(arn.account, arn.region, name);
                let machine = Kept::find(store, documents::MACHINE, &key)?;
                machine.map(Tagged::Machine).ok_or_else(missing)
            }
            Resource::Activity { name } => {
                let key = named(arn.account, arn.region, name);
                let activity = Kept::find(store, documents::ACTIVITY, &key)?;
                activity.map(Tagged::Activity).ok_or_else(missing)
            }
            Resource::StateMachine { .. } | Resource::Labelled { .. } => Err(missing()),
            _ => Err(arn.unsuited()),
        }
    }

    fn retag(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Vec<Tag>, usize) -> Result<(), Error>,
    ) -> Result<Decision<()>, Error> {
        let put = match self.tagged(arn)? {
            Tagged::Machine(mut machine) => {
                change(&mut machine.body.tags, self.quotas.tags)?;
                machine.put(documents::MACHINE)?
            }
            Tagged::Activity(mut activity) => {
                change(&mut activity.body.tags, self.quotas.tags)?;
                activity.put(documents::ACTIVITY)?
            }
        };
        Ok(Decision::of(vec![put], ()))
    }
}

/// Tags of something new: checked, each key once.
pub(crate) fn new_tags(tags: Vec<Tag>, most: usize, arn: &str) -> Result<Vec<Tag>, Error> {
    check_tags(&tags)?;
    let mut kept = Vec::new();
    add(&mut kept, tags, most, arn)?;
    Ok(kept)
}

fn add(kept: &mut Vec<Tag>, tags: Vec<Tag>, most: usize, arn: &str) -> Result<(), Error> {
    for tag in tags {
        match kept.iter_mut().find(|kept| kept.key == tag.key) {
            Some(kept) => kept.value = tag.value,
            None => kept.push(tag),
        }
        if kept.len() > most {
            let message = format!("Too many tags: a resource may have {most}: '{arn}'");
            return Err(Error::new(Code::TooManyTags, message).with("resourceName", arn));
        }
    }
    Ok(())
}

/// Characters as the Developer Guide lists them (*Tagging*); lengths are the API model's matter.
fn check_tags(tags: &[Tag]) -> Result<(), Error> {
    for (index, Tag { key, value }) in tags.iter().enumerate() {
        if key.to_ascii_lowercase().starts_with("aws:") {
            let message = format!("Tag keys that begin with 'aws:' are reserved. Received: {key}");
            return Err(Error::validation(message));
        }
        for (member, text) in [("key", key), ("value", value)] {
            if !text.chars().all(is_legal) {
                return Err(Error::validation(format!(
                    "1 validation error detected: Value '{text}' at 'tags.{}.member.{member}' \
                     failed to satisfy constraint: Member must satisfy regular expression \
                     pattern: ^([\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*)$",
                    index + 1
                )));
            }
        }
    }
    Ok(())
}

fn is_legal(character: char) -> bool {
    character.is_alphanumeric()
        || character.is_whitespace() && !character.is_control()
        || "_.:/=+-@".contains(character)
}
