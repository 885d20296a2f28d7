//! Jobs of EMR on EKS.

use stepmill::prelude::*;

use super::{refused, unsupported};

fn spark() -> SparkSubmitJobDriver {
    SparkSubmitJobDriver::new(TaskInput::from_text("local:///pi.py"))
}

fn job(stack: &Stack, spark: SparkSubmitJobDriver) -> EmrContainersStartJobRun {
    let cluster = VirtualClusterInput::from_virtual_cluster_id("id");
    let driver = JobDriver::new(spark);
    EmrContainersStartJobRun::new(stack, "T", cluster, ReleaseLabel::EMR_6_2_0, driver)
}

#[test]
fn patterns() {
    let pattern = IntegrationPattern::WaitForTaskToken;
    unsupported("REQUEST_RESPONSE,RUN_JOB", pattern, |stack| {
        job(stack, spark())
    });
}

#[test]
fn a_role_cannot_be_made_for_a_cluster_that_is_not_known() {
    let message = "Execution role cannot be undefined when the virtual cluster ID is not a concrete value. Provide an execution role with the correct trust policy";
    for id in [
        TaskInput::from_json_path_at("$.id"),
        TaskInput::from_text("{% $id %}"),
    ] {
        refused("execution_role", message, |stack| {
            let cluster = VirtualClusterInput::from_task_input(id);
            let driver = JobDriver::new(spark());
            EmrContainersStartJobRun::new(stack, "T", cluster, ReleaseLabel::EMR_6_2_0, driver)
        });
    }
}

#[test]
fn entry_point() {
    for length in [0, 257] {
        let message = format!(
            "Entry point must be between 1 and 256 characters in length. Received {length}."
        );
        refused("job_driver", &message, |stack| {
            let text = TaskInput::from_text("x".repeat(length));
            job(stack, SparkSubmitJobDriver::new(text))
        });
    }
}

#[test]
fn entry_point_arguments() {
    let either = "Entry point arguments must be a string array or an encoded JSON path or JSONata expression";
    let count =
        "Entry point arguments must be a string array between 1 and 10280 in length. Received";
    let cases: [(Value, String); 5] = [
        (
            "text".into(),
            format!("{either}, but received a non JSON path or JSONata expression string"),
        ),
        (5.into(), format!("{either} but received number.")),
        (object! {"a": "b"}, format!("{either} but received object.")),
        (Value::List(Vec::new()), format!("{count} 0.")),
        (vec!["a"; 10_281].into(), format!("{count} 10281.")),
    ];
    for (arguments, message) in cases {
        refused("job_driver", &message, |stack| {
            let arguments = TaskInput::from_object(arguments);
            job(stack, spark().entry_point_arguments(arguments))
        });
    }
}

#[test]
fn spark_submit_parameters() {
    for length in [0, 102_401] {
        let message = format!(
            "Spark submit parameters must be between 1 and 102400 characters in length. Received {length}."
        );
        refused("job_driver", &message, |stack| {
            job(stack, spark().spark_submit_parameters("x".repeat(length)))
        });
    }
}

#[test]
fn application_config() {
    let file = || ApplicationConfiguration::new(Classification::SPARK);
    let settings = |count: usize| {
        let settings = (0..count).map(|index| (format!("k{index}"), Value::from("v")));
        Value::Object(settings.collect())
    };
    let cases = [
        (
            vec![file()],
            "Application configuration must have either properties or nested app configurations defined.",
        ),
        (
            vec![file().properties(settings(101))],
            "Application configuration properties must have 100 or fewer entries. Received 101",
        ),
        (
            vec![file().properties(settings(1)); 101],
            "Application configuration array must have 100 or fewer entries. Received 101",
        ),
        (
            vec![file().nested_config(vec![file().properties(settings(1)); 101])],
            "Application configuration array must have 100 or fewer entries. Received 101",
        ),
        (
            vec![file().nested_config([file()])],
            "Application configuration must have either properties or nested app configurations defined.",
        ),
    ];
    for (files, message) in cases {
        refused("application_config", message, |stack| {
            job(stack, spark()).application_config(files)
        });
    }
}
