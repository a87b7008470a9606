//! Certificates for whatever host a browser asks for. They are signed by nobody: the browser is told to accept that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// One certificate a host, made when it is first asked for.
#[derive(Default)]
pub(super) struct Certificates {
    known: Mutex<HashMap<String, TlsAcceptor>>,
}

impl Certificates {
    /// What shakes hands in the name of that host.
    pub(super) fn acceptor(&self, host: &str) -> Result<TlsAcceptor, CertificateError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(acceptor) = known.get(host) {
            return Ok(acceptor.clone());
        }
        let acceptor = TlsAcceptor::from(Arc::new(config(host)?));
        known.insert(host.to_owned(), acceptor.clone());
        Ok(acceptor)
    }
}

/// A host name that no certificate can be made for.
#[derive(Debug, thiserror::Error)]
pub(super) enum CertificateError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

fn config(host: &str) -> Result<ServerConfig, CertificateError> {
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
    let made = rcgen::generate_simple_self_signed([host.to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok(config)
}
