"""The Stripe key and the webhook signing secrets in Secrets Manager."""

import json
import time
from typing import Any

from payments.aws.client import SECRETS_MANAGER, AwsClient, AwsError, AwsUnavailableError
from payments.domain.errors import ServiceUnavailableError

# We notice a rotated key at once: Stripe answers 401, and we read the key again. The age only
# limits how often we call Secrets Manager.
_MAX_AGE_SECONDS = 300


class StripeSecret:
    """The stack's secret, cached for a few minutes. Never log what it returns."""

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        self._client = AwsClient(SECRETS_MANAGER, connect_timeout=1, read_timeout=3)
        self._members: dict[str, Any] = {}
        self._read_at = 0.0

    def open(self) -> None:
        """Open a connection."""
        self._client.open()

    def secret_key(self, *, refresh: bool = False) -> str:
        """The secret (or restricted) key, from the cache unless `refresh` is set.

        Raises:
            ServiceUnavailableError: the secret cannot be read or holds no key.
        """
        key = self._read(refresh=refresh).get("secret_key")
        if not (isinstance(key, str) and key.startswith(("sk_", "rk_"))):
            raise ServiceUnavailableError
        return key

    def webhook_signing_secrets(self) -> list[str]:
        """The secrets that sign Stripe's webhooks: none, one, or two during a rotation.

        Raises:
            ServiceUnavailableError: the secret cannot be read.
        """
        secrets = self._read(refresh=False).get("webhook_signing_secrets")
        return [secret for secret in secrets or [] if isinstance(secret, str) and secret]

    def _read(self, *, refresh: bool) -> dict[str, Any]:
        too_old = time.monotonic() - self._read_at > _MAX_AGE_SECONDS
        if refresh or too_old or not self._members:
            self._members = self._fetch()
            self._read_at = time.monotonic()
        return self._members

    def _fetch(self) -> dict[str, Any]:
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
        return members
