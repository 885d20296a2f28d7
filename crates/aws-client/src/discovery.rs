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
