//! Activities.

use std::cell::RefCell;
use std::rc::Rc;

use super::encryption::EncryptionConfiguration;
use super::metric::{Metric, Statistic};
use crate::core::{Arn, ArnFormat, CfnResource, Problem, Scope};
use crate::iam::{Grant, Grantable, Principal, Statement};
use crate::resources::Key;
use crate::value::{Text, Value};

const MAX_NAME: usize = 80;

/// Work that is done by whoever asks for it, made in the stack or imported.
///
/// It is a handle: clones are the same activity.
#[derive(Clone, Debug)]
pub struct Activity {
    scope: Scope,
    arn: Text,
    name: Text,
    made: Option<Made>,
}

#[derive(Clone, Debug)]
struct Made {
    resource: CfnResource,
    /// What it is called, as far as is known before it is made.
    called: Rc<RefCell<Text>>,
    key: Rc<RefCell<Option<Key>>>,
}

impl Activity {
    /// An activity, named after its place in the app unless said.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let called = Rc::new(RefCell::new(Text::from(default_name(&place))));
        let named = called.clone();
        let resource = CfnResource::new(&place, "Resource", "AWS::StepFunctions::Activity")
            .lazy_property("Name", move || Some(named.borrow().clone().into()));
        Self {
            scope: place,
            arn: resource.reference(),
            name: resource.attribute("Name"),
            made: Some(Made {
                resource,
                called,
                key: Rc::default(),
            }),
        }
    }

    /// An activity that exists already, by its ARN.
    pub fn from_activity_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        Self {
            scope: scope.child(id),
            name: Arn::split(&arn).resource_name(ArnFormat::Colon),
            arn,
            made: None,
        }
    }

    /// An activity of the stack's account and region that exists already, by its name.
    pub fn from_activity_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let arn = scope.arn("states", Text::from("activity:").then(name));
        Self::from_activity_arn(scope, id, arn)
    }

    fn say(&self, property: &'static str, say: impl FnOnce(&Made)) {
        if let Some(made) = &self.made {
            return say(made);
        }
        let message = format!("'{property}' cannot be said of an imported activity.");
        self.scope.report(Problem::property(property, message));
    }

    /// Its name, of at most 80 characters.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.say("name", |made| {
            made.called.replace(name.into());
        });
        self
    }

    /// Sets a property of the resource: `("Tags", tags)`.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.say("property", |made| made.resource.set(name, value));
        self
    }

    /// By which key its tasks' inputs are encrypted. A key of the author's is allowed to Step Functions.
    pub fn encryption_configuration(self, encryption: impl Into<EncryptionConfiguration>) -> Self {
        let encryption = encryption.into();
        if let Some(problem) = encryption.problem() {
            self.scope.report(problem);
        }
        let activities = self.scope.arn("states", "activity:");
        self.say("encryption_configuration", |made| {
            made.resource
                .set("EncryptionConfiguration", encryption.value());
            made.key.replace(encryption.key().cloned());
            if let Some(key) = encryption.key() {
                let called = made.called.clone();
                key.add_to_resource_policy_later(move || {
                    let context = "kms:EncryptionContext:aws:states:activityArn";
                    let activity = activities.clone().then(called.borrow().clone());
                    let statement = Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*"])
                        .principal(Principal::service("states.amazonaws.com"))
                        .condition("StringEquals", context, activity);
                    vec![statement]
                });
            }
        });
        self
    }

    /// Allows actions on it.
    pub fn grant(&self, identity: &dyn Grantable, actions: &[&str]) -> Grant {
        Grant::add_to_principal(identity, actions.iter().copied(), [self.activity_arn()])
    }

    /// Its ARN.
    pub fn activity_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn activity_name(&self) -> Text {
        self.name.clone()
    }

    /// The author's key that its tasks' inputs are encrypted with.
    pub(crate) fn key(&self) -> Option<Key> {
        self.made.as_ref()?.key.borrow().clone()
    }

    /// A metric of it, summed up over 5 minutes.
    pub fn metric(&self, name: &str) -> Metric {
        Metric::states(name, Statistic::Sum).dimension("ActivityArn", self.activity_arn())
    }

    /// How long tasks took from their start, in milliseconds, on average.
    pub fn metric_run_time(&self) -> Metric {
        self.metric("ActivityRunTime").statistic(Statistic::Average)
    }

    /// How long tasks waited to be started, in milliseconds, on average.
    pub fn metric_schedule_time(&self) -> Metric {
        self.metric("ActivityScheduleTime")
            .statistic(Statistic::Average)
    }

    /// How long tasks took from when they were scheduled, in milliseconds, on average.
    pub fn metric_time(&self) -> Metric {
        self.metric("ActivityTime").statistic(Statistic::Average)
    }

    /// How many tasks were scheduled.
    pub fn metric_scheduled(&self) -> Metric {
        self.metric("ActivitiesScheduled")
    }

    /// How many tasks took too long.
    pub fn metric_timed_out(&self) -> Metric {
        self.metric("ActivitiesTimedOut")
    }

    /// How many tasks were started.
    pub fn metric_started(&self) -> Metric {
        self.metric("ActivitiesStarted")
    }

    /// How many tasks succeeded.
    pub fn metric_succeeded(&self) -> Metric {
        self.metric("ActivitiesSucceeded")
    }

    /// How many tasks failed.
    pub fn metric_failed(&self) -> Metric {
        self.metric("ActivitiesFailed")
    }

    /// How many tasks gave no sign of life in time.
    pub fn metric_heartbeat_timed_out(&self) -> Metric {
        self.metric("ActivitiesHeartbeatTimedOut")
    }
}

/// A name that no other construct of the app has; of a long one the start and the end.
fn default_name(place: &Scope) -> String {
    let name = place.unique_name();
    match name.len() > MAX_NAME {
        true => [&name[..MAX_NAME / 2], &name[name.len() - MAX_NAME / 2..]].concat(),
        false => name,
    }
}
