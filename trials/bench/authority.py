"""TLS as on AWS: an authority that the functions trust besides all those that a system trusts.

Reading a system's certificates is a good part of what TLS costs a start, so they are all there.
Node has them built in, and is told of the additional one only.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.processes import StackError

HOST = "127.0.0.1"
_VALID = timedelta(days=1)
# Amazon Linux's, Debian's: both are Mozilla's list.
_SYSTEM_CERTIFICATES = (
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/certs/ca-certificates.crt"),
)
_BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Authority:
    """Files with certificates, and the server's side of TLS."""

    certificate: Path
    bundle: Path  # the system's certificates, and this one
    server: ssl.SSLContext

    @classmethod
    def found(cls, directory: Path) -> Self:
        """Make an authority and let it certify this machine's own address.

        Raises:
            StackError: this system has no file of certificates.
        """
        directory.mkdir(parents=True, exist_ok=True)
        system = _system_certificates().read_text()
        own_key, own = _certificate("Till's benchmark")
        key, leaf = _certificate("Till's benchmark's backends", issuer=(own_key, own))
        certificate, bundle, server = (
            directory / name for name in ("authority.pem", "bundle.pem", "server.pem")
        )
        certificate.write_bytes(_pem(own))
        bundle.write_bytes(system.encode() + _pem(own))
        server.write_bytes(_pem(leaf) + _pem_of_key(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server)
        context.set_alpn_protocols(["http/1.1"])
        return cls(certificate, bundle, context)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which functions come to trust it."""
        return {"SSL_CERT_FILE": str(self.bundle), "NODE_EXTRA_CA_CERTS": str(self.certificate)}

    @property
    def boto3_environment(self) -> dict[str, str]:
        """What makes boto3 read the same file as everyone; it has its own, and as large a one."""
        return {"AWS_CA_BUNDLE": str(self.bundle)}

    @property
    def certificate_count(self) -> int:
        """How many certificates there are to read."""
        return self.bundle.read_text().count(_BEGIN)


def _system_certificates() -> Path:
    for path in _SYSTEM_CERTIFICATES:
        if path.is_file():
            return path
    places = " or ".join(map(str, _SYSTEM_CERTIFICATES))
    raise StackError(
        f"This system's certificates, which the functions are to read, are not at {places}.\n"
        "Install the package ca-certificates, or measure over plain HTTP with --plain."
    )


type _Certified = tuple[rsa.RSAPrivateKey, x509.Certificate]


def _certificate(common_name: str, *, issuer: _Certified | None = None) -> _Certified:
    """A certificate with an RSA key, as AWS's have: an authority's own, or one that it issues."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    issuer_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, name)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _VALID)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(_key_usage(signs_certificates=issuer is None), critical=True)
    )
    if issuer:
        address = x509.IPAddress(ipaddress.ip_address(HOST))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return key, builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_of_key(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
