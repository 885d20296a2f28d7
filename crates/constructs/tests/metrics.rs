//! Metrics of machines, activities, tasks and state transitions, and graphs without a machine.

extern crate stepmill_constructs as stepmill;

use stepmill::prelude::*;
use stepmill::states::QueryLanguage;

/// What a metric is called, how its values are put together, and what it is of.
fn shown(metric: &Metric) -> (String, String, Vec<String>) {
    assert_eq!(metric.namespace, "AWS/States");
    assert_eq!(metric.period, Duration::minutes(5));
    let dimensions = metric.dimensions.keys().map(ToString::to_string).collect();
    (
        metric.metric_name.clone(),
        metric.statistic.name().to_owned(),
        dimensions,
    )
}

#[track_caller]
fn check<const N: usize>(metrics: &[Metric; N], dimension: &str, expected: [(&str, &str); N]) {
    for (metric, (name, statistic)) in metrics.iter().zip(expected) {
        let expected = (
            name.to_owned(),
            statistic.to_owned(),
            vec![dimension.to_owned()],
        );
        assert_eq!(shown(metric), expected);
    }
}

fn stack() -> Stack {
    Stack::new(&App::new(), "Stack")
}

#[test]
fn of_machines() {
    let stack = stack();
    let machine = StateMachine::new(&stack, "M", Pass::new(&stack, "P"));
    let metrics = [
        machine.metric("Any"),
        machine.metric_failed(),
        machine.metric_throttled(),
        machine.metric_aborted(),
        machine.metric_succeeded(),
        machine.metric_timed_out(),
        machine.metric_started(),
        machine.metric_time(),
    ];
    let expected = [
        ("Any", "Sum"),
        ("ExecutionsFailed", "Sum"),
        ("ExecutionThrottled", "Sum"),
        ("ExecutionsAborted", "Sum"),
        ("ExecutionsSucceeded", "Sum"),
        ("ExecutionsTimedOut", "Sum"),
        ("ExecutionsStarted", "Sum"),
        ("ExecutionTime", "Average"),
    ];
    check(&metrics, "StateMachineArn", expected);
}

#[test]
fn of_activities_and_of_the_tasks_that_ask_them() {
    let stack = stack();
    let activity = Activity::new(&stack, "A");
    let task = StepFunctionsInvokeActivity::new(&stack, "T", &activity).build();
    let expected = [
        ("Any", "Sum"),
        ("ActivityRunTime", "Average"),
        ("ActivityScheduleTime", "Average"),
        ("ActivityTime", "Average"),
        ("ActivitiesScheduled", "Sum"),
        ("ActivitiesTimedOut", "Sum"),
        ("ActivitiesStarted", "Sum"),
        ("ActivitiesSucceeded", "Sum"),
        ("ActivitiesFailed", "Sum"),
        ("ActivitiesHeartbeatTimedOut", "Sum"),
    ];
    let metrics = [
        activity.metric("Any"),
        activity.metric_run_time(),
        activity.metric_schedule_time(),
        activity.metric_time(),
        activity.metric_scheduled(),
        activity.metric_timed_out(),
        activity.metric_started(),
        activity.metric_succeeded(),
        activity.metric_failed(),
        activity.metric_heartbeat_timed_out(),
    ];
    check(&metrics, "ActivityArn", expected);
    let metrics = [
        task.metric("Any"),
        task.metric_run_time().unwrap(),
        task.metric_schedule_time().unwrap(),
        task.metric_time().unwrap(),
        task.metric_scheduled().unwrap(),
        task.metric_timed_out().unwrap(),
        task.metric_started().unwrap(),
        task.metric_succeeded().unwrap(),
        task.metric_failed().unwrap(),
        task.metric_heartbeat_timed_out().unwrap(),
    ];
    check(&metrics, "ActivityArn", expected);
}

#[test]
fn of_state_transitions() {
    let metrics = [
        StateTransitionMetric::metric("Any"),
        StateTransitionMetric::metric_provisioned_bucket_size(),
        StateTransitionMetric::metric_provisioned_refill_rate(),
        StateTransitionMetric::metric_consumed_capacity(),
        StateTransitionMetric::metric_throttled_events(),
    ];
    let expected = [
        ("Any", "Average"),
        ("ProvisionedBucketSize", "Average"),
        ("ProvisionedRefillRate", "Average"),
        ("ConsumedCapacity", "Average"),
        ("ThrottledEvents", "Sum"),
    ];
    check(&metrics, "ServiceMetric", expected);
}

#[test]
fn an_alarm_watches_a_metric() {
    let stack = stack();
    let machine = StateMachine::new(&stack, "M", Pass::new(&stack, "P"));
    let metric = machine
        .metric_time()
        .statistic(Statistic::Extended("p99".to_owned()))
        .period(Duration::minutes(1));
    let alarm = CfnResource::new(&stack, "Alarm", "AWS::CloudWatch::Alarm");
    for (name, value) in metric.alarm_properties() {
        alarm.set(name, value);
    }
    let template = stack.template().unwrap().body;
    let expected = serde_json::json!({
        "Namespace": "AWS/States",
        "MetricName": "ExecutionTime",
        "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": "M38C90C7F"}}],
        "ExtendedStatistic": "p99",
        "Period": 60,
    });
    assert_eq!(template["Resources"]["Alarm"]["Properties"], expected);
}

#[test]
fn a_graph_is_a_definition_without_a_machine() {
    let stack = stack();
    let topic = Topic::new(&stack, "Topic");
    let publish = SnsPublish::new(&stack, "T", &topic, TaskInput::from_text("m"));
    let graph = StateGraph::new(Pass::new(&stack, "P").next(publish), "the graph");
    graph.timeout(Duration::minutes(1));
    let more = Statement::allow(["s3:GetObject"], ["*"]);
    graph.register_policy_statement(more.clone());
    assert_eq!(graph.start_state().id(), "P");
    let allowed = Statement::allow(["sns:Publish"], [topic.topic_arn()]);
    assert_eq!(graph.policy_statements(), [allowed, more]);
    let definition = graph.to_graph_json(QueryLanguage::JsonPath);
    assert_eq!(definition.get("StartAt"), Some(&"P".into()));
    assert_eq!(definition.get("TimeoutSeconds"), Some(&60.into()));
}
