"""Explains why a deployment cannot be reached: TLS, a proxy, something else that answers. Sends nothing."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lg_magics.errors import Unreachable
from lg_magics.model.visible_text import visible_line

if TYPE_CHECKING:
    import httpx

__all__ = ["PROXY_STATUS", "NotTheDeployment", "check_place", "intercepted", "not_connected", "refused_by_proxy"]

PROXY_STATUS = 407
PROXY_HINT = "HTTPS_PROXY, HTTP_PROXY and ALL_PROXY name it; NO_PROXY lists the hosts that need none."
# OpenSSL's codes for a certificate that a trusted authority may have signed.
EXPIRED = (9, 10)
OTHER_HOST = (62, 64)
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_EOF_WHILE_READING")
"""OpenSSL's names for an answer that is not TLS."""


class NotTheDeployment(Exception):
    """The response does not come from the deployment. `to` is the origin that a redirect leads to; "" if unknown."""

    def __init__(self, what: str, to: str = "") -> None:
        super().__init__(what)
        self.to = to


def check_place(response: httpx.Response) -> None:
    """An httpx hook: reject a redirect, which no deployment answers. Its path is not kept: it may hold a token.

    Raises:
        NotTheDeployment: with the origin that the redirect leads to.
    """
    if 300 <= response.status_code < 400:
        to = _target_of(response)
        raise NotTheDeployment(f"a redirect, {response.status_code}{f', to {to}' if to else ''}", to)


def _target_of(response: httpx.Response) -> str:
    import httpx

    location = response.headers.get("location", "")
    try:
        url = response.request.url.join(location)
        return visible_line(f"{url.scheme}://{url.netloc.decode('ascii')}") if location else ""
    except (httpx.InvalidURL, ValueError):
        return ""


def intercepted(url: str, doing: str, what: str, to: str = "") -> Unreachable:
    """Return the error for an answer of a proxy, gateway or login page. The request's result is unknown; a retry may help.

    Args:
        url: the deployment's address.
        doing: the attempted operation.
        what: what was answered.
        to: the origin that a redirect leads to.
    """
    parts = urlsplit(url)
    hint = "Try again."
    if to and urlsplit(to).hostname != parts.hostname:
        hint = "A page to log in may be in front of it: does it need a key or a header?"
    elif to and to != f"{parts.scheme}://{parts.netloc}":
        hint = f"Is this its address? %lg_connect {to}{parts.path}"
    return Unreachable(
        f"Something else answers in place of the deployment at {url} ({what}): cannot {doing}.", hint=hint
    )


def refused_by_proxy(url: str, doing: str, proxy: str, why: str) -> Unreachable:
    """Return the error for a proxy that does not pass a request on."""
    hint = PROXY_HINT
    if why.startswith(str(PROXY_STATUS)):
        variable = f"{urlsplit(url).scheme.upper()}_PROXY"
        hint = f"It needs a user and a password: {variable}=http://USER:PASSWORD@HOST:PORT, then connect again."
    return Unreachable(
        f"The proxy {f'{proxy} ' if proxy else ''}refuses the connection to {url} ({why}): cannot {doing}.",
        hint=hint,
        status_code=PROXY_STATUS if why.startswith(str(PROXY_STATUS)) else None,
    )


def not_connected(problem: httpx.ConnectError | httpx.ConnectTimeout, url: str, doing: str, proxy: str) -> Unreachable:
    """Return the error for a connection that was not made: by TLS, by the proxy, or because nothing listens."""
    import httpx

    tls = _tls_error_of(problem)
    if isinstance(tls, ssl.SSLCertVerificationError):
        why = visible_line(str(tls.verify_message)).rstrip(".")
        return Unreachable(
            f"The certificate of {url} cannot be verified ({why}): cannot {doing}.", hint=_hint_of_certificate(tls)
        )
    if tls is not None:
        why = (tls.reason or type(tls).__name__).lower().replace("_", " ")
        is_plain = tls.reason in NO_TLS or isinstance(tls, ssl.SSLEOFError)
        hint = f"Does it serve plain http? %lg_connect {url.replace('https:', 'http:', 1)}" if is_plain else ""
        return Unreachable(f"The TLS handshake with {url} failed ({why}): cannot {doing}.", hint=hint)
    if proxy and isinstance(problem, httpx.ConnectError):
        return Unreachable(f"The proxy {proxy} for {url} does not answer: cannot {doing}.", hint=PROXY_HINT)
    through = f" through the proxy {proxy}" if proxy else ""
    return Unreachable(
        f"No deployment answers at {url}{through}: cannot {doing}.",
        hint="Is it running, and is the address right? %lg_connect connects again, %lg_connect local starts one.",
    )


def _tls_error_of(problem: BaseException) -> ssl.SSLError | None:
    """Return the TLS error that caused an exception; None if there is none."""
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _hint_of_certificate(problem: ssl.SSLCertVerificationError) -> str:
    if problem.verify_code in EXPIRED:
        return "Its operator must renew it, or the clock of this machine is wrong."
    if problem.verify_code in OTHER_HOST:
        return "Is the address right?"
    return "SSL_CERT_FILE names a file with the certificates to trust: set it, then connect again."
