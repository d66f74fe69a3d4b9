"""The simulator against the installed SDK: its endpoints, parameter classes and answers."""

import re
import typing
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_simulator.endpoints import ENDPOINTS, Endpoint
from stripe_simulator.validation import fields_of
from tests.simulator.conftest import Shopper, Steering

_PARAMS = re.compile(r'params: (?:Optional\[)?"(\w+)"')
_REQUEST = re.compile(r'self\._request\(\s*"(\w+)",\s*"([^"]+)"')


def _without_names(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _params_classes_of_the_sdk() -> dict[tuple[str, str], str]:
    classes = {}
    sdk = Path(stripe.__file__).parent
    for source in (*sdk.glob("_*_service.py"), *sdk.glob("radar/_*_service.py")):
        package = "radar." if source.parent != sdk else ""
        for method in source.read_text().split("\n    def ")[1:]:
            params, request = _PARAMS.search(method), _REQUEST.search(method)
            if params and request:
                classes[request[1].upper(), _without_names(request[2])] = package + params[1]
    return classes


def test_every_endpoint_is_validated_by_the_sdks_own_class_for_it() -> None:
    known = _params_classes_of_the_sdk()

    ours = {(e.method, _without_names(e.path)): e.params_class for e in ENDPOINTS}

    assert ours == {endpoint: known.get(endpoint) for endpoint in ours}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_every_simulated_parameter_is_one_of_the_sdk(endpoint: Endpoint) -> None:
    known = fields_of(attrgetter(endpoint.params_class)(stripe.params)).shapes

    assert (endpoint.simulated or frozenset()) <= known.keys()


def _required_fields(stripe_class: type) -> set[str]:
    """The fields that the SDK's class declares without Optional."""
    hints = stripe_class.__annotations__
    return {
        name
        for name, hint in hints.items()
        if type(None) not in typing.get_args(hint) and name != "OBJECT_NAME"
    }


def test_answers_have_what_the_sdks_classes_declare(shopper: Shopper, steering: Steering) -> None:
    server = shopper.server
    intent = shopper.confirm(shopper.manual_intent("4000000000000259"))
    challenged = shopper.confirm(shopper.manual_intent("4000002760003184"))
    setup = server.setup_intents.create({})
    refunded = shopper.confirm(shopper.manual_intent())
    refund = server.refunds.create({"payment_intent": refunded.id})
    shopper.confirm(shopper.manual_intent("4000000000009235"))
    shopper.confirm(shopper.manual_intent("4000000000005423"))
    endpoint = server.webhook_endpoints.create(
        {"url": "http://127.0.0.1:1/", "enabled_events": ["customer.deleted"]}
    )
    objects: list[Any] = [
        intent,
        challenged,
        setup,
        refund,
        endpoint,
        server.charges.retrieve(str(intent.latest_charge)),
        server.customers.retrieve(str(intent.customer)),
        server.payment_methods.retrieve(str(intent.payment_method)),
        server.tokens.retrieve(shopper.cvc_token()),
        server.disputes.list().data[0],
        server.reviews.list().data[0],
        server.radar.early_fraud_warnings.list().data[0],
        server.events.list().data[0],
    ]

    for answer in objects:
        assert type(answer).__module__.startswith("stripe.")
        assert type(answer) is not stripe.StripeObject
        missing = _required_fields(type(answer)) - answer.to_dict().keys()
        assert missing == set(), f"{type(answer).__name__} lacks {missing}"
        assert answer.livemode is False if hasattr(answer, "livemode") else True
    for nested in (
        server.charges.retrieve(str(intent.latest_charge)).payment_method_details,
        server.payment_methods.retrieve(str(intent.payment_method)).card,
    ):
        assert nested is not None
        assert _required_fields(type(nested)) <= nested.to_dict().keys()
    assert steering.requests()
