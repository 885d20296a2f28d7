//! Executions over a store: what the API's actions promise of them.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{
    Caller, Chance, Code, Config, CreateActivity, CreateStateMachine, Ending, Engine, Executions,
    ExecutionsQuery, HistoryQuery, StartExecution, Tasks,
};
use stepmill_integrations::Integrations;
use stepmill_interpreter::Reason;
use stepmill_store::{Memory, Store};

const PATIENCE: Duration = Duration::from_secs(60);
const ROLE: &str = "arn:aws:iam::000000000000:role/r";
const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:work";

fn config() -> Config {
    Config::new(Chance::new(1, [1; 32]))
}

fn open(store: &Arc<Memory>) -> Engine {
    open_with(store, config())
}

fn open_with(store: &Arc<Memory>, config: Config) -> Engine {
    let tasks = |executions: Executions| -> Arc<dyn Tasks> {
        Arc::new(Integrations::new().with_executions(Arc::new(executions)))
    };
    Engine::open(store.clone(), tasks, config).unwrap()
}

async fn create(engine: &Engine, name: &str, definition: &Value) -> String {
    let machine = CreateStateMachine {
        name: name.to_owned(),
        definition: definition.to_string(),
        role_arn: ROLE.to_owned(),
        ..CreateStateMachine::default()
    };
    let caller = Caller::default();
    let created = engine.machines().create_state_machine(&caller, machine);
    created.await.unwrap().arn
}

fn start(machine: &str, name: &str, input: &str) -> StartExecution {
    StartExecution {
        state_machine_arn: machine.to_owned(),
        name: Some(name.to_owned()),
        input: Some(input.to_owned()),
        ..StartExecution::default()
    }
}

/// The status and ending of an execution, once it has ended.
async fn ended(engine: &Engine, arn: &str) -> (&'static str, Option<Ending>) {
    let closed = async {
        loop {
            let described = engine.describe_execution(arn).unwrap();
            if described.status != "RUNNING" {
                return (described.status, described.ending);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap()
}

/// The types of an execution's events, a page of `limit` at a time.
fn event_types(engine: &Engine, arn: &str, reverse: bool, limit: usize) -> Vec<String> {
    let mut query = HistoryQuery {
        execution_arn: arn.to_owned(),
        reverse,
        after: None,
        limit,
    };
    let mut types = Vec::new();
    loop {
        let page = engine.history(&query).unwrap();
        assert!(page.items.len() <= limit);
        types.extend(page.items.into_iter().map(|event| event.event_type));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return types,
        }
    }
}

fn waiting() -> Value {
    json!({"StartAt": "Sleep", "States": {
        "Sleep": {"Type": "Wait", "Seconds": 36_000, "End": true}
    }})
}

fn pass() -> Value {
    json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": true}
    }})
}

#[tokio::test]
async fn a_start_is_the_same_start_while_it_runs() {
    let engine = open(&Arc::new(Memory::new()));
    let machine = create(&engine, "m", &waiting()).await;
    let first = engine.start_execution(start(&machine, "e", r#"{"a": 1}"#));
    let first = first.await.unwrap();
    let again = engine.start_execution(start(&machine, "e", r#"{"a": 1}"#));
    assert_eq!(again.await.unwrap(), first);
    let other = engine.start_execution(start(&machine, "e", r#"{"a":1}"#));
    let error = other.await.unwrap_err();
    assert_eq!(error.code, Code::ExecutionAlreadyExists);
    assert!(error.message.contains(&first.execution_arn));
    assert_eq!(error.member, None);
    let stopped = engine.stop_execution(&first.execution_arn, Reason::default());
    let stopped = stopped.await.unwrap();
    let closed = engine.start_execution(start(&machine, "e", r#"{"a": 1}"#));
    assert_eq!(closed.await.unwrap_err().code, Code::ExecutionAlreadyExists);
    // Stopping what is stopped changes nothing.
    let again = engine.stop_execution(&first.execution_arn, Reason::default());
    assert_eq!(again.await.unwrap(), stopped);
    assert_eq!(engine.open_executions().0, 0);
}

#[tokio::test]
async fn lists_and_histories_come_in_pages() {
    let engine = open(&Arc::new(Memory::new()));
    let machine = create(&engine, "m", &pass()).await;
    let mut arns = Vec::new();
    for index in 0..5 {
        let started = engine.start_execution(start(&machine, &format!("e{index}"), "{}"));
        arns.push(started.await.unwrap().execution_arn);
    }
    let mut query = ExecutionsQuery {
        state_machine_arn: machine.clone(),
        status: Some("SUCCEEDED".to_owned()),
        limit: 2,
        ..ExecutionsQuery::default()
    };
    let mut listed = Vec::new();
    let mut pages = 0;
    loop {
        let page = engine.list_executions(&query).unwrap();
        pages += 1;
        listed.extend(page.items.into_iter().map(|item| item.execution_arn));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    arns.reverse();
    assert_eq!((pages, &listed), (3, &arns));
    query.status = Some("FAILED".to_owned());
    query.after = None;
    assert_eq!(engine.list_executions(&query).unwrap().items, []);

    let all = event_types(&engine, &arns[0], false, 100);
    assert_eq!(all.len(), 6);
    for limit in 1..=6 {
        assert_eq!(event_types(&engine, &arns[0], false, limit), all);
        let mut backwards = event_types(&engine, &arns[0], true, limit);
        backwards.reverse();
        assert_eq!(backwards, all);
    }
}

#[tokio::test]
async fn a_task_of_an_activity_goes_to_one_worker_and_outlives_the_engine() {
    let store = Arc::new(Memory::new());
    let engine = open(&store);
    let activity = CreateActivity {
        name: "work".to_owned(),
        ..CreateActivity::default()
    };
    let caller = Caller::default();
    let created = engine.machines().create_activity(&caller, activity);
    created.await.unwrap();
    let definition = json!({"StartAt": "W", "States": {
        "W": {"Type": "Task", "Resource": ACTIVITY, "End": true}
    }});
    let machine = create(&engine, "m", &definition).await;
    let started = engine.start_execution(start(&machine, "e", r#"{"n":1}"#));
    let arn = started.await.unwrap().execution_arn;
    drop(engine);

    let engine = open(&store);
    let task = engine.get_activity_task(ACTIVITY, Some("bob"));
    let task = tokio::time::timeout(PATIENCE, task).await.unwrap();
    let task = task.unwrap().unwrap();
    assert_eq!(task.input, r#"{"n":1}"#);
    drop(engine);

    let engine = open(&store);
    engine.send_task_heartbeat(&task.token).await.unwrap();
    let wrong = format!("{}A", &task.token[..task.token.len() - 1]);
    for token in ["", "garbage", &*wrong] {
        if token == task.token {
            continue;
        }
        let error = engine.send_task_success(token, "1").await.unwrap_err();
        assert_eq!(error.code, Code::InvalidToken, "{token}");
    }
    // Of two faults the token's is told (observed on AWS).
    let error = engine.send_task_success("garbage", "{x").await;
    assert_eq!(error.unwrap_err().code, Code::InvalidToken);
    let error = engine.send_task_success(&task.token, "{x").await;
    assert_eq!(error.unwrap_err().code, Code::InvalidOutput);
    engine.send_task_success(&task.token, "[2]").await.unwrap();
    let late = engine.send_task_success(&task.token, "[3]").await;
    assert_eq!(late.unwrap_err().code, Code::TaskTimedOut);
    let (status, ending) = ended(&engine, &arn).await;
    assert_eq!(status, "SUCCEEDED");
    assert_eq!(ending, Some(Ending::Output("[2]".to_owned())));
    let row = store.count(&[0]).unwrap();
    assert_eq!(row, 0);
}

#[tokio::test]
async fn a_task_of_no_activity_is_not_scheduled() {
    let engine = open(&Arc::new(Memory::new()));
    let definition = json!({"StartAt": "W", "States": {
        "W": {"Type": "Task", "Resource": ACTIVITY, "End": true}
    }});
    let machine = create(&engine, "m", &definition).await;
    let started = engine.start_execution(start(&machine, "e", "{}"));
    let arn = started.await.unwrap().execution_arn;
    let (status, _) = ended(&engine, &arn).await;
    assert_eq!(status, "FAILED");
    let types = event_types(&engine, &arn, false, 100);
    assert_eq!(
        types,
        ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    );
    let error = engine.get_activity_task(ACTIVITY, None).await.unwrap_err();
    assert_eq!(error.code, Code::ActivityDoesNotExist);
}

#[tokio::test]
async fn a_parent_waits_for_its_child_and_takes_it_along() {
    let engine = open(&Arc::new(Memory::new()));
    let child = create(&engine, "child", &waiting()).await;
    let definition = json!({"StartAt": "C", "States": {"C": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": child, "Name": "c", "Input": {"x": 1}}
    }}});
    let parent = create(&engine, "parent", &definition).await;
    let started = engine.start_execution(start(&parent, "p", "{}"));
    let arn = started.await.unwrap().execution_arn;
    let child_arn = format!("{}:c", child.replace(":stateMachine:", ":execution:"));
    let submitted = async {
        while !event_types(&engine, &arn, false, 100).contains(&"TaskSubmitted".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, submitted).await.unwrap();
    assert_eq!(
        engine.describe_execution(&child_arn).unwrap().status,
        "RUNNING"
    );
    engine
        .stop_execution(&arn, Reason::default())
        .await
        .unwrap();
    assert_eq!(ended(&engine, &child_arn).await.0, "ABORTED");
}

#[tokio::test]
async fn a_redrive_goes_on_where_it_failed_and_has_a_memory_for_its_token() {
    let store = Arc::new(Memory::new());
    let engine = open(&store);
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "F"},
        "F": {"Type": "Fail", "Error": "E", "Cause": "c"}
    }});
    let machine = create(&engine, "m", &definition).await;
    let started = engine.start_execution(start(&machine, "e", "{}"));
    let arn = started.await.unwrap().execution_arn;
    assert_eq!(ended(&engine, &arn).await.0, "FAILED");
    let described = engine.describe_execution(&arn).unwrap();
    assert_eq!(described.not_redrivable, None);
    let redriven = engine.redrive_execution(&arn, Some("t")).await.unwrap();
    assert_eq!(ended(&engine, &arn).await.0, "FAILED");
    assert_eq!(
        engine.redrive_execution(&arn, Some("t")).await.unwrap(),
        redriven
    );
    drop(engine);
    let engine = open(&store);
    let described = engine.describe_execution(&arn).unwrap();
    assert_eq!(
        (described.redrive_count, described.redrive_date),
        (1, Some(redriven))
    );
    let query = ExecutionsQuery {
        state_machine_arn: machine,
        redriven: Some(true),
        limit: 10,
        ..ExecutionsQuery::default()
    };
    assert_eq!(
        engine.list_executions(&query).unwrap().items[0].redrive_count,
        1
    );
    let types = event_types(&engine, &arn, false, 100);
    assert_eq!(
        types.iter().filter(|it| *it == "ExecutionRedriven").count(),
        1
    );
    assert_eq!(engine.open_executions().0, 0);
}

#[tokio::test]
async fn deleting_a_machine_aborts_what_runs_and_frees_the_name() {
    let engine = open(&Arc::new(Memory::new()));
    let machine = create(&engine, "m", &waiting()).await;
    let started = engine.start_execution(start(&machine, "e", "{}"));
    let arn = started.await.unwrap().execution_arn;
    engine.delete_state_machine(&machine).await.unwrap();
    assert_eq!(ended(&engine, &arn).await.0, "ABORTED");
    let gone = async {
        while engine.machines().describe_state_machine(&machine).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    let refused = engine.start_execution(start(&machine, "e2", "{}")).await;
    assert_eq!(refused.unwrap_err().code, Code::StateMachineDoesNotExist);
    create(&engine, "m", &pass()).await;
    let again = engine.start_execution(start(&machine, "e", "{}")).await;
    assert_eq!(
        ended(&engine, &again.unwrap().execution_arn).await.0,
        "SUCCEEDED"
    );
}

/// More than are brought into memory at once, and more than a page of them.
const CROWD: u64 = 300;

#[tokio::test]
async fn executions_whose_tasks_take_long_keep_nobody_out_of_memory() {
    let store = Arc::new(Memory::new());
    let engine = open(&store);
    let child = create(&engine, "child", &waiting()).await;
    let parent = json!({"StartAt": "Child", "States": {"Child": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child}, "End": true
    }}});
    let parent = create(&engine, "parent", &parent).await;
    for index in 0..CROWD {
        let started = engine.start_execution(start(&parent, &format!("e{index}"), "{}"));
        started.await.unwrap();
    }
    drop(engine);

    let mut config = config();
    config.limits.woken = 10;
    let mut engine = open_with(&store, config);
    let recovered = tokio::time::timeout(PATIENCE, engine.recovered()).await;
    assert_eq!(recovered.unwrap().resumed, CROWD);
    let short = json!({"StartAt": "Sleep", "States": {
        "Sleep": {"Type": "Wait", "Seconds": 3, "End": true}
    }});
    let short = create(&engine, "short", &short).await;
    let started = engine.start_execution(start(&short, "e", "{}")).await;
    let (status, _) = ended(&engine, &started.unwrap().execution_arn).await;
    assert_eq!(status, "SUCCEEDED");
}
