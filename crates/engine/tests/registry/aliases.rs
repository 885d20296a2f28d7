//! Aliases

use stepmill_engine::{
    Code, CreateStateMachine, CreateStateMachineAlias, Quotas, UpdateStateMachineAlias,
};

use crate::support::{World, alias, machine, refused, routes};

#[tokio::test]
async fn a_routing_has_one_or_two_versions_of_a_machine() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let three = format!("{arn}:3");
    let other = CreateStateMachine {
        publish: true,
        ..machine("n")
    };
    let other = world.create(other).await.unwrap().version_arn.unwrap();
    let contain = "Routing configuration must contain state machine version ARNs. Received:";
    let distinct = "Routing configuration must contain distinct state machine version ARNs. \
                    Received:";
    let same = "Routing configuration must contain version ARNs of one state machine. Received:";
    let sum = "Sum of routing configuration weights must equal 100. Received:";
    let cases: [(&[(&str, u32)], String); 8] = [
        (&[], format!("{contain} []")),
        (&[(&arn, 100)], format!("{contain} [{arn}]")),
        (&[(&one, 50), ("x", 50)], format!("{contain} [{one}, x]")),
        (
            &[(&one, 50), (&one, 50)],
            format!("{distinct} [{one}, {one}]"),
        ),
        (
            &[(&one, 50), (&other, 50)],
            format!("{same} [{one}, {other}]"),
        ),
        (&[(&one, 70), (&two, 29)], format!("{sum} [70, 29]")),
        (&[(&one, 99)], format!("{sum} [99]")),
        (
            &[(&one, u32::MAX), (&two, 101)],
            format!("{sum} [4294967295, 101]"),
        ),
    ];
    for (routing, message) in &cases {
        let created = world.machines.create_alias(alias("a", routing)).await;
        refused(created, Code::ValidationException, message);
    }
    let missing = "Request references a resource that does not exist.";
    let nowhere = one.replace("stateMachine:m", "stateMachine:z");
    for routing in [&[(&*one, 50), (&*three, 50)][..], &[(&*nowhere, 100)][..]] {
        let created = world.machines.create_alias(alias("a", routing)).await;
        refused(created, Code::ResourceNotFound, missing);
    }
    for (name, routing) in [
        ("a", &[(&*one, 100)][..]),
        ("b", &[(&*one, 0), (&*two, 100)]),
    ] {
        let created = world
            .machines
            .create_alias(alias(name, routing))
            .await
            .unwrap();
        assert_eq!(created.arn, format!("{arn}:{name}"));
        let described = world.machines.describe_alias(&created.arn).unwrap();
        assert_eq!(described.routing, routes(routing));
    }
}

#[tokio::test]
async fn creating_again_is_idempotent_or_a_conflict() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let original = CreateStateMachineAlias {
        description: Some("d".to_owned()),
        ..alias("a", &[(&one, 100)])
    };
    let created = world.machines.create_alias(original.clone()).await.unwrap();
    let again = world.machines.create_alias(original.clone()).await.unwrap();
    assert_eq!(again, created);
    for other in [
        alias("a", &[(&one, 100)]),
        CreateStateMachineAlias {
            routing: routes(&[(&two, 100)]),
            ..original.clone()
        },
        CreateStateMachineAlias {
            routing: routes(&[(&one, 60), (&two, 40)]),
            ..original
        },
    ] {
        refused(
            world.machines.create_alias(other).await,
            Code::ConflictException,
            "Failed to create alias because an alias with the same name and a different routing \
             configuration already exists.",
        );
    }
}

#[tokio::test]
async fn an_alias_is_updated_described_and_deleted() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let created = world
        .machines
        .create_alias(alias("a", &[(&one, 100)]))
        .await;
    let created = created.unwrap();
    let update = |description: Option<&str>, routing: Option<&[(&str, u32)]>| {
        world.machines.update_alias(UpdateStateMachineAlias {
            arn: created.arn.clone(),
            description: description.map(str::to_owned),
            routing: routing.map(routes),
        })
    };
    update(Some("new"), None).await.unwrap();
    update(None, Some(&[(&one, 50), (&two, 50)])).await.unwrap();
    let described = world.machines.describe_alias(&created.arn).unwrap();
    assert_eq!(described.description.as_deref(), Some("new"));
    assert_eq!(described.routing, routes(&[(&one, 50), (&two, 50)]));
    assert_eq!(described.creation, created.creation);
    let commits = world.store.commits();
    let same = update(Some("new"), Some(&[(&one, 50), (&two, 50)])).await;
    assert_eq!(same.unwrap(), described.update);
    assert_eq!(world.store.commits(), commits);
    let nothing = "Either the description or the routing configuration must be specified";
    refused(update(None, None).await, Code::ValidationException, nothing);

    for _ in 0..2 {
        world.machines.delete_alias(&created.arn).await.unwrap();
    }
    let missing = "Request references a resource that does not exist.";
    refused(
        world.machines.describe_alias(&created.arn),
        Code::ResourceNotFound,
        missing,
    );
    refused(
        update(Some("x"), None).await,
        Code::ResourceNotFound,
        missing,
    );
    refused(
        world.machines.describe_alias(&one),
        Code::InvalidArn,
        "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    );
}

#[tokio::test]
async fn aliases_are_listed_by_name_or_by_version() {
    let world = World::new();
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let two = world.publish_next(&arn, "second").await;
    let both: &[(&str, u32)] = &[(&one, 50), (&two, 50)];
    for (name, routing) in [("c", both), ("a", both), ("b", &[(&*two, 100)])] {
        world
            .machines
            .create_alias(alias(name, routing))
            .await
            .unwrap();
    }
    for (of, limit, expected) in [
        (&arn, 10, &["a", "b", "c"][..]),
        (&arn, 1, &["a", "b", "c"]),
        (&one, 10, &["a", "c"]),
        (&one, 1, &["a", "c"]),
        (&two, 2, &["a", "b", "c"]),
    ] {
        let mut names = Vec::new();
        let mut after = None;
        loop {
            let page = world
                .machines
                .list_aliases(of, after.as_ref(), limit)
                .unwrap();
            for item in page.items {
                names.push(item.arn.rsplit(':').next().unwrap().to_owned());
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(names, expected, "{of} {limit}");
    }
    let missing = "Request references a resource that does not exist.";
    let listed = world.machines.list_aliases(&format!("{arn}:9"), None, 10);
    refused(listed, Code::ResourceNotFound, missing);
}

#[tokio::test]
async fn there_are_only_so_many() {
    let world = World::with(Quotas {
        aliases: 1,
        ..Quotas::default()
    });
    let arn = world.published().await;
    let one = format!("{arn}:1");
    let first = world
        .machines
        .create_alias(alias("a", &[(&one, 100)]))
        .await
        .unwrap();
    let second = world
        .machines
        .create_alias(alias("b", &[(&one, 100)]))
        .await;
    let message = "The maximum number of aliases has been reached: 1";
    refused(second, Code::ServiceQuotaExceededException, message);
    world.machines.delete_alias(&first.arn).await.unwrap();
    world
        .machines
        .create_alias(alias("b", &[(&one, 100)]))
        .await
        .unwrap();
}
