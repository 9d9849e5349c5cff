//! TLS: which certificates are trusted, and what its errors mean.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::target::{TargetError, Trust};

/// A connector that trusts these certificates.
pub(super) fn connector(trust: &Trust) -> Result<TlsConnector, TargetError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has the cipher suites of the versions that are built in");
    let mut config = match trust {
        Trust::System => builder.with_root_certificates(system()).with_no_client_auth(),
        Trust::Authority(path) => builder.with_root_certificates(authority(path)?).with_no_client_auth(),
        Trust::Anyone => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider))).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The authorities of the operating system. If there are none, every certificate is rejected, and the error names the
/// options.
fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn authority(path: &Path) -> Result<RootCertStore, TargetError> {
    let fault = |reason: String| TargetError::Authority(path.to_owned(), reason);
    let unreadable = |error| match error {
        pem::Error::Io(error) => fault(error.to_string()),
        other => fault(other.to_string()),
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(unreadable)?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() { Err(fault("there are none in PEM format".to_owned())) } else { Ok(roots) }
}

/// Accepts every certificate; it still checks that the server has the certificate's key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Why there is no TLS connection.
pub(super) fn words(error: &io::Error) -> String {
    let error = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match error {
        Some(Error::InvalidCertificate(fault)) => format!("the server's certificate {}", certificate(fault)),
        Some(Error::AlertReceived(alert)) => format!("the server ends the TLS handshake with the alert {alert:?}"),
        Some(Error::InvalidMessage(_)) => "the port does not speak TLS".to_owned(),
        Some(Error::PeerIncompatible(_)) => {
            "the server speaks only versions of TLS before 1.2, or other ciphers".to_owned()
        }
        Some(other) => format!("the TLS handshake fails: {other}"),
        None => "the connection ended in the TLS handshake".to_owned(),
    }
}

fn certificate(fault: &CertificateError) -> String {
    match fault {
        CertificateError::UnknownIssuer => {
            "is not signed by a trusted authority; name its authority with --ca FILE, or accept it with --insecure"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name than that in the URL".to_owned()
        }
        CertificateError::Revoked => "is revoked".to_owned(),
        other => format!("is not accepted: {other}"),
    }
}
