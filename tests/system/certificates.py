"""Certificates for a test: an authority, and what it signs; made by the openssl command."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

LIFE_DAYS = "2"


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates in a folder of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.own = self._files(name)
        self._openssl(
            "req", "-x509", *_new_key(self.own), "-out", self.own.certificate, "-subj", f"/CN={name}",
            "-days", LIFE_DAYS, "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip

    def sign(self, name: str, host: str, *, days: str = LIFE_DAYS) -> Pair:
        """A certificate for a host by name or address; with negative days one that has expired already."""
        made, request, extra = self._files(name), self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        kind = "IP" if host[0].isdigit() else "DNS"
        extra.write_text(f"subjectAltName={kind}:{host}\n", encoding="utf-8")
        self._openssl("req", "-new", *_new_key(made), "-out", request, "-subj", f"/CN={name}")
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.own.certificate, "-CAkey", self.own.key, "-out",
            made.certificate, "-days", days, "-extfile", extra,
        )  # fmt: skip
        return made

    def _files(self, name: str) -> Pair:
        return Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")

    @staticmethod
    def _openssl(*arguments: object) -> None:
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def _new_key(pair: Pair) -> tuple[object, ...]:
    return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pair.key
