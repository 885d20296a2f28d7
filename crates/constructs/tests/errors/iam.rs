//! Roles, policies and grants.

use stepmill::prelude::*;

use super::problems;

fn role(stack: &Stack) -> Role {
    Role::new(stack, "Role", Principal::service("lambda.amazonaws.com"))
}

/// What synthesis says of a role's policy.
#[track_caller]
fn wrong_policy(message: &str, statement: Statement) {
    let stack = Stack::new(&App::new(), "Stack");
    role(&stack).add_to_policy(statement);
    let errors = stack.template().unwrap_err().to_string();
    assert_eq!(errors, format!("Stack/Role/DefaultPolicy: {message}"));
}

#[test]
fn statements_of_roles() {
    let none: [&str; 0] = [];
    wrong_policy(
        "A PolicyStatement must specify at least one 'action' or 'notAction'.",
        Statement::allow(none, ["*"]),
    );
    wrong_policy(
        "A PolicyStatement used in an identity-based policy must specify at least one resource.",
        Statement::allow(["s3:GetObject"], none),
    );
    wrong_policy(
        "A PolicyStatement used in an identity-based policy cannot specify any IAM principals.",
        Statement::allow(["s3:GetObject"], ["*"]).principal(Principal::any()),
    );
    wrong_policy(
        "Action 's3' is invalid. An action string consists of a service namespace, a colon, and the name of an action. Action names can include wildcards.",
        Statement::allow(["s3"], ["*"]),
    );
    wrong_policy(
        "Cannot add 'NotActions' to policy statement if 'Actions' have been added",
        Statement::allow(["s3:GetObject"], ["*"]).not_actions(["s3:PutObject"]),
    );
    wrong_policy(
        "Cannot add 'Actions' to policy statement if 'NotActions' have been added",
        Statement::default()
            .not_actions(["s3:PutObject"])
            .resources(["*"])
            .actions(["s3:GetObject"]),
    );
    wrong_policy(
        "Cannot add 'NotResources' to policy statement if 'Resources' have been added",
        Statement::allow(["s3:GetObject"], ["a"]).not_resources(["b"]),
    );
    wrong_policy(
        "Cannot add 'Resources' to policy statement if 'NotResources' have been added",
        Statement::default()
            .actions(["s3:GetObject"])
            .not_resources(["b"])
            .resources(["a"]),
    );
}

#[test]
fn statements_of_trust_and_of_resources() {
    let stack = Stack::new(&App::new(), "Stack");
    role(&stack).add_to_trust(Statement::default().actions(["sts:AssumeRole"]));
    let message = "A PolicyStatement used in a resource-based policy must specify at least one IAM principal.";
    let errors = stack.template().unwrap_err().to_string();
    assert_eq!(errors, format!("Stack/Role: {message}"));

    let stack = Stack::new(&App::new(), "Stack");
    let queue = Queue::new(&stack, "Queue");
    queue.add_to_resource_policy(Statement::allow(["sqs:SendMessage"], ["*"]));
    let errors = stack.template().unwrap_err().to_string();
    assert_eq!(errors, format!("Stack/Queue/Policy: {message}"));
}

#[test]
fn principals_of_one_statement() {
    let stack = Stack::new(&App::new(), "Stack");
    let conditional = Principal::any().in_organization("o-1");
    let statement = Statement::default()
        .actions(["sts:AssumeRole"])
        .principal(Principal::any())
        .principal(conditional.clone());
    role(&stack).add_to_trust(statement);
    let composite = Principal::composite([conditional]);
    let statement = Statement::default().actions(["sts:AssumeRole"]);
    let second = Role::new(&stack, "Second", Principal::any());
    second.add_to_trust(statement.principal(composite));
    let errors = stack.template().unwrap_err().0;
    let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(
        messages[0],
        "Stack/Role: All principals in a PolicyStatement must have the same Conditions. Use multiple statements instead."
    );
    assert!(
        messages[1].starts_with(
            "Stack/Second: Components of a CompositePrincipal must not have conditions."
        )
    );
}

#[test]
fn a_composite_principal_is_of_someone() {
    let stack = Stack::new(&App::new(), "Stack");
    Role::new(&stack, "Role", Principal::composite([]));
    let errors = stack.template().unwrap_err().to_string();
    assert_eq!(
        errors,
        "Stack/Role: CompositePrincipals must be constructed with at least 1 Principal but none were passed."
    );
}

#[test]
fn properties_of_roles() {
    type Wrong = (&'static str, String, fn(Role) -> Role);
    let wrong: [Wrong; 5] = [
        (
            "description",
            "Role description must be no longer than 1000 characters.".to_owned(),
            |role| role.description(&"x".repeat(1001)),
        ),
        (
            "max_session_duration",
            "maxSessionDuration is set to 60, but must be >= 3600sec (1hr) and <= 43200sec (12hrs)"
                .to_owned(),
            |role| role.max_session_duration(Duration::minutes(1)),
        ),
        (
            "path",
            "Role path must be between 1 and 512 characters. The provided role path is 0 characters."
                .to_owned(),
            |role| role.path(""),
        ),
        (
            "path",
            "Role path must be between 1 and 512 characters. The provided role path is 513 characters."
                .to_owned(),
            |role| role.path("x".repeat(513)),
        ),
        (
            "path",
            "Role path must be either a slash or valid characters (alphanumerics and symbols) surrounded by slashes. Valid characters are unicode characters in [\\u0021-\\u007F]. However, teams is provided."
                .to_owned(),
            |role| role.path("teams"),
        ),
    ];
    for (property, message, say) in wrong {
        let found = problems(&[], |stack| {
            say(role(stack));
        });
        assert_eq!(found, [(Some(property), message)]);
    }
}

#[test]
fn what_is_granted_to_nobody() {
    let stack = Stack::new(&App::new(), "Stack");
    let arn = "arn:aws:sqs:eu-central-1:123456789012:orders";
    let queue = Queue::from_queue_arn(&stack, "Queue", arn);
    let grant = queue.grant(
        &Principal::service("events.amazonaws.com"),
        &["sqs:SendMessage"],
    );
    assert!(!grant.success());
    assert_eq!(
        grant.assert_success().unwrap_err().to_string(),
        format!(
            "Permissions to call 'sqs:SendMessage' on '{arn}' could not be added on either identity or resource policy."
        )
    );
}

#[test]
fn what_is_left_to_the_author_is_a_warning() {
    let app = App::new();
    let stack = Stack::new(&app, "Stack");
    let arn = "arn:aws:iam::123456789012:role/orders";
    Role::from_role_arn(&stack, "Role", arn).add_aws_managed_policy("ReadOnlyAccess");
    let machine = StateMachine::from_state_machine_name(&stack, "Machine", "orders");
    assert!(Queue::new(&stack, "Queue").grant_purge(&machine).success());
    stack.template().unwrap();
    let warnings: Vec<String> = app.warnings().iter().map(|w| w.path.clone()).collect();
    assert_eq!(warnings, ["Stack/Role", "Stack/Machine"]);
}
