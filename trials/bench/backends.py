"""What the functions call: MiniStack as AWS and the Stripe simulator, each behind a relay.

Both are the ones that the laptop stack and the tests use. They answer in less than a millisecond,
keep connections open, and evaluate what they are sent: a request that AWS or Stripe would refuse
fails here too, which canned answers would not notice. moto's server closes every connection.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.aws import session
from local.emulator import aws_environment, clean_environment, start_emulator
from local.emulator import wait_for_emulator as wait_for_ministack
from local.paths import ROOT, SEED_PRODUCTS
from local.processes import Supervisor
from trials.bench.artifacts import Build
from trials.bench.authority import Authority
from trials.bench.relay import Call, Relay

# Each service has an address of its own, as on AWS, so that each costs a connection. The variables
# that name it are the SDKs', and those that Till made of the services' host names.
_ADDRESSES = {
    "DynamoDB": ("AWS_ENDPOINT_URL_DYNAMODB",),
    "Secrets Manager": ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SECRETSMANAGER"),
    "Cognito": ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL_COGNITO_IDP"),
    "all others": ("AWS_ENDPOINT_URL",),
}
SECRET_KEY = "sk_test_benchmark"  # noqa: S105 - the simulator takes any
_TABLE_PROPERTIES = (
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "BillingMode",
)


@dataclass(frozen=True, slots=True)
class Backends:
    """The emulated AWS and Stripe, by way of relays and, for what need not be seen, directly."""

    aws: Mapping[str, Relay]  # by service
    stripe: Relay
    aws_url: str
    stripe_url: str
    authority: Authority | None  # for TLS

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a function calls these and nothing else."""
        return {
            **aws_environment(self.aws_url, {}),
            # One person does it all, many times over. Counting costs the same without limits.
            "LIMITS": "declines_per_person=0 open_payments_per_person=0 cards_per_person=0",
            **{name: self.aws[service].url for service in self.aws for name in _ADDRESSES[service]},
            "STRIPE_API_BASE": self.stripe.url,
            **(self.authority.environment if self.authority else {}),
        }

    def take_calls(self) -> "Calls":
        """The calls since this was last asked."""
        aws = [call for relay in self.aws.values() for call in relay.take_calls()]
        return Calls(aws=aws, stripe=self.stripe.take_calls())

    def take_openings(self) -> int:
        """How many connections were opened ahead of time since this was last asked."""
        return sum(relay.take_openings() for relay in (*self.aws.values(), self.stripe))

    def add(self, build: Build) -> dict[str, str]:
        """Create what a template's functions use; the variables that only this can tell."""
        aws = session(self.aws_url)
        dynamodb = aws.client("dynamodb")
        there = set(dynamodb.list_tables()["TableNames"])  # another checkout's, if there are two
        for name, properties in build.of_type("AWS::DynamoDB::Table").items():
            if name not in there:
                kept = {key: properties[key] for key in _TABLE_PROPERTIES if key in properties}
                dynamodb.create_table(TableName=name, **kept)
        secrets = aws.client("secretsmanager")
        there = {secret["Name"] for secret in secrets.list_secrets()["SecretList"]}
        for name in build.of_type("AWS::SecretsManager::Secret"):
            if name not in there:
                secret = {"secret_key": SECRET_KEY, "webhook_signing_secrets": []}
                secrets.create_secret(Name=name, SecretString=json.dumps(secret))
        variables = {}
        if build.of_type("AWS::Cognito::UserPool"):
            cognito = aws.client("cognito-idp")
            pool = cognito.create_user_pool(PoolName="bench", UsernameAttributes=["email"])
            client = cognito.create_user_pool_client(
                UserPoolId=pool["UserPool"]["Id"], ClientName="web"
            )
            variables["USER_POOL_CLIENT_ID"] = client["UserPoolClient"]["ClientId"]
        if "ProductsTable" in build.resources:
            self.put("ProductsTable", *json.loads(SEED_PRODUCTS.read_text()))
        return variables

    def put(self, table: str, *rows: dict[str, Any]) -> None:
        """Write rows."""
        for row in rows:
            session(self.aws_url).resource("dynamodb").Table(table).put_item(Item=row)


@dataclass(frozen=True, slots=True)
class Calls:
    """What a function called during one invocation."""

    aws: list[Call]
    stripe: list[Call]

    @property
    def dynamodb_count(self) -> int:
        """How many of them were DynamoDB's."""
        return sum(call.operation.startswith("DynamoDB.") for call in self.aws)

    @property
    def seconds(self) -> float:
        """The time that the backends took for them."""
        return sum(call.seconds for call in (*self.aws, *self.stripe))


@contextmanager
def running_backends(
    supervisor: Supervisor, directory: Path, port: int, *, authority: Authority | None
) -> Iterator[Backends]:
    """MiniStack, on this port and empty, and the Stripe simulator, on any; behind TLS or not."""
    logs = directory / "logs"
    aws_url = start_emulator(supervisor, port=port, home=directory / "ministack", logs=logs)
    stripe_log = logs / "stripe.log"
    supervisor.start_service(
        "the Stripe simulator",
        [sys.executable, "-u", "-m", "stripe_simulator", "--port", "0"],
        env=clean_environment(directory),
        cwd=ROOT,
        log=stripe_log,
    )
    wait_for_ministack(supervisor, aws_url)
    supervisor.wait_until(
        lambda: stripe_log.read_text().endswith("\n"), timeout=30, what="The simulator's start"
    )
    stripe_url = stripe_log.read_text().splitlines()[0]
    with ExitStack() as relays:
        yield Backends(
            aws={
                service: relays.enter_context(_relay_to(aws_url, authority))
                for service in _ADDRESSES
            },
            stripe=relays.enter_context(_relay_to(stripe_url, authority)),
            aws_url=aws_url,
            stripe_url=stripe_url,
            authority=authority,
        )


def _relay_to(url: str, authority: Authority | None) -> Relay:
    address = urlsplit(url)
    tls = authority.server if authority else None
    return Relay(str(address.hostname), int(address.port or 0), tls=tls)
