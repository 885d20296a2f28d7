//! Tags

use stepmill_engine::{Code, CreateActivity, CreateStateMachine, Tag};

use crate::support::{MACHINE, World, machine, refused};

fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
    let tag = |&(key, value): &(&str, &str)| Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    pairs.iter().map(tag).collect()
}

#[tokio::test]
async fn tags_are_added_changed_and_removed() {
    let world = World::new();
    let request = CreateStateMachine {
        tags: tags(&[("b", "1"), ("a", "2")]),
        ..machine("m")
    };
    let machine = world.create(request).await.unwrap().arn;
    let request = CreateActivity {
        name: "a".to_owned(),
        tags: tags(&[("b", "1"), ("a", "2")]),
        ..CreateActivity::default()
    };
    let activity = world.machines.create_activity(&world.caller, request).await;
    for arn in [machine, activity.unwrap().arn.clone()] {
        let listed = || world.machines.list_tags(&arn).unwrap();
        assert_eq!(listed(), tags(&[("b", "1"), ("a", "2")]));
        world.machines.tag(&arn, Vec::new()).await.unwrap();
        let more = tags(&[("c", ""), ("b", "Größe 1: a/b_c.d=e+f-g@h")]);
        world.machines.tag(&arn, more).await.unwrap();
        let now = tags(&[("b", "Größe 1: a/b_c.d=e+f-g@h"), ("a", "2"), ("c", "")]);
        assert_eq!(listed(), now);
        let keys = vec!["a".to_owned(), "x".to_owned(), "b".to_owned()];
        world.machines.untag(&arn, keys).await.unwrap();
        assert_eq!(listed(), tags(&[("c", "")]));
        assert_eq!(
            world.restarted().list_tags(&arn).unwrap(),
            tags(&[("c", "")])
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new();
    let arn = world.published().await;
    let keys: Vec<_> = (0..51).map(|index| format!("k{index}")).collect();
    let fifty: Vec<_> = keys[..50].iter().map(|key| (key.as_str(), "")).collect();
    world.machines.tag(&arn, tags(&fifty)).await.unwrap();
    world
        .machines
        .tag(&arn, tags(&[("k7", "new")]))
        .await
        .unwrap();
    let too_many = format!("Too many tags: a resource may have 50: '{arn}'");
    let tagged = world.machines.tag(&arn, tags(&[("k50", "")])).await;
    let error = tagged.unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (Code::TooManyTags, &*too_many)
    );
    assert_eq!(error.member, Some(("resourceName", arn.clone())));
    let all: Vec<_> = keys.iter().map(|key| (key.as_str(), "")).collect();
    let request = CreateStateMachine {
        tags: tags(&all),
        ..machine("n")
    };
    assert_eq!(
        world.create(request).await.unwrap_err().code,
        Code::TooManyTags
    );

    for (key, value) in [
        ("aws:x", ""),
        ("AWS:x", ""),
        ("a#", ""),
        ("a", "b\n"),
        ("a", "<"),
    ] {
        let tagged = world.machines.tag(&arn, tags(&[(key, value)])).await;
        assert_eq!(
            tagged.unwrap_err().code,
            Code::ValidationException,
            "{key} {value}"
        );
    }
    for missing in [
        format!("{arn}:1"),
        format!("{arn}:alias"),
        format!("{arn}/label"),
        format!("{MACHINE}:n"),
        arn.replace("stateMachine", "activity"),
    ] {
        let message = format!("Resource not found: '{missing}'");
        let listed = world.machines.list_tags(&missing);
        refused(listed, Code::ResourceNotFound, &message);
        let tagged = world.machines.tag(&missing, Vec::new()).await;
        refused(tagged, Code::ResourceNotFound, &message);
        let untagged = world.machines.untag(&missing, Vec::new()).await;
        refused(untagged, Code::ResourceNotFound, &message);
    }
    let execution = format!("{}:e", arn.replace("stateMachine", "execution"));
    let message = "Invalid Arn: 'Resource type not valid in this context: execution'";
    refused(
        world.machines.list_tags(&execution),
        Code::InvalidArn,
        message,
    );
}
