//! `DeleteStateMachine`

use jiff::Timestamp;
use stepmill_engine::{
    Code, CreateStateMachine, PublishStateMachineVersion, UpdateStateMachine,
    UpdateStateMachineAlias,
};

use crate::support::{MACHINE, OTHER_ROLE, World, alias, definition, machine, refused};

#[tokio::test]
async fn a_machine_goes_when_its_executions_have_ended() {
    let world = World::new();
    let arn = world.published().await;
    let version = format!("{arn}:1");
    let live = world
        .machines
        .create_alias(alias("live", &[(&version, 100)]))
        .await;
    let live = live.unwrap().arn;
    for of in [&arn, &version, &live] {
        world.machines.resolve(of, 0).unwrap();
    }
    let revision = world.machines.resolve(&arn, 0).unwrap().revision;
    let scope = world.machines.delete_state_machine(&arn).await.unwrap();
    assert_eq!(scope, Some(revision.machine));
    let scope = scope.unwrap();
    assert_eq!(
        world.machines.delete_state_machine(&arn).await.unwrap(),
        Some(scope)
    );
    assert_eq!(world.restarted().deleting().unwrap(), [scope]);

    assert!(
        world
            .machines
            .describe_state_machine(&arn)
            .unwrap()
            .deleting
    );
    let deleting = format!("State Machine is being deleted: '{arn}'");
    for of in [&arn, &version, &live] {
        let resolved = world.machines.resolve(of, 0);
        refused(resolved, Code::StateMachineDeleting, &deleting);
    }

    for _ in 0..2 {
        world.machines.deleted(scope).await.unwrap();
    }
    assert!(world.machines.deleting().unwrap().is_empty());
    for of in [&arn, &version, &live] {
        let message = format!("State Machine Does Not Exist: '{of}'");
        let code = Code::StateMachineDoesNotExist;
        refused(world.machines.describe_state_machine(of), code, &message);
        refused(world.machines.resolve(of, 0), code, &message);
    }
    assert_eq!(
        world.machines.delete_state_machine(&arn).await.unwrap(),
        None
    );
    // Its executions are still described.
    assert_eq!(world.machines.machine_number(&arn).unwrap(), [scope]);
    assert_eq!(
        world.restarted().revision(revision.number).unwrap().text,
        revision.text
    );

    let again = CreateStateMachine {
        definition: definition("again"),
        publish: true,
        ..machine("m")
    };
    let again = world.create(again).await.unwrap();
    assert_eq!(again.version_arn, Some(version), "versions begin anew");
    let now = world.machines.resolve(&arn, 0).unwrap().revision.machine;
    let execution = format!("{}:e", arn.replace("stateMachine", "execution"));
    for of in [&arn, &execution] {
        assert_eq!(world.machines.machine_number(of).unwrap(), [now, scope]);
    }
    assert!(
        world
            .machines
            .list_aliases(&arn, None, 10)
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_being_deleted_is_not_changed() {
    let world = World::new();
    let arn = world.published().await;
    let version = format!("{arn}:1");
    let live = world
        .machines
        .create_alias(alias("live", &[(&version, 100)]))
        .await;
    let live = live.unwrap().arn;
    world.machines.delete_state_machine(&arn).await.unwrap();
    let deleting = format!("State Machine is being deleted: '{arn}'");
    let code = Code::StateMachineDeleting;
    refused(world.create(machine("m")).await, code, &deleting);
    let update = UpdateStateMachine {
        arn: arn.clone(),
        role_arn: Some(OTHER_ROLE.to_owned()),
        ..UpdateStateMachine::default()
    };
    refused(
        world.machines.update_state_machine(update).await,
        code,
        &deleting,
    );
    let publish = PublishStateMachineVersion {
        arn: arn.clone(),
        ..PublishStateMachineVersion::default()
    };
    refused(
        world.machines.publish_version(publish).await,
        code,
        &deleting,
    );
    let created = world
        .machines
        .create_alias(alias("b", &[(&version, 100)]))
        .await;
    refused(created, code, &deleting);
    let update = UpdateStateMachineAlias {
        arn: live.clone(),
        description: Some("d".to_owned()),
        routing: None,
    };
    refused(world.machines.update_alias(update).await, code, &deleting);
}

#[tokio::test]
async fn only_what_is_deleting_can_be_deleted() {
    let world = World::new();
    let arn = world.published().await;
    let scope = world.machines.machine_number(&arn).unwrap()[0];
    world.machines.deleted(scope).await.unwrap();
    world.machines.describe_state_machine(&arn).unwrap();
    let missing = format!("{MACHINE}:n");
    assert_eq!(
        world.machines.delete_state_machine(&missing).await.unwrap(),
        None
    );
    let deleted = world
        .machines
        .delete_state_machine(&format!("{arn}:1"))
        .await;
    assert_eq!(deleted.unwrap_err().code, Code::ValidationException);
    let labelled = world
        .machines
        .delete_state_machine(&format!("{arn}/l"))
        .await;
    let error = labelled.unwrap_err();
    assert_eq!(error.code, Code::ValidationException);
    let reason = "API_DOES_NOT_SUPPORT_LABELED_ARNS".to_owned();
    assert_eq!(error.member, Some(("reason", reason)));
    let message = "Invalid Arn: 'Invalid ARN prefix: m'";
    let deleted = world.machines.delete_state_machine("m").await;
    refused(deleted, Code::InvalidArn, message);
}

#[tokio::test]
async fn what_is_left_is_forgotten_with_the_last_execution() {
    let world = World::new();
    let mut scopes = Vec::new();
    for name in ["a", "b", "a", "c"] {
        let arn = world.create(machine(name)).await.unwrap().arn;
        world.publish_next(&arn, "second").await;
        let scope = world
            .machines
            .delete_state_machine(&arn)
            .await
            .unwrap()
            .unwrap();
        world.machines.deleted(scope).await.unwrap();
        scopes.push(scope);
    }
    assert_eq!(world.store.number_of("version"), 0);
    assert_eq!(world.store.number_of("revision"), 8);
    world.store.has_executions(scopes[1], true);
    let sweep = async |before| {
        let mut after = None;
        loop {
            after = world
                .machines
                .forget_deleted(before, after, 2)
                .await
                .unwrap();
            if after.is_none() {
                break;
            }
        }
        (
            world.store.number_of("state-machine-deleted"),
            world.store.number_of("revision"),
        )
    };
    assert_eq!(sweep(Timestamp::UNIX_EPOCH).await, (4, 8), "too early");
    assert_eq!(sweep(Timestamp::MAX).await, (1, 2));
    world.store.has_executions(scopes[1], false);
    assert_eq!(sweep(Timestamp::MAX).await, (0, 0));
}
