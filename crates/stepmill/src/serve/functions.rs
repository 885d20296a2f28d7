//! Local Lambda functions as the server runs them.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use stepmill::api::{Access, AccessKey};
use stepmill::engine::Caller;
use stepmill::integrations::lambda::{Function, Host, HostOptions, LogLine, Owner, Variables};

use crate::problem::Problem;

/// The address as processes of this machine reach it.
pub(super) fn local_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// Starts what runs the functions; `url` is where they find this server.
pub(super) async fn host(
    functions: Vec<Function>,
    caller: &Caller,
    access: &Access,
    url: String,
) -> Result<Host, Problem> {
    let options = HostOptions {
        account: caller.account.clone(),
        region: caller.region.clone(),
        logs: Some(Arc::new(|line: LogLine| {
            tracing::info!(target: "function", name = &*line.function, "{}", line.text);
        })),
        variables: Some(variables(access, url)),
        ..HostOptions::default()
    };
    let host = Host::start(functions, options).await;
    host.map_err(|error| {
        let problem = Problem::new(error.to_string());
        match error.help() {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}

/// The variables with which the AWS SDKs of functions find this server, unless the environment says
/// where Step Functions and Lambda are and who calls.
fn variables(access: &Access, url: String) -> Variables {
    let keys: Vec<AccessKey> = match access {
        Access::Open => Vec::new(),
        Access::Keys(keys) => keys.clone(),
    };
    let open = keys.is_empty();
    let somebody = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"]
        .iter()
        .any(|name| env::var_os(name).is_some());
    Arc::new(move |owner: &Owner| {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL_SFN".to_owned(), url.clone()),
            ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), url.clone()),
        ];
        let key = keys.iter().find(|key| key.account == owner.account);
        let credentials = match key {
            _ if somebody => None,
            Some(key) => Some((key.id.clone(), key.secret.clone())),
            // An id of 12 digits names the account.
            None if open => Some((owner.account.clone(), "stepmill".to_owned())),
            None => None,
        };
        if let Some((id, secret)) = credentials {
            variables.push(("AWS_ACCESS_KEY_ID".to_owned(), id));
            variables.push(("AWS_SECRET_ACCESS_KEY".to_owned(), secret));
        }
        variables
    })
}
