"""What the real API answered when somebody recorded it, asked of the simulator in their order."""

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Json, Steering

ABSENT = "absent"


class Account:
    """The API without an SDK, which would hide what is absent behind what is null."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def post(self, path: str, status: int = 200, key: str = "", **params: Any) -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        return _answer(self._http.post(f"/v1{path}", data=params, headers=headers), status)

    def get(self, path: str, status: int = 200, **params: Any) -> Json:
        return _answer(self._http.get(f"/v1{path}", params=params), status)

    def customer(self) -> str:
        return str(self.post("/customers")["id"])

    def card(self, test_id: str = "tok_visa", customer: str = "") -> str:
        card = self.post("/payment_methods", type="card", **_named("card[token]", test_id))
        if customer:
            self.post(f"/payment_methods/{card['id']}/attach", customer=customer)
        return str(card["id"])

    def pay(self, customer: str, card: str, status: int = 200, **params: Any) -> Json:
        payment = {
            "amount": "4900",
            "currency": "usd",
            "customer": customer,
            "payment_method": card,
            "confirm": "true",
            "return_url": "https://shop.example/",
        }
        return self.post("/payment_intents", status, **payment | params)


def _answer(response: httpx.Response, status: int) -> Json:
    answer: Json = response.json()
    assert response.status_code == status, answer
    return answer


def _named(param: str, value: str) -> Json:
    """A parameter whose name is none in Python."""
    return {param: value}


def _refusal(answer: Json) -> tuple[str, str, str]:
    """Type, code and param."""
    error = answer["error"]
    return error["type"], error.get("code", ABSENT), error.get("param", ABSENT)


def _invalid(code: str = ABSENT, param: str = ABSENT) -> tuple[str, str, str]:
    return "invalid_request_error", code, param


@pytest.fixture
def account(http: httpx.Client) -> Account:
    return Account(http)


def test_a_new_customer_has_neither_account_nor_discount(account: Account) -> None:
    customer = account.post("/customers", email="ada@shop.invalid", name="Ada")

    assert (customer["customer_account"], customer["discount"]) == (None, None)
    assert customer["livemode"] is False


def test_a_card_of_a_token_is_unchecked_until_it_is_attached(account: Account) -> None:
    card = account.post("/payment_methods", type="card", **_named("card[token]", "tok_visa"))
    attached = account.post(f"/payment_methods/{card['id']}/attach", customer=account.customer())

    assert card["card"]["checks"]["cvc_check"] == "unchecked"
    assert card["card"]["country"] == "US"
    assert (card["customer_account"], card["allow_redisplay"]) == (None, "unspecified")
    assert attached["card"]["checks"]["cvc_check"] == "pass"


def test_attaching_again_to_the_same_customer_changes_nothing(account: Account) -> None:
    customer = account.customer()
    card = account.card(customer=customer)

    again = account.post(f"/payment_methods/{card}/attach", customer=customer)
    elsewhere = account.post(f"/payment_methods/{card}/attach", 400, customer=account.customer())

    assert again["customer"] == customer
    assert _refusal(elsewhere) == _invalid()


def test_a_declined_attach_names_an_empty_param(account: Account) -> None:
    card = account.card("tok_visa_chargeDeclined")

    declined = account.post(f"/payment_methods/{card}/attach", 402, customer=account.customer())

    assert _refusal(declined) == ("card_error", "card_declined", "")
    error = declined["error"]
    assert error["decline_code"] == "generic_decline"
    assert (error["advice_code"], error["network_decline_code"]) == ("try_again_later", "01")


def test_payment_methods_are_listed_by_customer_or_not_at_all(account: Account) -> None:
    customer = account.customer()
    card = account.card(customer=customer)

    assert account.get("/payment_methods")["data"] == []
    assert [c["id"] for c in account.get("/payment_methods", customer=customer)["data"]] == [card]
    by_parameter = account.get("/payment_methods", 400, customer="cus_nope")
    by_path = account.get("/customers/cus_nope/payment_methods", 404, type="card")
    assert _refusal(by_parameter) == _invalid("resource_missing", "customer")
    assert _refusal(by_path) == _invalid("resource_missing", "id")


def test_a_card_is_read_below_its_customer(account: Account) -> None:
    customer, other = account.customer(), account.customer()
    card = account.card(customer=customer)

    assert account.get(f"/customers/{customer}/payment_methods/{card}")["id"] == card
    elsewhere = account.get(f"/customers/{other}/payment_methods/{card}", 404)
    assert _refusal(elsewhere) == _invalid(param="customer")
    expanded = account.get(f"/payment_methods/{card}", **_named("expand[]", "customer"))
    assert expanded["customer"]["id"] == customer


def test_a_card_that_may_be_shown_in_part_is_listed_as_such(account: Account) -> None:
    customer = account.customer()
    card = account.card(customer=customer)

    updated = account.post(f"/payment_methods/{card}", allow_redisplay="limited")
    limited = account.get("/payment_methods", customer=customer, allow_redisplay="limited")

    assert updated["allow_redisplay"] == "limited"
    assert [found["id"] for found in limited["data"]] == [card]


def test_a_detached_card_is_refused_without_code_or_param(account: Account) -> None:
    customer = account.customer()
    card = account.card(customer=customer)

    assert account.post(f"/payment_methods/{card}/detach")["customer"] is None

    detached_again = account.post(f"/payment_methods/{card}/detach", 400)
    attached_again = account.post(f"/payment_methods/{card}/attach", 400, customer=customer)
    used_again = account.pay(customer, card, 400)
    for refused in (detached_again, attached_again, used_again):
        assert _refusal(refused) == _invalid()


def test_an_unknown_card_or_customer_is_missed_by_name(account: Account) -> None:
    card = account.card()

    unknown_card = account.post("/payment_methods/abcd/attach", 404, customer=account.customer())
    unknown_customer = account.post(f"/payment_methods/{card}/attach", 400, customer="cus_nope")

    assert _refusal(unknown_card) == _invalid("resource_missing", "payment_method")
    assert _refusal(unknown_customer) == _invalid("resource_missing", "customer")


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/customers/cus_1", "id"),
        ("/payment_intents/nope", "intent"),
        ("/charges/ch_nope", "id"),
        ("/disputes/du_nope", "dispute"),
    ],
)
def test_what_does_not_exist_is_404(account: Account, path: str, param: str) -> None:
    assert _refusal(account.get(path, 404)) == _invalid("resource_missing", param)


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ({"limit": "abc"}, "parameter_invalid_integer", "limit"),
        ({"wat": "x"}, "parameter_unknown", "wat"),
        ({"starting_after": "cus_aaa"}, "resource_missing", "starting_after"),
        ({"starting_after": "cus_a", "ending_before": "cus_b"}, ABSENT, ABSENT),
    ],
)
def test_a_list_says_what_is_wrong_with_the_question(
    account: Account, query: dict[str, str], code: str, param: str
) -> None:
    assert _refusal(account.get("/customers", 400, **query)) == _invalid(code, param)


def test_a_payment_has_no_balance_transaction_at_first(
    account: Account, steering: Steering
) -> None:
    customer = account.customer()
    card = account.card(customer=customer)

    intent = account.pay(customer, card, key="k1")
    other_amount = account.pay(customer, card, 400, key="k1", amount="5000")
    found = account.get(f"/payment_intents/{intent['id']}", **_named("expand[]", "latest_charge"))

    assert (intent["status"], intent["capture_method"]) == ("succeeded", "automatic_async")
    assert intent["customer_account"] is None
    assert _refusal(other_amount) == ("idempotency_error", ABSENT, ABSENT)
    charge = found["latest_charge"]
    assert (charge["dispute"], charge["disputed"]) == (None, False)
    assert (charge["amount_refunded"], charge["balance_transaction"]) == (0, None)
    settled = steering.post(f"/charges/{charge['id']}/settle")
    assert settled["balance_transaction"].startswith("txn_")
    assert account.get("/events")["data"][0]["type"] == "charge.updated"


def test_a_decline_leaves_the_intent_without_its_card(account: Account) -> None:
    declined = account.pay(account.customer(), account.card("tok_visa_chargeDeclined"), 402)

    assert _refusal(declined) == ("card_error", "card_declined", ABSENT)
    error = declined["error"]
    assert (error["advice_code"], error["network_decline_code"]) == ("try_again_later", "01")
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["payment_method_type"] == "card"


def test_another_customers_card_is_refused_with_the_intent(account: Account) -> None:
    card = account.card(customer=account.customer())
    intent = account.post(
        "/payment_intents", amount="600", currency="usd", customer=account.customer()
    )

    refused = account.post(f"/payment_intents/{intent['id']}/confirm", 400, payment_method=card)

    assert _refusal(refused) == _invalid(param="payment_method")
    assert refused["error"]["payment_intent"]["id"] == intent["id"]


def test_a_challenged_intent_has_no_charge(account: Account) -> None:
    customer = account.customer()
    card = account.card("tok_threeDSecure2Required", customer)

    intent = account.pay(customer, card)

    assert (intent["status"], intent["latest_charge"]) == ("requires_action", None)


def test_nothing_is_no_amount(account: Account) -> None:
    refused = account.post("/payment_intents", 400, amount="0", currency="usd")

    assert _refusal(refused) == _invalid("parameter_invalid_integer", "amount")


def test_a_paid_intent_is_not_canceled(account: Account) -> None:
    customer = account.customer()
    intent = account.pay(customer, account.card(customer=customer))

    refused = account.post(f"/payment_intents/{intent['id']}/cancel", 400)

    assert _refusal(refused) == _invalid("payment_intent_unexpected_state")
    assert refused["error"]["payment_intent"]["id"] == intent["id"]


def test_refunds_add_up_to_the_charge(account: Account) -> None:
    customer = account.customer()
    card = account.card(customer=customer)
    charge = account.pay(customer, card)["latest_charge"]

    part = account.post("/refunds", charge=charge, amount="1500", reason="duplicate")
    after = account.get(f"/charges/{charge}")
    too_much = account.post("/refunds", 400, charge=charge, amount="4000")
    nothing = account.post("/refunds", 400, charge=charge, amount="0")
    rest = account.post("/refunds", charge=charge)

    assert (part["status"], part["customer"], part["payment_method"]) == (
        "succeeded",
        customer,
        card,
    )
    assert part["customer_account"] is None
    assert part["destination_details"] == {
        "card": {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    }
    assert (after["amount_refunded"], after["refunded"]) == (1500, False)
    assert _refusal(too_much) == _invalid(param="amount")
    assert _refusal(nothing) == _invalid("parameter_invalid_integer", "amount")
    assert rest["amount"] == 3400
    assert account.post(f"/refunds/{rest['id']}", **_named("metadata[k]", "v"))["metadata"] == {
        "k": "v"
    }


def test_an_unknown_charge_is_not_refunded(account: Account) -> None:
    refused = account.post("/refunds", 404, charge="ch_nope")

    assert _refusal(refused) == _invalid("resource_missing", "id")


def test_a_charge_stays_disputed_after_it_was_won(account: Account, steering: Steering) -> None:
    customer = account.customer()
    intent = account.pay(customer, account.card("tok_visa_createDispute", customer))
    charge = intent["latest_charge"]
    dispute = account.get("/disputes", charge=charge)["data"][0]

    refused = account.post("/refunds", 400, charge=charge, amount="100")
    steering.post(f"/disputes/{dispute['id']}", {"status": "under_review"})
    steering.post(f"/disputes/{dispute['id']}", {"status": "won"})

    assert intent["status"] == "succeeded"
    assert (dispute["status"], dispute["reason"]) == ("needs_response", "fraudulent")
    assert dispute["is_charge_refundable"] is False
    assert dispute["payment_method_details"]["card"]["case_type"] == "chargeback"
    assert _refusal(refused) == _invalid("charge_disputed")
    assert account.get(f"/charges/{charge}")["disputed"] is True


@pytest.mark.parametrize(
    ("card", "last4"),
    [
        ({"card[token]": "tok_visa_createDispute"}, "0259"),
        ({"card[token]": "tok_visa_createDisputeInquiry"}, "1976"),
        ({"card[number]": "4000000000005126"}, "5126"),
        ({"card[number]": "4000000000007726"}, "7726"),
    ],
)
def test_cards_that_make_trouble_later_are_cards(account: Account, card: Json, last4: str) -> None:
    expiry: Json = {"card[exp_month]": "9", "card[exp_year]": "2035"}

    made = account.post(
        "/payment_methods", type="card", **card, **expiry if "card[number]" in card else {}
    )

    assert made["card"]["last4"] == last4
