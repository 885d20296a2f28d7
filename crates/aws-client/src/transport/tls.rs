//! Which certificates are believed.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// TLS that believes the machine's authorities, or those of a file alone.
pub(super) fn config(bundle: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match bundle {
        Some(path) => {
            let broken = |error: &dyn std::fmt::Display| {
                format!(
                    "the certificates of {} cannot be read: {error}",
                    path.display()
                )
            };
            let found = CertificateDer::pem_file_iter(path).map_err(|error| broken(&error))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| broken(&error))?;
                roots.add(certificate).map_err(|error| broken(&error))?;
            }
        }
        None => {
            // One that cannot be read does not make the others worthless.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(
            "no certificate authorities are known: install the system's \
                    (ca-certificates), or set AWS_CA_BUNDLE"
                .to_owned(),
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
