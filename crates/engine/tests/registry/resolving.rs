//! What starting an execution asks.

use stepmill_engine::{
    Code, CreateActivity, ExecutionsOf, UpdateStateMachine, UpdateStateMachineAlias,
};

use crate::support::{MACHINE, World, alias, definition, machine, refused, routes};

#[tokio::test]
async fn an_alias_chooses_by_weight() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let routing = [(&*one, 30), (&*two, 70)];
    let live = world
        .machines
        .create_alias(alias("live", &routing))
        .await
        .unwrap()
        .arn;
    for roll in 0..100 {
        let resolved = world.machines.resolve(&live, roll).unwrap();
        let (version, text) = match roll < 30 {
            true => (&one, definition("first")),
            false => (&two, definition("second")),
        };
        assert_eq!(&resolved.version.unwrap().0, version, "{roll}");
        assert_eq!(&*resolved.revision.text, text, "{roll}");
        assert_eq!(resolved.alias.unwrap().0, live);
        assert_eq!(resolved.revision.arn, arn);
    }
    let update = UpdateStateMachineAlias {
        arn: live.clone(),
        description: None,
        routing: Some(routes(&[(&one, 0), (&two, 100)])),
    };
    world.machines.update_alias(update).await.unwrap();
    let resolved = world.machines.resolve(&live, 0).unwrap();
    assert_eq!(resolved.version.unwrap().0, two);
}

#[tokio::test]
async fn a_machine_stands_for_its_current_revision() {
    let world = World::new();
    let arn = world.create(machine("m")).await.unwrap().arn;
    let resolved = world.machines.resolve(&arn, 0).unwrap();
    assert!(resolved.version.is_none() && resolved.alias.is_none());
    assert_eq!(&*resolved.revision.text, definition("first"));
    let update = UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(definition("second")),
        ..UpdateStateMachine::default()
    };
    world.machines.update_state_machine(update).await.unwrap();
    let resolved = world.machines.resolve(&arn, 0).unwrap();
    assert_eq!(&*resolved.revision.text, definition("second"));
}

#[tokio::test]
async fn what_is_warm_needs_no_store() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let routing = [(&*one, 30), (&*two, 70)];
    let live = world.machines.create_alias(alias("live", &routing)).await;
    let live = live.unwrap().arn;
    let request = CreateActivity {
        name: "a".to_owned(),
        ..CreateActivity::default()
    };
    let activity = world.machines.create_activity(&world.caller, request).await;
    let activity = activity.unwrap().arn.clone();
    let all = || {
        for of in [&arn, &one, &two, &live] {
            for roll in [0, 99] {
                world.machines.resolve(of, roll).unwrap();
            }
        }
        world.machines.activity(&activity).unwrap();
    };
    all();
    let reads = world.store.reads();
    assert!(reads > 0);
    all();
    assert_eq!(world.store.reads(), reads);
}

#[tokio::test]
async fn what_cannot_be_started_is_said_so() {
    let world = World::new();
    let arn = world.published().await;
    for missing in [
        format!("{arn}:2"),
        format!("{arn}:01"),
        format!("{arn}:alias"),
        format!("{MACHINE}:n"),
    ] {
        let message = format!("State Machine Does Not Exist: '{missing}'");
        let resolved = world.machines.resolve(&missing, 0);
        refused(resolved, Code::StateMachineDoesNotExist, &message);
    }
    let labelled = world.machines.resolve(&format!("{arn}/l"), 0);
    assert_eq!(labelled.unwrap_err().code, Code::ValidationException);
    let execution = format!("{}:e", arn.replace("stateMachine", "execution"));
    let message = "Invalid Arn: 'Resource type not valid in this context: execution'";
    refused(
        world.machines.resolve(&execution, 0),
        Code::InvalidArn,
        message,
    );
    let version = format!("{arn}:1");
    world.machines.resolve(&version, 0).unwrap();
    world.machines.delete_version(&version).await.unwrap();
    let message = format!("State Machine Does Not Exist: '{version}'");
    let resolved = world.machines.resolve(&version, 0);
    refused(resolved, Code::StateMachineDoesNotExist, &message);
}

#[tokio::test]
async fn lists_of_executions_are_of_a_machine_a_version_or_an_alias() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let live = world
        .machines
        .create_alias(alias("live", &[(&one, 100)]))
        .await;
    let live = live.unwrap().arn;
    let resolved = world.machines.resolve(&live, 0).unwrap();
    let all = ExecutionsOf {
        scope: resolved.revision.machine,
        express: false,
        version: None,
        alias: None,
    };
    let of = |arn: &str| world.machines.executions_of(arn).unwrap();
    assert_eq!(of(&arn), all);
    let version = resolved.version.map(|version| version.1);
    assert_eq!(of(&one), ExecutionsOf { version, ..all });
    let alias = resolved.alias.map(|alias| alias.1);
    assert_eq!(of(&live), ExecutionsOf { alias, ..all });
    let missing = format!("{MACHINE}:n");
    let message = format!("State Machine Does Not Exist: '{missing}'");
    let listed = world.machines.executions_of(&missing);
    refused(listed, Code::StateMachineDoesNotExist, &message);
}
