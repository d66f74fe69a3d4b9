"""The Stripe key and the webhook signing secrets in Secrets Manager."""

import json
from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config

from payments.errors import ServiceUnavailableError

# A rotated key is noticed at once, because Stripe answers 401 and it is read again; the age only
# bounds how often Secrets Manager is asked.
_MAX_AGE_SECONDS = 300

_CONFIG = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


class StripeSecret:
    """The stack's secret, cached for some minutes. Never log what it returns."""

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        client = boto3.client("secretsmanager", config=_CONFIG)  # of the session that all share
        self._provider = SecretsProvider(boto3_client=client)

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
        """What Stripe signs webhooks with: none, one, or during a rotation the new and the old.

        Raises:
            ServiceUnavailableError: the secret cannot be read.
        """
        secrets = self._read(refresh=False).get("webhook_signing_secrets")
        return [secret for secret in secrets or [] if isinstance(secret, str) and secret]

    def _read(self, *, refresh: bool) -> dict[str, Any]:
        try:
            secret = self._provider.get(
                self._secret_id, max_age=_MAX_AGE_SECONDS, force_fetch=refresh
            )
        except GetParameterError as error:
            raise ServiceUnavailableError from error
        try:
            members = json.loads(str(secret))
        except ValueError:
            raise ServiceUnavailableError from None  # the error's text could hold the secret
        if not isinstance(members, dict):
            raise ServiceUnavailableError
        return members
