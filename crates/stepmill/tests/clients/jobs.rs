//! Jobs (`.sync`) and what can go wrong with them, against a strict server of AWS's models.

use crate::peer::Peer;
use crate::script::Client;
use crate::server::{Home, Server};

/// A home whose server calls the strict server and asks for jobs often.
fn home(strict: &Peer) -> Home {
    let home = Home::new();
    let settings = format!("[aws]\nendpoint = \"{}\"\npoll_ms = 20\n", strict.url);
    std::fs::write(home.path("stepmill.toml"), settings).unwrap();
    home
}

fn serve(home: &Home) -> Server {
    let credentials = [
        ("AWS_ACCESS_KEY_ID", "123456789012"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    home.serve_with(&["--grace", "1"], &credentials)
}

fn run(phase: &str, strict: &Peer, home: &Home, server: &Server) {
    let variables = [("STEPMILL_STRICT", &*strict.url)];
    Client::Python.run("jobs.py", &[phase], home, server, &variables);
}

#[test]
fn whatever_becomes_of_a_job_its_task_shows_it() {
    let Some(strict) = Peer::strict() else { return };
    let home = home(&strict);
    let server = serve(&home);
    run("faults", &strict, &home, &server);
}

#[test]
fn a_server_that_is_killed_takes_its_jobs_up_again() {
    let Some(strict) = Peer::strict() else { return };
    let home = home(&strict);
    let server = serve(&home);
    run("begin", &strict, &home, &server);
    server.kill();
    let server = serve(&home);
    run("finish", &strict, &home, &server);
}
