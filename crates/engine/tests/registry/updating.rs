//! `UpdateStateMachine` and `DescribeStateMachine`

use stepmill_engine::{Code, LoggingConfiguration, UpdateStateMachine};

use crate::support::{MACHINE, OTHER_ROLE, ROLE, World, definition, machine, refused};

#[tokio::test]
async fn a_revision_is_a_definition_and_a_role() {
    let world = World::new();
    let arn = world.create(machine("m")).await.unwrap().arn;
    let update = |change: fn(&mut UpdateStateMachine)| {
        let mut request = UpdateStateMachine {
            arn: arn.clone(),
            ..UpdateStateMachine::default()
        };
        change(&mut request);
        world.machines.update_state_machine(request)
    };
    let described = || world.machines.describe_state_machine(&arn).unwrap();
    let before = described();
    assert_eq!(before.revision.revision_id, None);

    // Nothing is different: there is no revision yet, and nothing is written.
    let commits = world.store.commits();
    let same = update(|request| {
        request.definition = Some(definition("first"));
        request.role_arn = Some(ROLE.to_owned());
        request.tracing = Some(false);
        request.logging = Some(LoggingConfiguration::default());
    });
    let same = same.await.unwrap();
    assert_eq!((same.revision_id, same.update), (None, before.creation));
    assert_eq!(world.store.commits(), commits);

    // Logging and tracing make none either.
    let traced = update(|request| request.tracing = Some(true))
        .await
        .unwrap();
    assert_eq!(traced.revision_id, None);
    let now = described();
    assert!(now.revision.tracing);
    assert_ne!(now.revision.number, before.revision.number);
    assert_eq!(now.creation, before.creation);

    let revised = update(|request| request.role_arn = Some(OTHER_ROLE.to_owned()));
    let revised = revised.await.unwrap().revision_id.unwrap();
    let now = described();
    assert_eq!(now.revision.revision_id.as_ref(), Some(&revised));
    assert_eq!(now.revision.role_arn, OTHER_ROLE);
    assert_eq!(now.revision.text, before.revision.text);

    // The same again answers the revision that is.
    let same = update(|request| request.role_arn = Some(OTHER_ROLE.to_owned()));
    assert_eq!(same.await.unwrap().revision_id.as_ref(), Some(&revised));

    let other = update(|request| request.definition = Some(definition("second")));
    let other = other.await.unwrap().revision_id.unwrap();
    assert_ne!(other, revised);
    assert_eq!(&*described().revision.text, definition("second"));

    // An execution that runs keeps what it was started with.
    let old = world.machines.revision(before.revision.number).unwrap();
    assert_eq!(&*old.text, definition("first"));
    assert!(!old.tracing);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new();
    let arn = world.published().await;
    let update = |request| world.machines.update_state_machine(request);
    let of = |arn: &str| UpdateStateMachine {
        arn: arn.to_owned(),
        role_arn: Some(OTHER_ROLE.to_owned()),
        ..UpdateStateMachine::default()
    };
    refused(
        update(UpdateStateMachine {
            role_arn: None,
            publish: true,
            ..of(&arn)
        })
        .await,
        Code::MissingRequiredParameter,
        "Either the definition, the role ARN, the LoggingConfiguration, or the \
         TracingConfiguration must be specified",
    );
    for missing in [
        format!("{arn}:1"),
        format!("{arn}:a"),
        format!("{MACHINE}:n"),
    ] {
        let message = format!("State Machine Does Not Exist: '{missing}'");
        refused(
            update(of(&missing)).await,
            Code::StateMachineDoesNotExist,
            &message,
        );
    }
    refused(
        update(of("nonsense")).await,
        Code::InvalidArn,
        "Invalid Arn: 'Invalid ARN prefix: nonsense'",
    );
    refused(
        update(of(&arn.replace("stateMachine", "activity"))).await,
        Code::InvalidArn,
        "Invalid Arn: 'Resource type not valid in this context: activity'",
    );
    refused(
        update(UpdateStateMachine {
            version_description: Some("d".to_owned()),
            ..of(&arn)
        })
        .await,
        Code::ValidationException,
        "Version description can only be set when publish is true",
    );
    let invalid = UpdateStateMachine {
        definition: Some("x".to_owned()),
        ..of(&arn)
    };
    assert_eq!(
        update(invalid).await.unwrap_err().code,
        Code::InvalidDefinition
    );
    let described = world.machines.describe_state_machine(&arn).unwrap();
    assert_eq!(described.revision.role_arn, ROLE);
}

#[tokio::test]
async fn variables_that_states_read_are_described() {
    let world = World::new();
    let mut request = machine("m");
    request.definition = r#"{"StartAt": "Set", "QueryLanguage": "JSONata", "States": {
        "Set": {"Type": "Pass", "Assign": {"b": 1, "a": 2}, "Next": "Read"},
        "Read": {"Type": "Succeed", "Output": "{% $b + $a.x + $a.y %}"}}}"#
        .to_owned();
    let arn = world.create(request).await.unwrap().arn;
    let described = world.machines.describe_state_machine(&arn).unwrap();
    let references: Vec<_> = described.variable_references.into_iter().collect();
    assert_eq!(
        references,
        [("Read".to_owned(), vec!["a".to_owned(), "b".to_owned()])]
    );
}
