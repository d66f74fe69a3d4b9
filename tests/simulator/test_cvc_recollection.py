from typing import Any

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering

PARAM = "payment_method_options[card][cvc_token]"
RECOLLECT = {"card": {"require_cvc_recollection": True}}


def _with(token: str) -> dict[str, Any]:
    return {"payment_method_options": {"card": {"cvc_token": token}}}


def _intent(shopper: Shopper, number: str = "4242424242424242") -> stripe.PaymentIntent:
    return shopper.manual_intent(number, payment_method_options=RECOLLECT)


def test_a_saved_card_needs_its_cvc_again(shopper: Shopper) -> None:
    intent = _intent(shopper)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(intent)

    assert (refusal.value.http_status, refusal.value.code) == (400, "parameter_missing")
    assert refusal.value.param == PARAM
    assert shopper.confirm(intent, **_with(shopper.cvc_token())).status == "succeeded"


def test_a_new_card_needs_no_cvc_again(shopper: Shopper) -> None:
    intent = shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "payment_method": shopper.card().id,
            "payment_method_options": {"card": {"require_cvc_recollection": True}},
        }
    )

    assert shopper.server.payment_intents.confirm(intent.id).status == "succeeded"


def test_the_confirm_after_a_challenge_needs_no_second_token(
    shopper: Shopper, steering: Steering
) -> None:
    intent = _intent(shopper, "4000002760003184")
    assert shopper.confirm(intent, **_with(shopper.cvc_token())).status == "requires_action"
    steering.answer_challenge(intent.id, "succeed")

    assert shopper.confirm(intent).status == "succeeded"


def test_a_new_attempt_needs_a_new_token(shopper: Shopper, steering: Steering) -> None:
    intent = _intent(shopper, "4000002760003184")
    card = intent.payment_method
    shopper.confirm(intent, **_with(shopper.cvc_token()))
    with pytest.raises(stripe.InvalidRequestError) as while_challenged:
        shopper.confirm(intent)
    steering.answer_challenge(intent.id, "fail")
    with pytest.raises(stripe.InvalidRequestError) as after_failure:
        shopper.confirm(intent, payment_method=card)

    assert while_challenged.value.param == PARAM
    assert after_failure.value.param == PARAM


def test_a_token_works_once(shopper: Shopper) -> None:
    token = shopper.cvc_token()
    shopper.confirm(_intent(shopper), **_with(token))
    assert shopper.server.tokens.retrieve(token).used is True

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(_intent(shopper), **_with(token))

    assert (refusal.value.code, refusal.value.param) == ("token_already_used", PARAM)


def test_the_token_for_files_is_new_each_time(shopper: Shopper) -> None:
    for _ in range(2):
        assert shopper.confirm(_intent(shopper), **_with("cvctok_simulator")).status == "succeeded"


def test_an_unknown_token_is_refused(shopper: Shopper) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(_intent(shopper), **_with("cvctok_unknown"))

    assert (refusal.value.http_status, refusal.value.code) == (400, "resource_missing")
    assert refusal.value.param == PARAM


def test_a_refused_confirm_does_not_use_the_token_up(shopper: Shopper) -> None:
    token = shopper.cvc_token()
    intent = _intent(shopper)
    too_cheap = {"line_items": [{"product_name": "Coffee", "quantity": 1, "unit_cost": 1}]}
    with pytest.raises(stripe.InvalidRequestError):
        shopper.confirm(intent, amount_details=too_cheap, **_with(token))

    assert shopper.confirm(intent, **_with(token)).status == "succeeded"


def test_a_mistyped_cvc_declines_the_card(shopper: Shopper) -> None:
    intent = _intent(shopper)
    card = intent.payment_method

    with pytest.raises(stripe.CardError) as decline:
        shopper.confirm(intent, **_with(shopper.cvc_token("999")))

    assert (decline.value.code, decline.value.param) == ("incorrect_cvc", "cvc")
    retried = shopper.confirm(intent, payment_method=card, **_with(shopper.cvc_token("123")))
    assert retried.status == "succeeded"


def test_a_mistyped_cvc_is_found_out_after_the_challenge(
    shopper: Shopper, steering: Steering
) -> None:
    intent = _intent(shopper, "4000002760003184")
    shopper.confirm(intent, **_with(shopper.cvc_token("999")))
    steering.answer_challenge(intent.id, "succeed")

    with pytest.raises(stripe.CardError) as decline:
        shopper.confirm(intent)

    assert decline.value.code == "incorrect_cvc"


def test_a_mistyped_cvc_is_forgotten_with_its_attempt(shopper: Shopper, steering: Steering) -> None:
    intent = _intent(shopper, "4000002760003184")
    shopper.confirm(intent, **_with(shopper.cvc_token("999")))
    steering.answer_challenge(intent.id, "fail")

    assert shopper.confirm(intent, payment_method=shopper.card().id).status == "succeeded"


def test_a_token_is_for_confirming_only(shopper: Shopper) -> None:
    with pytest.raises(stripe.InvalidRequestError) as on_create:
        shopper.manual_intent(**_with(shopper.cvc_token()))
    intent = shopper.manual_intent()
    with pytest.raises(stripe.InvalidRequestError) as on_update:
        shopper.server.payment_intents.update(
            intent.id, {"payment_method_options": {"card": {"cvc_token": shopper.cvc_token()}}}
        )

    assert on_create.value.param == PARAM
    assert on_update.value.param == PARAM


@pytest.mark.parametrize("cvc", ["12", "12345", "abc"])
def test_what_can_not_be_a_cvc_makes_no_token(browser: V1Services, cvc: str) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        browser.tokens.create({"cvc_update": {"cvc": cvc}})

    assert refusal.value.code == "invalid_cvc"
