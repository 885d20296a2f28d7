//! State machines, activities, and the tasks of SNS and Step Functions.
//!
//! Impossible by the types: a definition and a definition body at once, or neither; a state machine without states.

use stepmill::core::Problem;
use stepmill::prelude::*;

use super::{problems, refused, unsupported};

fn pass(stack: &Stack) -> Pass {
    Pass::new(stack, "P")
}

/// What synthesis says of what was made.
fn synthesis(build: impl FnOnce(&Stack)) -> Vec<String> {
    let stack = Stack::new(&App::new(), "Stack");
    build(&stack);
    let errors = stack.template().unwrap_err();
    errors.0.iter().map(ToString::to_string).collect()
}

#[test]
fn names() {
    let long = "x".repeat(81);
    let wrong = [
        (
            "",
            "State Machine name must be between 1 and 80 characters. Received: ".to_owned(),
        ),
        (
            &long,
            format!("State Machine name must be between 1 and 80 characters. Received: {long}"),
        ),
        (
            "a b",
            r#"State Machine name must match "^[a-z0-9+!@.()-=_']+$/i". Received: a b"#.to_owned(),
        ),
    ];
    for (name, message) in wrong {
        let found = problems(&[], |stack| {
            StateMachine::new(stack, "M", pass(stack)).state_machine_name(name);
        });
        assert_eq!(found, [(Some("state_machine_name"), message)]);
    }
}

#[test]
fn logs_need_a_destination() {
    let found = problems(&[], |stack| {
        StateMachine::new(stack, "M", pass(stack)).logs(LogOptions::default());
    });
    let message = "Logs destination is required when level is not OFF.";
    assert_eq!(found, [(Some("logs"), message.to_owned())]);
    let off = LogOptions::default().level(LogLevel::Off);
    let found = problems(&[], |stack| {
        StateMachine::new(stack, "M", pass(stack)).logs(off);
    });
    assert_eq!(found, []);
}

#[test]
fn reuse_of_data_keys() {
    let message = "kmsDataKeyReusePeriodSeconds must have a value between 60 and 900 seconds";
    for seconds in [59, 901] {
        let found = problems(&[], |stack| {
            let encryption = CustomerManagedEncryptionConfiguration::new(&Key::new(stack, "K"))
                .kms_data_key_reuse_period_seconds(Duration::seconds(seconds));
            Activity::new(stack, "A").encryption_configuration(encryption.clone());
            StateMachine::new(stack, "M", pass(stack)).encryption_configuration(encryption);
        });
        let one = (
            Some("kms_data_key_reuse_period_seconds"),
            message.to_owned(),
        );
        assert_eq!(found, [one.clone(), one]);
    }
}

#[test]
fn what_stands_in_a_text_is_not_said_beside_it() {
    let found = synthesis(|stack| {
        StateMachine::new(stack, "M", DefinitionBody::from_string("{}"))
            .timeout(Duration::hours(1))
            .comment("about");
    });
    let message = |property: &str| {
        format!(
            "Stack/M: '{property}' cannot be said of a machine whose definition is given as text: write it there."
        )
    };
    assert_eq!(found, [message("timeout"), message("comment")]);
}

#[test]
fn nothing_can_be_said_of_what_is_imported() {
    let found = problems(&[], |stack| {
        let arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:orders";
        StateMachine::from_state_machine_arn(stack, "M", arn).tracing_enabled(true);
        let arn = "arn:aws:states:eu-central-1:123456789012:activity:pack";
        Activity::from_activity_arn(stack, "A", arn).name("unpack");
    });
    let expected = [
        (
            Some("tracing_enabled"),
            "'tracing_enabled' cannot be said of an imported state machine.".to_owned(),
        ),
        (
            Some("name"),
            "'name' cannot be said of an imported activity.".to_owned(),
        ),
    ];
    assert_eq!(found, expected);
}

#[test]
fn states_are_in_one_graph_also_those_that_come_later() {
    let found = synthesis(|stack| {
        let first = pass(stack).build();
        StateMachine::new(stack, "M", &first);
        first.next(Pass::new(stack, "Q").state_name("P"));
    });
    assert_eq!(
        found,
        [
            "Stack/M: State with name 'P' occurs in both State Machine M definition (P, P) and State Machine M \
             definition (P, P). All states must have unique names."
        ]
    );
}

fn start(stack: &Stack) -> StepFunctionsStartExecution {
    let child = StateMachine::from_state_machine_name(stack, "M", "orders");
    StepFunctionsStartExecution::new(stack, "T", &child)
}

#[test]
fn start_execution() {
    let message =
        "Task Token is required in `input` for callback. Use JsonPath.taskToken to set the token.";
    refused("input", message, |stack| {
        start(stack).integration_pattern(IntegrationPattern::WaitForTaskToken)
    });
    let message = "Could not enable `associateWithParent` because `input` is taken directly from a JSON path. Use `sfn.TaskInput.fromObject` instead.";
    refused("associate_with_parent", message, |stack| {
        start(stack)
            .associate_with_parent(true)
            .input(TaskInput::from_json_path_at("$.order"))
    });
}

fn publish(stack: &Stack, topic: &Topic) -> SnsPublish {
    SnsPublish::new(stack, "T", topic, TaskInput::from_text("m"))
}

#[test]
fn publishing() {
    let supported = "REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN";
    unsupported(supported, IntegrationPattern::RunJob, |stack| {
        publish(stack, &Topic::new(stack, "Topic"))
    });
    let message = "Task Token is required in `message` Use JsonPath.taskToken to set the token.";
    refused("message", message, |stack| {
        publish(stack, &Topic::new(stack, "Topic"))
            .integration_pattern(IntegrationPattern::WaitForTaskToken)
    });
}

#[test]
fn publishing_in_order() {
    let fifo = |stack: &Stack| Topic::new(stack, "Topic").name("orders").fifo(true);
    let long = "x".repeat(129);
    let (property, message) = (
        "message_group_id",
        "'messageGroupId' is required for FIFO topics",
    );
    refused(property, message, |stack| publish(stack, &fifo(stack)));
    let message = "'messageGroupId' must be at most 128 characters long, got 129";
    refused(property, message, |stack| {
        publish(stack, &fifo(stack)).message_group_id(&long)
    });
    let (property, message) = (
        "message_deduplication_id",
        "'messageDeduplicationId' is required for FIFO topics with 'contentBasedDeduplication' disabled",
    );
    refused(property, message, |stack| {
        publish(stack, &fifo(stack)).message_group_id("g")
    });
    let message = "'messageDeduplicationId' must be at most 128 characters long, got 129";
    refused(property, message, |stack| {
        publish(stack, &fifo(stack))
            .message_group_id("g")
            .message_deduplication_id(&long)
    });
    let found = problems(&[], |stack| {
        let topic = fifo(stack).content_based_deduplication(true);
        publish(stack, &topic).message_group_id("g").build();
    });
    assert_eq!(found, []);
}

#[test]
fn message_attributes() {
    use MessageAttributeDataType::{Number, String, StringArray};

    let wrong = [
        (
            MessageAttribute::new("a").data_type(Number),
            "Requested SNS message attribute type was Number but a was of type string",
        ),
        (
            MessageAttribute::new(4).data_type(String),
            "Requested SNS message attribute type was String but 4 was of type number",
        ),
        (
            MessageAttribute::new(true).data_type(Number),
            "Requested SNS message attribute type was Number but true was of type boolean",
        ),
        (
            MessageAttribute::new(["a", "b"]).data_type(String),
            "Requested SNS message attribute type was String but a,b was of type Array",
        ),
        (
            MessageAttribute::new([["a"]]).data_type(StringArray),
            "Requested SNS message attribute type was object but Array values must be one of string,boolean,number",
        ),
        (
            MessageAttribute::new([JsonPath::string_at("$.a")]),
            "Cannot use JsonPath fields in an array, they must be used in objects",
        ),
    ];
    for (attribute, message) in wrong {
        refused("message_attributes", message, |stack| {
            publish(stack, &Topic::new(stack, "Topic")).message_attributes([("a", attribute)])
        });
    }
}

#[test]
fn metrics_of_tasks_that_have_none() {
    let stack = Stack::new(&App::new(), "Stack");
    let task = publish(&stack, &Topic::new(&stack, "Topic")).build();
    let message = "Task does not expose metrics. Use the 'metric()' function to add metrics.";
    let problem = Problem::Property {
        property: "metric",
        message: message.to_owned(),
    };
    for metric in [
        task.metric_run_time(),
        task.metric_schedule_time(),
        task.metric_time(),
        task.metric_scheduled(),
        task.metric_timed_out(),
        task.metric_started(),
        task.metric_succeeded(),
        task.metric_failed(),
        task.metric_heartbeat_timed_out(),
    ] {
        assert_eq!(metric, Err(problem.clone()));
    }
}
