import httpx
import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering

ALWAYS = "4000002760003184"
UNLESS_SET_UP = "4000002500003155"


def _challenge_url(intent: stripe.PaymentIntent) -> str:
    assert intent.next_action is not None
    assert intent.next_action.use_stripe_sdk is not None
    return str(intent.next_action.use_stripe_sdk["stripe_js"])


def test_a_manual_intent_is_confirmed_again_after_its_challenge(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS)

    challenged = shopper.confirm(intent)
    assert challenged.status == "requires_action"
    assert challenged.next_action is not None
    assert challenged.next_action.type == "use_stripe_sdk"
    assert challenged.latest_charge is None

    answered = steering.answer_challenge(intent.id, "succeed")
    assert (answered["status"], answered["next_action"]) == ("requires_confirmation", None)

    paid = shopper.confirm(intent, expand=["latest_charge"])
    assert paid.status == "succeeded"
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.payment_method_details is not None
    assert paid.latest_charge.payment_method_details.card is not None
    assert paid.latest_charge.payment_method_details.card.three_d_secure is not None


def test_an_automatic_intent_is_charged_by_its_challenge(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS, confirmation_method="automatic")
    shopper.confirm(intent)

    assert steering.answer_challenge(intent.id, "succeed")["status"] == "succeeded"


def test_a_failed_challenge_takes_the_card_off_the_intent(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS)
    shopper.confirm(intent)

    steering.answer_challenge(intent.id, "fail")

    after = shopper.server.payment_intents.retrieve(intent.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert after.latest_charge is None
    customer = shopper.server.customers.retrieve(str(intent.customer))
    retried = shopper.confirm(intent, payment_method=shopper.saved_card(customer).id)
    assert retried.status == "succeeded"


def test_confirming_anew_voids_the_earlier_challenge(shopper: Shopper) -> None:
    intent = shopper.manual_intent(ALWAYS)
    first = _challenge_url(shopper.confirm(intent))
    second = _challenge_url(shopper.confirm(intent))
    assert first != second

    assert httpx.get(first).status_code == 410
    assert httpx.post(first, data={"outcome": "succeed"}).status_code == 409
    assert httpx.post(second, data={"outcome": "succeed"}).status_code == 200

    assert shopper.confirm(intent).status == "succeeded"


def test_an_authenticated_intent_with_another_card_is_challenged_again(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS)
    shopper.confirm(intent)
    steering.answer_challenge(intent.id, "succeed")
    customer = shopper.server.customers.retrieve(str(intent.customer))

    other = shopper.confirm(intent, payment_method=shopper.saved_card(customer, ALWAYS).id)

    assert other.status == "requires_action"


def test_the_authentication_of_one_card_is_not_that_of_another(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS)
    url = _challenge_url(shopper.confirm(intent))
    customer = shopper.server.customers.retrieve(str(intent.customer))
    other = shopper.saved_card(customer).id
    assert httpx.get(url).status_code == 200
    steering.answer_challenge(intent.id, "succeed")

    paid = shopper.confirm(intent, payment_method=other, expand=["latest_charge"])

    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.payment_method_details is not None
    assert paid.latest_charge.payment_method_details.card is not None
    assert paid.latest_charge.payment_method_details.card.three_d_secure is None


def test_the_authentication_of_one_amount_is_not_that_of_another(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent(ALWAYS)
    shopper.confirm(intent)
    steering.answer_challenge(intent.id, "succeed")

    shopper.server.payment_intents.update(intent.id, {"amount": 9900})

    assert shopper.confirm(intent).status == "requires_action"


def test_paying_with_another_card_voids_the_open_challenge(shopper: Shopper) -> None:
    intent = shopper.manual_intent(ALWAYS)
    url = _challenge_url(shopper.confirm(intent))
    customer = shopper.server.customers.retrieve(str(intent.customer))

    shopper.confirm(intent, payment_method=shopper.saved_card(customer).id)

    assert httpx.get(url).status_code == 410


def test_a_challenge_that_is_not_open_can_not_be_answered(
    shopper: Shopper, http: httpx.Client
) -> None:
    intent = shopper.manual_intent()

    answer = http.post(
        f"/_simulator/payment_intents/{intent.id}/next_action", json={"outcome": "succeed"}
    )

    assert answer.status_code == 409


def test_with_a_return_url_the_challenge_is_a_page(server: V1Services) -> None:
    intent = server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://shop.example/done?cart=1",
        }
    )
    assert intent.next_action is not None
    assert intent.next_action.type == "redirect_to_url"
    assert intent.next_action.redirect_to_url is not None
    url = str(intent.next_action.redirect_to_url.url)

    assert "Complete" in httpx.get(url).text
    answer = httpx.post(url, data={"outcome": "succeed"})

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://shop.example/done?cart=1&payment_intent=")
    assert "redirect_status=succeeded" in answer.headers["location"]
    assert server.payment_intents.retrieve(intent.id).status == "succeeded"


def test_nobody_is_there_to_authenticate_off_session(shopper: Shopper) -> None:
    intent = shopper.manual_intent(ALWAYS)

    with pytest.raises(stripe.CardError) as decline:
        shopper.confirm(intent, off_session=True)

    assert decline.value.code == "authentication_required"
    after = shopper.server.payment_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"


def test_a_card_set_up_by_a_setup_intent_is_not_challenged(
    shopper: Shopper, steering: Steering
) -> None:
    customer, card = shopper.customer(), shopper.card(UNLESS_SET_UP)
    setup = shopper.server.setup_intents.create(
        {"customer": customer.id, "payment_method": card.id, "confirm": True}
    )
    assert setup.status == "requires_action"
    assert steering.answer_challenge(setup.id, "succeed")["status"] == "succeeded"

    paid = shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "confirm": True,
        }
    )

    assert paid.status == "succeeded"


def test_a_card_set_up_while_paying_is_not_challenged_again(
    shopper: Shopper, steering: Steering
) -> None:
    first = shopper.manual_intent(UNLESS_SET_UP, setup_future_usage="off_session")
    assert shopper.confirm(first).status == "requires_action"
    steering.answer_challenge(first.id, "succeed")
    shopper.confirm(first)

    second = shopper.server.payment_intents.create(
        {
            "amount": 500,
            "currency": "eur",
            "customer": str(first.customer),
            "payment_method": str(first.payment_method),
            "off_session": True,
            "confirm": True,
        }
    )

    assert second.status == "succeeded"


def test_a_merely_attached_card_is_challenged(shopper: Shopper) -> None:
    assert shopper.confirm(shopper.manual_intent(UNLESS_SET_UP)).status == "requires_action"


def test_three_d_secure_can_be_asked_for(shopper: Shopper) -> None:
    intent = shopper.manual_intent()

    challenged = shopper.confirm(
        intent, payment_method_options={"card": {"request_three_d_secure": "any"}}
    )

    assert challenged.status == "requires_action"


def _answer(http: httpx.Client, path: str, **form: str) -> httpx.Response:
    """Send what Stripe.js's dialog sends."""
    return http.post(
        f"/v1/{path}/three_d_secure", data=form, headers={"Authorization": "Bearer pk_test_1"}
    )


def _source(intent: stripe.PaymentIntent | stripe.SetupIntent) -> str:
    assert intent.next_action is not None
    assert intent.next_action.use_stripe_sdk is not None
    return str(intent.next_action.use_stripe_sdk["source"])


def test_a_browser_answers_a_challenge_with_the_client_secret(
    shopper: Shopper, http: httpx.Client
) -> None:
    intent = shopper.manual_intent(ALWAYS, metadata={"user_id": "u1"})
    challenged = shopper.confirm(intent)

    answer = _answer(
        http,
        f"payment_intents/{intent.id}",
        client_secret=str(intent.client_secret),
        source=_source(challenged),
        outcome="succeed",
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "requires_confirmation")
    assert "metadata" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"client_secret": "pi_1_secret_guessed"}, 404, "resource_missing"),
        ({"source": "src_earlier"}, 409, "simulator_no_open_challenge"),
        ({"outcome": "perhaps"}, 400, None),
        ({"amount": "1"}, 400, "parameter_unknown"),
    ],
)
def test_a_browsers_answer_must_fit_its_challenge(
    shopper: Shopper, http: httpx.Client, changes: dict[str, str], status: int, code: str | None
) -> None:
    intent = shopper.confirm(shopper.manual_intent(ALWAYS))
    form = {"client_secret": str(intent.client_secret), "source": _source(intent)}

    answer = _answer(
        http, f"payment_intents/{intent.id}", **form | {"outcome": "succeed"} | changes
    )

    assert (answer.status_code, answer.json()["error"].get("code")) == (status, code)
    after = shopper.server.payment_intents.retrieve(intent.id)
    assert after.status == "requires_action"


@pytest.mark.parametrize("missing", ["source", "outcome"])
def test_a_browsers_answer_must_be_whole(
    shopper: Shopper, http: httpx.Client, missing: str
) -> None:
    intent = shopper.server.setup_intents.create(
        {"payment_method": shopper.card(ALWAYS).id, "confirm": True}
    )
    form = {"client_secret": str(intent.client_secret), "source": _source(intent)}
    form |= {"outcome": "succeed"}
    path = f"setup_intents/{intent.id}"

    lacking = {name: value for name, value in form.items() if name != missing}
    answer = _answer(http, path, **lacking)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, missing)
    assert _answer(http, path, **form).json()["status"] == "succeeded"


def test_a_server_does_not_answer_for_the_cardholder(shopper: Shopper, http: httpx.Client) -> None:
    intent = shopper.confirm(shopper.manual_intent(ALWAYS))

    answer = http.post(
        f"/v1/payment_intents/{intent.id}/three_d_secure",
        data={"source": _source(intent), "outcome": "succeed"},
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parameter_unknown")
