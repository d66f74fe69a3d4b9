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
