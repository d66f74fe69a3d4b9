"""The function's own credentials: from its environment, or from an endpoint inside its sandbox.

Lambda puts them into the environment. With SnapStart, where an environment outlives its
credentials, it serves them at an endpoint, as ECS and EKS do:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from payments.transport import NoResponseError, shared

# A signed request has to arrive before its credentials expire.
_REFRESH_SECONDS = 300
_ECS = "http://169.254.170.2"
_HOSTS = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"})
_ATTEMPTS = 3
_TIMEOUT_SECONDS = 2
_OK = 200


class CredentialsError(Exception):
    """There are no credentials. The message contains no secret."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that sign requests. expires_at is in seconds since 1970."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    expires_at: float = float("inf")


class CredentialsSource:
    """Finds the credentials, and keeps them until shortly before they expire."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._credentials: Credentials | None = None

    def get(self) -> Credentials:
        """The current credentials.

        Raises:
            CredentialsError: there are none.
        """
        kept, now = self._credentials, time.time()
        if kept and now < kept.expires_at - _REFRESH_SECONDS:
            return kept
        try:
            self._credentials = self._find()
        except CredentialsError:
            if kept and now < kept.expires_at:
                return kept
            raise
        return self._credentials

    def _find(self) -> Credentials:
        environment = self._environment
        if access_key_id := environment.get("AWS_ACCESS_KEY_ID"):
            return Credentials(
                access_key_id,
                environment["AWS_SECRET_ACCESS_KEY"],
                environment.get("AWS_SESSION_TOKEN"),
            )
        if path := environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
            return self._fetch(_ECS + path)
        if url := environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
            if not _is_trusted(url):
                raise CredentialsError("credentials must come over https, or from this machine")
            return self._fetch(url)
        raise CredentialsError("the environment has no credentials")

    def _fetch(self, url: str) -> Credentials:
        headers = self._authorization()
        transport = shared(direct=True)  # it is inside our sandbox: no proxy
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = transport.send(
                    "GET",
                    url,
                    headers=headers,
                    connect_timeout=_TIMEOUT_SECONDS,
                    timeout=_TIMEOUT_SECONDS,
                )
            except NoResponseError as error:
                if attempt == _ATTEMPTS or not error.worth_retrying:
                    raise CredentialsError(f"no credentials: {error}") from error
                continue
            except ValueError:
                break  # the error's text could contain the token
            if response.status == _OK:
                return _parsed(response.body)
            if response.status < 500:  # noqa: PLR2004
                break
        raise CredentialsError("the credentials endpoint refused")

    def _authorization(self) -> dict[str, str]:
        token = self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if path := self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
            try:
                token = Path(path).read_text()  # each time: EKS replaces it
            except OSError as error:
                raise CredentialsError("the token file cannot be read") from error
        return {"Authorization": token} if token else {}


def _is_trusted(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host in _HOSTS:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _parsed(body: bytes) -> Credentials:
    try:
        members = json.loads(body)
        return Credentials(
            members["AccessKeyId"],
            members["SecretAccessKey"],
            members["Token"],
            datetime.fromisoformat(members["Expiration"]).timestamp(),
        )
    except (ValueError, KeyError, TypeError):
        pass  # the error's text could contain the secret, and its context would be shown
    raise CredentialsError("the credentials endpoint gave an unexpected answer")
