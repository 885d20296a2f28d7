//! `http:invoke`.

use serde_json::{Value, json};
use stepmill_integrations::project::{AwsSettings, HttpSettings};
use stepmill_integrations::{Integrations, Outcome};

use crate::moto::Moto;
use crate::web::{Peer, header, tasks};
use crate::{call, failed, impossible, merged, ok, run};

const INVOKE: &str = "http:invoke";
const SETTINGS: &str = r#"
[http]
allow = ["{https}", "{http}"]
ca_bundle = "{authority}"

[http.connections.basic]
basic = { username = "me", password = "env:PASSWORD" }
headers = { Header-Param = "connection" }
query = { QueryParam = "connection" }
body = { BodyParam = "connection" }

[http.connections.key]
api_key = { name = "X-Api-Key", value = "k3y" }

[http.connections.crm]
oauth = { endpoint = "https://{https}/oauth/crm/token", client_id = "client", client_secret = "env:SECRET", headers = { X-Tenant = "blue" }, body = { scope = "all things" } }

[http.connections.get]
oauth = { endpoint = "https://{https}/oauth/get/token", method = "GET", client_id = "client", client_secret = "env:SECRET", headers = { X-Tenant = "blue" }, query = { scope = "all things" } }

[http.connections.short]
oauth = { endpoint = "https://{https}/oauth/short/token", client_id = "client", client_secret = "env:SECRET", headers = { X-Tenant = "blue" }, body = { scope = "all things" } }

[http.connections.wrong]
oauth = { endpoint = "https://{https}/oauth/wrong/token", client_id = "client", client_secret = "wr0ng" }
"#;
const VARIABLES: [(&str, &str); 2] = [("PASSWORD", "pa55"), ("SECRET", "s3cret & more")];

fn arn(connection: &str) -> String {
    format!("arn:aws:events:eu-west-1:123456789012:connection/{connection}/0123")
}

fn parameters(url: &str, connection: &str, others: Value) -> Value {
    let parameters = json!({
        "ApiEndpoint": url, "Method": "POST",
        "InvocationConfig": { "ConnectionArn": arn(connection) },
    });
    merged(parameters, others)
}

async fn echo(tasks: &Integrations, parameters: Value) -> Value {
    ok(tasks, INVOKE, parameters).await["ResponseBody"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_connection_says_counts() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(SETTINGS, &VARIABLES);
    // The example of AWS's page.
    let given = json!({
        "Headers": { "Request-Id": "my_request_id", "header-param": "state_machine", "User-Agent": "own", "Range": "own" },
        "RequestBody": { "Job": "Software Engineer", "BodyParam": "state_machine" },
        "QueryParameters": { "QueryParam": "state_machine", "other": ["a b", 2] },
    });
    let url = format!("{}/path?first=1", peer.https());
    let echoed = echo(&tasks, parameters(&url, "basic", given)).await;
    assert_eq!(echoed["path"], "/path");
    assert_eq!(
        echoed["query"],
        "first=1&other=a%20b&other=2&QueryParam=connection"
    );
    assert_eq!(
        echoed["body"],
        r#"{"Job":"Software Engineer","BodyParam":"connection"}"#
    );
    for (name, value) in [
        ("header-param", "connection"),
        ("request-id", "my_request_id"),
        ("authorization", "Basic bWU6cGE1NQ=="),
        ("user-agent", "Amazon|StepFunctions|HttpInvoke|eu-west-1"),
        ("range", "bytes=0-262144"),
        ("content-type", "application/json; charset=UTF-8"),
    ] {
        assert_eq!(header(&echoed, name), [value], "{name}");
    }
    // The older field; no body of its own; and http where it is allowed.
    let older = json!({ "ApiEndpoint": format!("{}/x", peer.http()), "Method": "GET",
        "Authentication": { "ConnectionArn": arn("key") } });
    let echoed = echo(&tasks, older).await;
    assert_eq!(header(&echoed, "x-api-key"), ["k3y"]);
    assert_eq!(
        (&echoed["body"], header(&echoed, "content-type").len()),
        (&json!(""), 0)
    );
    let form = json!({
        "Headers": { "content-type": "application/x-www-form-urlencoded" },
        "Transform": { "RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": { "ArrayFormat": "BRACKETS" } },
        "RequestBody": { "array": ["a", "b"], "o": { "k": "x y" } },
    });
    let echoed = echo(&tasks, parameters(&url, "key", form)).await;
    assert_eq!(echoed["body"], "array%5B%5D=a&array%5B%5D=b&o%5Bk%5D=x%20y");
    let text = json!({ "RequestBody": "text" });
    let echoed = echo(&tasks, parameters(&url, "key", text.clone())).await;
    assert_eq!(echoed["body"], "text");
    let reason = impossible(&tasks, INVOKE, parameters(&url, "basic", text)).await;
    assert!(reason.contains("must be a JSON object"), "{reason}");
    let outcome = run(
        &tasks,
        &call(
            "http:invoke.waitForTaskToken",
            &parameters(&url, "key", json!({})),
        ),
    )
    .await;
    assert!(matches!(outcome, Outcome::Submitted(_)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_kept_until_they_end_or_are_refused() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(SETTINGS, &VARIABLES);
    let revoke = async |audience: &str| {
        let url = format!("{}/oauth/{audience}/revoke", peer.https());
        echo(&tasks, parameters(&url, "key", json!({}))).await["issued"].take()
    };
    let ask = async |audience: &str, status: &str| {
        let url = format!("{}/guarded/{audience}{status}", peer.https());
        echo(&tasks, parameters(&url, audience, json!({}))).await["token"].take()
    };
    for audience in ["crm", "get"] {
        let first = ask(audience, "").await;
        assert_eq!(first, format!("{audience}-1"));
        assert_eq!(ask(audience, "").await, first);
        assert_eq!(revoke(audience).await, 1);
        // Refused, it is replaced within the same task.
        assert_eq!(ask(audience, "/407").await, format!("{audience}-2"));
        assert_eq!(revoke(audience).await, 2);
        assert_eq!(ask(audience, "/401").await, format!("{audience}-3"));
    }
    // But once, and for no other status.
    revoke("crm").await;
    let url = format!("{}/guarded/crm/403", peer.https());
    let (error, _) = failed(&tasks, INVOKE, parameters(&url, "crm", json!({}))).await;
    assert_eq!(error, "States.Http.StatusCode.403");
    let url = format!("{}/guarded/get/401", peer.https());
    let (error, _) = failed(&tasks, INVOKE, parameters(&url, "crm", json!({}))).await;
    assert_eq!(error, "States.Http.StatusCode.401");
    assert_eq!(revoke("crm").await, 4);
    // What lives no time is asked for each time.
    assert_eq!(ask("short", "").await, "short-1");
    assert_eq!(ask("short", "").await, "short-2");

    let (error, cause) = failed(&tasks, INVOKE, parameters(&url, "wrong", json!({}))).await;
    assert_eq!(error, "Events.ConnectionResource.InvalidConnectionState");
    assert_eq!(
        cause,
        "The authorization endpoint answered 401 without a token: invalid_client"
    );
    let unset = peer.tasks(SETTINGS, &[]);
    let reason = impossible(&unset, INVOKE, parameters(&url, "crm", json!({}))).await;
    assert!(
        reason.contains("the variable SECRET is not set"),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_share_one_token() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = std::sync::Arc::new(peer.tasks(SETTINGS, &VARIABLES));
    let url = format!("{}/guarded/crm", peer.https());
    let all = (0..12).map(|_| {
        let (tasks, given) = (tasks.clone(), parameters(&url, "crm", json!({})));
        tokio::spawn(async move { echo(&tasks, given).await })
    });
    for task in all.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap()["token"], "crm-1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_success_or_no_text_are_errors() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(SETTINGS, &VARIABLES);
    let given = |path: &str| parameters(&format!("{}/{path}", peer.https()), "key", json!({}));
    let (error, cause) = failed(&tasks, INVOKE, given("404")).await;
    assert_eq!(error, "States.Http.StatusCode.404");
    assert_eq!(cause, r#"{"message": "Missing Authentication Token"}"#);
    let (error, _) = failed(&tasks, INVOKE, given("redirect")).await;
    assert_eq!(error, "States.Http.StatusCode.302");
    let (error, cause) = failed(&tasks, INVOKE, given("large")).await;
    assert_eq!(error, "States.DataLimitExceeded");
    assert!(cause.contains("'http' returned a result"), "{cause}");
    let (error, _) = failed(&tasks, INVOKE, given("hang")).await;
    assert_eq!(error, "States.Http.Socket");
    for path in ["picture", "bytes"] {
        let reason = impossible(&tasks, INVOKE, given(path)).await;
        assert!(reason.contains("is no text"), "{reason}");
    }
    // An authority that is not believed.
    let doubting = peer.tasks(
        &SETTINGS.replace("ca_bundle = \"{authority}\"", ""),
        &VARIABLES,
    );
    let (error, cause) = failed(&doubting, INVOKE, given("x")).await;
    assert_eq!(error, "States.Http.Socket");
    assert!(
        cause.contains("certificate") || cause.contains("authorities"),
        "{cause}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_public_is_reached_only_where_it_is_allowed() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let connection = "[http.connections.key]\napi_key = { name = \"k\", value = \"v\" }\n";
    let none = peer.tasks(connection, &[]);
    let port = peer.https().rsplit_once(':').unwrap().1.to_owned();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("2130706433:{port}"),
        format!("0x7f.1:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        "169.254.169.254".to_owned(),
        "10.0.0.1:22".to_owned(),
        "[fd00:ec2::254]".to_owned(),
    ] {
        for scheme in ["http", "https"] {
            let given = parameters(&format!("{scheme}://{host}/latest"), "key", json!({}));
            let outcome = run(&none, &call(INVOKE, &given)).await;
            // Names that no resolver knows do not come so far.
            let refused = match &outcome {
                Outcome::Impossible(reason) => reason.contains("[http] allow"),
                Outcome::Failed { cause, .. } => {
                    cause.as_ref().unwrap().contains("dns")
                        || cause.as_ref().unwrap().contains("lookup")
                }
                _ => false,
            };
            assert!(refused, "{scheme}://{host}: {outcome:?}");
        }
    }
    // A network, and a name: each for itself.
    let url = format!("{}/x", peer.http());
    for (allow, allowed) in [
        ("127.0.0.0/8", true),
        ("{http}", true),
        ("{https}", false),
        ("localhost:1", false),
        ("10.0.0.0/8", false),
    ] {
        let tasks = peer.tasks(&format!("[http]\nallow = [\"{allow}\"]\n{connection}"), &[]);
        let outcome = run(&tasks, &call(INVOKE, &parameters(&url, "key", json!({})))).await;
        assert_eq!(
            matches!(outcome, Outcome::Succeeded(_)),
            allowed,
            "{allow}: {outcome:?}"
        );
    }
    // Nor does the way to a token lead there.
    let oauth = "[http.connections.key]\noauth = { endpoint = \"http://{http}/oauth/a/token\", client_id = \"a\", client_secret = \"b\" }";
    let given = parameters("https://8.8.8.8/x", "key", json!({}));
    let reason = impossible(&peer.tasks(oauth, &[]), INVOKE, given).await;
    assert!(reason.contains("may not connect to 127.0.0.1:"), "{reason}");
}

#[tokio::test]
async fn parameters_are_judged_before_anything_is_sent() {
    let settings: HttpSettings = {
        let text = "[http.connections.key]\napi_key = { name = \"k\", value = \"v\" }";
        let project =
            stepmill_integrations::project::Project::parse(text, "stepmill.toml".as_ref());
        project.unwrap().settings.http
    };
    let tasks = tasks(AwsSettings::default(), settings, &[]);
    let url = "https://example.com/";
    let mut both = parameters(url, "key", json!({}));
    both["Authentication"] = both["InvocationConfig"].clone();
    for (given, part) in [
        (
            parameters(url, "key", json!({ "Headers": { "If-Match": "x" } })),
            "unsupported values: If-Match",
        ),
        (
            parameters(url, "key", json!({ "Headers": { "authorization": "x" } })),
            "unsupported values: authorization",
        ),
        (
            parameters(url, "key", json!({ "Headers": { "a": { "b": "c" } } })),
            "'Headers' has an invalid format",
        ),
        (
            parameters(url, "key", json!({ "Headers": "a: b" })),
            "'Headers' has an invalid format",
        ),
        (
            parameters(url, "key", json!({ "Method": "CONNECT" })),
            "'Method' has an invalid format",
        ),
        (
            parameters("ftp://a", "key", json!({})),
            "'ApiEndpoint' has an invalid format",
        ),
        (
            parameters("https://me:pass@a/", "key", json!({})),
            "'ApiEndpoint' has an invalid format",
        ),
        (
            parameters("/x", "key", json!({})),
            "'ApiEndpoint' has an invalid format",
        ),
        (
            parameters(
                url,
                "key",
                json!({ "Transform": { "RequestBodyEncoding": "XML" }, "RequestBody": 1 }),
            ),
            "'RequestBodyEncoding' has an invalid format",
        ),
        (
            parameters(
                url,
                "key",
                json!({ "Transform": { "RequestBodyEncoding": "URL_ENCODED" }, "RequestBody": [1] }),
            ),
            "'RequestBody' has an invalid format",
        ),
        (
            parameters(url, "key", json!({ "Timeout": 1 })),
            "\"Timeout\" is not supported",
        ),
        (
            parameters(
                url,
                "key",
                json!({ "InvocationConfig": { "ConnectionArn": "crm" } }),
            ),
            "'ConnectionArn' has an invalid format",
        ),
        (
            json!({ "ApiEndpoint": url, "Method": "GET" }),
            "is required but was missing",
        ),
        (both, "must name a connection"),
        (
            parameters(url, "nobody", json!({})),
            "[http.connections.nobody]",
        ),
    ] {
        let reason = impossible(&tasks, INVOKE, given.clone()).await;
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let mut role = call(INVOKE, &parameters(url, "key", json!({})));
    role.role_arn = Some("arn:aws:iam::999999999999:role/other".to_owned());
    let outcome = run(&tasks, &role).await;
    assert!(
        matches!(&outcome, Outcome::Impossible(reason) if reason.contains("Credentials")),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_those_of_eventbridge() {
    let (Some(peer), Some(moto)) = (Peer::start(), Moto::start()) else {
        return;
    };
    let text = format!(
        "[aws]\nendpoint = \"{}\"\n[http]\nallow = [\"{{https}}\"]\nca_bundle = \"{{authority}}\"\n",
        moto.url()
    );
    let keys = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let tasks = peer.tasks(&text, &keys);
    let added = json!({
        "HeaderParameters": [{ "Key": "X-Team", "Value": "blue", "IsValueSecret": true }],
        "QueryStringParameters": [{ "Key": "q", "Value": "1" }],
        "BodyParameters": [{ "Key": "b", "Value": "2" }],
    });
    let oauth = json!({
        "AuthorizationEndpoint": format!("{}/oauth/moto/token", peer.https()),
        "HttpMethod": "POST",
        "ClientParameters": { "ClientID": "client", "ClientSecret": "s3cret & more" },
        "OAuthHttpParameters": {
            "HeaderParameters": [{ "Key": "x-tenant", "Value": "blue" }],
            "BodyParameters": [{ "Key": "scope", "Value": "all things" }],
        },
    });
    for (name, kind, auth) in [
        (
            "basic",
            "BASIC",
            json!({ "BasicAuthParameters": { "Username": "me", "Password": "pa55" }, "InvocationHttpParameters": added }),
        ),
        (
            "key",
            "API_KEY",
            json!({ "ApiKeyAuthParameters": { "ApiKeyName": "X-Key", "ApiKeyValue": "k" } }),
        ),
        (
            "moto",
            "OAUTH_CLIENT_CREDENTIALS",
            json!({ "OAuthParameters": oauth }),
        ),
    ] {
        let made = json!({ "Name": name, "AuthorizationType": kind, "AuthParameters": auth });
        ok(&tasks, "aws-sdk:eventbridge:createConnection", made).await;
    }
    let url = format!("{}/x", peer.https());
    let echoed = echo(&tasks, parameters(&url, "basic", json!({}))).await;
    assert_eq!(header(&echoed, "authorization"), ["Basic bWU6cGE1NQ=="]);
    assert_eq!(header(&echoed, "x-team"), ["blue"]);
    assert_eq!(
        (&echoed["query"], &echoed["body"]),
        (&json!("q=1"), &json!(r#"{"b":"2"}"#))
    );
    let echoed = echo(&tasks, parameters(&url, "key", json!({}))).await;
    assert_eq!(header(&echoed, "x-key"), ["k"]);
    let guarded = format!("{}/guarded/moto", peer.https());
    assert_eq!(
        echo(&tasks, parameters(&guarded, "moto", json!({}))).await["token"],
        "moto-1"
    );

    let (error, cause) = failed(&tasks, INVOKE, parameters(&url, "nobody", json!({}))).await;
    assert_eq!(error, "Events.ConnectionResource.ResourceNotFound");
    assert!(cause.contains("nobody"), "{cause}");
}
