//! What the tests of the registry share.

use std::sync::Arc;

use serde_json::json;
use stepmill_engine::{
    Caller, Clock, Code, CreateStateMachine, CreateStateMachineAlias, CreatedStateMachine, Error,
    Keeper, Machines, Quotas, Route, UpdateStateMachine,
};

use crate::store::Documents;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";
pub(crate) const OTHER_ROLE: &str = "arn:aws:iam::000000000000:role/other";
/// Where ARNs of the default caller's state machines begin.
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine";

/// A registry and its store.
pub(crate) struct World {
    pub(crate) store: Arc<Documents>,
    pub(crate) machines: Machines,
    pub(crate) caller: Caller,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Quotas::default())
    }

    pub(crate) fn with(quotas: Quotas) -> Self {
        let store = Arc::new(Documents::default());
        let keeper = Keeper::new(store.clone()).unwrap();
        Self {
            machines: Machines::new(keeper, Arc::new(Clock::Real), quotas, None),
            store,
            caller: Caller::default(),
        }
    }

    /// Another registry over the same store, as after a restart.
    pub(crate) fn restarted(&self) -> Machines {
        let keeper = Keeper::new(self.store.clone()).unwrap();
        Machines::new(keeper, Arc::new(Clock::Real), Quotas::default(), None)
    }

    pub(crate) async fn create(
        &self,
        request: CreateStateMachine,
    ) -> Result<CreatedStateMachine, Error> {
        self.machines
            .create_state_machine(&self.caller, request)
            .await
    }

    /// Creates a state machine called `m` with version 1, and answers its ARN.
    pub(crate) async fn published(&self) -> String {
        let request = CreateStateMachine {
            publish: true,
            ..machine("m")
        };
        self.create(request).await.unwrap().arn
    }

    /// Changes the definition of a state machine and makes a version of it.
    pub(crate) async fn publish_next(&self, arn: &str, result: &str) -> String {
        let request = UpdateStateMachine {
            arn: arn.to_owned(),
            definition: Some(definition(result)),
            publish: true,
            ..UpdateStateMachine::default()
        };
        let updated = self.machines.update_state_machine(request).await.unwrap();
        updated.version_arn.unwrap()
    }
}

/// A definition whose executions return `result`.
pub(crate) fn definition(result: &str) -> String {
    let states = json!({"Only": {"Type": "Pass", "Result": result, "End": true}});
    json!({"StartAt": "Only", "States": states}).to_string()
}

/// A request for a standard state machine.
pub(crate) fn machine(name: &str) -> CreateStateMachine {
    CreateStateMachine {
        name: name.to_owned(),
        definition: definition("first"),
        role_arn: ROLE.to_owned(),
        ..CreateStateMachine::default()
    }
}

/// A request for an alias of these versions with these weights.
pub(crate) fn alias(name: &str, routing: &[(&str, u32)]) -> CreateStateMachineAlias {
    CreateStateMachineAlias {
        name: name.to_owned(),
        description: None,
        routing: routes(routing),
    }
}

pub(crate) fn routes(routing: &[(&str, u32)]) -> Vec<Route> {
    let route = |&(arn, weight): &(&str, u32)| Route {
        version_arn: arn.to_owned(),
        weight,
    };
    routing.iter().map(route).collect()
}

/// Asserts that something was refused with a code and a message.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: Code, message: &str) {
    let error = result.expect_err("it should be refused");
    assert_eq!((error.code, error.message.as_str()), (code, message));
}
