"""The contract of payment events."""

import json
from dataclasses import asdict

from openapi_schema_validator import OAS31Validator

from payments.domain.payment_event import events_of
from tests.unit.builders import a_pending_payment, an_intent
from tools.event_schema import DOCUMENT, schema


def test_the_schema_is_up_to_date() -> None:
    assert json.loads(DOCUMENT.read_text()) == schema(), "run make openapi"


def test_an_event_is_of_the_schema() -> None:
    [event] = events_of(a_pending_payment().after(an_intent(), by="create"), [1])
    detail = json.loads(json.dumps(asdict(event)))
    OAS31Validator(schema()).validate(detail)


def test_fixed_values_and_times_are_named() -> None:
    event, values = schema()["properties"], schema()["$defs"]

    assert event["type"]["$ref"] == "#/$defs/PaymentEventType"
    assert {"payment.created", "payment.failed", "payment.succeeded", "payment.refunded"} <= set(
        values["PaymentEventType"]["enum"]
    )
    assert event["occurred_at"]["format"] == "date-time"
    assert all(field["description"] for field in event.values())
