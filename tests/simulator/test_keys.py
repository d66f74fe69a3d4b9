from collections.abc import Callable

import httpx
import pytest
import stripe
from stripe._v1_services import V1Services

from stripe_simulator.server import RunningSimulator
from tests.simulator.conftest import Shopper


@pytest.mark.parametrize(
    "key",
    ["sk_test_revoked", "sk_test_revoked_yesterday", "sk_live_abc", "pk_live_abc", "nonsense"],
)
def test_a_key_that_is_not_valid_is_401(client: Callable[[str], V1Services], key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refusal:
        client(key).customers.list()

    assert refusal.value.http_status == 401
    assert key[5:] not in str(refusal.value.user_message) or key == "nonsense"


def test_without_a_key_nothing_is_answered(simulator: RunningSimulator) -> None:
    answer = httpx.get(f"{simulator.url}/v1/customers")

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("key", ["sk_test_simulator", "sk_test_rotated", "rk_test_restricted"])
def test_all_test_keys_belong_to_one_account(
    server: V1Services, client: Callable[[str], V1Services], key: str
) -> None:
    customer = server.customers.create({})

    assert client(key).customers.retrieve(customer.id).id == customer.id


def test_a_key_may_come_as_user_name(simulator: RunningSimulator) -> None:
    url = f"{simulator.url}/v1/customers"

    assert httpx.get(url, auth=("sk_test_simulator", "")).status_code == 200
    assert httpx.get(url, headers={"Authorization": "Basic !"}).status_code == 401


def test_a_browser_may_send_its_key_in_the_form(simulator: RunningSimulator) -> None:
    form = {"cvc_update[cvc]": "123", "key": "pk_test_simulator"}

    answer = httpx.post(f"{simulator.url}/v1/tokens", data=form)

    assert (answer.status_code, answer.json()["type"]) == (200, "cvc_update")


def test_a_publishable_key_opens_little(shopper: Shopper) -> None:
    intent = shopper.manual_intent()
    for act in (
        lambda: shopper.browser.customers.create({}),
        lambda: shopper.browser.payment_intents.create({"amount": 1099, "currency": "eur"}),
        shopper.browser.payment_intents.list,
        lambda: shopper.browser.payment_methods.attach("pm_1", {"customer": "cus_1"}),
        lambda: shopper.browser.payment_intents.cancel(intent.id),
        lambda: shopper.browser.refunds.create({"payment_intent": intent.id}),
    ):
        with pytest.raises(stripe.AuthenticationError) as refusal:
            act()
        assert refusal.value.error is not None
        assert refusal.value.error.code == "secret_key_required"


def test_a_browser_reads_an_intent_with_its_client_secret_only(shopper: Shopper) -> None:
    intent = shopper.manual_intent(metadata={"user_id": "u1"})

    found = shopper.browser.payment_intents.retrieve(
        intent.id, {"client_secret": str(intent.client_secret)}
    )
    assert found.status == "requires_confirmation"
    assert "metadata" not in found
    assert "customer" not in found
    for params in ({}, {"client_secret": f"{intent.id}_secret_guessed"}):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            shopper.browser.payment_intents.retrieve(intent.id, params)  # type: ignore[arg-type]
        assert refusal.value.http_status == 404


def test_a_browser_confirms_automatic_intents_only(
    shopper: Shopper, simulator: RunningSimulator
) -> None:
    manual = shopper.manual_intent()
    automatic = shopper.manual_intent(confirmation_method="automatic")
    answers = [
        httpx.post(
            f"{simulator.url}/v1/payment_intents/{intent.id}/confirm",
            data={"client_secret": str(intent.client_secret)},
            auth=("pk_test_simulator", ""),
        )
        for intent in (manual, automatic)
    ]

    assert answers[0].json()["error"]["code"] == "secret_key_required"
    assert answers[1].json()["status"] == "succeeded"


def test_pages_of_other_origins_may_call(simulator: RunningSimulator) -> None:
    preflight = httpx.options(
        f"{simulator.url}/v1/tokens",
        headers={
            "Origin": "http://localhost:5173",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"


def test_answers_name_their_version_and_request(http: httpx.Client) -> None:
    answer = http.get("/v1/customers", headers={"Stripe-Version": "2025-01-27.acacia"})

    assert answer.headers["Stripe-Version"] == "2025-01-27.acacia"
    assert answer.headers["Request-Id"].startswith("req_")
    assert http.get("/v1/customers", headers={"Stripe-Version": "x"}).status_code == 400
