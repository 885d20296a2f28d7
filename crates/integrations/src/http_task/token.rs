//! OAuth's tokens: asked for once, kept until they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use serde_json::Value;
use stepmill_aws_client::{Secret, TransportError, Web};
use tokio::sync::Mutex;

use super::connection::OAuth;
use crate::call::Outcome;
use crate::endpoints::{Task, query, set_secret, with_query};

/// How long before its end a token is replaced, at most; a tenth of its life, if that is less.
const MARGIN: Duration = Duration::from_secs(60);
/// The longest answer of an authorization endpoint.
const ANSWER_BYTES: usize = 64 << 10;
/// When tokens of so many connections are kept, all are forgotten.
const CONNECTIONS: usize = 1000;

/// The tokens of connections, by their ARNs.
#[derive(Default)]
pub(crate) struct Tokens(StdMutex<HashMap<String, Arc<Mutex<Option<Token>>>>>);

/// A token, whose it is, and when it is replaced; not before it is refused, if nothing says when it ends.
struct Token {
    text: Secret,
    of: OAuth,
    until: Option<Instant>,
}

impl Tokens {
    /// A connection's token: not the one that was `refused`.
    pub(super) async fn get(
        &self,
        task: &Task<'_>,
        web: &Web,
        connection: &str,
        oauth: &OAuth,
        refused: Option<&Secret>,
    ) -> Result<Secret, Outcome> {
        // One asks, the others wait for what it gets.
        let place = self.place(connection);
        let mut kept = place.lock().await;
        if let Some(token) = &*kept
            && token.of == *oauth
            && token.until.is_none_or(|until| until > Instant::now())
            && refused != Some(&token.text)
        {
            return Ok(token.text.clone());
        }
        *kept = None;
        let token = ask(task, web, oauth).await?;
        let text = token.text.clone();
        *kept = Some(token);
        Ok(text)
    }

    fn place(&self, connection: &str) -> Arc<Mutex<Option<Token>>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= CONNECTIONS && !places.contains_key(connection) {
            places.clear();
        }
        Arc::clone(places.entry(connection.to_owned()).or_default())
    }
}

/// Asks the authorization endpoint.
async fn ask(task: &Task<'_>, web: &Web, oauth: &OAuth) -> Result<Token, Outcome> {
    let refused = |cause: String| {
        let error = task.http.connection_error("InvalidConnectionState");
        Outcome::failed(error, cause)
    };
    let request = request(oauth).ok_or_else(|| {
        refused("The authorization parameters of the connection cannot be sent".to_owned())
    })?;
    let answer = task.try_send(web, request, ANSWER_BYTES).await;
    let answer = answer.map_err(|error| match error {
        TransportError::NotAllowed { .. } => task.unanswered(&error),
        error => refused(format!(
            "The authorization endpoint does not answer: {error}"
        )),
    })?;
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = told.get("access_token").and_then(Value::as_str);
    let text = text.filter(|_| (200..300).contains(&answer.status));
    let text = text.ok_or_else(|| {
        // A body may repeat secrets; RFC 6749 has a word for what is wrong.
        let word = told.get("error").and_then(Value::as_str);
        let word = word.filter(|word| {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            word.len() <= 64 && word.bytes().all(fits)
        });
        let word = word.map(|word| format!(": {word}")).unwrap_or_default();
        refused(format!(
            "The authorization endpoint answered {} without a token{word}",
            answer.status
        ))
    })?;
    Ok(Token {
        text: text.into(),
        of: oauth.clone(),
        until: life(&told).and_then(|life| Instant::now().checked_add(life)),
    })
}

fn request(oauth: &OAuth) -> Option<Request<Bytes>> {
    let parameters = &oauth.parameters;
    let mut form: Vec<(&str, &str)> = Vec::new();
    let named = |name: &str| parameters.body.iter().any(|(given, _)| given == name);
    let usual = [
        ("grant_type", "client_credentials"),
        ("client_id", oauth.client_id.expose()),
        ("client_secret", oauth.client_secret.expose()),
    ];
    form.extend(usual.iter().filter(|(name, _)| !named(name)));
    let given = parameters.body.iter();
    form.extend(given.map(|(name, value)| (&**name, value.expose())));
    let given = parameters.query.iter();
    let mut asked: Vec<_> = given
        .map(|(name, value)| (&**name, value.expose()))
        .collect();
    let method: Method = oauth.method.parse().ok()?;
    let body = match method {
        Method::GET => {
            asked.append(&mut form);
            String::new()
        }
        _ => query(form),
    };
    let url = with_query(&oauth.endpoint, &query(asked));
    let mut request = Request::builder().method(&method).uri(url);
    request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
    if method != Method::GET {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request = request.header(CONTENT_TYPE, form);
    }
    let mut request = request.body(body.into()).ok()?;
    let headers = request.headers_mut();
    let fine = parameters
        .headers
        .iter()
        .all(|(name, value)| set_secret(headers, name, value.expose()));
    fine.then_some(request)
}

/// How long a token is used: a little less than it lives.
fn life(told: &Value) -> Option<Duration> {
    let seconds = match told.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let life = Duration::try_from_secs_f64(seconds).ok()?;
    Some(life.saturating_sub(MARGIN.min(life / 10)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_replaced_before_they_end() {
        for (told, seconds) in [
            (json!({ "expires_in": 3600 }), Some(3540.0)),
            (json!({ "expires_in": "10" }), Some(9.0)),
            (json!({ "expires_in": 0 }), Some(0.0)),
            (json!({ "expires_in": -1 }), None),
            (json!({}), None),
        ] {
            assert_eq!(
                life(&told).map(|life| life.as_secs_f64()),
                seconds,
                "{told}"
            );
        }
    }
}
