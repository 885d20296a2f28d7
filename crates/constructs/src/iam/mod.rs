//! IAM: statements, policies, roles and principals.

mod document;
mod principal;
mod role;
mod statement;

pub use document::PolicyDocument;
pub use principal::Principal;
pub(crate) use role::DetachedRole;
pub use role::{Grantable, Role};
pub use statement::{Effect, Statement};

pub(crate) use principal::{PRINCIPAL_MAP, principal_map, service_principal_in};
