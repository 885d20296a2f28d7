//! The functions of the CDK's `EvaluateExpression`, on a machine without Node.js.

use serde_json::{Value, json};
use stepmill::prelude::*;

use crate::support::{Directory, Ran};

/// A function that tasks share, as the CDK names it.
const SHARED: &str = "Eval2b81e383aad244db8aafb4809ae0e3b4F6842FF0";
const ASSET: &str = "4a61519d8f4df8206cfaff4e519462aa81beab9213c3642a1353cd679c697638";

/// A template with a machine that evaluates an expression and returns what it threw, if it did.
fn template(id: &str, role: &str, expression: &str) -> Value {
    let task = json!({
        "Type": "Task",
        "Resource": "FUNCTION",
        "Parameters": {"expression": expression, "expressionAttributeValues": {"$.n.$": "$.n"}},
        "Catch": [{"ErrorEquals": ["ReferenceError"], "ResultPath": "$.caught", "Next": "Caught"}],
        "End": true,
    });
    let states =
        json!({"Evaluate": task, "Caught": {"Type": "Succeed", "OutputPath": "$.caught.Error"}});
    let definition = json!({"StartAt": "Evaluate", "States": states}).to_string();
    let (before, after) = definition.split_once("FUNCTION").unwrap();
    let function = json!({"Fn::GetAtt": [id, "Arn"]});
    json!({"Resources": {
        id: {"Type": "AWS::Lambda::Function", "Properties": {
            "Handler": "index.handler",
            "Runtime": "nodejs22.x",
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            "Code": {"S3Bucket": "assets", "S3Key": format!("{ASSET}.zip")},
        }},
        "Machine9ABCDEF0": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "DefinitionString": {"Fn::Join": ["", [before, function, after]]},
        }},
    }})
}

fn run(directory: &Directory, path: &str) -> Ran {
    // There is no program at all.
    directory.run_with(&[("PATH", "")], &["run", path, "--input", r#"{"n": 20}"#])
}

#[test]
fn expressions_of_templates_are_evaluated_without_nodejs() {
    let own = "EvalServiceRolef4f556a4ef7a49cd8036c5b0567376fdA1B2C3D4";
    for (id, role) in [(SHARED, "Role"), ("StepEvalFunction01234567", own)] {
        let text = "`${$.n + 1} of ${new Date(0).getHours()}`";
        let directory = Directory::new()
            .with("one.template.json", template(id, role, text))
            .with("two.template.json", template(id, role, "nobody"));
        let ran = run(&directory, "one.template.json");
        ran.expect(0, &["Succeeded"]);
        assert_eq!(ran.json(), json!("21 of 0"));
        assert_eq!(
            run(&directory, "two.template.json").json(),
            json!("ReferenceError")
        );
    }
    // Any other function is not here.
    let other = template("Other01234567", "Role", "1");
    let directory = Directory::new().with("one.template.json", other);
    run(&directory, "one.template.json").expect(1, &["There are no Lambda functions"]);
}

/// The handlers of versions differ: before 2.276 the CDK put a value's text in the place of a path.
#[test]
fn the_handler_of_an_assembly_is_the_one_that_runs() {
    let handler = "exports.handler = async (event) => {
        console.log('Event: %j', event);
        let code = event.expression;
        for (const [path, value] of Object.entries(event.expressionAttributeValues)) {
            code = code.replaceAll(path, JSON.stringify(value));
        }
        return [eval][0](code);
    };";
    let stack = json!({"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.template.json"}});
    let directory = Directory::new()
        .with(
            "out/manifest.json",
            json!({"version": "36.0.0", "artifacts": {"A": stack}}),
        )
        .with(
            "out/a.template.json",
            template(SHARED, "Role", "'waited $.n seconds'"),
        )
        .with(&format!("out/asset.{ASSET}/index.js"), handler);
    let ran = run(&directory, "out");
    ran.expect(0, &["Event: {\"expression\":\"'waited $.n seconds'\""]);
    assert_eq!(ran.json(), json!("waited 20 seconds"));
}

#[test]
fn a_project_may_name_the_function() {
    let task = |resource: &str, parameters: Value| {
        json!({"StartAt": "Evaluate", "States": {"Evaluate": {
            "Type": "Task", "Resource": resource, "Parameters": parameters, "End": true,
        }}})
    };
    let event = json!({"expression": "$.n ** 2", "expressionAttributeValues": {"$.n.$": "$.n"}});
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:evaluate";
    let service = json!({"FunctionName": "evaluate", "Payload": event});
    let directory = Directory::new()
        .with("stepmill.toml", "definition = 'a.asl.json'\nname = 'a'\n[lambda]\nenvironment = { STAGE = 'dev' }\n[lambda.functions.evaluate]\nruntime = 'evaluate-expression'\n")
        .with("a.asl.json", task(arn, event.clone()))
        .with("b.asl.json", task("arn:aws:states:::lambda:invoke", service))
        .with("wrong/stepmill.toml", "definition = '../a.asl.json'\nname = 'a'\n[lambda.functions.evaluate]\nruntime = 'nodejs22.x'\nhandler = 'index.handler'\n");
    assert_eq!(run(&directory, ".").json(), json!(400));
    run(&directory, "wrong").expect(2, &["function 'evaluate' has no code"]);

    let serving = directory.serve(&[("PATH", "")], &[".", "--store", "memory"]);
    let started = serving.run(&["start", "a", "--input", r#"{"n": 3}"#, "--wait"]);
    started.expect(0, &[]);
    assert_eq!(started.json(), json!(9));
    let started = serving.run(&["start", "b", "--input", r#"{"n": 4}"#, "--wait"]);
    assert_eq!(started.json()["Payload"], json!(16));
    serving.stop();
}

#[test]
fn what_constructs_synthesize_needs_no_nodejs() {
    let dedicated = [Feature::Version2];
    let shared = [Feature::Version2, Feature::EvaluateExpressionSharedFunction];
    for features in [&[][..], &dedicated, &shared] {
        let directory = Directory::new();
        let app = features.iter().copied().fold(App::new(), App::feature);
        let stack = Stack::new(&app, "Orders");
        let add = EvaluateExpression::new(&stack, "Add", "$.n + 1").result_path("$.m");
        let tell = EvaluateExpression::new(&stack, "Tell", "`${$.n} and ${$.m}`");
        StateMachine::new(&stack, "Machine", add.next(tell));
        app.synth(directory.path("cdk.out")).unwrap();
        let ran = run(&directory, "cdk.out");
        ran.expect(0, &["Succeeded"]);
        assert_eq!(ran.json(), json!("20 and 21"), "{features:?}");
    }
}
