//! The Lambda API over HTTP: AWS's REST JSON protocol, on paths that begin with a version's date.
//!
//! What an action does, the engine's registry knows; this module maps methods, paths, queries,
//! headers and bodies to it, and answers and errors back (Lambda API reference; paths and status
//! codes from the API's model, version 2015-03-31).

#[expect(
    clippy::unnecessary_wraps,
    reason = "each is the last word of an action that may fail"
)]
mod answer;
mod request;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use serde_json::json;
use stepmill_engine::Caller;
use stepmill_engine::functions::{FunctionError, Functions};

use crate::server::Handler;
use answer::{empty, failure, invoked, json};
use request::{Query, body, invocation, segments, unknown};

/// An answer, or the error to answer with.
type Answer = Result<Response<Bytes>, FunctionError>;

/// Answers a server's requests to Lambda from a registry.
pub fn handler(functions: Functions) -> Handler {
    Arc::new(move |caller, parts, body| {
        let functions = functions.clone();
        Box::pin(async move { handle(&functions, &caller, &parts, body).await })
    })
}

/// Answers one request.
pub async fn handle(
    functions: &Functions,
    caller: &Caller,
    parts: &Parts,
    body: Bytes,
) -> Response<Bytes> {
    let request = Request {
        functions,
        caller,
        parts,
        body: &body,
    };
    match request.route().await {
        Ok(response) => response,
        Err(error) => failure(&error),
    }
}

/// One request, and what answers it.
struct Request<'a> {
    functions: &'a Functions,
    caller: &'a Caller,
    parts: &'a Parts,
    body: &'a Bytes,
}

impl Request<'_> {
    async fn route(&self) -> Answer {
        let segments = segments(self.parts.uri.path())?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let query = Query::parse(self.parts.uri.query().unwrap_or_default())?;
        match &segments[..] {
            ["2015-03-31", "functions"] => self.functions(query).await,
            ["2015-03-31", "functions", name] => self.function(name, query).await,
            ["2015-03-31", "functions", name, part] => self.part(name, part, query).await,
            ["2015-03-31", "functions", name, "aliases", alias] => {
                self.alias(name, alias, query).await
            }
            ["2015-03-31", "functions", name, "policy", statement] => {
                self.statement(name, statement, query).await
            }
            [
                "2017-10-31" | "2019-09-30",
                "functions",
                name,
                "concurrency",
            ] => self.concurrency(segments[0], name, query).await,
            ["2020-06-30", "functions", name, "code-signing-config"] => {
                self.code_signing(name, query)
            }
            ["2017-03-31", "tags", arn] => self.tags(arn, query).await,
            _ => Err(unknown(self.parts)),
        }
    }

    async fn functions(&self, mut query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        match self.parts.method.as_str() {
            "GET" => {
                let page = query.page()?;
                let every_version = match query.take("FunctionVersion").as_deref() {
                    None => false,
                    Some("ALL") => true,
                    Some(other) => {
                        let members = "[ALL]";
                        return Err(request::not_one_of(other, "functionVersion", members));
                    }
                };
                query.finish()?;
                json(
                    StatusCode::OK,
                    &functions.list(caller, every_version, &page)?,
                )
            }
            "POST" => {
                query.finish()?;
                let created = functions.create(caller, body(self.body)?).await?;
                json(StatusCode::CREATED, &created)
            }
            _ => Err(unknown(self.parts)),
        }
    }

    async fn function(&self, name: &str, mut query: Query) -> Answer {
        let qualifier = query.take("Qualifier");
        query.finish()?;
        let qualifier = qualifier.as_deref();
        match self.parts.method.as_str() {
            "GET" => json(
                StatusCode::OK,
                &self.functions.get(self.caller, name, qualifier)?,
            ),
            "DELETE" => {
                self.functions.delete(self.caller, name, qualifier).await?;
                empty(StatusCode::NO_CONTENT)
            }
            _ => Err(unknown(self.parts)),
        }
    }

    /// What stands below a function.
    async fn part(&self, name: &str, part: &str, mut query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        match (self.parts.method.as_str(), part) {
            ("GET", "configuration") => {
                let qualifier = query.take("Qualifier");
                query.finish()?;
                let shape = functions.get_configuration(caller, name, qualifier.as_deref())?;
                json(StatusCode::OK, &shape)
            }
            ("PUT", "configuration") => {
                query.finish()?;
                let changes = body(self.body)?;
                let shape = functions
                    .update_configuration(caller, name, changes)
                    .await?;
                json(StatusCode::OK, &shape)
            }
            ("PUT", "code") => {
                query.finish()?;
                let shape = functions
                    .update_code(caller, name, body(self.body)?)
                    .await?;
                json(StatusCode::OK, &shape)
            }
            ("POST", "invocations") => {
                let qualifier = query.take("Qualifier");
                query.finish()?;
                let invoke = invocation(self.parts, qualifier, self.body)?;
                invoked(functions.invoke(caller, name, invoke).await?)
            }
            ("GET", "versions") => {
                let page = query.page()?;
                query.finish()?;
                let shape = functions.list_versions(caller, name, &page)?;
                json(StatusCode::OK, &shape)
            }
            ("POST", "versions") => {
                query.finish()?;
                let shape = functions.publish(caller, name, body(self.body)?).await?;
                json(StatusCode::CREATED, &shape)
            }
            ("GET", "aliases") => {
                let page = query.page()?;
                let version = query.take("FunctionVersion");
                query.finish()?;
                let shape = functions.list_aliases(caller, name, version.as_deref(), &page)?;
                json(StatusCode::OK, &shape)
            }
            ("POST", "aliases") => {
                query.finish()?;
                let shape = functions
                    .create_alias(caller, name, body(self.body)?)
                    .await?;
                json(StatusCode::CREATED, &shape)
            }
            ("GET" | "POST", "policy") => self.policy(name, query).await,
            _ => Err(unknown(self.parts)),
        }
    }

    async fn alias(&self, name: &str, alias: &str, query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        query.finish()?;
        match self.parts.method.as_str() {
            "GET" => json(StatusCode::OK, &functions.get_alias(caller, name, alias)?),
            "PUT" => {
                let changes = body(self.body)?;
                let shape = functions.update_alias(caller, name, alias, changes).await?;
                json(StatusCode::OK, &shape)
            }
            "DELETE" => {
                functions.delete_alias(caller, name, alias).await?;
                empty(StatusCode::NO_CONTENT)
            }
            _ => Err(unknown(self.parts)),
        }
    }

    async fn policy(&self, name: &str, mut query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        let qualifier = query.take("Qualifier");
        query.finish()?;
        let qualifier = qualifier.as_deref();
        if self.parts.method == http::Method::GET {
            let shape = functions.get_policy(caller, name, qualifier)?;
            return json(StatusCode::OK, &shape);
        }
        let statement = body(self.body)?;
        let shape = functions
            .add_permission(caller, name, qualifier, statement)
            .await?;
        json(StatusCode::CREATED, &shape)
    }

    async fn statement(&self, name: &str, statement: &str, mut query: Query) -> Answer {
        let qualifier = query.take("Qualifier");
        let revision = query.take("RevisionId");
        query.finish()?;
        if self.parts.method != http::Method::DELETE {
            return Err(unknown(self.parts));
        }
        let (qualifier, revision) = (qualifier.as_deref(), revision.as_deref());
        self.functions
            .remove_permission(self.caller, name, qualifier, statement, revision)
            .await?;
        empty(StatusCode::NO_CONTENT)
    }

    async fn concurrency(&self, date: &str, name: &str, query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        query.finish()?;
        match (self.parts.method.as_str(), date) {
            ("GET", "2019-09-30") => {
                json(StatusCode::OK, &functions.get_concurrency(caller, name)?)
            }
            ("PUT", "2017-10-31") => {
                let reserved = body(self.body)?;
                let shape = functions.put_concurrency(caller, name, reserved).await?;
                json(StatusCode::OK, &shape)
            }
            ("DELETE", "2017-10-31") => {
                functions.delete_concurrency(caller, name).await?;
                empty(StatusCode::NO_CONTENT)
            }
            _ => Err(unknown(self.parts)),
        }
    }

    /// Deployment tools ask every function for its code signing configuration: none has one.
    fn code_signing(&self, name: &str, query: Query) -> Answer {
        query.finish()?;
        if self.parts.method != http::Method::GET {
            return Err(unknown(self.parts));
        }
        let configuration = self.functions.get_configuration(self.caller, name, None)?;
        let name = &configuration["FunctionName"];
        json(
            StatusCode::OK,
            &json!({"CodeSigningConfigArn": "", "FunctionName": name}),
        )
    }

    async fn tags(&self, arn: &str, mut query: Query) -> Answer {
        let Self {
            functions, caller, ..
        } = self;
        let keys = query.take_all("tagKeys");
        query.finish()?;
        match self.parts.method.as_str() {
            "GET" => json(StatusCode::OK, &functions.list_tags(caller, arn)?),
            "POST" => {
                functions.tag(caller, arn, body(self.body)?).await?;
                empty(StatusCode::NO_CONTENT)
            }
            "DELETE" => {
                functions.untag(caller, arn, &keys).await?;
                empty(StatusCode::NO_CONTENT)
            }
            _ => Err(unknown(self.parts)),
        }
    }
}
