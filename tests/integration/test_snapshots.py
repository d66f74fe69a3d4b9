"""What a snapshot of a prepared process must not hold, and what its copies must not share.

With SnapStart, Lambda takes the snapshot after the handler's module was imported, and starts many
processes from it, hours later.
"""

import random
import time

import pytest

from payments import wiring
from payments.aws.client import DYNAMODB, AwsClient
from payments.aws.credentials import CredentialsSource
from payments.aws.stripe_secret import StripeSecret


@pytest.mark.usefixtures("aws", "stripe")
def test_a_prepared_process_has_read_no_credential_and_no_stripe_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    for source, method in ((CredentialsSource, "get"), (StripeSecret, "secret_key")):
        monkeypatch.setattr(source, method, lambda *_, name=method, **__: read.append(name))
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    for collaborator in (wiring.payments, wiring.payment_inputs, wiring.stripe_gateway):
        collaborator.cache_clear()
    wiring.prepare(wiring.payments, wiring.payment_inputs, stripe=["payment_intents"])
    assert read == []


def test_the_credentials_are_those_of_the_process_and_not_of_the_snapshot() -> None:
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIASNAPSHOT",
        "AWS_SECRET_ACCESS_KEY": "old",
    }
    client = AwsClient(DYNAMODB, connect_timeout=1, read_timeout=1, environment=environment)
    environment |= {"AWS_ACCESS_KEY_ID": "AKIARESTORED", "AWS_SECRET_ACCESS_KEY": "new"}
    assert client._credentials.get().access_key_id == "AKIARESTORED"


def test_two_copies_of_a_snapshot_do_not_wait_for_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    environment = {"AWS_REGION": "eu-west-1"}
    client = AwsClient(DYNAMODB, connect_timeout=1, read_timeout=1, environment=environment)
    snapshot = random.getstate()
    for _ in range(2):
        random.setstate(snapshot)
        assert client.pause(1)
    first, second = waits
    assert first != second
