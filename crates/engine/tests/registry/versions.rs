//! Versions

use stepmill_engine::{Code, PublishStateMachineVersion, Quotas, UpdateStateMachine};

use crate::support::{MACHINE, World, alias, definition, machine, refused};

fn publish(arn: &str) -> PublishStateMachineVersion {
    PublishStateMachineVersion {
        arn: arn.to_owned(),
        ..PublishStateMachineVersion::default()
    }
}

#[tokio::test]
async fn a_revision_has_one_version() {
    let world = World::new();
    let arn = world.create(machine("m")).await.unwrap().arn;
    let first = PublishStateMachineVersion {
        description: Some("one".to_owned()),
        revision_id: Some("INITIAL".to_owned()),
        ..publish(&arn)
    };
    let first = world.machines.publish_version(first).await.unwrap();
    assert_eq!(first.arn, format!("{arn}:1"));
    let again = PublishStateMachineVersion {
        description: Some("another".to_owned()),
        ..publish(&arn)
    };
    assert_eq!(world.machines.publish_version(again).await.unwrap(), first);
    let described = world.machines.describe_state_machine(&first.arn).unwrap();
    assert_eq!(described.arn, first.arn);
    assert_eq!(described.description.as_deref(), Some("one"));
    assert_eq!(described.creation, first.creation);

    // Updating with publish answers it too, as long as the revision is the same.
    let same = UpdateStateMachine {
        arn: arn.clone(),
        tracing: Some(true),
        publish: true,
        ..UpdateStateMachine::default()
    };
    let same = world.machines.update_state_machine(same).await.unwrap();
    assert_eq!(same.version_arn, Some(first.arn.clone()));
    let described = world.machines.describe_state_machine(&first.arn).unwrap();
    assert!(!described.revision.tracing, "a version is a snapshot");

    let second = world.publish_next(&arn, "second").await;
    assert_eq!(second, format!("{arn}:2"));
    let described = world.machines.describe_state_machine(&first.arn).unwrap();
    assert_eq!(&*described.revision.text, definition("first"));
    let described = world.machines.describe_state_machine(&second).unwrap();
    assert_eq!(&*described.revision.text, definition("second"));
}

#[tokio::test]
async fn only_the_current_revision_is_published() {
    let world = World::new();
    let arn = world.create(machine("m")).await.unwrap().arn;
    let update = |result| UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(definition(result)),
        ..UpdateStateMachine::default()
    };
    let mut ids = vec!["INITIAL".to_owned()];
    for result in ["second", "third"] {
        let updated = world.machines.update_state_machine(update(result)).await;
        ids.push(updated.unwrap().revision_id.unwrap());
    }
    let now = ids.pop().unwrap();
    for id in ids {
        let stale = PublishStateMachineVersion {
            revision_id: Some(id.clone()),
            ..publish(&arn)
        };
        let message = format!(
            "Failed to publish the State Machine version for revision {id}. The current State \
             Machine revision is {now}."
        );
        let published = world.machines.publish_version(stale).await;
        refused(published, Code::ConflictException, &message);
    }
    let current = PublishStateMachineVersion {
        revision_id: Some(now),
        ..publish(&arn)
    };
    let version = world.machines.publish_version(current).await.unwrap();
    assert_eq!(version.arn, format!("{arn}:1"));
}

#[tokio::test]
async fn numbers_are_never_given_again() {
    let world = World::new();
    let arn = world.published().await;
    let second = world.publish_next(&arn, "second").await;
    for _ in 0..2 {
        world.machines.delete_version(&second).await.unwrap();
    }
    let message = format!("State Machine Does Not Exist: '{second}'");
    let described = world.machines.describe_state_machine(&second);
    refused(described, Code::StateMachineDoesNotExist, &message);
    let third = world.machines.publish_version(publish(&arn)).await.unwrap();
    assert_eq!(third.arn, format!("{arn}:3"));
    world.machines.delete_version(&third.arn).await.unwrap();
    let fourth = world
        .restarted()
        .publish_version(publish(&arn))
        .await
        .unwrap();
    assert_eq!(fourth.arn, format!("{arn}:4"));
}

#[tokio::test]
async fn a_version_in_use_stays() {
    let world = World::new();
    let arn = world.published().await;
    let version = format!("{arn}:1");
    for name in ["live", "beta"] {
        let alias = alias(name, &[(&version, 100)]);
        world.machines.create_alias(alias).await.unwrap();
    }
    refused(
        world.machines.delete_version(&version).await,
        Code::ConflictException,
        "Version to be deleted must not be referenced by an alias. Current list of aliases \
         referencing this version: [beta, live]",
    );
    for name in ["live", "beta"] {
        let arn = format!("{arn}:{name}");
        world.machines.delete_alias(&arn).await.unwrap();
    }
    world.machines.delete_version(&version).await.unwrap();
    refused(
        world.machines.delete_version(&arn).await,
        Code::InvalidArn,
        "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    );
}

#[tokio::test]
async fn the_latest_is_listed_first() {
    let world = World::new();
    let arn = world.published().await;
    for version in 2..=12 {
        world.publish_next(&arn, &version.to_string()).await;
    }
    world
        .machines
        .delete_version(&format!("{arn}:7"))
        .await
        .unwrap();
    let mut numbers = Vec::new();
    let mut after = None;
    loop {
        let page = world.machines.list_versions(&arn, after, 4).unwrap();
        for item in page.items {
            numbers.push(item.arn.rsplit(':').next().unwrap().parse::<u32>().unwrap());
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(numbers, [12, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1]);
    let missing = format!("{MACHINE}:n");
    let message = format!("State Machine Does Not Exist: '{missing}'");
    let listed = world.machines.list_versions(&missing, None, 4);
    refused(listed, Code::StateMachineDoesNotExist, &message);
}

#[tokio::test]
async fn there_are_only_so_many() {
    let world = World::with(Quotas {
        versions: 2,
        ..Quotas::default()
    });
    let arn = world.published().await;
    let second = world.publish_next(&arn, "second").await;
    let third = UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(definition("third")),
        publish: true,
        ..UpdateStateMachine::default()
    };
    let updated = world.machines.update_state_machine(third.clone()).await;
    let message = "The maximum number of versions has been reached: 2";
    refused(updated, Code::ServiceQuotaExceededException, message);
    let described = world.machines.describe_state_machine(&arn).unwrap();
    assert_eq!(
        &*described.revision.text,
        definition("second"),
        "all or nothing"
    );
    world.machines.delete_version(&second).await.unwrap();
    let updated = world.machines.update_state_machine(third).await.unwrap();
    assert_eq!(updated.version_arn, Some(format!("{arn}:3")));
}
