//! CodeBuild: StartBuild

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let build_spec = BuildSpec::from_object(object! {
        "version": "0.2",
        "phases": object! {
            "build": object! {
                "commands": ["echo \"Hello, CodeBuild!\""],
            },
        },
    });
    let codebuild_project =
        Project::new(stack, "Project", build_spec).name("MyTestProject");

    let zone = BuildEnvironmentVariable::new(JsonPath::string_at("$.envVariables.zone"));
    let task = CodeBuildStartBuild::new(stack, "Task", &codebuild_project)
        .integration_pattern(IntegrationPattern::RunJob)
        .environment_variables_override([("ZONE", zone)]);

    vec![task.build()]
}
