//! IAM: statements, policies, roles, principals and grants.

mod document;
mod grant;
mod merge;
mod principal;
mod resource_policy;
mod role;
mod statement;

pub use document::PolicyDocument;
pub use grant::{Grant, Grantable, ResourceWithPolicy};
pub use principal::Principal;
pub use role::Role;
pub use statement::{Effect, Statement};

pub(crate) use document::Policy;
pub(crate) use grant::OnResource;
pub(crate) use principal::{PRINCIPAL_MAP, principal_map, service_principal_in};
pub(crate) use resource_policy::ResourcePolicy;
pub(crate) use role::DetachedRole;
