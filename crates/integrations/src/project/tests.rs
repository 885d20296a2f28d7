//! What project files say, and what is wrong with them.

use super::*;

const FULL: &str = r#"
definition = "order-pipeline.asl.json"
name = "order-pipeline"
input = "orders.json"
type = "EXPRESS"

[lambda]
timeout = 30
environment = { STAGE = "dev", TABLE = "none" }

[lambda.functions.charge]
runtime = "python3.12"
handler = "app.handler"
code = "functions/charge"
environment = { TABLE = "orders" }
timeout = 7
memory = 256
concurrency = 10

[lambda.functions.ship]
runtime = "provided.al2023"
code = "functions/ship"
"#;

fn parse(text: &str) -> Result<Project, ProjectError> {
    Project::parse(text, Path::new("/srv/shop/stepmill.toml"))
}

#[test]
fn everything_is_read() {
    let project = parse(FULL).unwrap();
    let machine = project.machine.unwrap();
    assert_eq!(machine.name, "order-pipeline");
    assert_eq!(
        machine.definition,
        Definition::File("/srv/shop/order-pipeline.asl.json".into())
    );
    assert_eq!(machine.machine_type, MachineType::Express);
    assert_eq!(
        project.input.as_deref(),
        Some(Path::new("/srv/shop/orders.json"))
    );
    let [charge, ship] = project.functions.as_slice() else {
        panic!("two functions")
    };
    let mut expected = Function::new("charge", Runtime::Python { minor: 12 }, "app.handler", "");
    expected.code = Some("/srv/shop/functions/charge".into());
    expected.timeout = Duration::from_secs(7);
    expected.memory = 256;
    expected.concurrency = 10;
    expected.environment = [("STAGE", "dev"), ("TABLE", "orders")]
        .map(|(k, v)| (k.into(), v.into()))
        .into();
    assert_eq!(*charge, expected);
    assert_eq!(ship.handler, "bootstrap");
    assert_eq!(ship.timeout, Duration::from_secs(30));
    assert_eq!(ship.concurrency, default_concurrency());
}

#[test]
fn little_is_required() {
    let project = parse("definition = 'a.json'").unwrap();
    let machine = project.machine.unwrap();
    assert_eq!(machine.name, "shop");
    assert_eq!(machine.machine_type, MachineType::Standard);
    assert_eq!((project.input, project.functions.len()), (None, 0));
    assert_eq!(project.settings, Settings::default());
    assert_eq!(parse("").unwrap().machine, None);
}

#[test]
fn settings_are_read_with_paths_relative_to_the_file() {
    let text = "
        [server]
        host = 'localhost'
        port = 0
        ready_file = 'ready'
        log_format = 'json'
        [store]
        path = 'data'
        [auth]
        keys = [{ id = 'AK', secret = 'hush' }]
        [limits]
        open_executions = 10
        [retention]
        days = 'forever'
        [mock]
        file = '/etc/mock.json'
    ";
    let settings = parse(text).unwrap().settings;
    let server = settings.server;
    assert_eq!(server.host, Some("127.0.0.1".parse().unwrap()));
    assert_eq!(server.port, Some(0));
    assert_eq!(server.ready_file, Some("/srv/shop/ready".into()));
    assert_eq!(server.log_format, Some(LogFormat::Json));
    let place = StorePlace::Directory("/srv/shop/data".into());
    assert_eq!(settings.store.path, Some(place));
    let keys = settings.auth.keys.unwrap();
    assert_eq!(keys, ["AK:hush".parse().unwrap()]);
    assert!(!format!("{keys:?}").contains("hush"));
    assert_eq!(settings.limits.open_executions, Some(10));
    assert_eq!(settings.retention.days, Some(Days::Forever));
    assert_eq!(settings.mock.file, Some("/etc/mock.json".into()));
}

#[test]
fn errors_name_file_line_and_remedy() {
    let function =
        |lines: &str| format!("definition = 'a'\n[lambda.functions.f]\ncode = 'f'\n{lines}\n");
    let managed =
        |line: &str| function(&format!("runtime = 'python3.12'\nhandler = 'a.b'\n{line}"));
    for (text, position, part) in [
        ("definition = ".to_owned(), Some((1, 14)), "string values"),
        (
            "defintion = 'a'".to_owned(),
            Some((1, 1)),
            "unknown field `defintion`",
        ),
        (
            "name = 'a'".to_owned(),
            Some((1, 8)),
            "there is no `definition`",
        ),
        (
            "[server]\nprot = 1".to_owned(),
            Some((2, 1)),
            "unknown field `prot`, expected one of `host`, `port`",
        ),
        (
            "[server]\nport = 65536".to_owned(),
            Some((2, 8)),
            "invalid value: integer `65536`",
        ),
        (
            "[server]\nhost = 'here'".to_owned(),
            Some((2, 8)),
            "'here' is no IP address",
        ),
        (
            "[retention]\ndays = 0".to_owned(),
            Some((2, 8)),
            "'0' is neither a number of days",
        ),
        (
            "[auth]\nkeys = [{ id = 'a', secret = 'b', account = '1' }]".to_owned(),
            Some((2, 45)),
            "'1' is no account",
        ),
        (
            "[recovery]\ninterrupted = 'maybe'".to_owned(),
            Some((2, 15)),
            "expected `rerun` or `fail`",
        ),
        (
            "definition = 'a'\nname = 'a b'".to_owned(),
            Some((2, 8)),
            "help: a name has",
        ),
        (
            "definition = 'a'\ntype = 'FAST'".to_owned(),
            Some((2, 8)),
            "`STANDARD`",
        ),
        (function(""), Some((2, 19)), "no runtime\nhelp: set runtime"),
        (
            function("runtime = 'java21'"),
            Some((4, 11)),
            "'java21' is not a runtime",
        ),
        (
            function("runtime = 'nodejs22.x'"),
            Some((2, 19)),
            "no handler\nhelp: set handler",
        ),
        (managed("timeout = 0"), Some((6, 11)), "must be 1 to 900"),
        (managed("memory = 1"), Some((6, 10)), "must be 128 to 10240"),
        (
            managed("concurrency = 0"),
            Some((6, 15)),
            "must be 1 to 1000",
        ),
        (
            managed("environment = { TZ = 'x' }"),
            Some((6, 15)),
            "'TZ' is reserved",
        ),
        (managed("vpc = 1"), Some((6, 1)), "unknown field `vpc`"),
        (
            managed("").replace(".f]", ".'a b']"),
            Some((2, 19)),
            "letters, digits",
        ),
    ] {
        let error = parse(&text).unwrap_err();
        let shown = error.to_string();
        let prefix = match position {
            Some((line, column)) => format!("/srv/shop/stepmill.toml:{line}:{column}: "),
            None => "/srv/shop/stepmill.toml".to_owned(),
        };
        assert!(
            shown.starts_with(&prefix) && shown.contains(part),
            "{text}\n→ {shown}"
        );
    }
}

#[test]
fn files_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let missing = Project::load(directory.path()).unwrap_err().to_string();
    assert!(
        missing.contains("stepmill.toml: cannot be read"),
        "{missing}"
    );
    fs::write(
        directory.path().join(FILE_NAME),
        "definition = 'a'\nname = 'x'",
    )
    .unwrap();
    let project = Project::load(directory.path()).unwrap();
    let machine = project.machine.as_ref().unwrap();
    let definition = Definition::File(directory.path().join("a"));
    assert_eq!(machine.definition, definition);
    assert_eq!(
        project,
        Project::load(&directory.path().join(FILE_NAME)).unwrap()
    );
}

#[test]
fn an_app_stands_for_a_definition() {
    let text = "app = 'cargo run --quiet'\nmachine = 'OrderPipeline'\nname = 'orders'\n\
                [resources]\nGroup.GroupId = 'sg-1'";
    let machine = parse(text).unwrap().machine.unwrap();
    let app = App {
        app: "cargo run --quiet".to_owned(),
        directory: "/srv/shop".into(),
        machine: Some("OrderPipeline".to_owned()),
        resources: [(
            "Group".to_owned(),
            [("GroupId".to_owned(), "sg-1".to_owned())].into(),
        )]
        .into(),
    };
    assert_eq!(
        (machine.name.as_str(), machine.definition),
        ("orders", Definition::App(app))
    );

    for (text, message) in [
        (
            "definition = 'a'\napp = 'b'",
            "there is a `definition` already",
        ),
        (
            "machine = 'b'",
            "this chooses a state machine of an `app`, but there is none",
        ),
        ("app = ' '", "the command is empty"),
        (
            "definition = 'a'\n[resources]\nGroup.GroupId = 'sg-1'",
            "this is about resources of an `app`, but there is none",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().message, message);
    }
}
