"""The certificates of the authorities that the environment names, for httpx. Knows no deployment."""

from __future__ import annotations

import os
import ssl
from functools import cache, lru_cache

import httpx

__all__ = ["FILES", "certificate_files", "certificates", "no_certificates"]

FILES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables that name them; httpx takes the first that is set."""


def certificate_files() -> tuple[tuple[str | int, ...], ...]:
    """Return what the environment names: for each file or folder its path, its time and its size, which change with it."""
    return tuple(_state(os.environ.get(name, "")) for name in FILES)


def _state(path: str) -> tuple[str | int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return (path,)
    return path, found.st_mtime_ns, found.st_size


def certificates() -> ssl.SSLContext:
    """Return the certificates, loaded once for each state of their files: it takes 0.05 s.

    Raises:
        OSError: they cannot be read.
    """
    return _loaded(certificate_files())


@lru_cache(maxsize=4)
def _loaded(files: tuple[tuple[str | int, ...], ...]) -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def no_certificates() -> ssl.SSLContext:
    """For plain http: trusts no certificate."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
