//! Calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::Config;
use crate::credentials::{Credentials, Provider};
use crate::data::Fields;
use crate::discovery::Discovered;
use crate::endpoint::{self, Endpoint, Settings};
use crate::error::{CallError, Malformed, ServiceError, TransportError};
use crate::model::{Operation, Protocol, Service};
use crate::protocol::event_stream::{self, Message};
use crate::protocol::{self, Announced, Answer};
use crate::retry::{self, Failure, Quota};
use crate::secret::Secret;
use crate::sign::{self, Scope, Signing};
use crate::style::{Names, Style};
use crate::transport::Transport;
use crate::{assemble, checksum, parameters, quirks, results, time};

/// A client of all AWS services. Clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    config: Config,
    transport: Transport,
    quota: Quota,
    /// By how many seconds AWS's clock is ahead of this machine's.
    ahead: AtomicI64,
    discovered: Discovered,
}

/// What is different for one call.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The region instead of the client's.
    pub region: Option<String>,
    /// The endpoint instead of those configured.
    pub endpoint: Option<String>,
    /// Who calls instead of the client's credentials.
    pub credentials: Option<Provider>,
    /// How parameters and the result are written.
    pub style: Style,
    /// What makes the call the same call when it is repeated, for the parameter that the model has
    /// for that; a random one if absent.
    pub token: Option<String>,
    /// How long an attempt may take.
    pub timeout: Option<Duration>,
    /// How often it is tried, at most.
    pub attempts: Option<u32>,
    /// Whether a response may be an event stream, of JSON. It is read to its end; the result has the
    /// events as a list, each as `{"messageStop": {…}}`, with the names of the model.
    pub event_stream: bool,
}

/// What a call has brought.
#[derive(Debug, Clone)]
pub struct Response {
    /// The result; an object without members if the operation has none.
    pub json: Value,
    /// The HTTP status.
    pub status: u16,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The request's id.
    pub request_id: Option<String>,
    /// How often the call was tried.
    pub attempts: u32,
}

/// A call on its way.
struct Call<'a> {
    client: &'a Inner,
    name: &'a str,
    service: &'a Service,
    operation_name: &'a str,
    operation: &'a Operation,
    overrides: &'a Overrides,
}

impl Client {
    /// A client. It makes no connection and looks for no credentials before the first call.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Inner {
            transport: Transport::new(&config),
            quota: Quota::default(),
            ahead: AtomicI64::new(0),
            discovered: Discovered::default(),
            config,
        }))
    }

    /// Calls an operation of a service, both spelled as in [`Service::named`] and
    /// [`Service::operation`].
    pub async fn call(
        &self,
        service: &str,
        operation: &str,
        parameters: &Value,
        overrides: &Overrides,
    ) -> Result<Response, CallError> {
        let model = model(service)?;
        let call = Call::of(&self.0, (service, &model), operation, overrides)?;
        call.run(self, parameters).await
    }

    /// The endpoint that the settings have for a service without a model, by its name in signatures
    /// (`execute-api`), or for all services.
    pub fn endpoint(&self, service: &str) -> Option<&str> {
        let config = &self.0.config;
        let own = config.endpoints.get(service);
        let own = own.or_else(|| config.endpoints.get(&service.replace('-', "_")));
        own.or(config.endpoint.as_ref()).map(String::as_str)
    }

    /// Signs a request to a service without a model, by Signature Version 4.
    pub async fn sign(
        &self,
        request: &mut Request<Bytes>,
        service: &str,
        region: &str,
        credentials: Option<&Provider>,
    ) -> Result<(), CallError> {
        let provider = credentials.unwrap_or(&self.0.config.credentials);
        let found = provider.credentials(self).await;
        let credentials = found.map_err(|source| CallError::Credentials {
            service: service.to_owned(),
            source,
        })?;
        let scope = Scope {
            name: service.to_owned(),
            region: region.to_owned(),
            unsigned_body: false,
            s3: false,
        };
        let signed = sign::sign(request, &scope, false, &credentials, self.0.now());
        signed.map_err(|sign::SignError| CallError::Unsigned {
            service: service.to_owned(),
        })
    }

    /// A URL that calls an operation without parameters for whoever has it and sends `headers`,
    /// as long as it `lasts`. Only services that take their calls as a query string have such URLs.
    pub async fn presign(
        &self,
        service: &str,
        operation: &str,
        headers: &[(&str, &str)],
        lasts: Duration,
        overrides: &Overrides,
    ) -> Result<String, CallError> {
        let model = model(service)?;
        let call = Call::of(&self.0, (service, &model), operation, overrides)?;
        call.presigned(self, headers, lasts).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        self.0.transport.send(request, patience).await
    }
}

fn model(service: &str) -> Result<Arc<Service>, CallError> {
    Service::named(service).ok_or_else(|| CallError::UnknownService {
        service: service.to_owned(),
    })
}

impl<'a> Call<'a> {
    fn of(
        client: &'a Inner,
        (name, service): (&'a str, &'a Service),
        operation_name: &'a str,
        overrides: &'a Overrides,
    ) -> Result<Self, CallError> {
        let operation = service.operation(operation_name);
        let operation = operation.ok_or_else(|| CallError::UnknownOperation {
            service: name.to_owned(),
            operation: operation_name.to_owned(),
        })?;
        Ok(Self {
            client,
            name,
            service,
            operation_name,
            operation,
            overrides,
        })
    }

    async fn presigned(
        &self,
        client: &Client,
        headers: &[(&str, &str)],
        lasts: Duration,
    ) -> Result<String, CallError> {
        let nothing = Fields::new();
        let request =
            protocol::request(self.service, self.operation_name, self.operation, &nothing)?;
        let (endpoint, signing) = self.destination(client, &nothing).await?;
        let form = std::str::from_utf8(&request.body).ok();
        let (Protocol::Query, Signing::V4(scope), Some(form)) =
            (self.service.protocol, &signing, form)
        else {
            return Err(CallError::Signature {
                service: self.name.to_owned(),
                scheme: "something else than a URL".to_owned(),
            });
        };
        let url = format!("{}/?{form}", endpoint.url.trim_end_matches('/'));
        let credentials = self.credentials(client).await?;
        let signed = sign::presign(&url, headers, scope, &credentials, self.client.now(), lasts);
        signed.map_err(|sign::SignError| CallError::Unsigned {
            service: self.name.to_owned(),
        })
    }

    async fn run(&self, client: &Client, parameters: &Value) -> Result<Response, CallError> {
        let refused = match self.overrides.event_stream {
            true => self.operation.sends_events(self.service),
            false => self.operation.event_stream(self.service),
        };
        if let Some(member) = refused {
            return Err(CallError::EventStream {
                service: self.name.to_owned(),
                operation: self.operation_name.to_owned(),
                member: member.to_owned(),
            });
        }
        let (service, operation) = (self.service, self.operation);
        let style = self.overrides.style;
        let token = || {
            let given = self.overrides.token.clone();
            given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
        };
        let mut fields = parameters::read(service, operation, parameters, style, token)?;
        quirks::complete(self.name, service, operation, &mut fields);
        let mut request = protocol::request(service, self.operation_name, operation, &fields)?;
        quirks::adapt(self.name, service, &mut request);
        checksum::add(&mut request, service, operation, &fields)?;
        let (endpoint, signing) = self.destination(client, &fields).await?;
        let custom = self.custom_endpoint().is_some();
        let request =
            assemble::http(request, &endpoint, custom).map_err(|error| error.of(self.name))?;
        self.attempts(client, request, &signing).await
    }

    /// The region of the call.
    fn region(&self) -> Option<&str> {
        let config = &self.client.config;
        self.overrides
            .region
            .as_deref()
            .or(config.region.as_deref())
    }

    /// The endpoint that was configured for the service.
    fn custom_endpoint(&self) -> Option<&str> {
        let config = &self.client.config;
        let id = self.service.id.to_ascii_lowercase().replace(' ', "_");
        let own = config
            .endpoints
            .get(self.name)
            .or_else(|| config.endpoints.get(&id));
        let given = self
            .overrides
            .endpoint
            .as_ref()
            .or(own)
            .or(config.endpoint.as_ref());
        given.map(String::as_str)
    }

    /// Where the request goes, and how it is signed for there.
    async fn destination(
        &self,
        client: &Client,
        fields: &Fields,
    ) -> Result<(Endpoint, Signing), CallError> {
        let config = &self.client.config;
        let settings = Settings {
            region: self.region(),
            endpoint: self.custom_endpoint(),
            fips: config.fips,
            dual_stack: config.dual_stack,
        };
        let found = endpoint::resolve(self.service, self.operation, fields, &settings);
        let mut endpoint = found.map_err(|source| CallError::Endpoint {
            service: self.name.to_owned(),
            source,
        })?;
        if self.operation.discovers && settings.endpoint.is_none() {
            let discovered = &self.client.discovered;
            let address = discovered
                .find(client, self.name, self.overrides, self.region())
                .await?;
            endpoint.url = format!("https://{address}");
        }
        let token = config.tokens.contains_key(&self.token_name());
        let signing = sign::choose(
            self.name,
            self.service,
            self.operation,
            &endpoint,
            self.region(),
            token,
        )?;
        Ok((endpoint, signing))
    }

    /// Under which name the settings have the service's token.
    fn token_name(&self) -> String {
        let name = self
            .service
            .signing_name
            .as_ref()
            .unwrap_or(&self.service.prefix);
        name.to_ascii_lowercase().replace(['-', ' '], "_")
    }

    async fn attempts(
        &self,
        client: &Client,
        request: Request<Bytes>,
        signing: &Signing,
    ) -> Result<Response, CallError> {
        let config = &self.client.config;
        let most = self.overrides.attempts.unwrap_or(config.attempts).max(1);
        let (mut paid, mut attempt) = (None, 1);
        loop {
            let signed = self.signed(client, &request, signing).await?;
            let patience = self.overrides.timeout.unwrap_or(config.timeout);
            let (failure, error) = match self.client.transport.send(signed, patience).await {
                Ok(answer) => match self.judge(&answer, attempt).await {
                    Ok(response) => {
                        self.client.quota.put_back(paid);
                        return Ok(response);
                    }
                    Err(failed) => failed,
                },
                Err(source) => (after(&source), self.unanswered(&request, source, attempt)),
            };
            if attempt >= most {
                return Err(error);
            }
            paid = self.client.quota.take(failure);
            if paid.is_none() {
                return Err(error);
            }
            tokio::time::sleep(retry::pause(attempt, config.backoff, chance())).await;
            attempt += 1;
        }
    }

    fn unanswered(
        &self,
        request: &Request<Bytes>,
        source: TransportError,
        attempts: u32,
    ) -> CallError {
        let uri = request.uri();
        let (scheme, host) = (uri.scheme_str(), uri.authority());
        CallError::Transport {
            service: self.name.to_owned(),
            endpoint: format!(
                "{}://{}",
                scheme.unwrap_or_default(),
                host.map(http::uri::Authority::as_str).unwrap_or_default()
            ),
            source,
            attempts,
        }
    }

    /// The request as it is sent now: signatures end soon.
    async fn signed(
        &self,
        client: &Client,
        request: &Request<Bytes>,
        signing: &Signing,
    ) -> Result<Request<Bytes>, CallError> {
        let mut request = request.clone();
        let done = match signing {
            Signing::Anonymous => Ok(()),
            Signing::Bearer => sign::put_token(&mut request, self.token()?),
            Signing::V4(scope) | Signing::V4a(scope) => {
                let credentials = self.credentials(client).await?;
                let asymmetric = matches!(signing, Signing::V4a(_));
                sign::sign(
                    &mut request,
                    scope,
                    asymmetric,
                    &credentials,
                    self.client.now(),
                )
            }
        };
        done.map_err(|sign::SignError| CallError::Unsigned {
            service: self.name.to_owned(),
        })?;
        Ok(request)
    }

    fn token(&self) -> Result<&Secret, CallError> {
        let name = self.token_name();
        let token = self.client.config.tokens.get(&name);
        token.ok_or_else(|| CallError::NoToken {
            service: self.name.to_owned(),
            variable: name.to_ascii_uppercase(),
        })
    }

    fn provider(&self) -> &Provider {
        let given = self.overrides.credentials.as_ref();
        given.unwrap_or(&self.client.config.credentials)
    }

    async fn credentials(&self, client: &Client) -> Result<Credentials, CallError> {
        let found = self.provider().credentials(client).await;
        found.map_err(|source| CallError::Credentials {
            service: self.name.to_owned(),
            source,
        })
    }

    /// What an answer means.
    async fn judge(
        &self,
        answer: &Answer,
        attempts: u32,
    ) -> Result<Response, (Failure, CallError)> {
        let fine = (200..300).contains(&answer.status);
        if !fine || quirks::is_error(self.name, self.service, self.operation, answer) {
            return Err(self.failed(answer, attempts).await);
        }
        if let Some(member) = self.operation.answers_events(self.service) {
            let json = json!({ member: self.events(answer, attempts)? });
            return Ok(response(json, answer, attempts));
        }
        let result = protocol::result(self.service, self.operation, answer);
        let fields = result.map_err(|source| self.malformed(answer, source))?;
        let output = self
            .operation
            .output
            .as_ref()
            .map(|output| self.service.shape(output));
        let style = self.overrides.style;
        let json = output.map(|shape| results::show(self.service, shape, fields, style));
        Ok(response(json.unwrap_or(json!({})), answer, attempts))
    }

    /// The events of an answer. An exception among them is the call's error: what came before it has
    /// been done, so it is not tried again.
    fn events(&self, answer: &Answer, attempts: u32) -> Result<Vec<Value>, (Failure, CallError)> {
        let messages = event_stream::read(&answer.body);
        let messages = messages.map_err(|source| self.malformed(answer, source))?;
        let events = messages.into_iter().map(|message| match message {
            Message::Event(name, payload) => Ok(json!({ name: payload })),
            Message::Exception(code, message) => {
                // The model names the member: `validationException`.
                let code = Names::Pascal.of(&code).into_owned();
                let known = self.service.exception(self.operation, &code);
                let name = known.map(|(name, _)| name.to_owned());
                let found = Announced {
                    code,
                    message,
                    request_id: protocol::request_id(answer),
                    ..Announced::default()
                };
                Err((Failure::Lasting, self.error(found, name, answer, attempts)))
            }
        });
        events.collect()
    }

    fn malformed(&self, answer: &Answer, source: Malformed) -> (Failure, CallError) {
        let error = CallError::Malformed {
            service: self.name.to_owned(),
            operation: self.operation_name.to_owned(),
            status: answer.status,
            source,
        };
        (Failure::Lasting, error)
    }

    /// What an error means, and whether it may pass.
    async fn failed(&self, answer: &Answer, attempts: u32) -> (Failure, CallError) {
        let found = protocol::announced(self.service, self.operation, answer);
        let known = self.service.exception(self.operation, &found.code);
        let modelled = known.is_some_and(|(_, exception)| exception.throttling.is_some());
        let mut failure = retry::judge(answer.status, &found.code, modelled);
        if retry::is_skewed(&found.code) && self.client.correct_clock(answer) {
            failure = Failure::Passing;
        }
        if retry::is_expired(&found.code) && self.provider().forget().await {
            failure = Failure::Passing;
        }
        let name = known.map(|(name, _)| name.to_owned());
        (failure, self.error(found, name, answer, attempts))
    }

    fn error(
        &self,
        found: Announced,
        name: Option<String>,
        answer: &Answer,
        attempts: u32,
    ) -> CallError {
        let detail = found.detail.and_then(|(place, fields)| {
            let shape = self.service.shapes.get(place)?;
            Some(results::show(
                self.service,
                shape,
                fields,
                self.overrides.style,
            ))
        });
        let code = match found.code.is_empty() {
            true => answer.status.to_string(),
            false => found.code,
        };
        CallError::Service(Box::new(ServiceError {
            service: self.service.id.clone(),
            operation: self.operation_name.to_owned(),
            code,
            name,
            query_code: found.query_code,
            message: found.message,
            status: answer.status,
            request_id: found.request_id,
            extended_request_id: answer.header("x-amz-id-2").map(str::to_owned),
            detail: detail.unwrap_or_default(),
            attempts,
        }))
    }
}

impl Inner {
    /// The time as AWS has it.
    fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let by = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        let moved = match ahead < 0 {
            true => now.checked_sub(by),
            false => now.checked_add(by),
        };
        moved.unwrap_or(now)
    }

    /// Learns AWS's time from an answer: whether it differs much from what was thought.
    fn correct_clock(&self, answer: &Answer) -> bool {
        let Some(theirs) = answer.header("date").and_then(time::read) else {
            return false;
        };
        let ahead = theirs.as_second() - Timestamp::now().as_second();
        let before = self.ahead.swap(ahead, Ordering::Relaxed);
        // AWS takes signatures that are up to five minutes old.
        before.abs_diff(ahead) > 240
    }
}

fn response(json: Value, answer: &Answer, attempts: u32) -> Response {
    Response {
        json,
        status: answer.status,
        headers: answer.headers.clone(),
        request_id: protocol::request_id(answer),
        attempts,
    }
}

fn after(error: &TransportError) -> Failure {
    match error {
        TransportError::Timeout { .. } => Failure::Timeout,
        TransportError::Broken(_) => Failure::Passing,
        TransportError::TooLarge { .. } | TransportError::NotAllowed { .. } => Failure::Lasting,
    }
}

/// A number from 0 to 1 by chance.
fn chance() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}
