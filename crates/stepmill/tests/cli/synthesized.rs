//! Templates, cloud assemblies and apps, and `stepmill policy`.

use serde_json::{Value, json};

use crate::support::Directory;

/// A template with a queue, a function with its code in it, and a machine that calls both.
fn template() -> String {
    let definition = [
        json!(r#"{"StartAt":"Double","States":{"Double":{"Type":"Task","Resource":""#),
        json!({"Fn::GetAtt": ["Double1234ABCD", "Arn"]}),
        json!(
            r#"","Next":"Told"},"Told":{"Type":"Choice","Choices":[{"Variable":"$.send","IsPresent":true,"Next":"Send"}],"Default":"Done"},"Send":{"Type":"Task","Resource":"arn:"#
        ),
        json!({"Ref": "AWS::Partition"}),
        json!(r#":states:::sqs:sendMessage","Parameters":{"QueueUrl":""#),
        json!({"Ref": "Queue5678ABCD"}),
        json!(r#"","MessageBody.$":"$"},"Next":"Done"},"Done":{"Type":"Succeed"}}}"#),
    ];
    json!({
        "Resources": {
            "Queue5678ABCD": {"Type": "AWS::SQS::Queue"},
            "Double1234ABCD": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.12",
                    "Handler": "index.handler",
                    "Code": {"ZipFile": "def handler(event, context):\n    return {'n': event['n'] * 2}\n"},
                },
            },
            "Machine9ABCDEF0": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": {"Fn::Join": ["", definition]}},
            },
        },
    })
    .to_string()
}

fn manifest() -> String {
    let stack = json!({"type": "aws:cloudformation:stack", "properties": {"templateFile": "Shop.template.json"}});
    json!({"version": "36.0.0", "artifacts": {"Shop": stack}}).to_string()
}

fn assembly() -> Directory {
    Directory::new()
        .with("cdk.out/manifest.json", manifest())
        .with("cdk.out/Shop.template.json", template())
}

#[test]
fn a_machine_of_a_template_runs_with_the_functions_in_it() {
    let directory = assembly();
    for path in ["cdk.out", "cdk.out/Shop.template.json"] {
        let ran = directory.run(&["run", path, "--input", r#"{"n": 21}"#]);
        ran.expect(0, &["Succeeded"]);
        assert_eq!(
            serde_json::from_str::<Value>(&ran.out).unwrap(),
            json!({"n": 42})
        );
    }
    directory
        .run(&["validate", "cdk.out"])
        .expect(0, &["valid"]);
}

#[test]
fn one_of_several_machines_is_chosen() {
    let mut two: Value = serde_json::from_str(&template()).unwrap();
    let other = json!({
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"StateMachineName": "other", "Definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}},
    });
    two["Resources"]["Other00000000"] = other;
    let directory = Directory::new().with("two.template.json", two.to_string());
    let ran = directory.run(&["run", "two.template.json"]);
    ran.expect(
        2,
        &[
            "has several state machines: Machine9ABCDEF0, other",
            "--machine NAME",
        ],
    );
    for name in ["other", "Other", "Other00000000"] {
        directory
            .run(&["run", "two.template.json", "--machine", name])
            .expect(0, &["Succeeded"]);
    }
    let ran = directory.run(&["run", "two.template.json", "--machine", "third"]);
    ran.expect(
        2,
        &[
            "has no state machine 'third'",
            "it has Machine9ABCDEF0, other",
        ],
    );
}

#[test]
fn an_app_is_run_and_its_machine_is_the_projects() {
    let directory = Directory::new()
        .with("made/manifest.json", manifest())
        .with("made/Shop.template.json", template())
        .with(
            "stepmill.toml",
            "app = \"mkdir -p $CDK_OUTDIR && cp made/* $CDK_OUTDIR\"\nname = \"shop\"\n",
        )
        .with(
            "ready/stepmill.toml",
            "app = \"../made\"\nname = \"shop\"\n",
        )
        .with(
            "broken/stepmill.toml",
            "app = \"echo nothing; exit 3\"\nname = \"shop\"\n",
        )
        .with(
            "silent/stepmill.toml",
            "app = \"echo nothing\"\nname = \"shop\"\n",
        );
    for project in [".", "ready"] {
        let ran = directory.run(&["run", project, "--input", r#"{"n": 4}"#]);
        ran.expect(0, &["Succeeded"]);
        assert_eq!(
            serde_json::from_str::<Value>(&ran.out).unwrap(),
            json!({"n": 8})
        );
    }
    directory.run(&["run", "broken"]).expect(
        2,
        &["the app `echo nothing; exit 3` ended with", "CDK_OUTDIR"],
    );
    directory
        .run(&["run", "silent"])
        .expect(2, &["wrote no manifest.json"]);
}

/// A template with two state machines, one of which refers to what only a deployment tells.
fn two_machines() -> String {
    let machine = |name: &str, resource: Value| {
        let pass = json!({"Type": "Pass", "Result": "RESULT", "End": true});
        let definition = json!({"StartAt": "A", "States": {"A": pass}}).to_string();
        let (before, after) = definition.split_once("RESULT").unwrap();
        let definition = json!({"Fn::Join": ["", [before, resource, after]]});
        json!({
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"StateMachineName": name, "DefinitionString": definition},
        })
    };
    json!({"Resources": {
        "Group": {"Type": "AWS::EC2::SecurityGroup"},
        "Child": machine("child", json!("nothing")),
        "Parent": machine("parent", json!({"Fn::GetAtt": ["Group", "GroupId"]})),
    }})
    .to_string()
}

#[test]
fn a_project_says_what_only_a_deployment_tells() {
    let project = "app = \"cdk.out\"\nmachine = \"parent\"\nname = \"shop\"\n";
    let told = |resource: &str| format!("{project}[resources]\n{resource}.GroupId = \"sg-1\"\n");
    let directory = Directory::new()
        .with("cdk.out/manifest.json", manifest())
        .with("cdk.out/Shop.template.json", two_machines())
        .with("stepmill.toml", told("Group"))
        .with(
            "silent/stepmill.toml",
            project.replace("cdk.out", "../cdk.out"),
        )
        .with(
            "wrong/stepmill.toml",
            told("Grupo").replace("cdk.out", "../cdk.out"),
        );
    let ran = directory.run(&["run", "."]);
    ran.expect(0, &["Succeeded"]);
    assert_eq!(ran.json(), "sg-1");
    directory.run(&["run", "silent"]).expect(
        2,
        &[
            "Group.GroupId is only known after a deployment",
            "resources = {",
        ],
    );
    directory
        .run(&["run", "wrong"])
        .expect(2, &["has no resource Grupo", "logical ids"]);
}

#[test]
fn all_machines_of_an_app_or_assembly_are_served() {
    let directory = Directory::new()
        .with("cdk.out/manifest.json", manifest())
        .with("cdk.out/Shop.template.json", two_machines().replace("GroupId\"", "Arn\""))
        .with(
            "stepmill.toml",
            "app = \"cdk.out\"\nmachine = \"parent\"\nname = \"shop\"\n[resources]\nGroup.Arn = \"sg-1\"\n",
        );
    let server = directory.serve(&[], &[".", "--store", "memory"]);
    let said = &server.said;
    assert!(said.contains("shop") && said.contains("child"), "{said}");
    server.run(&["start", "shop", "--wait"]).expect(0, &[]);
    server.run(&["start", "child", "--wait"]).expect(0, &[]);

    let plain = two_machines().replace("AWS::EC2::SecurityGroup", "AWS::SNS::Topic");
    let directory = Directory::new()
        .with("cdk.out/manifest.json", manifest())
        .with(
            "cdk.out/Shop.template.json",
            plain.replace("GroupId\"", "Arn\""),
        );
    for path in ["cdk.out", "cdk.out/Shop.template.json"] {
        let server = directory.serve(&[], &[path, "--store", "memory"]);
        for machine in ["child", "parent"] {
            server.run(&["start", machine, "--wait"]).expect(0, &[]);
        }
    }
}

#[test]
fn the_policy_names_what_needs_each_statement() {
    let ran = assembly().run(&["policy", "cdk.out"]);
    ran.expect(
        0,
        &["Double: lambda:InvokeFunction", "Send: sqs:SendMessage"],
    );
    let policy: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(policy["Statement"][1]["Resource"], "${Queue5678ABCD.Arn}");

    let definition = json!({"StartAt": "List", "States": {
        "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Parameters": {}, "Next": "Send"},
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "MessageBody": "hello"},
            "End": true,
        },
    }});
    let directory = Directory::new().with("a.asl.json", definition.to_string());
    let place = [
        "--account",
        "123456789012",
        "--region",
        "eu-west-1",
        "--partition",
        "aws",
    ];
    let ran = directory.run(&[&["policy", "a.asl.json", "--json"], &place[..]].concat());
    ran.expect(0, &[]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let send = json!({
        "statement": {"Action": "sqs:SendMessage", "Effect": "Allow", "Resource": "arn:aws:sqs:eu-west-1:123456789012:orders"},
        "states": ["Send"],
    });
    assert_eq!(report["statements"][1], send);
    assert_eq!(
        report["policy"]["Statement"][0]["Action"],
        "s3:ListAllMyBuckets"
    );
    assert_eq!(report["unknown"][0]["state"], "List");

    let wrong = Directory::new().with("a.asl.json", r#"{"StartAt": "A", "States": {}}"#);
    wrong
        .run(&["policy", "a.asl.json"])
        .expect(2, &["not a valid definition"]);
}
