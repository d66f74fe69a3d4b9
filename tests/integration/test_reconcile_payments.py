"""Reconciliation with keys that are wrong, refused, or lack a right."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from payments import wiring
from payments.api import app as http
from payments.aws.stripe_secret import StripeSecret
from payments.stripe_gateway import permissions
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import run
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
RESTRICTED = "rk_test_1"
type Use = Callable[[str], None]
type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def use_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Deploy another key."""

    def use(key: str) -> None:
        monkeypatch.setattr(StripeSecret, "secret_key", lambda _, refresh=False: key)  # noqa: ARG005
        wiring.stripe_gateway.cache_clear()

    monkeypatch.setattr(permissions, "_told_at", {})
    yield use
    wiring.stripe_gateway.cache_clear()


@pytest.fixture
def payment(ada: ApiClient, stripe: Simulator) -> dict[str, Any]:
    """Ada's payment, not confirmed yet."""
    card = ada.attached(stripe.payment_method(VISA))
    created: dict[str, Any] = ada.create(product_id="coffee", payment_method_id=card).body
    return created


def reconcile() -> Counter[str]:
    """A run that looks at what was written just now, too."""
    return Counter(run("reconcile_payments", {"older_than_minutes": -1}))


class Told:
    """What a stack tells of itself."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        self._capsys = capsys
        self._caplog = caplog

    def errors(self) -> list[str]:
        """The messages of errors in the log."""
        return [line.message for line in self._caplog.records if line.levelname == "ERROR"]

    def metrics(self) -> Counter[str]:
        """The sums of the metrics; one that is 0 was told, too."""
        sums: Counter[str] = Counter()
        for line in self._capsys.readouterr().out.splitlines():
            told = json.loads(line) if '"_aws"' in line else {}
            sums.update(
                {name: sum(value) for name, value in told.items() if isinstance(value, list)}
            )
        return sums


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Told:
    """What a stack tells of itself during a test."""
    return Told(capsys, caplog)


def seen_until_now(aws: Aws) -> None:
    """Let earlier runs have seen the present account for days, until ten minutes from now."""
    (row,) = (row for row in aws.rows("BookmarksTable") if row["name"] == "accounts")
    (stay,) = row["stays"]
    stay |= {"since": "2026-01-01T00:00:00.000Z", "last_seen": "2999-01-01T00:00:00.000Z"}
    boto3.resource("dynamodb").Table("BookmarksTable").put_item(Item=row)


def test_while_all_is_well_every_alarm_has_its_zero(payment: dict[str, Any], told: Told) -> None:
    assert payment["status"] == "requires_confirmation"
    reconcile()
    metrics = told.metrics()
    zeros = {"Reconcile_key_refused", "Reconcile_other_account", "Stripe_permission_missing"}
    assert {name for name in metrics if metrics[name] == 0} >= zeros
    assert told.errors() == []


@pytest.mark.parametrize("started", [True, False])
def test_a_wrong_key_before_the_first_look_settles_nothing_and_the_right_one_goes_on(
    aws: Aws,
    ada: ApiClient,
    stripe: Simulator,
    use_key: Use,
    told: Told,
    started: bool,
) -> None:
    # Given a stack that has run for days, and a payment that no run has looked at yet
    reconcile()
    seen_until_now(aws)
    card = ada.attached(stripe.payment_method(VISA))
    ada.create(product_id="coffee", payment_method_id=card)
    if not started:  # its creation was cut off
        row = aws.payment()
        row |= {"status": "pending", "version": 1, "history": []}
        aws.put_payment({name: row[name] for name in row if name != "payment_intent_id"})
    before = aws.payment()
    # When
    use_key("sk_test_other")
    counts = reconcile()
    # Then
    assert (counts["other_account"], aws.payment()) == (1, before)
    assert told.errors() == ["key of another account"]
    assert told.metrics()["Reconcile_other_account"] == 1
    # When
    use_key(SECRET_KEY)
    reconcile()
    # Then
    row = aws.payment()
    assert (row["status"], row["account_id"]) == ("requires_confirmation", "acct_1SimulatorAccount")


def test_a_revoked_key_settles_nothing_and_is_told_once(
    aws: Aws,
    stripe: Simulator,
    payment: dict[str, Any],
    use_key: Use,
    told: Told,
) -> None:
    before = aws.payment()
    assert before["payment_id"] == payment["payment_id"]
    stripe.forget_calls()
    use_key("sk_test_revoked")

    assert reconcile() == {"key_refused": 1, "oldest_open_seconds": 0}

    assert told.errors() == ["key refused"]
    assert told.metrics()["Reconcile_key_refused"] == 1
    assert aws.payment() == before
    assert {call["path"] for call in stripe.calls()} == {"/v1/account"}


def test_a_missing_right_is_told_once_a_run(
    aws: Aws,
    ada: ApiClient,
    stripe: Simulator,
    payment: dict[str, Any],
    use_key: Use,
    told: Told,
) -> None:
    ada.create(product_id="coffee", payment_method_id=payment["payment_method_id"])
    before = aws.rows("PaymentsTable")
    stripe.set_key(RESTRICTED, denied=["rak_payment_intent_read"])
    use_key(RESTRICTED)

    assert reconcile()["failed"] == 2

    assert told.errors() == ["permission missing"]
    assert told.metrics()["Stripe_permission_missing"] == 1
    assert aws.rows("PaymentsTable") == before


def test_a_step_of_the_api_tells_of_a_missing_right_as_well(
    ada: ApiClient,
    stripe: Simulator,
    payment: dict[str, Any],
    use_key: Use,
    told: Told,
) -> None:
    stripe.set_key(RESTRICTED, denied=["rak_payment_intent_write"])
    use_key(RESTRICTED)

    answer = ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())

    assert (answer.status, answer.code) == (502, "stripe_unavailable")
    assert told.errors() == ["permission missing", "request failed"]
    assert told.metrics() == {"Stripe_permission_missing": 1}


# Many payments at once


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The log so far, line by line."""
    stream = io.StringIO()
    handler = http.logger.registered_handler
    assert hasattr(handler, "setStream")
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)


@pytest.fixture
def many(aws: Aws, ada: ApiClient, stripe: Simulator) -> list[str]:
    """Twenty payments whose creation was cut off."""
    card = ada.attached(stripe.payment_method(VISA))
    for _ in range(20):
        ada.create(product_id="coffee", payment_method_id=card)
    for row in aws.rows("PaymentsTable"):
        cut_off = row | {"status": "pending", "version": 1, "history": [], "open": "in-doubt-07"}
        aws.put_payment({name: cut_off[name] for name in cut_off if name != "payment_intent_id"})
    stripe.age_events(40)  # no event tells of them
    return [row["payment_id"] for row in aws.rows("PaymentsTable")]


def test_many_are_finished_at_once_and_each_line_names_its_own(
    aws: Aws, stripe: Simulator, many: list[str], lines: Lines
) -> None:
    stripe.fault("GET", "/v1/payment_intents/*", "http_500", times=1000)

    assert "finished" not in reconcile()

    failed = [line for line in lines() if line["message"] == "payment failed"]
    assert sorted(line["payment_id"] for line in failed) == sorted(many)
    assert len({line["stripe_request_id"] for line in failed}) == 20
    stripe.clear_faults()
    counts = reconcile()  # an event may be the first to tell of an intent
    assert counts["finished"] + counts["changed"] == 20
    assert {row["status"] for row in aws.rows("PaymentsTable")} == {"requires_confirmation"}


def test_a_429_is_tried_again_at_a_slower_pace(stripe: Simulator, many: list[str]) -> None:
    stripe.fault("GET", "/v1/events", "rate_limit", times=2)

    counts = reconcile()

    assert counts["finished"] + counts["changed"] == len(many)
    assert "failed" not in counts
    assert counts["rate_limited"] == 2


def test_a_runs_threads_leave_no_connection_behind(many: list[str]) -> None:
    reconcile()
    before = open_files()

    assert reconcile()["checked"] == len(many)

    assert open_files() <= before + 2


def open_files() -> int:
    """How many files this process has open: connections, too."""
    return sum(1 for _ in Path("/dev/fd").iterdir())
