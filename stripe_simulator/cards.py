"""Stripe's test cards: how each behaves when it is attached, authenticated and charged.

A card is known by its number and by ids that stand for it, as `pm_card_visa` does for
4242424242424242. A number outside this list is declined, as a real card is in test mode.

Two CVCs are special here and not at Stripe: a `cvc_update` token that holds 999 (9999 for American
Express) is a mistyped CVC, and the confirm that uses it is declined as `incorrect_cvc`.

See https://docs.stripe.com/testing
"""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Any

from stripe_simulator.errors import StripeError

WRONG_CVCS = frozenset({"999", "9999"})


class Authentication(Enum):
    """When the issuer wants 3D Secure."""

    OPTIONAL = "optional"
    UNLESS_SET_UP = "unless_set_up"
    ALWAYS = "always"


@dataclass(frozen=True)
class Decline:
    """An issuer's refusal. code is Stripe's error code, decline_code the issuer's reason."""

    code: str
    decline_code: str
    message: str
    param: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    worth_a_retry: bool = False


GENERIC_DECLINE = Decline(
    "card_declined",
    "generic_decline",
    "Your card was declined.",
    advice_code="try_again_later",
    network_decline_code="01",
)
INSUFFICIENT_FUNDS = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    advice_code="try_again_later",
    network_decline_code="51",
)
EXPIRED_CARD = Decline(
    "expired_card",
    "expired_card",
    "Your card has expired.",
    "exp_month",
    advice_code="confirm_card_data",
    network_decline_code="54",
)
INCORRECT_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "cvc",
    advice_code="confirm_card_data",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
_PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    advice_code="try_again_later",
    worth_a_retry=True,
)
_LOST = Decline(
    "card_declined",
    "lost_card",
    "Your card was declined.",
    advice_code="do_not_try_again",
    network_decline_code="41",
)
_STOLEN = Decline(
    "card_declined",
    "stolen_card",
    "Your card was declined.",
    advice_code="do_not_try_again",
    network_decline_code="43",
)
_VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its limit.",
)
_FRAUDULENT = Decline(
    "card_declined", "fraudulent", "Your card was declined.", advice_code="do_not_try_again"
)
_LIVE_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. This is test mode, and the number is not one of Stripe's test cards.",
)


@dataclass(frozen=True)
class Scenario:
    """How one test card behaves.

    attach_decline: refused when it is saved; charge_decline: when it is charged.
    dispute_reason: the cardholder disputes every successful charge; inquiry: its bank only asks.
    refund_status: how a refund to it begins.
    reviewed: a rule of Radar's wants somebody to look at every charge; fraud_type: its bank warns.
    """

    number: str
    brand: str
    ids: tuple[str, ...] = ()
    funding: str = "credit"
    country: str = "US"
    authentication: Authentication = Authentication.OPTIONAL
    attach_decline: Decline | None = None
    charge_decline: Decline | None = None
    dispute_reason: str | None = None
    inquiry: bool = False
    refund_status: str = "succeeded"
    set_up: bool = False
    reviewed: bool = False
    fraud_type: str | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def cvc_length(self) -> int:
        return 4 if self.brand == "amex" else 3


def _declined(number: str, decline: Decline, *ids: str) -> Scenario:
    # Stripe's declining cards can't even be attached: only 0341 can, to fail later.
    return Scenario(number, "visa", ids, attach_decline=decline, charge_decline=decline)


def _authenticated(
    number: str,
    authentication: Authentication,
    *ids: str,
    then: Decline | None = None,
    set_up: bool = False,
) -> Scenario:
    return Scenario(
        number,
        "visa",
        ids,
        country="IE",
        authentication=authentication,
        charge_decline=then,
        set_up=set_up,
    )


_SCENARIOS = (
    Scenario("4242424242424242", "visa", ("visa",)),
    Scenario("4000056655665556", "visa", ("visa_debit",), funding="debit"),
    Scenario("5555555555554444", "mastercard", ("mastercard",)),
    Scenario("2223003122003222", "mastercard"),
    Scenario("5200828282828210", "mastercard", ("mastercard_debit",), funding="debit"),
    Scenario("5105105105105100", "mastercard", ("mastercard_prepaid",), funding="prepaid"),
    Scenario("378282246310005", "amex", ("amex",)),
    Scenario("371449635398431", "amex"),
    Scenario("6011111111111117", "discover", ("discover",)),
    Scenario("3056930009020004", "diners", ("diners",)),
    Scenario("3566002020360505", "jcb", ("jcb",)),
    Scenario("6200000000000005", "unionpay", ("unionpay",)),
    _declined("4000000000000002", GENERIC_DECLINE, "chargeDeclined", "visa_chargeDeclined"),
    _declined(
        "4000000000009995",
        INSUFFICIENT_FUNDS,
        "chargeDeclinedInsufficientFunds",
        "visa_chargeDeclinedInsufficientFunds",
    ),
    _declined("4000000000009987", _LOST, "chargeDeclinedLostCard", "visa_chargeDeclinedLostCard"),
    _declined(
        "4000000000009979", _STOLEN, "chargeDeclinedStolenCard", "visa_chargeDeclinedStolenCard"
    ),
    _declined("4000000000000069", EXPIRED_CARD, "chargeDeclinedExpiredCard"),
    _declined("4000000000000127", INCORRECT_CVC, "chargeDeclinedIncorrectCvc"),
    _declined("4000000000000119", _PROCESSING_ERROR, "chargeDeclinedProcessingError"),
    _declined(
        "4000000000006975",
        _VELOCITY,
        "chargeDeclinedVelocityLimitExceeded",
        "visa_chargeDeclinedVelocityLimitExceeded",
    ),
    _declined("4100000000000019", _FRAUDULENT, "chargeDeclinedFraudulent", "radarBlock"),
    Scenario("4000000000000341", "visa", ("chargeCustomerFail",), charge_decline=GENERIC_DECLINE),
    _authenticated(
        "4000002500003155", Authentication.UNLESS_SET_UP, "authenticationRequiredOnSetup"
    ),
    _authenticated("4000002760003184", Authentication.ALWAYS, "authenticationRequired"),
    _authenticated("4000000000003220", Authentication.ALWAYS, "threeDSecure2Required"),
    _authenticated("4000000000003063", Authentication.ALWAYS, "threeDSecureRequired"),
    _authenticated("4000000000003055", Authentication.OPTIONAL, "threeDSecureOptional"),
    _authenticated(
        "4000003800000446",
        Authentication.UNLESS_SET_UP,
        "authenticationRequiredSetupForOffSession",
        set_up=True,
    ),
    _authenticated(
        "4000008260003178",
        Authentication.ALWAYS,
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        then=INSUFFICIENT_FUNDS,
    ),
    _authenticated(
        "4000008400001629",
        Authentication.ALWAYS,
        "threeDSecureRequiredChargeDeclined",
        then=GENERIC_DECLINE,
    ),
    Scenario(
        "4000000000000259",
        "visa",
        ("createDispute", "visa_createDispute"),
        dispute_reason="fraudulent",
    ),
    Scenario(
        "4000000000002685",
        "visa",
        ("createDisputeProductNotReceived", "visa_createDisputeProductNotReceived"),
        dispute_reason="product_not_received",
    ),
    Scenario(
        "4000000000001976",
        "visa",
        ("createDisputeInquiry", "visa_createDisputeInquiry"),
        dispute_reason="fraudulent",
        inquiry=True,
    ),
    # Radar's own rule puts elevated risk into review.
    Scenario("4000000000009235", "visa", ("riskLevelElevated",), reviewed=True),
    Scenario(
        "4000000000005423",
        "visa",
        ("createFraudWarning",),
        fraud_type="made_with_stolen_card",
    ),
    # A refund to this one succeeds, and fails later: when steering says so.
    Scenario("4000000000005126", "visa", ("refundFail", "visa_refundFail")),
    Scenario(
        "4000000000007726",
        "visa",
        ("pendingRefund", "visa_pendingRefund"),
        refund_status="pending",
    ),
)
_BY_NUMBER = {scenario.number: scenario for scenario in _SCENARIOS}
_BY_ID = {
    f"{prefix}_{name}": scenario
    for scenario in _SCENARIOS
    for name in scenario.ids
    for prefix in ("pm_card", "tok")
}


def scenario_of_id(test_id: str) -> Scenario | None:
    """The card that an id such as `pm_card_visa` or `tok_visa` stands for."""
    return _BY_ID.get(test_id)


def scenario_of_number(number: str) -> Scenario:
    """The card with this number.

    Raises:
        StripeError: no card number at all, or not one of Stripe's test cards.
    """
    digits = number.replace(" ", "").replace("-", "")
    if not _is_card_number(digits):
        message = "Your card number is incorrect."
        raise card_error(Decline("incorrect_number", "", message, "number"))
    if digits not in _BY_NUMBER:
        raise card_error(_LIVE_CARD)
    return _BY_NUMBER[digits]


def check_expiry(month: int, year: int) -> int:
    """The year in four digits.

    Raises:
        StripeError: invalid_expiry_month or invalid_expiry_year: no month, or one in the past.
    """
    full_year = year + 2000 if 0 <= year < 100 else year  # noqa: PLR2004  (two digits)
    if not 1 <= month <= 12:  # noqa: PLR2004  (December)
        message = "Your card's expiration month is invalid."
        raise card_error(Decline("invalid_expiry_month", "", message, "exp_month"))
    this_year = dt.datetime.now(dt.UTC).year
    if not this_year <= full_year <= this_year + 50:
        message = "Your card's expiration year is invalid."
        raise card_error(Decline("invalid_expiry_year", "", message, "exp_year"))
    if is_expired(month, full_year):
        message = "Your card's expiration month is invalid."
        raise card_error(Decline("invalid_expiry_month", "", message, "exp_month"))
    return full_year


def is_expired(month: int, year: int) -> bool:
    """Whether the last day of that month is past."""
    today = dt.datetime.now(dt.UTC)
    return (year, month) < (today.year, today.month)


def check_cvc(cvc: str, lengths: tuple[int, ...], param: str = "cvc") -> None:
    """Refuse what can't be a CVC.

    Raises:
        StripeError: invalid_cvc.
    """
    if not (cvc.isascii() and cvc.isdigit() and len(cvc) in lengths):
        message = "Your card's security code is invalid."
        raise card_error(Decline("invalid_cvc", "", message, param))


def card_error(decline: Decline, **details: Any) -> StripeError:
    """The 402 for a card that was refused."""
    for name in ("decline_code", "advice_code", "network_decline_code"):
        if getattr(decline, name):
            details[name] = getattr(decline, name)
    return StripeError(
        decline.message,
        status=402,
        kind="card_error",
        code=decline.code,
        param=decline.param,
        headers={} if decline.worth_a_retry else {"Stripe-Should-Retry": "false"},
        **details,
    )


def _is_card_number(digits: str) -> bool:
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):  # noqa: PLR2004
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(n // 10 + n % 10 for n in doubled)
    return total % 10 == 0
