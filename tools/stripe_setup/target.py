"""The stack that is set up: its Stripe, its two secrets, and its webhook's address."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import boto3
import stripe

from local import read_stack
from local.aws import session
from local.paths import SAMCONFIG
from tools.stages import StageError, read_outputs, read_stage


@dataclass(frozen=True)
class Target:
    """A stack; `api_base` is Stripe's address, if it is not Stripe's own."""

    name: str
    aws: boto3.session.Session
    key_secret: str
    webhook_secret: str
    webhook_url: str
    api_base: str | None = None

    def client(self, key: str) -> stripe.StripeClient:
        """Stripe, with this key, at the version that the functions use."""
        addresses: Any = {"api": self.api_base or stripe.DEFAULT_API_BASE}
        return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2)

    def read(self, secret: str) -> dict[str, Any]:
        """What one of the two secrets holds."""
        with closing(self.aws.client("secretsmanager")) as manager:
            held = json.loads(manager.get_secret_value(SecretId=secret)["SecretString"])
        return dict(held)

    def write(self, secret: str, members: Mapping[str, Any]) -> None:
        """Replace what it holds, at once and whole."""
        with closing(self.aws.client("secretsmanager")) as manager:
            manager.put_secret_value(SecretId=secret, SecretString=json.dumps(members))


def target_of(stage_name: str) -> Target:
    """A stage's stack or, without one, the running laptop stack.

    Raises:
        StageError: there is none.
    """
    if stage_name:
        stage = read_stage(stage_name, SAMCONFIG)
        aws = stage.session()
        outputs = read_outputs(aws, stage.stack_name)
        return Target(
            name=stage.stack_name,
            aws=aws,
            key_secret=outputs["StripeSecretArn"],
            webhook_secret=outputs["StripeWebhookSecretArn"],
            webhook_url=outputs["StripeWebhookUrl"],
        )
    stack = read_stack()
    if stack is None:
        raise StageError("No stack is running: start one with make dev, or set STAGE.")
    return Target(
        name=stack.stack_name,
        aws=session(stack.aws_endpoint_url),
        key_secret=stack.stripe_secret_arn,
        webhook_secret=stack.stripe_webhook_secret_arn,
        webhook_url=f"{stack.api_url}/stripe/webhook",
        api_base=stack.stripe_api_url,
    )
