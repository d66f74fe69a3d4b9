"""POST /payments/{payment_id}/confirm"""

from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import PAYMENT_FIELDS, ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
ALWAYS_3DS = "4000002760003184"
DECLINED_AFTER_3DS = "4000008260003178"
ALWAYS_DECLINED = "4000000000000341"


class Checkout:
    """Ada's payment with a card, before its confirmation."""

    def __init__(self, ada: ApiClient, stripe: Simulator, number: str) -> None:
        self.ada = ada
        self.stripe = stripe
        self.card = ada.attached(stripe.payment_method(number))
        payment = ada.create(product_id="coffee", payment_method_id=self.card).body
        self.payment_id: str = payment["payment_id"]
        self.intent_id: str = payment["payment_intent_id"]
        stripe.forget_calls()

    def confirm(self, cvc: str | None = "123", **body: object) -> Any:
        """Confirm with a freshly collected CVC."""
        token = {"cvc_token": self.stripe.cvc_token(cvc)} if cvc else {}
        return self.ada.confirm(self.payment_id, **token, **body)

    @property
    def charges(self) -> list[int]:
        """What was charged, in minor units."""
        charges = self.stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=self.intent_id)
        return [charge["amount"] for charge in charges if charge["status"] == "succeeded"]


def test_a_card_is_charged_with_the_cvc_collected_for_it(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, VISA)
    token = stripe.cvc_token()

    answer = ada.confirm(checkout.payment_id, cvc_token=token)

    assert answer.status == 200
    assert set(answer.body) == PAYMENT_FIELDS
    assert (answer.body["status"], answer.body["next_action"]) == ("succeeded", None)
    (call,) = stripe.calls()
    assert call["params"]["payment_method_options"]["card"]["cvc_token"] == token
    assert call["params"]["use_stripe_sdk"] == "true"
    assert checkout.charges == [1099]
    assert aws.payment()["status"] == "succeeded"
    assert "open" not in aws.payment()


def test_a_challenge_is_passed_and_the_payment_goes_on(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_3DS)

    challenged = checkout.confirm()
    assert (challenged.status, challenged.body["status"]) == (200, "requires_action")
    assert challenged.body["next_action"]["type"] == "use_stripe_sdk"
    stripe.answer_challenge(checkout.intent_id, "succeed")
    done = checkout.confirm(cvc=None)

    assert (done.status, done.body["status"]) == (200, "succeeded")
    assert done.body["next_action"] is None
    assert [call["path"] for call in stripe.calls()] == [
        f"/v1/payment_intents/{checkout.intent_id}/confirm"
    ] * 2
    assert checkout.charges == [1099]


def test_an_open_challenge_is_returned_again(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_3DS)
    challenged = checkout.confirm()

    again = checkout.confirm(cvc=None)

    assert (again.status, again.body["status"]) == (200, "requires_action")
    assert again.body["next_action"] == challenged.body["next_action"]


def test_a_failed_challenge_leaves_the_payment_to_another_card(
    ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_3DS)
    other = ada.attached(stripe.payment_method(VISA))
    checkout.confirm()
    stripe.answer_challenge(checkout.intent_id, "fail")

    refused = checkout.confirm(cvc=None)
    assert (refused.status, refused.code) == (402, "authentication_failed")
    assert refused.body["retryable"] is True
    assert refused.body["payment"]["status"] == "requires_payment_method"

    paid = checkout.confirm(payment_method_id=other)
    assert (paid.status, paid.body["status"]) == (200, "succeeded")
    assert paid.body["payment_method_id"] == other
    assert checkout.charges == [1099]


def test_a_challenge_passed_may_still_end_in_a_decline(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, DECLINED_AFTER_3DS)
    checkout.confirm()
    stripe.answer_challenge(checkout.intent_id, "succeed")

    answer = checkout.confirm(cvc=None)

    assert (answer.status, answer.code) == (402, "card_declined")
    assert answer.body["decline_code"] == "insufficient_funds"


def test_a_declined_card_leaves_the_payment_retryable(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_DECLINED)
    other = ada.attached(stripe.payment_method(VISA))

    refused = checkout.confirm()
    assert (refused.status, refused.code) == (402, "card_declined")
    assert set(refused.body["payment"]) == PAYMENT_FIELDS
    assert refused.body["payment"]["last_payment_error"]["message"] == refused.body["detail"]
    assert aws.payment()["status"] == "requires_payment_method"

    paid = checkout.confirm(payment_method_id=other)
    assert paid.body["status"] == "succeeded"
    assert paid.body["last_payment_error"] is None
    assert checkout.charges == [1099]


def test_a_client_that_lost_a_refusal_gets_it_again(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_DECLINED)
    refused = checkout.confirm()

    again = checkout.confirm(cvc=None)

    assert (again.status, again.code) == (402, "card_declined")
    assert again.body["decline_code"] == refused.body["decline_code"]


def test_a_wrong_cvc_may_be_corrected_with_the_same_card(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, VISA)

    wrong = checkout.confirm(cvc="999")
    assert (wrong.status, wrong.code) == (402, "card_declined")
    assert wrong.body["decline_code"] == "incorrect_cvc"

    right = checkout.confirm()
    assert (right.status, right.body["status"]) == (200, "succeeded")
    assert checkout.charges == [1099]


def test_a_confirmation_needs_a_cvc(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, VISA)

    answer = checkout.confirm(cvc=None)

    assert (answer.status, answer.code) == (422, "cvc_required")
    assert stripe.calls() == []


def test_another_card_needs_its_own_cvc(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_3DS)
    other = ada.attached(stripe.payment_method(VISA))
    checkout.confirm()

    answer = checkout.confirm(cvc=None, payment_method_id=other)

    assert (answer.status, answer.code) == (422, "cvc_required")


def test_a_cvc_token_of_another_payment_is_spent(ada: ApiClient, stripe: Simulator) -> None:
    token = stripe.cvc_token()
    ada.confirm(Checkout(ada, stripe, VISA).payment_id, cvc_token=token)
    card = ada.attached(stripe.payment_method(VISA))
    second = ada.create(product_id="coffee", payment_method_id=card).body

    answer = ada.confirm(second["payment_id"], cvc_token=token)

    assert (answer.status, answer.code) == (422, "cvc_required")


def test_confirming_a_paid_payment_says_that_it_succeeded(
    ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, VISA)
    first = checkout.confirm()

    for again in (checkout.confirm(), checkout.confirm(cvc=None)):
        assert (again.status, again.body) == (200, first.body)
    assert checkout.charges == [1099]


def test_a_cancelled_payment_cannot_be_confirmed(ada: ApiClient, stripe: Simulator) -> None:
    checkout = Checkout(ada, stripe, VISA)
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{checkout.intent_id}/cancel")

    for _ in range(2):  # as Stripe says, then as the row says
        answer = checkout.confirm()
        assert (answer.status, answer.code) == (409, "payment_not_confirmable")


def test_only_its_owner_confirms_a_payment(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, VISA)

    answer = bob.confirm(checkout.payment_id, cvc_token=stripe.cvc_token())

    assert (answer.status, answer.code) == (404, "payment_not_found")
    assert checkout.charges == []


def test_somebody_elses_card_does_not_pay(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, VISA)
    bobs = bob.attached(stripe.payment_method(VISA))

    answer = checkout.confirm(payment_method_id=bobs)

    assert (answer.status, answer.code) == (404, "payment_method_not_found")
    assert checkout.charges == []


@pytest.mark.parametrize("number", [VISA, ALWAYS_3DS, ALWAYS_DECLINED])
@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "connection_reset"])
def test_a_retry_gets_the_lost_answer(
    ada: ApiClient, stripe: Simulator, number: str, kind: str
) -> None:
    expected = {VISA: 200, ALWAYS_3DS: 200, ALWAYS_DECLINED: 402}[number]
    checkout = Checkout(ada, stripe, number)
    body = {"cvc_token": stripe.cvc_token()}
    stripe.fault("POST", "/v1/payment_intents/*/confirm", kind, times=3)

    lost = ada.confirm(checkout.payment_id, **body)
    assert (lost.status, lost.code) == (503, "stripe_unavailable")
    answer = ada.confirm(checkout.payment_id, **body)

    assert answer.status == expected
    assert len(checkout.charges) == (1 if number == VISA else 0)
    if number == ALWAYS_3DS:
        stripe.answer_challenge(checkout.intent_id, "succeed")
        # Even the request from before the challenge, sent again, continues after it.
        assert ada.confirm(checkout.payment_id, **body).body["status"] == "succeeded"
        assert checkout.charges == [1099]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("lock_timeout", 429, "rate_limited"), ("rate_limit", 429, "rate_limited")],
)
def test_a_busy_stripe_is_asked_again_later(
    ada: ApiClient, stripe: Simulator, kind: str, status: int, code: str
) -> None:
    checkout = Checkout(ada, stripe, VISA)
    stripe.fault("POST", "/v1/payment_intents/*/confirm", kind, times=3)
    body = {"cvc_token": stripe.cvc_token()}

    busy = ada.confirm(checkout.payment_id, **body)
    later = ada.confirm(checkout.payment_id, **body)
    while later.status == status:
        later = ada.confirm(checkout.payment_id, **body)

    assert (busy.status, busy.code) == (status, code)
    assert busy.headers["Retry-After"]
    assert later.body["status"] == "succeeded"


def test_a_payment_whose_creation_was_cut_off_can_be_confirmed(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    stripe.fault("POST", "/v1/payment_intents", "timeout_after", times=3)
    ada.create(product_id="coffee", payment_method_id=card)
    row = aws.payment()

    answer = ada.confirm(row["payment_id"], cvc_token=stripe.cvc_token())

    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert len(stripe.listed(SECRET_KEY, "/v1/charges")) == 1


def test_a_payment_that_stripe_will_not_create_cannot_be_confirmed(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    stripe.fault("POST", "/v1/payment_intents", "timeout_before", times=3)
    ada.create(product_id="coffee", payment_method_id=card)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")

    answer = ada.confirm(aws.payment()["payment_id"], cvc_token=stripe.cvc_token())

    assert (answer.status, answer.code) == (404, "payment_method_not_found")
    row = aws.payment()
    assert (row["status"], "open" in row) == ("refused", False)
    again = ada.confirm(row["payment_id"], cvc_token=stripe.cvc_token())
    assert (again.status, again.code) == (404, "payment_method_not_found")
    assert ada.payment(row["payment_id"]).body["status"] == "refused"


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_confirmation_that_failed_for_good_goes_on_with_the_next_cvc(
    ada: ApiClient, stripe: Simulator, kind: str
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment_id = ada.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    stripe.fault("POST", "/v1/payment_intents/*/confirm", kind)

    answer = ada.confirm(payment_id, cvc_token=stripe.cvc_token())

    if kind == "remembered_500":
        assert (answer.status, answer.code) == (422, "cvc_required")
        answer = ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges")
    assert charge["amount"] == 1099


def test_an_amount_that_was_changed_at_stripe_is_neither_charged_nor_told_as_paid(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, VISA)
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{checkout.intent_id}", amount="99")

    answer, again = checkout.confirm(), checkout.confirm()

    for each in (answer, again):
        assert (each.status, each.code) == (409, "payment_not_confirmable")
    row = aws.payment()
    assert (row["status"], row["last_payment_error"]["code"]) == ("mismatched", "mismatched")
    assert "open" not in row
    assert checkout.charges == []


def test_an_amount_that_was_changed_after_the_challenge_is_not_charged(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    checkout = Checkout(ada, stripe, ALWAYS_3DS)
    assert checkout.confirm().body["status"] == "requires_action"
    stripe.answer_challenge(checkout.intent_id, "succeed")
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{checkout.intent_id}", amount="99")

    answer = checkout.confirm(cvc=None)

    assert (answer.status, answer.code) == (409, "payment_not_confirmable")
    assert (aws.payment()["status"], checkout.charges) == ("mismatched", [])


def test_what_was_changed_at_stripe_is_not_told_as_paid(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    # Given another currency, which Stripe does not compare
    checkout = Checkout(ada, stripe, VISA)
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{checkout.intent_id}", currency="usd")

    answer = checkout.confirm()

    assert (answer.status, answer.code) == (409, "payment_not_confirmable")
    row = aws.payment()
    assert (row["status"], row["amount_received"], checkout.charges) == ("mismatched", 1099, [1099])


def test_a_mismatch_put_right_at_stripe_is_over(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    path = f"/v1/payment_intents/{payment['payment_intent_id']}"
    stripe.post(SECRET_KEY, path, amount="99")
    assert ada.payment(payment["payment_id"]).body["status"] == "mismatched"
    stripe.post(SECRET_KEY, path, amount="1099")

    answer = ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())

    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert [line["to_status"] for line in aws.payment()["history"]] == [
        "requires_confirmation",
        "mismatched",
        "requires_confirmation",
        "succeeded",
    ]
