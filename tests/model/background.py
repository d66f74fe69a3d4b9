"""Background work: webhooks, the schedule, the operator, the table's stream."""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from stripe import WebhookSignature

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import Payment
from payments.use_cases import reconcile_payments
from tests.integration.conftest import SIGNING_SECRETS
from tests.model.stripe_account import StripeObject
from tests.model.table import Record
from tests.support.api_client import Answer
from tests.support.gateway import Gateway


class _Context:
    """The time that a function has left."""

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


class _SomeSecondsLater(datetime):
    """A clock for the reconciliation, which leaves events of its own second to the next run."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=5)


def run(step: str, event: Mapping[str, Any]) -> Any:
    """Run a function without a route."""
    handler = importlib.import_module(f"functions.{step}.handler")
    return handler.lambda_handler(dict(event), cast("LambdaContext", _Context()))


def deliver(event: StripeObject) -> Answer:
    """Deliver a webhook, signed as Stripe signs it."""
    payload = json.dumps(event, indent=2)
    signature = WebhookSignature.generate_signature_header(payload, SIGNING_SECRETS[0])
    send = Gateway(None)
    return send("POST", "/stripe/webhook", body=payload, headers={"Stripe-Signature": signature})


def from_eventbridge(event: StripeObject) -> Mapping[str, object]:
    """An event as Stripe's partner event source delivers it."""
    return {"source": "aws.partner/stripe.com/ed_test_till", "detail": event}


def some_seconds_later[Result](act: Callable[[], Result]) -> Result:
    """Let the reconciliation see what has just happened as past events."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconcile_payments, "datetime", _SomeSecondsLater)
        return act()


def reconcile() -> Mapping[str, int]:
    """Run what the schedule runs, over every open payment."""
    counts: Mapping[str, int] = some_seconds_later(
        lambda: run("reconcile_payments", {"older_than_minutes": 0})
    )
    return counts


class Bus:
    """The EventBridge bus, and the stream's way to it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start over."""
        self.published: dict[str, dict[str, Any]] = {}
        self.failing = False
        self._records: list[Record] = []

    def call(
        self, operation: str, request: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        """EventBridge's PutEvents; while it fails, it takes all but the last one."""
        assert operation == "PutEvents"
        entries = request["Entries"]
        taken = entries[:-1] if self.failing else entries
        for entry in taken:
            event = json.loads(entry["Detail"])
            earlier = self.published.setdefault(event["event_id"], event)
            # An event that is published again shows the payment as it is then.
            assert earlier | {"payment": event["payment"]} == event
        failed = len(entries) - len(taken)
        results = [{"EventId": "1"}] * len(taken) + [{"ErrorCode": "InternalFailure"}] * failed
        return {"FailedEntryCount": failed, "Entries": results}

    def follow(self, records: Sequence[Record]) -> None:
        """Take the stream's records, as the template's filter does."""
        self._records += [record for record in records if record["eventName"] == "MODIFY"]

    def publish(self, *, limit: int) -> None:
        """Give the function a batch; what it cannot publish, it gets again."""
        batch = self._records[:limit]
        if not batch:
            return
        try:
            run("publish_payment_events", {"Records": batch})
        except ServiceUnavailableError:
            assert self.failing
        else:
            del self._records[: len(batch)]

    def publish_everything(self) -> None:
        """Give the function everything that is left."""
        self.failing = False
        self.publish(limit=len(self._records))

    def check(self, rows: Mapping[str, Payment]) -> None:
        """The published events match the rows' histories, in their order."""
        told = [
            (event["payment"]["payment_id"], event["from_status"], event["to_status"], event["by"])
            for event in sorted(self.published.values(), key=_number_of)
        ]
        for payment_id, row in rows.items():
            history = [(payment_id, c.from_status, c.to_status, c.by) for c in row.history]
            assert [line for line in told if line[0] == payment_id] == history
        assert {line[0] for line in told} <= set(rows)


def _number_of(event: Mapping[str, Any]) -> int:
    return int(event["line"])
