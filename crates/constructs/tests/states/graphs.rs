use serde_json::json;
use stepmill::prelude::*;

use super::{definition, definition_in};

fn pass(stack: &Stack, id: &str) -> State {
    Pass::new(stack, id).build()
}

fn ids(states: &[State]) -> Vec<String> {
    states.iter().map(State::id).collect()
}

/// A choice with two branches, one of which ends, and a handler of errors.
fn fork(stack: &Stack) -> State {
    let catch = Parallel::new(stack, "Work")
        .branch(pass(stack, "Inside"))
        .catch(pass(stack, "Handler"), Catch::all());
    Choice::new(stack, "Fork")
        .when(Condition::is_present("$.a"), catch)
        .when(Condition::is_present("$.b"), Succeed::new(stack, "Enough"))
        .build()
}

#[test]
fn what_follows_a_choice_follows_all_its_branches() {
    let definition = definition(|stack| {
        let options = AfterwardsOptions {
            include_error_handlers: true,
            include_otherwise: true,
        };
        let chain = fork(stack).afterwards(options);
        StateMachine::new(stack, "Machine", chain.next(pass(stack, "After")));
    });
    let states = &definition["States"];
    assert_eq!(states["Fork"]["Default"], "After");
    assert_eq!(states["Work"]["Next"], "After");
    assert_eq!(states["Handler"]["Next"], "After");
    assert_eq!(states["Enough"], json!({"Type": "Succeed"}));
    assert_eq!(states["After"]["End"], true);
}

#[test]
fn without_options_errors_and_the_default_go_their_own_way() {
    let definition = definition(|stack| {
        let chain = fork(stack).afterwards(AfterwardsOptions::default());
        StateMachine::new(stack, "Machine", chain.next(pass(stack, "After")));
    });
    let states = &definition["States"];
    assert_eq!(states["Fork"].get("Default"), None);
    assert_eq!(states["Work"]["Next"], "After");
    assert_eq!(states["Handler"]["End"], true);
}

#[test]
fn states_are_found_from_others() {
    let stack = Stack::new(&App::new(), "Stack");
    let fork = fork(&stack);
    let with_handlers = FindStateOptions {
        include_error_handlers: true,
    };
    let reachable = State::find_reachable_states(&fork, with_handlers);
    assert_eq!(ids(&reachable), ["Fork", "Work", "Enough", "Handler"]);
    let ends = State::find_reachable_end_states(&fork, with_handlers);
    assert_eq!(ids(&ends), ["Work", "Enough", "Handler"]);
    assert_eq!(ids(&State::filter_nextables(ends)), ["Work", "Handler"]);
    let ends = State::find_reachable_end_states(&fork, FindStateOptions::default());
    assert_eq!(ids(&ends), ["Work", "Enough"]);
}

#[test]
fn loops_end_where_a_branch_leads_out() {
    let definition = definition(|stack| {
        let wait = Wait::new(stack, "Wait", WaitTime::seconds_path("$.seconds")).build();
        let check = pass(stack, "Check");
        let done = Condition::string_equals("$.status", "DONE");
        let failed = Condition::string_equals("$.status", "FAILED");
        let choice = Choice::new(stack, "Done?")
            .when(
                failed,
                Fail::new(stack, "Failed").error("Job").cause("it failed"),
            )
            .when(done, Succeed::new(stack, "Succeeded"))
            .otherwise(&wait);
        StateMachine::new(
            stack,
            "Machine",
            Chain::start(&wait).next(check).next(choice),
        );
    });
    let expected = json!({
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Check"},
            "Check": {"Type": "Pass", "Next": "Done?"},
            "Done?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.status", "StringEquals": "FAILED", "Next": "Failed"},
                    {"Variable": "$.status", "StringEquals": "DONE", "Next": "Succeeded"},
                ],
                "Default": "Wait",
            },
            "Failed": {"Type": "Fail", "Error": "Job", "Cause": "it failed"},
            "Succeeded": {"Type": "Succeed"},
        },
    });
    assert_eq!(definition, expected);
}

#[test]
fn a_chain_becomes_one_state_whose_errors_are_handled_together() {
    let definition = definition(|stack| {
        let chain = pass(stack, "A").next(pass(stack, "B"));
        let single = chain
            .to_single_state(stack, "Both")
            .output_path("$[0]")
            .retry(Retry::on([Errors::TASKS_FAILED]).max_attempts(2))
            .catch(pass(stack, "Sorry"), Catch::all().result_path("$.error"));
        StateMachine::new(stack, "Machine", single);
    });
    let both = &definition["States"]["Both"];
    assert_eq!(both["Branches"][0]["StartAt"], "A");
    assert_eq!(both["OutputPath"], "$[0]");
    assert_eq!(
        both["Retry"],
        json!([{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}])
    );
    assert_eq!(
        both["Catch"],
        json!([{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"}])
    );
}

/// A fragment of two states.
#[derive(Clone)]
struct Twice {
    scope: Scope,
    chain: Chain,
}

impl Twice {
    fn new(scope: &Scope, id: &str) -> Self {
        let scope = scope.child(id);
        let chain = Pass::new(&scope, "One").next(Pass::new(&scope, "Two"));
        Self { scope, chain }
    }
}

impl Chainable for Twice {
    fn into_chain(self) -> Chain {
        self.chain
    }
}

impl StateMachineFragment for Twice {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[test]
fn fragments_are_used_more_than_once() {
    let stack = Stack::new(&App::new(), "Stack");
    let first = Twice::new(&stack, "First").prefix_states(None);
    let second = Twice::new(&stack, "Second").prefix_states(Some("2nd "));
    let third = Twice::new(&stack, "Third").to_single_state();
    let options = SingleStateOptions {
        state_id: Some("Last".to_owned()),
        prefix_states: Some("of the last: ".to_owned()),
    };
    let fourth = Twice::new(&stack, "Fourth").to_single_state_with(options);
    StateMachine::new(
        &stack,
        "Machine",
        first.next(second).next(third).next(fourth),
    );
    let definition = definition_in(&stack);
    let states = definition["States"].as_object().unwrap();
    assert_eq!(
        states.keys().collect::<Vec<_>>(),
        [
            "First: One",
            "First: Two",
            "2nd One",
            "2nd Two",
            "Third",
            "Last"
        ]
    );
    assert_eq!(states["Third"]["Branches"][0]["StartAt"], "Third: One");
    assert_eq!(states["Last"]["Branches"][0]["StartAt"], "of the last: One");
}

#[test]
fn branches_can_be_added_to_states_that_are_made() {
    let definition = definition(|stack| {
        let parallel = Parallel::new(stack, "P").build();
        parallel.add_branch(pass(stack, "A"));
        let map = Map::new(stack, "M").build();
        map.add_iterator(pass(stack, "B"));
        StateMachine::new(stack, "Machine", parallel.next(map));
    });
    assert_eq!(definition["States"]["P"]["Branches"][0]["StartAt"], "A");
    assert_eq!(definition["States"]["M"]["Iterator"]["StartAt"], "B");
}

#[test]
fn permissions_come_in_the_order_of_the_cdk() {
    let stack = Stack::new(&App::new(), "Stack");
    let send = |id: &str| {
        let arn = format!("arn:aws:sqs:eu-central-1:123456789012:{id}");
        let queue = Queue::from_queue_arn(&stack, &format!("{id}Queue"), arn);
        SqsSendMessage::new(&stack, id, &queue, TaskInput::from_text("hello"))
    };
    let parallel = Parallel::new(&stack, "P").branch(send("Inside"));
    StateMachine::new(
        &stack,
        "Machine",
        send("Before").next(parallel).next(send("After")),
    );
    let template = stack.template().unwrap().body;
    let mut resources = template["Resources"].as_object().unwrap().values();
    let policy = resources.find(|resource| resource["Type"] == "AWS::IAM::Policy");
    let statements = policy.unwrap()["Properties"]["PolicyDocument"]["Statement"].as_array();
    let queues = statements.unwrap().iter().map(|statement| {
        let arn = statement["Resource"].as_str().unwrap();
        arn.rsplit(':').next().unwrap()
    });
    assert_eq!(queues.collect::<Vec<_>>(), ["Before", "After", "Inside"]);
}

#[test]
fn a_custom_state_brings_its_own_retriers_and_goes_its_own_way() {
    let definition = definition(|stack| {
        let json = object! {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "Retry": [object! {"ErrorEquals": ["Sts.Slow"]}],
        };
        let custom = CustomState::new(stack, "C", json)
            .comment("who am I")
            .retry(Retry::on([Errors::TIMEOUT]));
        let last = CustomState::new(stack, "L", object! {"Type": "Succeed"});
        StateMachine::new(stack, "Machine", custom.next(last));
    });
    let expected = json!({
        "Type": "Task",
        "Comment": "who am I",
        "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
        "Retry": [{"ErrorEquals": ["States.Timeout"]}, {"ErrorEquals": ["Sts.Slow"]}],
        "Next": "L",
    });
    assert_eq!(definition["States"]["C"], expected);
    assert_eq!(definition["States"]["L"], json!({"Type": "Succeed"}));
}

#[test]
fn the_input_and_the_context_are_written_in_jsonata() {
    let definition = definition(|stack| {
        let outputs = object! {"all": JsonPath::entire_payload(), "id": JsonPath::execution_id()};
        let pass = Pass::new(stack, "P").outputs(outputs);
        let _ = StateMachine::new(stack, "Machine", pass).query_language(QueryLanguage::Jsonata);
    });
    assert_eq!(
        definition["States"]["P"]["Output"],
        json!({"all": "{% $states.input %}", "id": "{% $states.context.Execution.Id %}"})
    );
}
