//! Every property of EMR on EKS's and EKS's tasks stands where the service wants it, and roles are allowed what they need.

#![allow(clippy::unwrap_used)] // what helps a test may fail it

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::value::flatten;

/// The parameters of the one task of a machine, and the template.
fn made(app: &App, task: impl FnOnce(&Stack) -> State) -> (Json, Json) {
    let stack = Stack::new(app, "Stack");
    StateMachine::new(&stack, "Machine", task(&stack));
    let template = stack.template().unwrap().body;
    let definition =
        flatten(&of_type(&template, "AWS::StepFunctions::StateMachine")["DefinitionString"]);
    let definition: Json = serde_json::from_str(&definition).unwrap();
    (definition["States"]["T"]["Parameters"].clone(), template)
}

/// The properties of the first resource of a type.
fn of_type<'a>(template: &'a Json, kind: &str) -> &'a Json {
    let resources = template["Resources"].as_object().unwrap();
    let found = resources.values().find(|resource| resource["Type"] == kind);
    &found.unwrap()["Properties"]
}

fn job(stack: &Stack) -> EmrContainersStartJobRun {
    let spark = SparkSubmitJobDriver::new(TaskInput::from_json_path_at("$.file"))
        .entry_point_arguments(TaskInput::from_object(["a", "b"]));
    let cluster = VirtualClusterInput::from_virtual_cluster_id("id");
    let release = ReleaseLabel::new("emr-7.9.0-latest");
    EmrContainersStartJobRun::new(stack, "T", cluster, release, JobDriver::new(spark))
}

#[test]
fn a_job() {
    let (found, _) = made(&App::new(), |stack| {
        let role = Role::from_role_arn(stack, "Role", "arn:aws:iam::1:role/Job");
        let group = LogGroup::from_log_group_name(stack, "Group", "jobs");
        let nested = ApplicationConfiguration::new(Classification::new("export"))
            .properties(object! {"k": "v"});
        let settings =
            ApplicationConfiguration::new(Classification::SPARK_ENV).nested_config([nested]);
        let monitoring = Monitoring::new()
            .log_group(&group)
            .log_stream_name_prefix("run")
            .persistent_app_ui(false);
        job(stack)
            .execution_role(&role)
            .application_config([settings])
            .monitoring(monitoring)
            .tags([("team", "data")])
            .build()
    });
    let nested = json!({"Classification": "export", "Properties": {"k": "v"}});
    let logs = json!({"LogGroupName": "jobs", "LogStreamNamePrefix": "run"});
    assert_eq!(
        found,
        json!({
            "VirtualClusterId": "id",
            "ExecutionRoleArn": "arn:aws:iam::1:role/Job",
            "ReleaseLabel": "emr-7.9.0-latest",
            "JobDriver": {
                "SparkSubmitJobDriver": {
                    "EntryPoint.$": "$.file",
                    "EntryPointArguments": ["a", "b"],
                },
            },
            "ConfigurationOverrides": {
                "ApplicationConfiguration": [
                    {"Classification": "spark-env", "Configurations": [nested]},
                ],
                "MonitoringConfiguration": {
                    "CloudWatchMonitoringConfiguration": logs,
                    "PersistentAppUI": "DISABLED",
                },
            },
            "Tags": {"team": "data"},
        })
    );
}

#[test]
fn what_is_granted_to_a_job_is_granted_to_its_role() {
    let app = App::new().feature(Feature::Version2);
    let (_, template) = made(&app, |stack| {
        let bucket = Bucket::new(stack, "Data");
        let job = job(stack);
        bucket.grant_read(&job, "*");
        job.build()
    });
    let resources = template["Resources"].as_object().unwrap();
    let policy = resources
        .iter()
        .find(|(id, _)| id.starts_with("TJobExecutionRoleDefaultPolicy"));
    let statements = &policy.unwrap().1["Properties"]["PolicyDocument"]["Statement"];
    let actions: Vec<&Json> = statements
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["Action"])
        .collect();
    assert_eq!(
        actions,
        [
            &json!(["s3:GetObject*", "s3:GetBucket*", "s3:List*"]),
            &json!("logs:DescribeLogGroups"),
        ]
    );
    let groups = "arn:${Ref:AWS::Partition}:logs:${Ref:AWS::Region}:${Ref:AWS::AccountId}:*";
    assert_eq!(flatten(&statements[1]["Resource"]), groups);
}

#[test]
fn two_jobs_share_the_functions_that_edit_the_trust_of_their_roles() {
    let (_, template) = made(&App::new(), |stack| {
        let spark = SparkSubmitJobDriver::new(TaskInput::from_text("local:///pi.py"));
        let other = EmrContainersStartJobRun::new(
            stack,
            "Other",
            VirtualClusterInput::from_virtual_cluster_id("other"),
            ReleaseLabel::EMR_6_3_0,
            JobDriver::new(spark),
        );
        other.build();
        job(stack).build()
    });
    let resources = template["Resources"].as_object().unwrap();
    let count = |kind: &str| {
        resources
            .values()
            .filter(|resource| resource["Type"] == kind)
            .count()
    };
    assert_eq!(count("AWS::Lambda::Function"), 2);
    assert_eq!(count("AWS::CloudFormation::CustomResource"), 2);
    let policy = resources
        .iter()
        .find(|(id, _)| id.contains("AAFB0CC9EB8757CServiceRoleDefaultPolicy"));
    let statements = &policy.unwrap().1["Properties"]["PolicyDocument"]["Statement"];
    assert_eq!(statements.as_array().map(Vec::len), Some(4));
}

#[test]
fn a_virtual_cluster() {
    let (found, _) = made(&App::new(), |stack| {
        let name = EksClusterInput::from_task_input(TaskInput::from_json_path_at("$.name"));
        EmrContainersCreateVirtualCluster::new(stack, "T", name)
            .virtual_cluster_name("mine")
            .tags([("team", "data")])
            .build()
    });
    let provider = json!({
        "Id.$": "$.name",
        "Info": {"EksInfo": {"Namespace": "default"}},
        "Type": "EKS",
    });
    assert_eq!(
        found,
        json!({"Name": "mine", "ContainerProvider": provider, "Tags": {"team": "data"}})
    );
}

#[test]
fn a_virtual_cluster_is_named_by_an_expression_in_jsonata() {
    let stack = Stack::new(&App::new(), "Stack");
    let name = EksClusterInput::from_task_input(TaskInput::from_text("name"));
    let task = EmrContainersCreateVirtualCluster::new(&stack, "T", name).jsonata();
    let machine = StateMachine::new(&stack, "Machine", task);
    let name = "{% $states.context.Execution.Name & '/' & $states.context.State.Name %}";
    let definition = machine.definition().unwrap();
    let task = definition.get("States").and_then(|states| states.get("T"));
    let arguments = task.and_then(|task| task.get("Arguments"));
    assert_eq!(
        arguments.and_then(|arguments| arguments.get("Name")),
        Some(&name.into())
    );
}

#[test]
fn a_call() {
    let (found, _) = made(&App::new(), |stack| {
        let cluster = EksCluster::from_cluster_attributes(
            stack,
            "Cluster",
            EksClusterAttributes {
                cluster_name: "name".into(),
                cluster_endpoint: Some("https://example.com".into()),
                cluster_certificate_authority_data: Some("data".into()),
            },
        );
        EksCall::new(stack, "T", &cluster, HttpMethods::Post, "/api")
            .query_parameters(object! {"pretty": ["true"]})
            .request_body(TaskInput::from_object(object! {"kind": "Pod"}))
            .build()
    });
    assert_eq!(
        found,
        json!({
            "ClusterName": "name",
            "CertificateAuthority": "data",
            "Endpoint": "https://example.com",
            "Method": "POST",
            "Path": "/api",
            "QueryParameters": {"pretty": ["true"]},
            "RequestBody": {"kind": "Pod"},
        })
    );
}

#[test]
fn a_cluster_in_a_network_that_is_there() {
    let (_, template) = made(&App::new(), |stack| {
        let vpc = Vpc::new(stack, "Vpc");
        let options = EksClusterOptions {
            vpc: Some(vpc),
            default_capacity: Some(1),
            default_capacity_instance: Some("m6g.large".into()),
            ..EksClusterOptions::default()
        };
        let version = KubernetesVersion::of("1.34");
        let cluster = EksCluster::with_options(stack, "Cluster", &version, options);
        EksCall::new(stack, "T", &cluster, HttpMethods::Get, "/api").build()
    });
    assert_eq!(of_type(&template, "AWS::EKS::Cluster")["Version"], "1.34");
    let nodes = of_type(&template, "AWS::EKS::Nodegroup");
    assert_eq!(nodes["AmiType"], "AL2_ARM_64");
    assert_eq!(nodes["ScalingConfig"]["DesiredSize"], 1);
}
