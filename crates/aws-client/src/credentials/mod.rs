//! Who calls.

mod chain;
mod metadata;
mod process;
mod roles;
mod sso;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

pub use roles::Role;

use crate::client::Client;
use crate::config::Environment;
use crate::error::CredentialError;
use crate::secret::Secret;

/// How long before their end credentials are replaced.
const MARGIN: Duration = Duration::from_secs(300);

/// Credentials of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key's id, which is no secret.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token of credentials that end.
    pub session_token: Option<Secret>,
    /// When they end.
    pub expires: Option<Timestamp>,
}

impl Credentials {
    /// Credentials that do not end.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expires: None,
        }
    }

    /// Credentials in JSON, by the names that they have there: key, secret, token, end.
    fn of_json(value: &Value, names: [&str; 4]) -> Option<Self> {
        let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let [key, secret, token, end] = names;
        let expires = match value.get(end) {
            Some(Value::String(text)) => Some(crate::time::read(text)?),
            Some(Value::Number(milliseconds)) => {
                Some(Timestamp::from_millisecond(milliseconds.as_i64()?).ok()?)
            }
            _ => None,
        };
        Some(Self {
            access_key_id: text(key)?,
            secret_access_key: text(secret)?.into(),
            session_token: text(token).map(Secret::from),
            expires,
        })
    }

    /// Whether they are good for some time yet.
    fn last(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|end| {
            let left = end.duration_since(now);
            left > jiff::SignedDuration::try_from(MARGIN).unwrap_or_default()
        })
    }
}

/// Where credentials come from. Those that end are replaced in time; clones share them.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    source: Source,
    /// What was found last.
    found: Mutex<Option<Credentials>>,
}

/// Where credentials come from.
#[derive(Debug, Clone)]
enum Source {
    /// Nowhere.
    None,
    Fixed(Credentials),
    /// Where AWS's SDKs look.
    Chain(Environment),
    /// A role, assumed with the credentials of another provider.
    Role(Box<Role>, Provider),
}

impl Provider {
    /// No credentials: calls that need some fail and say so.
    pub fn none() -> Self {
        Self::of(Source::None)
    }

    /// These credentials.
    pub fn fixed(credentials: Credentials) -> Self {
        Self::of(Source::Fixed(credentials))
    }

    /// The first that are found where AWS's SDKs look: variables, a web identity, the profile (with
    /// roles, SSO and programs), the container, the instance.
    ///
    /// The instance's metadata service is asked for at the very end, and not if
    /// `AWS_EC2_METADATA_DISABLED` is `true`.
    pub fn chain(environment: Environment) -> Self {
        Self::of(Source::Chain(environment))
    }

    /// Those of a role, assumed with the credentials of `caller`.
    pub fn role(role: Role, caller: Self) -> Self {
        Self::of(Source::Role(Box::new(role), caller))
    }

    fn of(source: Source) -> Self {
        Self(Arc::new(Inner {
            source,
            found: Mutex::default(),
        }))
    }

    /// The credentials, found anew if they are about to end. Roles are assumed through `client`.
    pub async fn credentials(&self, client: &Client) -> Result<Credentials, CredentialError> {
        if let Source::Fixed(credentials) = &self.0.source {
            return Ok(credentials.clone());
        }
        // One looks, the others wait for what it finds.
        let mut found = self.0.found.lock().await;
        if let Some(credentials) = &*found
            && credentials.last(Timestamp::now())
        {
            return Ok(credentials.clone());
        }
        let new = self.find(client).await;
        if let (Err(_), Some(old)) = (&new, &*found)
            && old.expires.is_some_and(|end| end > Timestamp::now())
        {
            // Good for a while yet, and there is time to find new ones.
            return Ok(old.clone());
        }
        let new = new?;
        *found = Some(new.clone());
        Ok(new)
    }

    /// Forgets what was found: whether other credentials may be found then.
    pub(crate) async fn forget(&self) -> bool {
        self.0.found.lock().await.take().is_some()
    }

    // Boxed, because a role's caller may be a role.
    fn find<'a>(&'a self, client: &'a Client) -> Found<'a> {
        Box::pin(async move {
            match &self.0.source {
                Source::None => Err(CredentialError::None { tried: Vec::new() }),
                Source::Fixed(credentials) => Ok(credentials.clone()),
                Source::Chain(environment) => chain::find(environment, client).await,
                Source::Role(role, caller) => role.assume(client, caller).await,
            }
        })
    }
}

/// Credentials that are being looked for.
type Found<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialError>> + Send + 'a>>;

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider").field(&self.0.source).finish()
    }
}
