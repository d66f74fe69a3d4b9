"""Background functions with impossible input: they may fail, but they spoil nothing."""

import contextlib
import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bad_input import strategies
from tests.bad_input.conftest import Shop
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS

_SOME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# A function may remember where it stopped, and put on the queue what it cannot publish.
_HARMLESS = frozenset({"PutItem", "SendMessage", "ReceiveMessage"})


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@contextmanager
def unspoilt(shop: Shop) -> Iterator[None]:
    """It may fail, but no row changes, nothing untrue is published, and no secret shows."""
    payments, users = (shop.stack.aws.rows(table) for table in ("PaymentsTable", "CustomersTable"))
    shop.touched.forget()
    shop.bus.entries.clear()
    with shop.stack.log.captured(), contextlib.suppress(Exception):
        yield
    assert set(shop.touched.so_far()) <= _HARMLESS
    assert shop.stack.aws.rows("PaymentsTable") == payments
    happened = {
        f"{row['payment_id']}-{line['id'] or number}"
        for row in payments
        for number, line in enumerate(row["history"], start=1)
    }
    assert {json.loads(entry["Detail"])["event_id"] for entry in shop.bus.entries} <= happened
    assert shop.stack.aws.rows("CustomersTable") == users
    text = shop.stack.log.drained()
    assert not [secret for secret in (SECRET_KEY, *SIGNING_SECRETS) if secret in text]


def run(step: str, event: object) -> Any:
    """Run a function as Lambda does: the event goes through JSON."""
    handler = importlib.import_module(f"functions.{step}.handler")
    context = cast("LambdaContext", _Context())
    return handler.lambda_handler(json.loads(json.dumps(event)), context)


_odd = strategies.json_values
_image = st.dictionaries(
    st.sampled_from(["payment_id", "status", "history", "version", "amount", "user_id"]),
    st.fixed_dictionaries({}, optional={"S": strategies.anything, "N": _odd, "L": _odd}) | _odd,
    max_size=4,
)
_record = st.fixed_dictionaries(
    {},
    optional={
        "eventName": st.sampled_from(["INSERT", "MODIFY", "REMOVE"]) | _odd,
        "dynamodb": st.fixed_dictionaries({}, optional={"OldImage": _image, "NewImage": _image})
        | _odd,
    },
)
_ASKED = ["event_id", "payment_id", "since", "until", "cursor", "failed_at"]
_stream = st.fixed_dictionaries({"Records": st.lists(_record | _odd, max_size=3) | _odd}) | _odd
_replay = st.dictionaries(
    st.sampled_from([*_ASKED, "republish_since", "queued"]),
    _odd
    | st.just(True)
    | st.sampled_from(["evt_unknown", "pay_unknown", "9999", "", "../customers/cus_1"]),
    max_size=4,
)
_schedule = st.fixed_dictionaries({}, optional={"older_than_minutes": _odd}) | _odd
_partner = st.fixed_dictionaries(
    {"source": st.just("aws.partner/stripe.com/ed_1")},
    optional={
        "detail": st.fixed_dictionaries(
            {"id": st.just("evt_1")},
            optional={
                "type": st.sampled_from(["payment_intent.succeeded", "customer.deleted"]) | _odd,
                "livemode": st.just(False) | _odd,
                "created": st.just(1) | _odd,
                "data": st.fixed_dictionaries({"object": _odd}) | _odd,
            },
        )
        | _odd
    },
)


@pytest.mark.parametrize(
    ("step", "events"),
    [
        ("publish_payment_events", _stream),
        ("replay_events", _replay | _odd),
        ("reconcile_payments", _schedule),
        ("stripe_webhook", _partner),
    ],
)
@_SOME
@given(data=st.data())
def test_no_input_spoils_anything(
    shop: Shop, step: str, events: st.SearchStrategy[object], data: st.DataObject
) -> None:
    event = data.draw(events)

    with unspoilt(shop):
        run(step, event)


def test_a_record_that_cannot_be_read_is_queued(shop: Shop) -> None:
    """So its event is not lost, and it does not hold up those that come after it."""
    row = {"payment_id": {"S": "pay_1"}, "history": {"L": [{"S": "paid"}]}}
    shop.stack.aws.queued()

    run("publish_payment_events", {"Records": [{"dynamodb": {"NewImage": row}}]})

    assert shop.bus.entries == []
    [message] = shop.stack.aws.queued()
    assert (message["payment_id"], message["line"]) == ("pay_1", 1)


def test_a_record_that_does_not_even_name_its_payment_stops_the_batch(shop: Shop) -> None:
    """Lambda gives it up later, and names its time on the queue."""
    with pytest.raises(KeyError):
        run("publish_payment_events", {"Records": [{"dynamodb": {"NewImage": {}}}]})
    assert shop.bus.entries == []


_body = st.fixed_dictionaries(
    {},
    optional={
        "payment_id": strategies.anything | st.just("pay_unknown"),
        "line": st.integers() | _odd,
        "since": st.just("2026-01-01") | _odd,
        "until": st.just("2027-01-01") | _odd,
        "cursor": st.none() | _odd,
        "DDBStreamBatchInfo": st.dictionaries(
            st.sampled_from(["approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"]),
            st.just("9999-12-31T23:59:59Z") | _odd,
        )
        | _odd,
    },
)


@_SOME
@given(body=_body | _odd)
def test_no_message_on_the_queue_spoils_anything(shop: Shop, body: object) -> None:
    shop.stack.aws.queue(body)

    with unspoilt(shop):
        run("replay_events", {"queued": True})
    shop.stack.aws.empty_queue()
