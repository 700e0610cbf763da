"""What both sides of a Modbus/TCP Security connection show each other (specification v36, 2021: TLS 1.2 or newer)."""

from __future__ import annotations

import ssl
from pathlib import Path

from cellctl.devices.modbus.settings import ModbusTlsSettings
from cellctl.errors import PlantError, text


class CertificateError(PlantError):
    """A certificate or key of one of the two sides is not what it has to be (CELL-2017).

    Attributes:
        key: the setting that names the file at fault; empty when it is the device's.
    """

    key = ""


def tls_context(settings: ModbusTlsSettings) -> ssl.SSLContext:
    """The device must show a certificate for its host, signed by `ca`; we show ours. CertificateError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.ca)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("ca", settings.ca, error) from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(settings.certificate)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("certificate", settings.certificate, error) from error
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=_no_password)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise _unusable("key", settings.key, error) from error
    return context


def refused(peer: str, error: ssl.SSLError) -> CertificateError:
    """The two sides do not accept each other."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateError("CELL-2017", "{peer}: its certificate is not accepted: {reason}",
                                do="compare `host`, `ca` and the clock with the device's certificate", peer=peer,
                                reason=error.verify_message)  # fmt: skip
    return CertificateError("CELL-2017", "{peer}: no secure connection: {reason}",
                            do="see whether the device speaks TLS 1.2 and accepts the cell's certificate", peer=peer,
                            reason=_reason(error) or str(error))  # fmt: skip


def _unusable(key: str, file: Path, error: Exception) -> CertificateError:
    reason = _reason(error) or text("no PEM file, or one with a password")
    found = CertificateError("CELL-2017", "{key}: {file} cannot be used: {reason}",
                             do="write the path of a PEM file; `key` has to belong to `certificate`", key=key,
                             file=file, reason=reason)  # fmt: skip
    found.key = key
    return found


def _reason(error: Exception) -> str:
    """The library's own words, as far as it has any."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "").replace("_", " ").lower()
    return (error.strerror or "") if isinstance(error, OSError) else ""


def _no_password() -> str:
    """Nobody is there to type one."""
    return ""
