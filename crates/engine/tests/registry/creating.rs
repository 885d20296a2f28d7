//! `CreateStateMachine` and `ListStateMachines`

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stepmill_asl::model::StateMachineType;
use stepmill_engine::{
    Caller, Clock, Code, CreateStateMachine, EncryptionConfiguration, EncryptionType, Keeper,
    LogGroups, LoggingConfiguration, LoggingLevel, Machines, Quotas, Tag,
};

use crate::store::Documents;
use crate::support::{MACHINE, OTHER_ROLE, World, definition, machine, refused};

#[tokio::test]
async fn creating_again_is_idempotent_or_a_conflict() {
    type Change = fn(&mut CreateStateMachine);
    let ignored: [(&str, Change); 4] = [
        ("nothing", |_| {}),
        ("role", |new| OTHER_ROLE.clone_into(&mut new.role_arn)),
        ("tags", |new| {
            new.tags = vec![Tag {
                key: "k".to_owned(),
                value: "v".to_owned(),
            }];
        }),
        ("logging that is the default", |new| {
            new.logging = Some(LoggingConfiguration {
                destinations: Some(Vec::new()),
                ..LoggingConfiguration::default()
            });
        }),
    ];
    let compared: [(&str, Change); 7] = [
        ("definition", |new| new.definition = definition("other")),
        ("the definition's format", |new| new.definition.push('\n')),
        ("type", |new| new.machine_type = StateMachineType::Express),
        ("logging", |new| {
            new.logging = Some(LoggingConfiguration {
                include_execution_data: Some(true),
                ..LoggingConfiguration::default()
            });
        }),
        ("tracing", |new| new.tracing = Some(true)),
        ("publish", |new| {
            new.publish = false;
            new.version_description = None;
        }),
        ("version description", |new| {
            new.version_description = Some("other".to_owned());
        }),
    ];
    let world = World::new();
    let original = CreateStateMachine {
        publish: true,
        version_description: Some("one".to_owned()),
        ..machine("m")
    };
    let first = world.create(original.clone()).await.unwrap();
    assert_eq!(first.arn, format!("{MACHINE}:m"));
    assert_eq!(first.version_arn, Some(format!("{MACHINE}:m:1")));
    let commits = world.store.commits();
    for (what, change) in ignored {
        let mut again = original.clone();
        change(&mut again);
        assert_eq!(world.create(again).await.unwrap(), first, "{what}");
    }
    for (what, change) in compared {
        let mut other = original.clone();
        change(&mut other);
        let error = world.create(other).await.unwrap_err();
        assert_eq!(error.code, Code::StateMachineAlreadyExists, "{what}");
        let message = format!("State Machine Already Exists: '{MACHINE}:m'");
        assert_eq!(error.message, message, "{what}");
    }
    assert_eq!(world.store.commits(), commits);
    let described = world.machines.describe_state_machine(&first.arn).unwrap();
    assert_eq!(described.revision.role_arn, original.role_arn);
    assert!(world.machines.list_tags(&first.arn).unwrap().is_empty());
}

#[tokio::test]
async fn names_belong_to_an_account_and_a_region() {
    let world = World::new();
    let first = world.create(machine("m")).await.unwrap();
    for (account, region, partition) in [
        ("111111111111", "us-east-1", "aws"),
        ("000000000000", "eu-west-1", "aws"),
        ("000000000000", "cn-north-1", "aws-cn"),
    ] {
        let caller = Caller {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let other = CreateStateMachine {
            definition: definition("other"),
            ..machine("m")
        };
        let other = world.machines.create_state_machine(&caller, other).await;
        let arn = format!("arn:{partition}:states:{region}:{account}:stateMachine:m");
        assert_eq!(other.unwrap().arn, arn);
        let listed = world
            .machines
            .list_state_machines(&caller, None, 10)
            .unwrap();
        assert_eq!(listed.items.len(), 1);
        assert_eq!(listed.items[0].arn, arn);
        let described = world.machines.describe_state_machine(&arn).unwrap();
        assert_eq!(&*described.revision.text, definition("other"));
    }
    let described = world.machines.describe_state_machine(&first.arn).unwrap();
    assert_eq!(&*described.revision.text, definition("first"));
    let elsewhere = first.arn.replace("arn:aws:", "arn:aws-cn:");
    refused(
        world.machines.describe_state_machine(&elsewhere),
        Code::StateMachineDoesNotExist,
        &format!("State Machine Does Not Exist: '{elsewhere}'"),
    );
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    type Change = fn(&mut CreateStateMachine);
    let cases: [(Change, Code, &str); 5] = [
        (
            |new| "a b".clone_into(&mut new.name),
            Code::InvalidName,
            "Invalid Name: 'a b'",
        ),
        (
            |new| "role".clone_into(&mut new.role_arn),
            Code::InvalidArn,
            "Invalid Role Arn: 'role'",
        ),
        (
            |new| new.version_description = Some("d".to_owned()),
            Code::ValidationException,
            "Version description can only be set when publish is true",
        ),
        (
            |new| "{}".clone_into(&mut new.definition),
            Code::InvalidDefinition,
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are \
             required: [States, StartAt] at /'",
        ),
        (
            |new| {
                new.encryption = Some(EncryptionConfiguration {
                    encryption_type: EncryptionType::CustomerManagedKmsKey,
                    kms_key_id: Some("key".to_owned()),
                    kms_data_key_reuse_period_seconds: None,
                });
            },
            Code::InvalidEncryptionConfiguration,
            "Invalid Encryption Configuration: type CUSTOMER_MANAGED_KMS_KEY is not supported; use \
             AWS_OWNED_KEY",
        ),
    ];
    let world = World::new();
    for (change, code, message) in cases {
        let mut request = machine("m");
        change(&mut request);
        refused(world.create(request).await, code, message);
    }
    assert_eq!(world.store.commits(), 0);
    let owned = CreateStateMachine {
        encryption: Some(EncryptionConfiguration {
            encryption_type: EncryptionType::AwsOwnedKey,
            kms_key_id: None,
            kms_data_key_reuse_period_seconds: None,
        }),
        ..machine("m")
    };
    world.create(owned).await.unwrap();
}

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g";

/// One log group, and how often it was taken.
#[derive(Default)]
struct Groups(AtomicUsize);

impl LogGroups for Groups {
    fn exists<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(ready(arn == GROUP))
    }

    fn taken<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        assert_eq!(arn, GROUP);
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(ready(()))
    }
}

#[tokio::test]
async fn logging_needs_one_log_group_that_exists() {
    let exactly_one = "Must specify exactly one Log Destination.";
    let qualifier = "Log Group ARN must be provided with '*' qualifier.";
    let not_found = "Log Destination not found.";
    let groups = |groups: &[&str]| {
        let group = |&group: &&str| Some(group.to_owned());
        Some(groups.iter().map(group).collect::<Vec<_>>())
    };
    let kept = format!("{GROUP}:*");
    let gone = format!("{GROUP}one:*");
    let (off, all) = (None, Some(LoggingLevel::All));
    let cases = [
        (off, None, Ok((None, false))),
        (off, groups(&[]), Ok((None, true))),
        (off, groups(&[&kept]), Ok((Some(kept.clone()), false))),
        (all, groups(&[&kept]), Ok((Some(kept.clone()), false))),
        (all, None, Err(exactly_one)),
        (all, groups(&[]), Err(exactly_one)),
        (all, Some(vec![None]), Err(exactly_one)),
        (all, groups(&[&kept, &kept]), Err(exactly_one)),
        (off, groups(&[&kept, &kept]), Err(exactly_one)),
        (all, groups(&[GROUP]), Err(qualifier)),
        (all, groups(&[&gone]), Err(not_found)),
        (all, groups(&["g:*"]), Err(not_found)),
        (all, groups(&["arn:aws:s3:::b:*"]), Err(not_found)),
    ];
    let log_groups = Arc::new(Groups::default());
    let keeper = Keeper::new(Arc::new(Documents::default())).unwrap();
    let clock = Arc::new(Clock::Real);
    let machines = Machines::new(keeper, clock, Quotas::default(), Some(log_groups.clone()));
    let mut taken = 0;
    for (index, (level, destinations, expected)) in cases.into_iter().enumerate() {
        let request = CreateStateMachine {
            logging: Some(LoggingConfiguration {
                level,
                include_execution_data: Some(true),
                destinations,
            }),
            ..machine(&format!("m{index}"))
        };
        let created = machines
            .create_state_machine(&Caller::default(), request)
            .await;
        match expected {
            Ok((group, empty)) => {
                taken += usize::from(group.is_some());
                let arn = created.unwrap().arn;
                let logging = machines.describe_state_machine(&arn).unwrap();
                let logging = logging.revision.logging.clone();
                assert_eq!(logging.level, level.unwrap_or_default());
                assert!(logging.include_execution_data);
                assert_eq!(
                    (logging.log_group_arn, logging.empty_destinations),
                    (group, empty)
                );
            }
            Err(detail) => refused(
                created,
                Code::InvalidLoggingConfiguration,
                &format!("Invalid Logging Configuration: {detail}"),
            ),
        }
    }
    assert_eq!(log_groups.0.load(Ordering::Relaxed), taken);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::new();
    for name in ["c", "a", "e", "b", "d"] {
        world.create(machine(name)).await.unwrap();
    }
    for limit in [1, 2, 3, 5, 9] {
        let mut names = Vec::new();
        let mut after = None;
        loop {
            let page = world
                .machines
                .list_state_machines(&world.caller, after.as_ref(), limit)
                .unwrap();
            assert!(page.items.len() <= limit);
            names.extend(page.items.into_iter().map(|item| item.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(names, ["a", "b", "c", "d", "e"], "{limit}");
    }
}

#[tokio::test]
async fn there_are_only_so_many() {
    let world = World::with(Quotas {
        state_machines: 2,
        ..Quotas::default()
    });
    for name in ["a", "b"] {
        world.create(machine(name)).await.unwrap();
    }
    let third = "The maximum number of state machines has been reached: 2";
    refused(
        world.create(machine("c")).await,
        Code::StateMachineLimitExceeded,
        third,
    );
    world.create(machine("a")).await.unwrap();
    let arn = format!("{MACHINE}:a");
    let scope = world
        .machines
        .delete_state_machine(&arn)
        .await
        .unwrap()
        .unwrap();
    refused(
        world.create(machine("c")).await,
        Code::StateMachineLimitExceeded,
        third,
    );
    world.machines.deleted(scope).await.unwrap();
    world.create(machine("c")).await.unwrap();
    refused(
        world.create(machine("d")).await,
        Code::StateMachineLimitExceeded,
        third,
    );
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    let world = World::new();
    let (one, two) = tokio::join!(world.create(machine("m")), world.create(machine("m")));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(world.store.commits(), 1);
    let other = CreateStateMachine {
        definition: definition("other"),
        ..machine("n")
    };
    let (one, two) = tokio::join!(world.create(machine("n")), world.create(other));
    let codes: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
    assert_eq!(codes.len(), 1);
    assert_eq!(codes[0].code, Code::StateMachineAlreadyExists);
}
