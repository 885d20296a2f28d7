//! Tasks that call servers which they name themselves, by the settings of a project.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

use serde_json::json;

use crate::support::Directory;

/// A server whose answers repeat the header `authorization`.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            let told = head
                .iter()
                .find_map(|line| line.strip_prefix("authorization: "));
            let body = json!(told).to_string();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

fn project(address: SocketAddr, allow: &str) -> Directory {
    let definition = json!({"StartAt": "Call", "States": {"Call": {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {
            "ApiEndpoint": format!("http://{address}/"),
            "Method": "GET",
            "InvocationConfig": {
                "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/crm/1"
            }
        },
        "OutputPath": "$.ResponseBody",
        "End": true
    }}});
    let toml = format!(
        "definition = \"call.asl.json\"\nname = \"call\"\n[http]\nallow = [{allow}]\n\
         [http.connections.crm]\nbasic = {{ username = \"me\", password = \"env:CRM\" }}\n"
    );
    Directory::new()
        .with("stepmill.toml", toml)
        .with("call.asl.json", definition)
}

#[test]
fn run_and_serve_reach_what_the_project_allows() {
    let address = server();
    let directory = project(address, &format!("\"{address}\""));
    let ran = directory.run_with(&[("CRM", "pa55")], &["run", "."]);
    assert_eq!(ran.json(), "Basic bWU6cGE1NQ==");

    let serving = directory.serve(&[("CRM", "pa55")], &["."]);
    let started = serving.run(&["start", "call", "--wait"]);
    started.expect(0, &[]);
    assert_eq!(started.json(), "Basic bWU6cGE1NQ==");
    serving.stop();
}

#[test]
fn nothing_else_is_reached() {
    let directory = project(server(), "");
    let ran = directory.run_with(&[("CRM", "pa55")], &["run", "."]);
    ran.expect(1, &["States.Runtime", "[http] allow"]);
    assert!(!format!("{ran:?}").contains("pa55"), "{ran:?}");
}
