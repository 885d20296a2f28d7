//! API Gateway: calls an API's endpoint.

mod base;
mod http_api;
mod rest_api;

pub use base::{AuthType, CallApiGatewayEndpointBase, HttpMethod};
pub use http_api::CallApiGatewayHttpApiEndpoint;
pub use rest_api::CallApiGatewayRestApiEndpoint;
