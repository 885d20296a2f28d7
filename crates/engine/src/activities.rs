//! Activities: names that workers ask for tasks by.

use std::sync::Arc;

use jiff::Timestamp;
use stepmill_store::Change;

use crate::arn::{Arn, Resource};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::machines::Machines;
use crate::machines::cache::Stale;
use crate::machines::documents::{self, ActivityBody, Kept, named, parts, place};
use crate::machines::encryption::{EncryptionConfiguration, check_encryption};
use crate::machines::registry::{Count, Decision, Inner};
use crate::names::check_name;
use crate::page::{NameCursor, Page, page};
use crate::tags::{Tag, new_tags};

/// An activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRef {
    /// The number of its document: the queue of its tasks. Another activity of the name that is
    /// created after this one was deleted has another.
    pub number: u64,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub creation: Timestamp,
}

/// The parameters of `CreateActivity`.
#[derive(Debug, Clone, Default)]
pub struct CreateActivity {
    /// `name`
    pub name: String,
    /// `tags`
    pub tags: Vec<Tag>,
    /// `encryptionConfiguration`
    pub encryption: Option<EncryptionConfiguration>,
}

impl Machines {
    /// `CreateActivity`. One of that name is answered as it is; tags are ignored then (AWS).
    pub async fn create_activity(
        &self,
        caller: &Caller,
        request: CreateActivity,
    ) -> Result<Arc<ActivityRef>, Error> {
        check_name(&request.name)?;
        check_encryption(request.encryption.as_ref())?;
        let caller = caller.clone();
        self.change(move |inner, counts| {
            let key = named(&caller.account, &caller.region, &request.name);
            if let Some(kept) = inner.find_activity(&key)? {
                return Ok(Decision::unchanged(Arc::new(reference(&kept))));
            }
            let place = place(&caller.account, &caller.region);
            let most = inner.quotas.activities;
            if counts.of(inner, documents::ACTIVITY, &place)? >= most {
                return Err(Error::new(
                    Code::ActivityLimitExceeded,
                    format!("The maximum number of activities has been reached: {most}"),
                ));
            }
            let resource = Resource::Activity {
                name: &request.name,
            };
            let arn = Arn::of(&caller, resource).to_string();
            let kept = Kept {
                number: inner.keeper.number(),
                key,
                body: ActivityBody {
                    created: inner.clock.now(),
                    tags: new_tags(request.tags, inner.quotas.tags, &arn)?,
                },
            };
            let changes = vec![kept.put(documents::ACTIVITY)?];
            let decision = Decision::of(changes, Arc::new(reference(&kept)));
            Ok(decision.counting(Count::one_more(documents::ACTIVITY, place)))
        })
        .await
    }

    /// An activity: `DescribeActivity`, and what tasks and workers look it up by. Warm, it reads
    /// no store.
    pub fn activity(&self, arn: &str) -> Result<Arc<ActivityRef>, Error> {
        let inner = self.inner();
        if let Some(activity) = inner.cache.activity(arn) {
            return Ok(activity);
        }
        let moment = inner.cache.moment();
        let key = activity_key(arn)?;
        let found = match key {
            Some(key) => inner.find_activity(&key)?,
            None => None,
        };
        let kept = found.ok_or_else(|| Error::no_activity(arn))?;
        let activity = Arc::new(reference(&kept));
        inner.cache.keep_activity(moment, arn, &activity);
        Ok(activity)
    }

    /// `DeleteActivity`; one that does not exist is no error. Answers what was deleted.
    pub async fn delete_activity(&self, arn: &str) -> Result<Option<Arc<ActivityRef>>, Error> {
        let key = activity_key(arn)?;
        let arn = arn.to_owned();
        self.change(move |inner, _| {
            let found = match key {
                Some(key) => inner.find_activity(&key)?,
                None => None,
            };
            let Some(kept) = found else {
                return Ok(Decision::unchanged(None));
            };
            let (account, region, _) = parts(&kept.key).unwrap_or_default();
            let count = Count::one_less(documents::ACTIVITY, place(account, region));
            let changes = vec![Change::Delete {
                number: kept.number,
            }];
            Ok(Decision::of(changes, Some(Arc::new(reference(&kept))))
                .making_stale(Stale::Activity(arn))
                .counting(count))
        })
        .await
    }

    /// `ListActivities`, by name.
    pub fn list_activities(
        &self,
        caller: &Caller,
        after: Option<&NameCursor>,
        limit: usize,
    ) -> Result<Page<ActivityRef, NameCursor>, Error> {
        let prefix = place(&caller.account, &caller.region);
        let found = self
            .inner()
            .after_name(documents::ACTIVITY, &prefix, after, limit)?;
        let activities = found.into_iter().map(Kept::read);
        let activities: Vec<_> = activities
            .map(|kept| kept.map(|kept| reference(&kept)))
            .collect::<Result<_, _>>()?;
        Ok(page(activities, limit, |last| NameCursor {
            after: last.name.clone(),
        }))
    }
}

impl Inner {
    fn find_activity(&self, key: &str) -> Result<Option<Kept<ActivityBody>>, Error> {
        Kept::find(self.keeper.store(), documents::ACTIVITY, key)
    }
}

/// `None` if there cannot be such an activity.
fn activity_key(text: &str) -> Result<Option<String>, Error> {
    let arn = Arn::parse(text)?;
    match arn.resource {
        Resource::Activity { name } => Ok(arn
            .is_possible()
            .then(|| named(arn.account, arn.region, name))),
        _ => Err(arn.unsuited()),
    }
}

fn reference(kept: &Kept<ActivityBody>) -> ActivityRef {
    let (account, region, name) = parts(&kept.key).unwrap_or_default();
    ActivityRef {
        number: kept.number,
        arn: Arn::new(account, region, Resource::Activity { name }).to_string(),
        name: name.to_owned(),
        creation: kept.body.created,
    }
}
