//! Endpoints that services tell themselves: Timestream's calls go to a cell of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Overrides};
use crate::error::{CallError, EndpointError};

/// The operation that tells endpoints.
const OPERATION: &str = "DescribeEndpoints";

/// The addresses that were told, by service and region, and until when they hold.
#[derive(Default)]
pub(crate) struct Discovered(Mutex<HashMap<String, (String, Instant)>>);

impl Discovered {
    /// The host of a service for such calls.
    pub(crate) async fn find(
        &self,
        client: &Client,
        service: &str,
        overrides: &Overrides,
        region: Option<&str>,
    ) -> Result<String, CallError> {
        let key = format!("{service} {}", region.unwrap_or_default());
        let known = self.known(&key);
        if let Some(address) = known {
            return Ok(address);
        }
        let nothing = json!({});
        // Boxed, because it is a call on the way of a call.
        let call = Box::pin(client.call(service, OPERATION, &nothing, overrides));
        let result = call.await?.json;
        let told = result
            .get("Endpoints")
            .and_then(|endpoints| endpoints.get(0));
        let address = told
            .and_then(|told| told.get("Address"))
            .and_then(Value::as_str);
        let address = address.ok_or_else(|| CallError::Endpoint {
            service: service.to_owned(),
            source: EndpointError::NoRule,
        })?;
        let minutes = told.and_then(|told| told.get("CachePeriodInMinutes")?.as_u64());
        let until = Instant::now() + Duration::from_secs(60 * minutes.unwrap_or(1));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, (address.to_owned(), until));
        Ok(address.to_owned())
    }

    fn known(&self, key: &str) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (address, until) = all.get(key)?;
        (*until > Instant::now()).then(|| address.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::config::Config;
    use crate::credentials::{Credentials, Provider};

    #[tokio::test]
    async fn an_endpoint_is_asked_for_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // It answers one request, and then is gone.
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap();
            let body =
                r#"{"Endpoints":[{"Address":"cell-1.example.com","CachePeriodInMinutes":9}]}"#;
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .unwrap();
            String::from_utf8_lossy(&buffer[..count]).into_owned()
        });
        let client = Client::new(Config {
            region: Some("us-east-1".to_owned()),
            endpoint: Some(url),
            credentials: Provider::fixed(Credentials::new("key", "secret")),
            attempts: 1,
            ..Config::default()
        });
        let (discovered, overrides) = (Discovered::default(), Overrides::default());
        for _ in 0..2 {
            let found = discovered.find(&client, "timestream-query", &overrides, Some("us-east-1"));
            assert_eq!(found.await.unwrap(), "cell-1.example.com");
        }
        let asked = server.join().unwrap();
        assert!(
            asked.contains("x-amz-target: Timestream_20181101.DescribeEndpoints"),
            "{asked}"
        );
        // Another region has endpoints of its own.
        let other = discovered.find(&client, "timestream-query", &overrides, Some("eu-west-1"));
        assert!(other.await.is_err());
    }
}
