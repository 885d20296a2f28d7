//! Observers of an engine that runs over a store.

use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_asl::model::StateMachineType;
use stepmill_engine::{
    Caller, Chance, Config, CreateStateMachine, Engine, LogEvent, LoggingConfiguration,
    LoggingLevel, Logs, LogsConfig, Metrics, MetricsConfig, StartExecution,
};
use stepmill_integrations::Integrations;
use stepmill_store::Memory;

const PATIENCE: Duration = Duration::from_secs(60);

fn machine(machine_type: StateMachineType, definition: &Value) -> CreateStateMachine {
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
    CreateStateMachine {
        name: format!("{machine_type:?}"),
        definition: definition.to_string(),
        role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
        machine_type,
        logging: Some(LoggingConfiguration {
            level: Some(LoggingLevel::All),
            include_execution_data: None,
            destinations: Some(vec![Some(group.to_owned())]),
        }),
        ..CreateStateMachine::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_executions_are_observed() {
    let (sender, logged) = mpsc::channel();
    let destination = move |events: &[LogEvent]| -> io::Result<()> {
        for event in events {
            sender.send(event.clone()).map_err(io::Error::other)?;
        }
        Ok(())
    };
    let (logs, delivery) = Logs::open(&LogsConfig::default(), vec![Box::new(destination)])
        .unwrap()
        .unwrap();
    let metrics = Arc::new(Metrics::new(&MetricsConfig::default()));
    let mut config = Config::new(Chance::new(1, [1; 32]));
    // They are told in this order: what was logged has been counted.
    config.observers = vec![metrics.clone(), logs];
    let tasks = |_| -> Arc<dyn stepmill_engine::Tasks> { Arc::new(Integrations::new()) };
    let engine = Engine::open(Arc::new(Memory::new()), tasks, config).unwrap();
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Next": "F"},
        "F": {"Type": "Fail", "Error": "E"}
    }});
    for kind in [StateMachineType::Standard, StateMachineType::Express] {
        let created = engine
            .machines()
            .create_state_machine(&Caller::default(), machine(kind, &definition))
            .await
            .unwrap();
        let start = StartExecution {
            state_machine_arn: created.arn,
            name: Some("e".to_owned()),
            input: None,
            trace_header: None,
        };
        let arn = engine.start_execution(start).await.unwrap().execution_arn;
        let types = [
            "ExecutionStarted",
            "PassStateEntered",
            "PassStateExited",
            "FailStateEntered",
            "ExecutionFailed",
        ];
        for (at, event_type) in types.iter().enumerate() {
            let event = tokio::task::block_in_place(|| logged.recv_timeout(PATIENCE)).unwrap();
            let message: Value = serde_json::from_str(&event.message).unwrap();
            assert_eq!(message["type"], *event_type);
            assert_eq!(message["id"], (at + 1).to_string());
            assert_eq!(message["execution_arn"], arn.as_str());
        }
    }
    engine.shutdown(PATIENCE).await;
    assert!(delivery.finish(PATIENCE));
    let text = metrics.render();
    for machine in ["Standard", "Express"] {
        let label = format!(
            "{{state_machine_arn=\"arn:aws:states:us-east-1:000000000000:stateMachine:{machine}\"}}"
        );
        for (name, value) in [
            ("executions_started", 1),
            ("executions_failed", 1),
            ("executions_succeeded", 0),
            ("state_transitions", 2),
        ] {
            let line = format!("aws_states_{name}_total{label} {value}\n");
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
    }
}
