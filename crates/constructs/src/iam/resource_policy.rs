//! Policies of resources that are resources of their own: a queue's, a topic's, a bucket's.

use std::cell::Cell;
use std::rc::Rc;

use super::document::Policy;
use super::statement::Statement;
use crate::core::{CfnResource, Feature, Scope};
use crate::value::Value;

/// A resource's policy, made in the stack with its first statement.
#[derive(Debug, Default)]
pub(crate) struct ResourcePolicy {
    policy: Rc<Policy>,
    made: Cell<bool>,
    assign_sids: bool,
}

impl ResourcePolicy {
    /// A policy of a kind that wants each statement to have a name.
    pub(crate) fn with_sids() -> Self {
        Self {
            assign_sids: true,
            ..Self::default()
        }
    }

    /// Adds a statement. The policy is a resource of a kind that names what it is the policy of by a property.
    pub(crate) fn add(
        &self,
        scope: &Scope,
        kind: &str,
        of: (&str, impl Into<Value>),
        statement: Statement,
    ) {
        self.policy.add(statement);
        if self.made.replace(true) {
            return;
        }
        let place = scope.child("Policy");
        let minimize = scope.has(Feature::MinimizePolicies);
        let (policy, assign_sids) = (self.policy.clone(), self.assign_sids);
        CfnResource::new(&place, "Resource", kind)
            .lazy_property("PolicyDocument", move || {
                let document = policy.document().minimize(minimize);
                document.assign_sids(assign_sids).to_value()
            })
            .property(of.0, of.1);
        let policy = self.policy.clone();
        place.check(move || policy.document().problems_of_resource());
    }
}
