//! Executions outlive the process that runs them.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::script::Client;
use crate::server::{Home, Server};

/// Begins executions of all kinds, ends the server, starts another on the same store, and has all of
/// them come to their ends.
fn interrupted_by(end: impl FnOnce(Server)) {
    if !Client::Python.is_there("restart.py") {
        return;
    }
    let home = Home::new();
    let server = home.serve(&["--grace", "1"]);
    Client::Python.run("restart.py", &["begin"], &home, &server, &[]);
    end(server);
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let server = home.serve(&[]);
    let ended = ended.as_secs_f64().to_string();
    let variables = [("STEPMILL_RESTARTED", &*ended)];
    Client::Python.run("restart.py", &["finish"], &home, &server, &variables);
}

#[test]
fn a_server_that_is_stopped_loses_nothing() {
    interrupted_by(|server| assert!(server.terminate().success()));
}

#[test]
fn a_server_that_is_killed_loses_nothing() {
    interrupted_by(Server::kill);
}
