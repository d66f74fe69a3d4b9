"""What keeps running while shoppers flood, and how much they may take."""

import re

import pytest

from tests.support.cloudformation import Deployed
from tests.support.commands import ROOT
from tests.support.routes import MERCHANTS, ROUTES, STEPS, function_id

IN_AN_ACCOUNT = 1000
LAMBDA_WANTS_LEFT = 100
KEPT = {"stripe_webhook", "publish_payment_events", "reconcile_payments"}
CAPPED = {step for route, step in ROUTES.items() if route not in MERCHANTS} - KEPT


def reserved(deployed: Deployed, **parameters: str) -> dict[str, int]:
    """The reserved concurrency of each function that has one."""
    resources = deployed(**parameters)
    found = {
        step: resources[function_id(step)]["Properties"].get("ReservedConcurrentExecutions")
        for step in STEPS
    }
    return {step: number for step, number in found.items() if number is not None}


def test_nothing_is_reserved_unless_asked_for(deployed: Deployed) -> None:
    assert reserved(deployed) == {}


def test_webhooks_reconciliation_and_events_keep_theirs_and_shoppers_are_capped(
    deployed: Deployed,
) -> None:
    assert reserved(deployed, ReservedConcurrency="on").keys() == KEPT | CAPPED


def test_the_rest_of_the_account_has_enough(deployed: Deployed) -> None:
    # The merchant's functions, the user pool's triggers and the authorizer run on what is left.
    taken = sum(reserved(deployed, ReservedConcurrency="on").values())
    assert taken <= IN_AN_ACCOUNT - LAMBDA_WANTS_LEFT - 300


@pytest.mark.parametrize("step", sorted(CAPPED))
def test_a_cap_is_no_less_than_what_api_gateway_lets_through(deployed: Deployed, step: str) -> None:
    seconds = {"confirm_payment_intent": 1.01}.get(step, 0.31)  # docs/deploy.md, "One payment"
    resources = deployed(ReservedConcurrency="on")
    [route] = [route for route, named in ROUTES.items() if named == step]
    method, path = route.split()
    [setting] = [
        each
        for each in resources["Apiv1Stage"]["Properties"]["MethodSettings"]
        if (each["HttpMethod"], each["ResourcePath"]) == (method, f"/{path.replace('/', '~1')}")
    ]
    if step in {"list_products", "get_product", "get_order", "list_payments", "get_account"}:
        seconds = 0.05  # no call to Stripe
    cap = reserved(deployed, ReservedConcurrency="on")[step]
    assert cap >= setting["ThrottlingRateLimit"] * seconds


def test_the_numbers_are_documented(deployed: Deployed) -> None:
    table = dict(
        re.findall(r"^\| `(\w+)` \| (\d+) \|", (ROOT / "docs/scale.md").read_text(), re.MULTILINE)
    )
    documented = {step: int(number) for step, number in table.items()}
    assert documented == reserved(deployed, ReservedConcurrency="on")
