//! Activities

use stepmill_engine::{Code, CreateActivity, Quotas, Tag};

use crate::support::{World, refused};

const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity";

fn activity(name: &str) -> CreateActivity {
    CreateActivity {
        name: name.to_owned(),
        ..CreateActivity::default()
    }
}

#[tokio::test]
async fn an_activity_is_created_once_and_deleted() {
    let world = World::new();
    let create = |request| world.machines.create_activity(&world.caller, request);
    let first = create(activity("a.b-c_1")).await.unwrap();
    assert_eq!(first.arn, format!("{ACTIVITY}:a.b-c_1"));
    let tagged = CreateActivity {
        tags: vec![Tag {
            key: "k".to_owned(),
            value: String::new(),
        }],
        ..activity("a.b-c_1")
    };
    assert_eq!(create(tagged).await.unwrap(), first);
    assert!(world.machines.list_tags(&first.arn).unwrap().is_empty());
    assert_eq!(world.machines.activity(&first.arn).unwrap(), first);

    let deleted = world.machines.delete_activity(&first.arn).await.unwrap();
    assert_eq!(deleted, Some(first.clone()));
    assert_eq!(
        world.machines.delete_activity(&first.arn).await.unwrap(),
        None
    );
    let message = format!("Activity Does Not Exist: '{}'", first.arn);
    refused(
        world.machines.activity(&first.arn),
        Code::ActivityDoesNotExist,
        &message,
    );

    let second = create(activity("a.b-c_1")).await.unwrap();
    assert_ne!(second.number, first.number);
    assert_eq!(world.machines.activity(&first.arn).unwrap(), second);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::with(Quotas {
        activities: 2,
        ..Quotas::default()
    });
    let create = |request| world.machines.create_activity(&world.caller, request);
    refused(
        create(activity("a?b")).await,
        Code::InvalidName,
        "Invalid Name: 'a?b'",
    );
    for name in ["b", "a"] {
        create(activity(name)).await.unwrap();
    }
    let message = "The maximum number of activities has been reached: 2";
    refused(
        create(activity("c")).await,
        Code::ActivityLimitExceeded,
        message,
    );
    create(activity("a")).await.unwrap();
    let listed = world
        .machines
        .list_activities(&world.caller, None, 1)
        .unwrap();
    assert_eq!(listed.items[0].name, "a");
    let listed = world
        .machines
        .list_activities(&world.caller, listed.next.as_ref(), 1);
    let listed = listed.unwrap();
    assert_eq!((listed.items[0].name.as_str(), listed.next), ("b", None));
    world
        .machines
        .delete_activity(&format!("{ACTIVITY}:a"))
        .await
        .unwrap();
    create(activity("c")).await.unwrap();
    for (arn, detail) in [
        ("a", "Invalid ARN prefix: a"),
        (
            "arn:aws:states:us-east-1:000000000000:stateMachine:m",
            "Resource type not valid in this context: stateMachine",
        ),
    ] {
        let message = format!("Invalid Arn: '{detail}'");
        refused(world.machines.activity(arn), Code::InvalidArn, &message);
        let deleted = world.machines.delete_activity(arn).await;
        refused(deleted, Code::InvalidArn, &message);
    }
}
