//! Which certificates are believed.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Which authorities are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those of the settings' file, or else the machine's.
    Configured,
    /// These alone, in PEM.
    Only(Vec<u8>),
}

/// TLS that believes the machine's authorities, or those of a file or a text alone.
pub(super) fn config(trust: &Trust, bundle: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match (trust, bundle) {
        (Trust::Only(pem), _) => {
            let broken = |error: &dyn std::fmt::Display| {
                format!("the certificate of the authority cannot be read: {error}")
            };
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| broken(&error))?;
                roots.add(certificate).map_err(|error| broken(&error))?;
            }
            if roots.is_empty() {
                return Err("there is no certificate of an authority in PEM".to_owned());
            }
        }
        (Trust::Configured, Some(path)) => {
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
        (Trust::Configured, None) => {
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
