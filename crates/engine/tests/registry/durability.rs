//! What is answered is kept; what is not kept is not seen.

use std::fmt::Write as _;

use proptest::prelude::*;
use stepmill_engine::{
    Code, CreateActivity, CreateStateMachine, Machines, PublishStateMachineVersion, Tag,
    UpdateStateMachine, UpdateStateMachineAlias,
};

use crate::store::Manner;
use crate::support::{MACHINE, World, alias, definition, machine, refused, routes};

const NAMES: [&str; 2] = ["m", "n"];
const VERSIONS: u32 = 3;

/// Something that may be done to the registry, of a state machine, an alias or an activity of one
/// of two names.
#[derive(Debug, Clone)]
enum Step {
    Create(usize, u8, bool),
    Update(usize, u8, bool),
    Trace(usize, bool),
    Publish(usize),
    DeleteVersion(usize, u32),
    CreateAlias(usize, usize, u32),
    UpdateAlias(usize, usize, u32),
    DeleteAlias(usize, usize),
    Tag(usize, u8),
    Untag(usize),
    Delete(usize),
    Deleted(usize),
    CreateActivity(usize),
    DeleteActivity(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..NAMES.len();
    let number = 1..=VERSIONS;
    prop_oneof![
        3 => (name.clone(), 0..3u8, any::<bool>()).prop_map(|(m, d, p)| Step::Create(m, d, p)),
        4 => (name.clone(), 0..3u8, any::<bool>()).prop_map(|(m, d, p)| Step::Update(m, d, p)),
        1 => (name.clone(), any::<bool>()).prop_map(|(m, on)| Step::Trace(m, on)),
        2 => name.clone().prop_map(Step::Publish),
        2 => (name.clone(), number.clone()).prop_map(|(m, v)| Step::DeleteVersion(m, v)),
        3 => (name.clone(), name.clone(), number.clone())
            .prop_map(|(m, a, v)| Step::CreateAlias(m, a, v)),
        2 => (name.clone(), name.clone(), number).prop_map(|(m, a, v)| Step::UpdateAlias(m, a, v)),
        1 => (name.clone(), name.clone()).prop_map(|(m, a)| Step::DeleteAlias(m, a)),
        1 => (name.clone(), 0..3u8).prop_map(|(m, v)| Step::Tag(m, v)),
        1 => name.clone().prop_map(Step::Untag),
        1 => name.clone().prop_map(Step::Delete),
        1 => name.clone().prop_map(Step::Deleted),
        1 => name.clone().prop_map(Step::CreateActivity),
        1 => name.prop_map(Step::DeleteActivity),
    ]
}

fn arn(machine: usize) -> String {
    format!("{MACHINE}:{}", NAMES[machine])
}

fn activity(index: usize) -> String {
    arn(index).replace("stateMachine", "activity")
}

/// Takes a step. Most may be refused; the test looks at what is there afterwards.
async fn take(world: &World, step: Step) -> Result<(), Code> {
    let machines = &world.machines;
    let done = match step {
        Step::Create(index, result, publish) => {
            let request = CreateStateMachine {
                definition: definition(&result.to_string()),
                publish,
                ..machine(NAMES[index])
            };
            world.create(request).await.map(drop)
        }
        Step::Update(index, result, publish) => {
            let request = UpdateStateMachine {
                arn: arn(index),
                definition: Some(definition(&result.to_string())),
                publish,
                ..UpdateStateMachine::default()
            };
            let updated = machines.update_state_machine(request).await;
            updated.map(|_| {
                // Whoever was told so must see it.
                let resolved = machines.resolve(&arn(index), 0).unwrap();
                assert_eq!(&*resolved.revision.text, definition(&result.to_string()));
            })
        }
        Step::Trace(index, on) => {
            let request = UpdateStateMachine {
                arn: arn(index),
                tracing: Some(on),
                ..UpdateStateMachine::default()
            };
            machines.update_state_machine(request).await.map(drop)
        }
        Step::Publish(index) => {
            let request = PublishStateMachineVersion {
                arn: arn(index),
                ..PublishStateMachineVersion::default()
            };
            machines.publish_version(request).await.map(drop)
        }
        Step::DeleteVersion(index, version) => {
            machines
                .delete_version(&format!("{}:{version}", arn(index)))
                .await
        }
        Step::CreateAlias(index, name, version) => {
            let version = format!("{}:{version}", arn(index));
            let request = alias(NAMES[name], &[(&version, 100)]);
            machines.create_alias(request).await.map(drop)
        }
        Step::UpdateAlias(index, name, version) => {
            let version = format!("{}:{version}", arn(index));
            let request = UpdateStateMachineAlias {
                arn: format!("{}:{}", arn(index), NAMES[name]),
                description: None,
                routing: Some(routes(&[(&version, 100)])),
            };
            machines.update_alias(request).await.map(drop)
        }
        Step::DeleteAlias(index, name) => {
            machines
                .delete_alias(&format!("{}:{}", arn(index), NAMES[name]))
                .await
        }
        Step::Tag(index, value) => {
            let tag = Tag {
                key: "k".to_owned(),
                value: value.to_string(),
            };
            machines.tag(&arn(index), vec![tag]).await
        }
        Step::Untag(index) => machines.untag(&arn(index), vec!["k".to_owned()]).await,
        Step::Delete(index) => machines.delete_state_machine(&arn(index)).await.map(drop),
        Step::Deleted(index) => match machines.machine_number(&arn(index)).unwrap().first() {
            Some(&scope) => machines.deleted(scope).await,
            None => Ok(()),
        },
        Step::CreateActivity(index) => {
            let request = CreateActivity {
                name: NAMES[index].to_owned(),
                ..CreateActivity::default()
            };
            machines
                .create_activity(&world.caller, request)
                .await
                .map(drop)
        }
        Step::DeleteActivity(index) => machines.delete_activity(&activity(index)).await.map(drop),
    };
    done.map_err(|error| error.code)
}

/// Everything that the registry answers, as a text.
fn view(world: &World, machines: &Machines) -> String {
    let mut view = String::new();
    let caller = &world.caller;
    writeln!(view, "{:?}", machines.list_state_machines(caller, None, 10)).unwrap();
    writeln!(view, "{:?}", machines.list_activities(caller, None, 10)).unwrap();
    writeln!(view, "{:?}", machines.deleting()).unwrap();
    for index in 0..NAMES.len() {
        let arn = arn(index);
        writeln!(view, "{:?}", machines.activity(&activity(index))).unwrap();
        writeln!(view, "{:?}", machines.machine_number(&arn)).unwrap();
        writeln!(view, "{:?}", machines.list_tags(&arn)).unwrap();
        writeln!(view, "{:?}", machines.list_versions(&arn, None, 10)).unwrap();
        writeln!(view, "{:?}", machines.list_aliases(&arn, None, 10)).unwrap();
        let qualifiers = (1..=VERSIONS).map(|version| version.to_string());
        let qualifiers = qualifiers.chain(NAMES.map(str::to_owned));
        let mut arns: Vec<_> = qualifiers.map(|text| format!("{arn}:{text}")).collect();
        arns.push(arn);
        for arn in arns {
            writeln!(view, "{:?}", machines.resolve(&arn, 50)).unwrap();
            writeln!(view, "{:?}", machines.executions_of(&arn)).unwrap();
            writeln!(view, "{:?}", machines.describe_state_machine(&arn)).unwrap();
            writeln!(view, "{:?}", machines.describe_alias(&arn)).unwrap();
        }
    }
    view
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was done, a registry with warm caches and one after a restart answer the same.
    #[test]
    fn a_restart_changes_nothing(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            for step in steps {
                let before = view(&world, &world.machines);
                let shown = format!("{step:?}");
                let taken = take(&world, step).await;
                let after = view(&world, &world.machines);
                if let Err(code) = taken {
                    assert_eq!(before, after, "{shown} was refused: {code:?}");
                }
                assert_eq!(after, view(&world, &world.restarted()), "after {shown}");
            }
        });
    }
}

#[tokio::test]
async fn a_commit_that_fails_changes_nothing() {
    let world = World::new();
    let arn = world.published().await;
    let before = view(&world, &world.machines);
    world.store.set(Manner::Refuse);
    let update = UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(definition("second")),
        publish: true,
        ..UpdateStateMachine::default()
    };
    let closed = "the store is closed";
    let updated = world.machines.update_state_machine(update.clone()).await;
    refused(updated, Code::ServiceUnavailable, closed);
    refused(
        world.create(machine("n")).await,
        Code::ServiceUnavailable,
        closed,
    );
    let deleted = world.machines.delete_state_machine(&arn).await;
    refused(deleted, Code::ServiceUnavailable, closed);
    assert_eq!(view(&world, &world.machines), before);
    world.store.set(Manner::Keep);
    let updated = world.machines.update_state_machine(update).await.unwrap();
    assert_eq!(updated.version_arn, Some(format!("{arn}:2")));
}

#[tokio::test]
async fn a_change_is_seen_though_its_caller_is_gone() {
    let world = World::new();
    let arn = world.create(machine("m")).await.unwrap().arn;
    world.machines.resolve(&arn, 0).unwrap();
    world.store.set(Manner::Hold);
    let machines = world.machines.clone();
    let request = UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(definition("second")),
        ..UpdateStateMachine::default()
    };
    let caller = tokio::spawn(async move { machines.update_state_machine(request).await });
    while world.store.held() == 0 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    let seen = || {
        world
            .machines
            .resolve(&arn, 0)
            .unwrap()
            .revision
            .text
            .clone()
    };
    assert_eq!(&*seen(), definition("first"), "not kept yet");
    world.store.release();
    // The next change waits for the one before it.
    world.machines.tag(&arn, Vec::new()).await.unwrap();
    assert_eq!(&*seen(), definition("second"));
}
