"""A card as the profile that Apple's programs read by themselves; signed where that is asked for."""

from __future__ import annotations

import plistlib
import uuid
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.plan.cards import Card
from mailwright.standards.autoconfig import Server

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

_BAD_FILE = Text("{file} is not a certificate or key in PEM form", "{file} 不是 PEM 格式的证书或私钥")
_BAD_PAIR = Text("the key does not belong to the first certificate", "私钥与第一张证书不匹配")


class SigningError(Exception):
    """Certificate and key cannot sign; the text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text("en"))
        self.text = text


class Signer:
    """A certificate with its chain, and its key.

    Args:
        certificates: PEM, the signer's own first.
        key: PEM, of an RSA or EC key.
        passphrase: of the key, or None.

    Raises:
        SigningError: one of them cannot be read, or they do not belong together.
    """

    def __init__(self, certificates: bytes, key: bytes, passphrase: bytes | None) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            chain = x509.load_pem_x509_certificates(certificates)
        except ValueError:
            raise SigningError(_BAD_FILE.using(file="--sign-certificate")) from None
        try:
            private = load_pem_private_key(key, passphrase)
        except (ValueError, TypeError):
            raise SigningError(_BAD_FILE.using(file="--sign-key")) from None
        if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise SigningError(_BAD_FILE.using(file="--sign-key"))
        if chain[0].public_key() != private.public_key():
            raise SigningError(_BAD_PAIR)
        self._chain: list[x509.Certificate] = chain
        self._key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = private

    def signed(self, profile: bytes) -> bytes:
        """The profile within a CMS signature, DER, as Apple wants it."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

        builder = pkcs7.PKCS7SignatureBuilder().set_data(profile)
        builder = builder.add_signer(self._chain[0], self._key, hashes.SHA256())
        for certificate in self._chain[1:]:
            builder = builder.add_certificate(certificate)
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def mobileconfig(card: Card) -> bytes | None:
    """Apple's profile, without a password; None where a program cannot log in by one, or there is no IMAP.

    The names are made from the address, so that a new profile replaces the old one. Not signed yet.
    """
    incoming = next((server for server in card.servers if server.kind == "imap"), None)
    outgoing = next((server for server in card.servers if server.kind == "smtp"), None)
    if not incoming or not outgoing or not card.by_password:
        return None
    account = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_reversed(card)}.account",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{card.address}#account")).upper(),
        "PayloadDisplayName": card.address,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAccountName": card.name,
        "EmailAccountDescription": card.address,
        "EmailAddress": card.address,
        **_side("Incoming", incoming, card.address),
        **_side("Outgoing", outgoing, card.address),
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": _reversed(card),
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{card.address}")).upper(),
        "PayloadDisplayName": card.address,
        "PayloadOrganization": card.domain,
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile, sort_keys=True)


def _side(side: str, server: Server, address: str) -> dict[str, object]:
    return {
        f"{side}MailServerAuthentication": "EmailAuthPassword",
        f"{side}MailServerHostName": server.host,
        f"{side}MailServerPortNumber": server.port,
        f"{side}MailServerUseSSL": True,
        f"{side}MailServerUsername": address,
    }


def _reversed(card: Card) -> str:
    return ".".join([*reversed(card.domain.split(".")), "mail", card.key])
