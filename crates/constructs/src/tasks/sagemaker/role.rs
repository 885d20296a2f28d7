//! The role that SageMaker acts with on behalf of a task.

use std::cell::OnceCell;

use crate::core::{Problem, Scope};
use crate::iam::{Principal, Role};

/// The role that SageMaker acts with: a given one, or one that is made when it is first needed.
#[derive(Debug, Clone)]
pub(super) struct SageMakerRole {
    id: &'static str,
    role: OnceCell<Role>,
    given: bool,
}

impl SageMakerRole {
    /// A role to be made under an id.
    pub(super) fn to_be_made(id: &'static str) -> Self {
        Self {
            id,
            role: OnceCell::new(),
            given: false,
        }
    }

    /// Uses a role that is given.
    pub(super) fn give(&mut self, scope: &Scope, role: &Role) {
        if self.role.get().is_some() {
            let message = "The role must be given before it is used";
            scope.report(Problem::property("role", message));
        }
        self.role = OnceCell::from(role.clone());
        self.given = true;
    }

    /// The role; it is made if none was given.
    pub(super) fn get(&self, scope: &Scope) -> Role {
        let make = || {
            Role::new(
                scope,
                self.id,
                Principal::service("sagemaker.amazonaws.com"),
            )
        };
        self.role.get_or_init(make).clone()
    }

    /// The role, if it is not given and so must be told what it may do.
    pub(super) fn made(&self, scope: &Scope) -> Option<Role> {
        (!self.given).then(|| self.get(scope))
    }
}
