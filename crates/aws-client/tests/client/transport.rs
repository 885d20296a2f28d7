//! Connections: proxies, and how many there are at once.

use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use stepmill_aws_client::{
    AddressFilter, Client, Config, Proxy, TransportError, Trust, Web, WebAnswer,
};
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

/// Asks an HTTP client that connects only to addresses that `filter` allows.
async fn ask(
    config: &Config,
    url: &str,
    filter: AddressFilter,
) -> Result<WebAnswer, TransportError> {
    let web = Web::new(config, Trust::Configured, Some(filter));
    let request = http::Request::get(url).body(bytes::Bytes::new()).unwrap();
    web.send(request, 100, Duration::from_secs(20)).await
}

#[tokio::test]
async fn a_filter_decides_about_addresses_not_names() {
    let server = Responder::new(vec![answer(299, "X-Own: 1\r\n", "hello")]).await;
    let url = server.url().replace("127.0.0.1", "localhost");
    let asked: Arc<Mutex<Vec<(String, IpAddr)>>> = Arc::default();
    let log = Arc::clone(&asked);
    let four: AddressFilter = Arc::new(move |url, address| {
        let entry = (url.host().unwrap().to_owned(), address);
        log.lock().unwrap().push(entry);
        address.is_ipv4()
    });
    let found = ask(&Config::default(), &url, four).await.unwrap();
    assert_eq!(
        (found.status, &*found.reason, &*found.body),
        (299, "X", &b"hello"[..])
    );
    assert_eq!(found.headers["x-own"], "1");
    let loopback = ("localhost".to_owned(), IpAddr::from([127, 0, 0, 1]));
    assert!(asked.lock().unwrap().contains(&loopback), "{asked:?}");

    // Literal addresses are judged, too, and no request is made.
    for url in [url, server.url()] {
        let error = ask(&Config::default(), &url, Arc::new(|_, _| false)).await;
        let error = error.unwrap_err();
        let port = server.url().rsplit_once(':').unwrap().1.to_owned();
        assert!(
            matches!(&error, TransportError::NotAllowed { host } if host.ends_with(&port)),
            "{error}"
        );
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_address_that_was_judged() {
    let proxy = Responder::new(vec![answer(407, "", "")]).await;
    let proxied = Config {
        proxy: Proxy {
            http: Some(proxy.url()),
            https: Some(proxy.url()),
            ..Proxy::default()
        },
        ..Config::default()
    };
    let four: AddressFilter = Arc::new(|_, address| address.is_ipv4());
    let error = ask(&proxied, "https://localhost:9", Arc::clone(&four)).await;
    assert!(error.unwrap_err().to_string().contains("proxy"));
    let asked = proxy.asked().remove(0);
    assert!(
        asked.starts_with("CONNECT 127.0.0.1:9 HTTP/1.1\r\n"),
        "{asked}"
    );
    // A plain request goes to the address itself.
    let server = Responder::new(vec![answer(200, "", "")]).await;
    ask(&proxied, &server.url(), four).await.unwrap();
    assert_eq!((proxy.asked().len(), server.asked().len()), (1, 1));
}

#[tokio::test]
async fn answers_have_limits_of_their_own() {
    let server = Responder::new(vec![answer(200, "", &"x".repeat(101))]).await;
    let error = ask(&Config::default(), &server.url(), Arc::new(|_, _| true)).await;
    assert!(matches!(
        error,
        Err(TransportError::TooLarge { limit: 100 })
    ));
    let long = format!("X-Long: {}\r\n", "x".repeat(200_000));
    let server = Responder::new(vec![answer(200, &long, "")]).await;
    let error = ask(&Config::default(), &server.url(), Arc::new(|_, _| true)).await;
    assert!(matches!(error, Err(TransportError::Broken(_))), "{error:?}");
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
