//! Connections: proxies, and how many there are at once.

use std::sync::Arc;

use serde_json::json;
use stepmill_aws_client::{Client, Config, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Semaphore};

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
                    let answer = answer(status, "", "{}").unwrap();
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
