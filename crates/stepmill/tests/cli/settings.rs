//! The settings of `stepmill serve`, and which it refuses.

use std::net::TcpListener;

use crate::support::Directory;

#[test]
fn what_cannot_be_served_is_refused() {
    let directory = Directory::new()
        .with("unknown/stepmill.toml", "[server]\nprot = 1\n")
        .with("typed/stepmill.toml", "[server]\nport = \"1\"\n")
        .with("section/stepmill.toml", "[sever]\nport = 1\n")
        .with("keyless/stepmill.toml", "[auth]\nkeys = []\n")
        .with(
            "twice/stepmill.toml",
            "[auth]\nkeys = [{ id = \"A\", secret = \"b\" }, { id = \"A\", secret = \"c\" }]\n",
        )
        .with("open/stepmill.toml", "[server]\nhost = \"0.0.0.0\"\n")
        .with(
            "logs/stepmill.toml",
            "[logs]\ndirectory = \"stepmill.toml\"\n",
        )
        .with("events/stepmill.toml", "[events]\nendpoint = \"nowhere\"\n")
        .with("bad/a.asl.json", "{\"StartAt\": \"A\"}")
        .with("same/a.asl.json", PASS)
        .with(
            "same/a.asl.yaml",
            "StartAt: A\nStates: {A: {Type: Succeed}}\n",
        )
        .with("mock.json", "{\"Stub\": 1}");
    for (args, said) in [
        (
            &["unknown"][..],
            &[
                "unknown field `prot`, expected one of `host`, `port`",
                "stepmill.toml:2:1",
            ][..],
        ),
        (&["typed"], &["invalid type", "stepmill.toml:2:8"]),
        (&["section"], &["unknown field `sever`", "`server`"]),
        (&["keyless"], &["[auth] has no keys", "disabled = true"]),
        (&["twice"], &["two keys with the id A"]),
        (
            &["open"],
            &["can be reached from other machines", "[auth]", "--no-auth"],
        ),
        (&["--host", "here"], &["'here' is no IP address"]),
        (&["--host", "192.0.2.1", "--no-auth"], &["no such address"]),
        (&["logs"], &["log groups cannot be written", "[logs]"]),
        (&["events"], &["events.endpoint", "nowhere"]),
        (&["bad"], &["a.asl.json", "not a valid definition"]),
        (
            &["same"],
            &["same/a.asl.yaml and same/a.asl.json are both named a"],
        ),
        (&["no"], &["there is no such file"]),
        (&["--config", "no.toml"], &["no.toml", "cannot be read"]),
        (&["--mock", "no.json"], &["no.json", "--mock"]),
        (&["--mock", "mock.json"], &["unknown field `Stub`"]),
        (&["--store", "mock.json"], &["mock.json: cannot be made"]),
        (&["--retention-days", "0"], &["'0' is neither"]),
        (&["--auth-key", "AKIA"], &["ID:SECRET"]),
        (
            &["--ready-file", "no/ready"],
            &["no/ready: cannot be written"],
        ),
    ] {
        let args = [&["serve", "--port", "0"], args].concat();
        let args = match args.contains(&"--store") {
            true => args,
            false => [&args[..], &["--store", "memory"]].concat(),
        };
        let ran = directory.run(&args);
        ran.expect(2, said);
    }
}

const PASS: &str = "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"End\": true}}}";

#[test]
fn a_secret_is_not_repeated() {
    let directory = Directory::new();
    for (variables, args) in [
        (&[][..], &["serve", "--auth-key", "AKIA:hush:hush"][..]),
        (&[("STEPMILL_AUTH_KEYS", "AKIA:hush:12")], &["serve"]),
        (&[("STEPMILL_AUTH_KEYS", "AKIA:hush")], &["serve", "--help"]),
    ] {
        let ran = directory.run_with(variables, args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let args = ["serve", "--port", &port, "--store", "memory"];
    let ran = Directory::new().run(&args);
    ran.expect(2, &[&format!("127.0.0.1:{port}"), "--port"]);
}

#[test]
#[cfg(unix)]
fn options_go_before_variables_and_those_before_the_file() {
    let directory = Directory::new().with(
        "stepmill.toml",
        "[server]\nregion = \"from-file\"\nport = 1\n[store]\npath = \"memory\"\n",
    );
    let directory = directory.with("other.toml", "[server]\nregion = \"from-config\"\n");
    let variable = ("STEPMILL_REGION", "from-variable");
    let memory = ("STEPMILL_STORE", "memory");
    for (variables, args, region) in [
        (&[][..], &[][..], "from-file"),
        (&[variable], &[], "from-variable"),
        (&[variable], &["--region", "from-option"], "from-option"),
        (&[memory], &["--config", "other.toml"], "from-config"),
    ] {
        let server = directory.serve(variables, args);
        let expected = format!("--region {region} ");
        assert!(server.said.contains(&expected), "{}", server.said);
        assert!(
            server.said.contains("store           memory"),
            "{}",
            server.said
        );
    }
}
