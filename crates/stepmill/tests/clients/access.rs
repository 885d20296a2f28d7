//! Who may call.

use std::fs;

use crate::script::Client;
use crate::server::Home;

const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "a/secret+of=the/tests";
const ACCOUNT: &str = "210987654321";

#[test]
fn signed_requests_pass_and_others_do_not() {
    if !Client::Python.is_there("auth.py") {
        return;
    }
    let home = Home::new();
    let settings = format!(
        "[auth]\nkeys = [{{ id = \"{KEY}\", secret = \"{SECRET}\", account = \"{ACCOUNT}\" }}]\n"
    );
    fs::write(home.path("settings.toml"), settings).unwrap();
    let server = home.serve(&["--config", "settings.toml"]);
    let variables = [
        ("STEPMILL_KEY", KEY),
        ("STEPMILL_SECRET", SECRET),
        ("STEPMILL_ACCOUNT_OF_KEY", ACCOUNT),
    ];
    Client::Python.run("auth.py", &[], &home, &server, &variables);
    let log = server.log();
    assert!(!log.contains(SECRET), "the log has the secret:\n{log}");
}

#[test]
fn other_machines_are_not_served_without_keys() {
    let home = Home::new();
    let arguments = ["--host", "0.0.0.0", "--port", "0", "--store", "memory"];
    let output = home.command(&arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("can be reached from other machines"),
        "{said}"
    );
    assert!(
        said.contains("[auth]") && said.contains("--no-auth"),
        "{said}"
    );
}
