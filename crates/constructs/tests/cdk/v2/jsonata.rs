//! States and machines in JSONata.

use stepmill::prelude::*;

use super::states::{invoke, machine};

super::examples![
    jsonata_lambda,
    jsonata_lambda_default_payload,
    jsonata_machine,
    jsonata_machine_mixed,
    jsonata_machine_jsonpath,
    jsonata_choice,
    jsonata_wait,
    jsonata_map,
    jsonata_map_array,
    jsonata_parallel,
    jsonata_timeout,
    jsonata_sqs,
];

fn jsonata_lambda(stack: &Stack) {
    let invoke = invoke(stack)
        .jsonata()
        .payload(TaskInput::from_object(
            object! {"a": "{% $states.input.a + 1 %}"},
        ))
        .outputs("{% $states.result.Payload %}")
        .assign(object! {"total": "{% $states.result.Payload.total %}", "fixed": 3});
    machine(stack, invoke);
}

fn jsonata_lambda_default_payload(stack: &Stack) {
    machine(stack, invoke(stack).jsonata());
}

fn jsonata_machine(stack: &Stack) {
    let pass = Pass::new(stack, "A").outputs(object! {"x": "{% 1 %}"});
    let _ = StateMachine::new(stack, "Machine", pass).query_language(QueryLanguage::Jsonata);
}

fn jsonata_machine_mixed(stack: &Stack) {
    let chain = Pass::new(stack, "A").next(Pass::new(stack, "B").result_path("$.x"));
    let _ = StateMachine::new(stack, "Machine", chain).query_language(QueryLanguage::Jsonata);
}

fn jsonata_machine_jsonpath(stack: &Stack) {
    let pass = Pass::new(stack, "B").json_path().result_path("$.x");
    let chain = Pass::new(stack, "A").next(pass);
    let _ = StateMachine::new(stack, "Machine", chain).query_language(QueryLanguage::Jsonata);
}

fn jsonata_choice(stack: &Stack) {
    let yes = Succeed::new(stack, "Y").jsonata().outputs("{% 1 %}");
    let no = Fail::new(stack, "N").jsonata().error("{% $e %}").cause("x");
    let options = ChoiceTransitionOptions::default()
        .comment("cm")
        .assign(object! {"q": "{% 2 %}"})
        .outputs(object! {"p": 1});
    let choice = Choice::new(stack, "C")
        .jsonata()
        .outputs("{% $states.input %}")
        .assign(object! {"z": 1})
        .when_with(
            Condition::jsonata("{% $states.input.n > 1 %}"),
            yes,
            options,
        )
        .otherwise(no);
    machine(stack, choice);
}

fn jsonata_wait(stack: &Stack) {
    let first = Wait::new(stack, "W", WaitTime::seconds("{% $s %}"))
        .jsonata()
        .assign(object! {"k": 1});
    let second = Wait::new(stack, "W2", WaitTime::timestamp("{% $t %}")).jsonata();
    machine(stack, first.next(second));
}

fn jsonata_map(stack: &Stack) {
    let map = Map::new(stack, "M")
        .jsonata()
        .items(ProvideItems::jsonata("{% $states.input.list %}"))
        .item_selector(object! {"v": "{% $states.context.Map.Item.Value %}"})
        .item_processor(Pass::new(stack, "P").jsonata())
        .max_concurrency(3)
        .outputs("{% $states.result %}");
    machine(stack, map);
}

fn jsonata_map_array(stack: &Stack) {
    let map = Map::new(stack, "M")
        .jsonata()
        .items(ProvideItems::json_array([1.into(), "{% $x %}".into()]))
        .item_processor(Pass::new(stack, "P").jsonata());
    machine(stack, map);
}

fn jsonata_parallel(stack: &Stack) {
    let catch = Catch::all()
        .outputs("{% $states.errorOutput.Cause %}")
        .assign(object! {"err": "{% $states.errorOutput %}"});
    let parallel = Parallel::new(stack, "Par")
        .jsonata()
        .arguments(object! {"a": "{% $states.input.a %}"})
        .outputs("{% $states.result[0] %}")
        .branch(Pass::new(stack, "X").jsonata())
        .catch(Pass::new(stack, "H").jsonata(), catch);
    machine(stack, parallel);
}

fn jsonata_timeout(stack: &Stack) {
    let invoke = invoke(stack)
        .jsonata()
        .timeout(Timeout::jsonata("{% $to %}"))
        .heartbeat(Duration::seconds(5));
    machine(stack, invoke);
}

fn jsonata_sqs(stack: &Stack) {
    let queue = Queue::new(stack, "Q");
    let message = TaskInput::from_text("{% $states.input %}");
    machine(
        stack,
        SqsSendMessage::new(stack, "T", &queue, message).jsonata(),
    );
}
