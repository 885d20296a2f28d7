//! Any action of any AWS service, from its model: JSON in, JSON out.
//!
//! The models are data ([`Service`]): what operations there are, what parameters and results look
//! like, by which protocol they travel, where services are. A call goes one way:
//!
//! ```text
//! JSON ─ parameters ─► data ─ protocol ─► request ─ endpoint, signature ─► HTTP
//! JSON ◄─ results ──── data ◄─ protocol ─ answer ◄──────── attempts ─────────┘
//! ```
//!
//! Everything but the last step on the right is a function. [`Client`] does the rest: connections,
//! credentials, attempts. It knows AWS's services and nothing of who calls them. [`Web`] sends requests
//! to servers that are none of these.

mod assemble;
mod checksum;
mod client;
mod config;
mod credentials;
mod data;
mod discovery;
mod endpoint;
mod error;

mod model;
mod parameters;
#[cfg(test)]
mod peer;
mod protocol;
mod quirks;
mod results;
mod retry;
mod secret;
mod sign;
mod style;
mod time;
mod transport;

pub use crate::client::{Client, Overrides, Response};
pub use crate::config::{Config, Environment, Proxy};
pub use crate::credentials::{Credentials, Provider, Role};
pub use crate::error::{
    CallError, ConfigError, CredentialError, EndpointError, Malformed, ParameterError, Problem,
    ServiceError, TransportError,
};
pub use crate::model::{
    AuthScheme, Location, Namespace, Operation, Protocol, Reference, Service, Shape, ShapeType,
    TimestampFormat, botocore_version,
};
pub use crate::secret::Secret;
pub use crate::style::{Blobs, Names, Style, Timestamps};
pub use crate::transport::{AddressFilter, Trust, Web, WebAnswer};
