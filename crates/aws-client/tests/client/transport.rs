//! Connections: proxies, and how many there are at once.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::json;
use stepmill_aws_client::{Client, Config, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Semaphore};

use crate::python::Server;
use crate::responder::{Responder, answer};
use crate::{call, config};

#[tokio::test]
async fn plain_requests_pass_their_proxy() {
    let proxy = Responder::new(vec![answer(200, "", "{}")]).await;
    let proxied = Config {
        proxy: Proxy {
            http: Some(proxy.url().replace("http://", "http://user:pass@")),
            none_for: Some("localhost".to_owned()),
            ..Proxy::default()
        },
        ..config("http://service.invalid:81/base")
    };
    call(&Client::new(proxied), "dynamodb", "ListTables", json!({}))
        .await
        .unwrap();
    let asked = proxy.asked().remove(0);
    assert!(
        asked.starts_with("POST http://service.invalid:81/base/ HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.contains("proxy-authorization: Basic dXNlcjpwYXNz\r\n"),
        "{asked}"
    );
    // It is no part of the signature, because the service does not see it.
    assert!(
        asked.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-target"),
        "{asked}"
    );
}

#[tokio::test]
async fn tls_goes_through_a_tunnel() {
    let proxy = Responder::new(vec![answer(407, "", "")]).await;
    let proxied = Config {
        proxy: Proxy {
            https: Some(proxy.url()),
            ..Proxy::default()
        },
        attempts: 1,
        ..config("https://service.invalid")
    };
    let client = Client::new(proxied);
    let error = call(&client, "dynamodb", "ListTables", json!({}))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("proxy"), "{error}");
    let asked = proxy.asked().remove(0);
    assert!(
        asked.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"),
        "{asked}"
    );
    // Nothing of the request is seen on the way.
    assert!(!asked.contains("DynamoDB"), "{asked}");
}

#[tokio::test]
async fn an_endpoint_is_sent_so_many_requests_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let few = Config {
        concurrency: 2,
        ..config(&url)
    };
    let client = Client::new(few);
    // Answers come in pairs: with one at a time none would come, and a third is not let in.
    let (pair, places) = (Arc::new(Barrier::new(2)), Arc::new(Semaphore::new(2)));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (pair, places) = (Arc::clone(&pair), Arc::clone(&places));
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                    let place = places.try_acquire();
                    let status = if place.is_ok() { 200 } else { 400 };
                    pair.wait().await;
                    drop(place);
                    let answer = answer(status, "", "{}");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    let calls = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { call(&client, "dynamodb", "ListTables", json!({})).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
}

/// A proxy that lets through where it is asked to, with the password `user:pass`.
async fn tunnel() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:pass@{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    head.push(char::from(from.read_u8().await.unwrap()));
                }
                assert!(
                    head.to_ascii_lowercase()
                        .contains("proxy-authorization: basic dxnlcjpwyxnz")
                );
                let to = head.split(' ').nth(1).unwrap();
                let mut to = TcpStream::connect(to).await.unwrap();
                from.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut from, &mut to).await;
            });
        }
    });
    url
}

/// A server of TLS, and its port; its authority's certificate is in the directory.
fn tls(directory: &Path) -> Option<(Server, String)> {
    let mut command = Server::command("TLS")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/tls.py");
    let mut server = Server(
        command
            .arg(script)
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut port = String::new();
    let said = server.0.stdout.take().unwrap();
    BufReader::new(said).read_line(&mut port).unwrap();
    Some((server, port.trim().to_owned()))
}

#[tokio::test]
async fn authorities_are_those_of_the_bundle() {
    let directory = tempfile::tempdir().unwrap();
    let Some((_server, port)) = tls(directory.path()) else {
        return;
    };
    let url = format!("https://127.0.0.1:{port}");
    let bundle = directory.path().join("authority.pem");
    let list = async |config: Config| {
        let response = call(&Client::new(config), "dynamodb", "ListTables", json!({})).await;
        response
            .map(|response| response.json)
            .map_err(|error| error.to_string())
    };
    let believing = Config {
        ca_bundle: Some(bundle.clone()),
        ..config(&url)
    };
    let over_tls = json!({ "TableNames": ["over TLS"] });
    assert_eq!(list(believing.clone()).await.unwrap(), over_tls);
    let through_proxy = Config {
        proxy: Proxy {
            https: Some(tunnel().await),
            ..Proxy::default()
        },
        ..believing
    };
    assert_eq!(list(through_proxy).await.unwrap(), over_tls);
    // The machine does not know the authority, and a name that is not in the certificate is another's.
    let doubting = list(config(&url)).await.unwrap_err();
    assert!(
        doubting.contains("certificate") || doubting.contains("authorities"),
        "{doubting}"
    );
    let other = Config {
        ca_bundle: Some(bundle),
        ..config(&url.replace("127.0.0.1", "localhost"))
    };
    let other = list(other).await.unwrap_err();
    assert!(other.contains("certificate not valid for name"), "{other}");
    let none = Config {
        ca_bundle: Some(directory.path().join("none.pem")),
        ..config(&url)
    };
    let none = list(none).await.unwrap_err();
    assert!(none.contains("none.pem cannot be read"), "{none}");
}
