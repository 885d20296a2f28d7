//! What is derived from a definition alone is what the constructs ask for.

use serde_json::Value as Json;
use stepmill::policy::of_definition;
use stepmill::prelude::*;
use stepmill::template::{Machine, ResourceTypes, from_template, machines, substitutable};
use stepmill::value::Value;

use crate::golden::{environment, golden, synthesize};
use crate::snippets::SNIPPETS;

/// On what a definition does not say that an action is needed: on any revision of a family, on the roles of
/// a task definition or a model.
const UNSAID: &[(&str, &str)] = &[
    ("23-runtask-ec2", "ecs:RunTask"),
    ("23-runtask-ec2", "iam:PassRole"),
    ("24-runtask-fargate", "ecs:RunTask"),
    ("24-runtask-fargate", "iam:PassRole"),
    ("52-sagemaker-create-transform-job", "iam:PassRole"),
];

/// The statement, without its resources if a definition does not say them.
fn said(example: &str, mut statement: Json) -> Json {
    let unsaid = |(of, action): &&(&str, &str)| *of == example && statement["Action"] == *action;
    if UNSAID.iter().any(|row| unsaid(&row)) {
        statement["Resource"] = Json::Null;
    }
    statement
}

/// The statements of a machine's role in a template.
fn in_template(template: &Json, machine: &Machine, stack: &Stack) -> Vec<Json> {
    let role = machine.properties.get("RoleArn").and_then(|arn| match arn {
        Value::Text(text) => text.as_token().cloned(),
        _ => None,
    });
    let Some(stepmill::value::Token::GetAtt(_, role, _)) = role else {
        return Vec::new();
    };
    let attached = |policy: &&Json| {
        policy["Type"] == "AWS::IAM::Policy"
            && policy["Properties"]["Roles"]
                .as_array()
                .is_some_and(|roles| roles.iter().any(|attached| attached["Ref"] == *role))
    };
    let resources = template["Resources"].as_object().unwrap();
    let policies = resources.values().filter(attached);
    let statements = policies.flat_map(|policy| {
        policy["Properties"]["PolicyDocument"]["Statement"]
            .as_array()
            .unwrap()
    });
    statements
        .map(|statement| substitutable(&from_template(statement, stack.id_in_app())))
        .collect()
}

#[test]
fn a_definition_alone_gives_the_statements_of_its_constructs() {
    let only = std::env::var("SNIPPET").unwrap_or_default();
    let mut report = String::new();
    for snippet in SNIPPETS
        .iter()
        .filter(|snippet| snippet.name.starts_with(&only))
    {
        let golden = golden(snippet);
        let template = synthesize(snippet, &golden);
        let stack = Stack::with_environment(&App::new(), "Template", environment(&golden));
        for machine in machines(&template, stack.id_in_app()).unwrap() {
            let said = |statement| said(snippet.name, statement);
            let theirs = in_template(&template, &machine, &stack);
            let theirs: Vec<Json> = theirs.into_iter().map(said).collect();
            let policy = of_definition(&stack, &machine.definition, &ResourceTypes::of(&template));
            let ours = policy
                .statements
                .iter()
                .map(|needed| substitutable(&needed.statement.to_value()));
            let ours: Vec<Json> = ours.map(said).collect();
            // What an AWS SDK integration is about, its author says; the policy says that it cannot know.
            let authors: Vec<&str> = policy
                .unknown
                .iter()
                .map(|unknown| unknown.state.as_str())
                .collect();
            let of_author = policy.statements.iter().any(|needed| {
                needed
                    .states
                    .iter()
                    .any(|state| authors.contains(&state.as_str()))
            });
            let known = UNSAID.iter().any(|(of, _)| *of == snippet.name);
            if of_author && !known {
                assert_eq!(ours.len(), theirs.len(), "{}", snippet.name);
                continue;
            }
            if ours != theirs {
                report += &format!("{} {}\n", snippet.name, machine.logical_id);
                report += &format!("  definition {}\n", Json::from(ours));
                report += &format!("  constructs {}\n", Json::from(theirs));
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn a_distributed_map_needs_its_bucket_and_its_runs() {
    let stack = Stack::new(&App::new(), "Template");
    let definition: Json = serde_json::from_str(
        r#"{"StartAt": "M", "States": {"M": {
            "Type": "Map", "Label": "lab", "End": true,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": "orders", "Key.$": "$.key"}
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}
            }
        }}}"#,
    )
    .unwrap();
    let definition = from_template(&definition, stack.id_in_app());
    let policy = of_definition(&stack, &definition, &ResourceTypes::default());
    let statements = policy
        .statements
        .iter()
        .map(|needed| substitutable(&needed.statement.to_value()));
    let execution = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:*";
    let machine = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*";
    let allow = |actions: Json, resource: String| serde_json::json!({"Action": actions, "Effect": "Allow", "Resource": resource});
    assert_eq!(
        statements.collect::<Vec<Json>>(),
        [
            allow(
                "s3:GetObject".into(),
                "arn:${AWS::Partition}:s3:::orders/*".to_owned()
            ),
            allow("states:StartExecution".into(), machine.to_owned()),
            allow(
                serde_json::json!(["states:DescribeExecution", "states:StopExecution"]),
                format!("{execution}:*")
            ),
            allow(
                "states:RedriveExecution".into(),
                format!("{execution}/lab:*")
            ),
        ]
    );
    assert_eq!(policy.unknown.len(), 1);
}
