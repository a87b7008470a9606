//! Certificates for whatever host a browser asks for. They are signed by nobody: the browser is told to accept that. Chromium
//! is told the key as well, since it keeps nothing in its cache that came with a certificate which it merely accepts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, KeyPair, PublicKeyData as _, SerialNumber};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// One certificate a host, made when it is first asked for; all have one key.
pub(super) struct Certificates {
    key: KeyPair,
    known: Mutex<HashMap<String, TlsAcceptor>>,
}

impl Certificates {
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        Ok(Self { key: KeyPair::generate()?, known: Mutex::default() })
    }

    /// The SHA-256 of the key as certificates hold it, by which a browser can be told to trust it.
    pub(super) fn fingerprint(&self) -> String {
        let digest =
            ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, &self.key.subject_public_key_info());
        super::dress::base64(digest.as_ref())
    }

    /// What shakes hands in the name of that host.
    pub(super) fn acceptor(&self, host: &str) -> Result<TlsAcceptor, CertificateError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(acceptor) = known.get(host) {
            return Ok(acceptor.clone());
        }
        let acceptor = TlsAcceptor::from(Arc::new(config(host, &self.key)?));
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

fn config(host: &str, key: &KeyPair) -> Result<ServerConfig, CertificateError> {
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
    let mut params = CertificateParams::new([host.to_owned()])?;
    // Two certificates of one issuer must not have one number.
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, host.as_bytes());
    params.serial_number = Some(SerialNumber::from_slice(&digest.as_ref()[..16]));
    let certificate = params.self_signed(key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(config)
}
