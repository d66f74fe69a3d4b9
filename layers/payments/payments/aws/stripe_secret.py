"""The Stripe key, and the secrets that sign webhooks: two secrets in Secrets Manager."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

from payments import deadline
from payments.aws.client import SECRETS_MANAGER, AwsClient, AwsError, AwsUnavailableError
from payments.domain.errors import ServiceUnavailableError

logger = Logger(child=True)

# A value that no longer fits is read again at once. The age only limits how long we keep one that
# does: an old signing secret, say.
_MAX_AGE_SECONDS = 300
# While Secrets Manager fails, the value in memory serves. How often we ask, and how long we wait.
_RETRY_SECONDS = 30
_REFRESH_SECONDS = 1
# Anybody can send wrong signatures. That must not make us read the secret as often.
_MISFIT_SECONDS = 10


class StripeSecret:
    """The stack's two secrets, cached. Never log what it returns."""

    def __init__(self, key_secret_id: str, webhook_secret_id: str | None = None) -> None:
        """Only the function for webhooks has a webhook_secret_id, and the right to read it."""
        self._client = AwsClient(SECRETS_MANAGER, connect_timeout=1, read_timeout=3)
        self._key = _Cached(self._client, key_secret_id, _secret_key)
        self._signing = (
            _Cached(self._client, webhook_secret_id, _signing_secrets)
            if webhook_secret_id
            else None
        )

    def open(self) -> None:
        """Open a connection."""
        self._client.open()

    def secret_key(self, *, refresh: bool = False) -> str:
        """The secret (or restricted) key. `refresh` says that the one in memory does not fit.

        Raises:
            ServiceUnavailableError: the secret cannot be read or holds no key.
        """
        return self._key.get(refresh=refresh)

    def webhook_signing_secrets(self, *, refresh: bool = False) -> list[str]:
        """The secrets that sign Stripe's webhooks: none, one, or two during a rotation.

        `refresh` says that those in memory do not fit.

        Raises:
            ServiceUnavailableError: the secret cannot be read.
        """
        return self._signing.get(refresh=refresh) if self._signing else []


class _Cached[T]:
    """What one secret holds. Once it was read, it serves even while it cannot be read again."""

    def __init__(
        self, client: AwsClient, secret_id: str, parse: Callable[[Mapping[str, Any]], T]
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._parse = parse
        self._value: T | None = None
        self._read_again_at = 0.0
        self._misfits_count_at = 0.0
        self._failing = False
        self._lock = threading.Lock()  # whoever finds that it does not fit waits for the new one

    def get(self, *, refresh: bool) -> T:
        with self._lock:
            return self._get(time.monotonic(), refresh=refresh)

    def _get(self, now: float, *, refresh: bool) -> T:
        if self._value is None:
            self._value = self._read()
            self._read_again_at = now + _MAX_AGE_SECONDS
        elif refresh and now >= self._misfits_count_at:
            self._misfits_count_at = now + _MISFIT_SECONDS
            self._value = self._renewed(self._value, now)
        elif now >= self._read_again_at:
            self._value = self._renewed(self._value, now)
        return self._value

    def _renewed(self, kept: T, now: float) -> T:
        try:
            with deadline.start(_REFRESH_SECONDS):
                value = self._read()
        except ServiceUnavailableError:
            if not self._failing:
                logger.warning("secret served from memory", extra={"secret_id": self._secret_id})
            self._failing = True
            self._read_again_at = now + _RETRY_SECONDS
            return kept
        self._failing = False
        self._read_again_at = now + _MAX_AGE_SECONDS
        return value

    def _read(self) -> T:
        try:
            answer = self._client.call("GetSecretValue", {"SecretId": self._secret_id})
        except (AwsError, AwsUnavailableError) as error:
            raise ServiceUnavailableError from error
        try:
            members = json.loads(str(answer.get("SecretString")))
        except ValueError:
            raise ServiceUnavailableError from None  # the error's text could contain the secret
        if not isinstance(members, dict):
            raise ServiceUnavailableError
        return self._parse(members)


def _secret_key(members: Mapping[str, Any]) -> str:
    key = members.get("secret_key")
    if not (isinstance(key, str) and key.startswith(("sk_", "rk_"))):
        raise ServiceUnavailableError
    return key


def _signing_secrets(members: Mapping[str, Any]) -> list[str]:
    secrets = members.get("webhook_signing_secrets")
    listed = secrets if isinstance(secrets, list) else []
    return [secret for secret in listed if isinstance(secret, str) and secret]
