"""The gateway when Stripe refuses, is slow or is down: our errors, without any secrets."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from payments.domain.customer import UnfinishedCustomer
from payments.domain.errors import (
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    KeyRefusedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    PaymentsError,
    PermissionMissingError,
    RateLimitedError,
    StripeRejectedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.payment_intent import LastPaymentError
from payments.stripe_gateway import permissions
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe, FakeStripeSecret, a_gateway
from tests.unit.builders import ADA, a_payment
from tests.unit.stripe_objects import (
    CLIENT_SECRET,
    a_customer_object,
    a_list_of,
    a_payment_method_object,
    an_intent_object,
)

Call = Callable[[StripeGateway], object]

CALLS: dict[str, Call] = {
    "create_customer": lambda gateway: gateway.create_customer(ADA, UnfinishedCustomer("ada")),
    "find_customer": lambda gateway: gateway.find_customer(ADA),
    "attach": lambda gateway: gateway.attach_payment_method(
        "pm_card", stripe_customer_id="cus_ada"
    ),
    "list": lambda gateway: gateway.list_payment_methods("cus_ada", limit=2, cursor=None),
    "create": lambda gateway: gateway.create_payment_intent(a_payment()),
    "find": lambda gateway: gateway.find_payment_intent(a_payment()),
    "retrieve": lambda gateway: gateway.retrieve_payment_intent("pi_1"),
    "confirm": lambda gateway: gateway.confirm_payment_intent(
        "pi_1", payment=a_payment(), cvc_token="cvctok_1"
    ),
    "cancel": lambda gateway: gateway.cancel_payment_intent("pi_1"),
    "retrieve_customer": lambda gateway: gateway.retrieve_customer("cus_ada"),
    "retrieve_event": lambda gateway: gateway.retrieve_event("evt_1"),
    "list_events": lambda gateway: gateway.list_events([], since=0, until=1, cursor=None),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


# Whatever is called


@every_call
def test_a_rotated_key_is_read_again_and_the_call_made_again(
    canned: CannedStripe, call: Call
) -> None:
    # Given
    gateway = a_gateway(canned, "sk_test_old", "sk_test_new")
    canned.refuses(401)
    canned.refuses(429)  # what follows does not matter here
    # When
    with pytest.raises(RateLimitedError):
        call(gateway)
    # Then
    assert [request.secret_key for request in canned.requests] == ["sk_test_old", "sk_test_new"]


def test_with_the_new_key_the_answer_is_that_of_the_second_call(canned: CannedStripe) -> None:
    # Given
    gateway = a_gateway(canned, "sk_test_old", "sk_test_new")
    canned.refuses(401)
    canned.answers(a_customer_object())
    # When, then
    assert gateway.create_customer(ADA, UnfinishedCustomer("ada")) == "cus_ada"
    first, second = canned.requests
    assert first.idempotency_key == second.idempotency_key


@every_call
def test_a_key_that_stays_wrong_is_read_again_but_not_sent_again(
    canned: CannedStripe, call: Call
) -> None:
    # Given
    gateway = a_gateway(canned)
    canned.refuses(401)
    # When, then
    with pytest.raises(StripeRejectedError, match="the key is not valid"):
        call(gateway)
    assert len(canned.requests) == 1
    assert isinstance(gateway._secret, FakeStripeSecret)
    assert gateway._secret.refreshes == 1


@every_call
def test_a_new_key_that_is_wrong_too_is_our_fault(canned: CannedStripe, call: Call) -> None:
    gateway = a_gateway(canned, "sk_test_old", "sk_test_new")
    canned.refuses(401)
    canned.refuses(401)
    with pytest.raises(StripeRejectedError):
        call(gateway)
    assert len(canned.requests) == 2


@every_call
def test_a_key_without_permission_is_our_fault(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    canned.refuses(403)
    with pytest.raises(StripeRejectedError):
        call(gateway)


@every_call
def test_too_many_requests_mean_wait(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    canned.refuses(429, code="lock_timeout")
    with pytest.raises(RateLimitedError):
        call(gateway)


@every_call
def test_a_request_under_way_already_means_wait(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    # Given the same request, which takes longer than the SDK is willing to wait
    for _ in range(3):
        canned.refuses(409, type="idempotency_error", code="idempotency_key_in_use")
    # When, then
    with pytest.raises(RateLimitedError):
        call(gateway)
    assert len(canned.requests) == 3


@every_call
@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_stripes_own_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe, call: Call, status: int
) -> None:
    for _ in range(3):
        canned.refuses(status, type="api_error")
    with pytest.raises(StripeUnavailableError):
        call(gateway)


@every_call
def test_an_answer_that_is_no_json_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    for _ in range(3):
        canned.answers("<html>Bad gateway</html>", 502)
    with pytest.raises(StripeUnavailableError):
        call(gateway)


@every_call
def test_an_answer_without_what_every_answer_has_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    canned.answers({"ok": True})
    with pytest.raises(StripeUnavailableError):
        call(gateway)


@every_call
def test_a_connection_that_stays_lost_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe, call: Call
) -> None:
    canned.hangs_up(times=3)
    with pytest.raises(StripeUnavailableError):
        call(gateway)
    assert len(canned.requests) == 3


def test_a_connection_that_is_lost_once_goes_unnoticed_and_pays_once(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.hangs_up()
    canned.answers(an_intent_object(status="succeeded"))
    # When
    intent = gateway.confirm_payment_intent("pi_1", payment=a_payment())
    # Then
    first, second = canned.requests
    assert intent.status == "succeeded"
    assert first.idempotency_key
    assert first.idempotency_key == second.idempotency_key


@pytest.mark.parametrize("name", ["create_customer", "attach", "create", "confirm"])
def test_a_key_that_served_for_another_request_is_reported(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.refuses(400, type="idempotency_error")
    with pytest.raises(IdempotencyKeyReusedError):
        CALLS[name](gateway)


@pytest.mark.parametrize(
    "name",
    ["create_customer", "find_customer", "attach", "list", "create", "find", "retrieve", "confirm"],
)
def test_a_request_that_stripe_does_not_understand_is_refused_for_good(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.refuses(400, code="parameter_unknown", param="nonsense")
    with pytest.raises(PaymentRefusedError) as error:
        CALLS[name](gateway)
    assert (error.value.code, error.value.param) == ("parameter_unknown", "nonsense")


# What a call may be refused for


@pytest.mark.parametrize("name", ["attach", "list", "create"])
def test_a_customer_that_stripe_does_not_know_is_missing(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.refuses(404, code="resource_missing", param="customer")
    with pytest.raises(CustomerMissingError):
        CALLS[name](gateway)


@pytest.mark.parametrize("name", ["create", "confirm"])
def test_a_card_that_is_not_the_customers_is_not_found(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.refuses(400, code="resource_missing", param="payment_method")
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS[name](gateway)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (404, {"code": "resource_missing", "param": "payment_method"}),
        (404, {"code": "resource_missing", "param": "id"}),
        (400, {"param": "payment_method"}),
        (400, {}),  # used before, detached, or another customer's
    ],
)
@pytest.mark.parametrize(
    "shown",
    [{"param": "customer"}, {"code": "resource_missing", "param": "payment_method"}, {}],
)
def test_a_card_that_cannot_be_attached_and_is_not_the_customers_is_not_found(
    gateway: StripeGateway,
    canned: CannedStripe,
    status: int,
    refusal: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    # Given
    canned.refuses(status, **refusal)
    canned.refuses(404, **shown)
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["attach"](gateway)


def test_a_customer_that_is_named_without_a_code_is_not_missing(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, param="customer")
    canned.refuses(404, param="customer")
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["attach"](gateway)


def test_a_card_detached_since_it_was_attached_is_not_found(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given an answer that Stripe repeats although it is no longer true
    canned.answers(a_payment_method_object(), idempotent_replayed="true")
    canned.refuses(404, param="customer")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["attach"](gateway)


def test_a_card_detached_after_a_remembered_failure_is_not_found(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.fails_for_good()
    canned.refuses(404, param="customer")
    canned.refuses(400, message="The PaymentMethod may not be used again.")
    canned.refuses(404, param="customer")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["attach"](gateway)


def test_a_customer_deleted_after_a_remembered_failure_is_missing(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.fails_for_good()
    canned.refuses(404, code="resource_missing", param="customer")
    canned.refuses(404, code="resource_missing", param="customer")
    # When, then
    with pytest.raises(CustomerMissingError):
        CALLS["attach"](gateway)


def test_a_second_failure_of_an_attachment_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.fails_for_good()
    canned.refuses(404, param="customer")
    canned.fails_for_good()
    # When, then
    with pytest.raises(StripeUnavailableError):
        CALLS["attach"](gateway)


@pytest.mark.parametrize("name", ["create_customer", "find_customer", "attach", "list"])
@pytest.mark.parametrize("body", [{"message": "Blocked"}, "<html>No</html>"])
def test_a_refusal_that_is_not_stripes_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe, name: str, body: object
) -> None:
    canned.answers(body, 400)
    with pytest.raises(StripeUnavailableError):
        CALLS[name](gateway)


def test_a_look_at_a_card_that_something_else_answers_means_try_again_later(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_payment_method_object(), idempotent_replayed="true")
    canned.answers({"message": "Not found"}, 404)
    with pytest.raises(StripeUnavailableError):
        CALLS["attach"](gateway)


def test_a_failed_creation_of_a_customer_that_stripe_repeats_is_known_as_such(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.fails_for_good()
    with pytest.raises(FailureRememberedError):
        CALLS["create_customer"](gateway)


def test_an_address_that_stripe_refuses_is_named(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(400, code="email_invalid", param="email")
    with pytest.raises(PaymentRefusedError) as error:
        CALLS["create_customer"](gateway)
    assert error.value.param == "email"


def test_what_is_no_card_is_not_found(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_payment_method_object(type="sepa_debit", card=None))
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["attach"](gateway)


def test_a_cursor_that_names_none_of_the_cards_is_invalid(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(400, code="resource_missing", param="starting_after")
    with pytest.raises(ValidationError) as error:
        gateway.list_payment_methods("cus_ada", limit=2, cursor="pm_other")
    assert error.value.errors[0][0] == "cursor"


@pytest.mark.parametrize("code", ["amount_too_small", "amount_too_large", "invalid_charge_amount"])
def test_an_amount_that_stripe_does_not_charge_is_invalid(
    gateway: StripeGateway, canned: CannedStripe, code: str
) -> None:
    canned.refuses(400, code=code, param="amount")
    with pytest.raises(ValidationError) as error:
        CALLS["create"](gateway)
    assert error.value.errors[0][0] == "amount"


def test_a_card_that_may_not_be_used_again_is_not_found(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given what Stripe says of a detached card: neither code nor param
    canned.refuses(400, message="The provided PaymentMethod may not be used again.")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        CALLS["create"](gateway)


@pytest.mark.parametrize("name", ["retrieve", "confirm", "cancel"])
def test_an_intent_that_our_key_does_not_see_is_missing(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.refuses(404, code="resource_missing", param="intent")
    with pytest.raises(PaymentIntentMissingError):
        CALLS[name](gateway)


@pytest.mark.parametrize("name", ["create", "confirm"])
def test_a_failure_of_a_payment_that_stripe_repeats_is_known_as_such(
    gateway: StripeGateway, canned: CannedStripe, name: str
) -> None:
    canned.fails_for_good()
    with pytest.raises(FailureRememberedError):
        CALLS[name](gateway)


@pytest.mark.parametrize("name", ["create", "find", "retrieve", "confirm", "cancel"])
@pytest.mark.parametrize("body", [{"error": "Blocked"}, {"error": None}, [], "<html>No</html>"])
def test_a_refusal_of_a_payment_that_is_not_stripes_settles_nothing(
    gateway: StripeGateway, canned: CannedStripe, name: str, body: object
) -> None:
    canned.answers(body, 400)
    with pytest.raises(StripeUnavailableError):
        CALLS[name](gateway)


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (401, "Invalid API Key provided: sk_test_first", "the key is not valid"),
        (
            403,
            "The key rk_test_1 lacks rak_payment_intent_write.",
            "the key lacks a right: rak_payment_intent_write",
        ),
        (403, "No.", "the key lacks a right: Stripe's dashboard tells which one"),
    ],
)
def test_a_refused_key_is_told_with_what_to_look_at(
    gateway: StripeGateway, canned: CannedStripe, status: int, message: str, reason: str
) -> None:
    for _ in range(2):
        canned.refuses(status, message=message)
    with pytest.raises(StripeRejectedError) as error:
        CALLS["create"](gateway)
    assert error.value.reason == reason


def metrics_in(out: str) -> list[dict[str, Any]]:
    """The metrics among what a function has printed."""
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return [line for line in lines if "_aws" in line]


def test_a_missing_right_is_one_line_and_one_metric_every_few_minutes(
    gateway: StripeGateway,
    canned: CannedStripe,
    capsys: pytest.CaptureFixture[str],
    log: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    clock = [1000.0]
    monkeypatch.setattr(permissions, "_told_at", {})
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    # When
    for moment in (1000, 1239, 1240):
        clock[0] = moment
        canned.refuses(403, message="Having the 'rak_payment_intent_read' permission would do.")
        with pytest.raises(PermissionMissingError):
            gateway.retrieve_payment_intent("pi_1")
    # Then
    told = [("permission missing", "ERROR", "rak_payment_intent_read")] * 2
    assert [(line["message"], line["level"], line["permission"]) for line in log()] == told
    metrics = metrics_in(capsys.readouterr().out)
    assert [line["Stripe_permission_missing"] for line in metrics] == [[1.0], [1.0]]


def test_a_right_to_disputes_alone_is_told_of_though_the_payment_goes_on(
    gateway: StripeGateway,
    canned: CannedStripe,
    log: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(permissions, "_told_at", {})
    charge = {"id": "ch_1", "refunds": a_list_of(), "disputed": True}
    canned.answers(an_intent_object(status="succeeded", latest_charge=charge))
    canned.refuses(403, message="Having the 'rak_dispute_read' permission would do.")
    assert gateway.retrieve_payment_intent("pi_1").status == "succeeded"
    assert [line["permission"] for line in log()] == ["rak_dispute_read"]


@pytest.mark.parametrize(
    ("error", "decline_code"),
    [
        ({"code": "card_declined", "decline_code": "lost_card"}, "lost_card"),
        ({"code": "expired_card"}, "expired_card"),
        ({}, "generic_decline"),
    ],
)
def test_a_card_declined_while_attaching_says_why(
    gateway: StripeGateway, canned: CannedStripe, error: dict[str, Any], decline_code: str
) -> None:
    # Given
    canned.refuses(402, type="card_error", message="Your card was declined.", **error)
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        CALLS["attach"](gateway)
    assert refusal.value.decline_code == decline_code
    assert refusal.value.message == "Your card was declined."


# Confirming


def test_a_decline_is_an_outcome_that_carries_the_intent(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    reason: dict[str, Any] = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    }
    refused = an_intent_object(
        status="requires_payment_method", payment_method=None, last_payment_error=reason
    )
    canned.refuses(402, **reason, payment_intent=refused)
    # When
    intent = gateway.confirm_payment_intent("pi_1", payment=a_payment(), cvc_token="cvctok_1")
    # Then
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error == LastPaymentError(
        code="card_declined",
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
    )
    assert len(canned.requests) == 1


def test_a_decline_keeps_what_the_bank_and_the_network_said(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    reason = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "do_not_honor",
        "message": "Your card was declined.",
        "charge": "ch_1",
        "network_decline_code": "05",
        "advice_code": "do_not_try_again",
    }
    canned.answers(an_intent_object(last_payment_error=reason))
    assert gateway.retrieve_payment_intent("pi_1").last_payment_error == LastPaymentError(
        code="card_declined",
        decline_code="do_not_honor",
        message="Your card was declined.",
        charge_id="ch_1",
        network_decline_code="05",
        advice_code="do_not_try_again",
    )


def test_a_reason_without_code_or_message_is_still_told(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(an_intent_object(last_payment_error={"type": "api_error"}))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert intent.last_payment_error == LastPaymentError(
        code="api_error", decline_code=None, message="The payment failed."
    )


def test_a_replayed_decline_leads_to_the_current_state(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given an attempt that was declined, and another one that succeeded since
    refused = an_intent_object(status="requires_payment_method")
    canned.refuses(402, replayed=True, type="card_error", payment_intent=refused)
    canned.answers(an_intent_object(status="succeeded"))
    # When, then
    assert (
        gateway.confirm_payment_intent("pi_1", payment=a_payment(), cvc_token="cvctok_1").status
        == "succeeded"
    )


def test_a_decline_without_an_intent_is_an_error(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(402, type="card_error", code="card_declined", decline_code="fraudulent")
    with pytest.raises(CardDeclinedError) as refusal:
        CALLS["confirm"](gateway)
    assert refusal.value.decline_code == "fraudulent"


@pytest.mark.parametrize("status", ["canceled", "processing"])
def test_a_state_that_allows_no_confirmation_is_returned_unchanged(
    gateway: StripeGateway, canned: CannedStripe, status: str
) -> None:
    canned.refuses(
        400,
        code="payment_intent_unexpected_state",
        payment_intent=an_intent_object(status=status),
    )
    assert (
        gateway.confirm_payment_intent("pi_1", payment=a_payment(), cvc_token="cvctok_1").status
        == status
    )


def test_a_success_found_on_the_way_is_asked_for_with_its_charge(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given an error, whose intent never includes refunds and disputes
    canned.refuses(
        400,
        code="payment_intent_unexpected_state",
        payment_intent=an_intent_object(status="succeeded", latest_charge="ch_1"),
    )
    refund = {"id": "re_1", "amount": 99, "status": "succeeded"}
    charge = {"id": "ch_1", "refunds": a_list_of(refund), "disputed": False}
    canned.answers(an_intent_object(status="succeeded", latest_charge=charge))
    # When, then
    assert (
        gateway.confirm_payment_intent(
            "pi_1", payment=a_payment(), cvc_token="cvctok_1"
        ).amount_refunded
        == 99
    )


def test_a_cvc_token_that_has_served_asks_for_a_fresh_one(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(
        400,
        param="payment_method_options[card][cvc_token]",
        payment_intent=an_intent_object(),
    )
    with pytest.raises(CvcRequiredError):
        CALLS["confirm"](gateway)


# Secrets


def test_an_intent_does_not_show_its_client_secret(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    canned.answers(an_intent_object())
    # When
    intent = gateway.retrieve_payment_intent("pi_1")
    # Then
    assert intent.client_secret == CLIENT_SECRET
    assert CLIENT_SECRET not in f"{intent!r} {intent!s} {[intent]}"


@every_call
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 429, 500])
def test_no_secret_is_in_what_is_raised_nor_in_its_traceback(
    canned: CannedStripe, call: Call, status: int
) -> None:
    # Given a refusal that contains as much as possible
    gateway = a_gateway(canned, "sk_test_do_not_tell")
    for _ in range(3):
        canned.refuses(
            status, code="resource_missing", param="nonsense", payment_intent=an_intent_object()
        )
    # When
    try:
        shown = repr(call(gateway))
    except Exception as error:  # noqa: BLE001
        shown = "".join([repr(error), str(error), *traceback.format_exception(error)])
    # Then
    assert CLIENT_SECRET not in shown
    assert "sk_test_do_not_tell" not in shown
    assert "cvctok_1" not in shown.replace('cvc_token="cvctok_1"', "")  # this file's own source


# The mode


def test_the_mode_is_that_of_key_and_stack(canned: CannedStripe) -> None:
    assert not a_gateway(canned, "sk_test_1").livemode
    assert a_gateway(canned, "sk_live_1", mode="live").livemode
    assert a_gateway(canned, "rk_live_1", mode="live").livemode


@every_call
@pytest.mark.parametrize(("key", "mode"), [("sk_live_1", "test"), ("rk_test_1", "live")])
def test_with_a_key_of_the_other_mode_nothing_is_sent(
    canned: CannedStripe, call: Call, key: str, mode: str
) -> None:
    with pytest.raises(KeyRefusedError, match="the key is for"):
        call(a_gateway(canned, key, mode=mode))
    assert canned.requests == []


def test_with_a_key_of_the_other_mode_nobody_knows_whose_rows_count(canned: CannedStripe) -> None:
    with pytest.raises(StripeRejectedError):
        _ = a_gateway(canned, "sk_live_1").livemode


def test_a_key_of_the_other_mode_is_logged_once(
    canned: CannedStripe, log: Callable[[], list[dict[str, Any]]]
) -> None:
    gateway = a_gateway(canned, "sk_live_do_not_tell")
    for _ in range(3):
        with pytest.raises(StripeRejectedError) as error:
            gateway.retrieve_payment_intent("pi_1")
    (line,) = log()
    assert (line["level"], line["message"]) == ("CRITICAL", "stripe key of the other mode")
    assert line["reason"] == "the key is for live mode, and StripeMode is test"
    assert error.value.reason == line["reason"]
    assert error.value.message is None
    assert "do_not_tell" not in str(line)


def test_once_the_key_is_put_right_the_next_call_uses_it(canned: CannedStripe) -> None:
    gateway = a_gateway(canned, "sk_live_1", "sk_test_1")
    canned.answers(an_intent_object())
    gateway.retrieve_payment_intent("pi_1")
    assert canned.only_request.secret_key == "sk_test_1"


# Everything else


@every_call
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 429, 500])
def test_whatever_stripe_answers_the_error_is_one_of_ours(
    gateway: StripeGateway, canned: CannedStripe, call: Call, status: int
) -> None:
    for _ in range(3):
        canned.refuses(status)
    with pytest.raises((PaymentsError, CustomerMissingError)):
        call(gateway)
