"""One table says how each error looks over HTTP."""

from typing import Any

import pytest

from payments.api.errors import RequestError
from payments.api.problems import GATEWAY_PROBLEMS, PROBLEMS, problem_document, problem_of
from payments.domain import errors
from payments.domain.errors import PaymentsError
from payments.domain.order_line import LineChange
from tests.unit.test_errors import subclasses

# The API's table of problems: clients are written against it.
STATUS_OF_CODE = {
    "malformed_json": {400},
    "idempotency_key_missing": {400},
    "invalid_signature": {400},
    "not_authenticated": {401},
    "card_declined": {402},
    "authentication_failed": {402},
    "account_being_deleted": {403},
    "not_allowed": {403},
    "order_not_found": {404},
    "route_not_found": {404},
    "product_not_found": {404},
    "payment_method_not_found": {404},
    "setup_intent_not_found": {404},
    "payment_not_found": {404},
    "user_exists": {409},
    "idempotency_key_reused": {409},
    "order_not_payable": {409},
    "payment_method_in_use": {409},
    "setup_intent_unfinished": {409},
    "payment_not_confirmable": {409},
    "payment_not_refundable": {409},
    "payment_not_capturable": {409},
    "payment_not_cancelable": {409},
    "body_too_large": {413},
    "unsupported_media_type": {415},
    "validation_error": {422},
    "password_rejected": {422},
    "currency_not_offered": {422},
    "cvc_required": {422},
    "amount_too_large": {422},
    "payment_refused": {422},
    "rate_limited": {429},
    "too_many_attempts": {429},
    "internal_error": {500},
    "stripe_unavailable": {502, 503},
    "service_unavailable": {503},
}
ARGUMENTS: dict[type[Exception], dict[str, Any]] = {
    errors.CardDeclinedError: {"decline_code": "lost_card"},
    errors.OrderNotPayableError: {
        "changes": [LineChange("coffee", "price", 1199), LineChange("tea", "gone")]
    },
    errors.PaymentMethodInUseError: {"payment_id": "pay_1"},
    errors.ProductNotFoundError: {"product_id": "soap"},
    errors.TooManyAttemptsError: {"wait_seconds": 120},
    errors.ValidationError: {"errors": [("email", "is wrong")]},
    errors.PaymentRefusedError: {"code": "parameter_unknown", "param": "secret_param"},
    errors.CurrencyNotOfferedError: {"offered": ["eur", "jpy"]},
}
MORE_MEMBERS: dict[type[Exception], dict[str, Any]] = {
    errors.CardDeclinedError: {"decline_code": "lost_card", "retryable": False},
    errors.AuthenticationFailedError: {"retryable": True},
    errors.OrderNotPayableError: {
        "changes": [
            {"product_id": "coffee", "change": "price", "unit_amount": 1199},
            {"product_id": "tea", "change": "gone"},
        ]
    },
    errors.PaymentMethodInUseError: {"payment_id": "pay_1"},
    errors.ProductNotFoundError: {"product_id": "soap"},
    errors.ValidationError: {"errors": [{"field": "email", "message": "is wrong"}]},
}
STANDARD = {"type", "title", "status", "detail", "instance", "code"}


# What makes no difference to whoever asks: these look like the error that they are a kind of.
ALIKE = {errors.FailureRememberedError, errors.KeyRefusedError, errors.PermissionMissingError}


def leaves(error: type[Exception]) -> list[type[Exception]]:
    """The errors that leave the package and look different."""
    children = [each for each in subclasses(error) if each not in ALIKE]
    return [leaf for child in children for leaf in leaves(child)] if children else [error]


def document_of(error: type[Exception]) -> dict[str, Any]:
    """The document of such an error."""
    return problem_document(error(**ARGUMENTS.get(error, {})), "request-1")


def test_every_error_has_a_row_and_every_row_has_an_error() -> None:
    assert PROBLEMS.keys() == {*leaves(PaymentsError), *leaves(RequestError), Exception}


def test_the_statuses_and_codes_are_those_that_clients_know() -> None:
    found: dict[str, set[int]] = {}
    for problem in PROBLEMS.values():
        found.setdefault(problem.code, set()).add(problem.status)
    assert found == STATUS_OF_CODE


@pytest.mark.parametrize("error", PROBLEMS)
def test_every_problem_says_what_it_is_and_what_to_do(error: type[Exception]) -> None:
    document = document_of(error)
    assert document["type"] == f"urn:till:problem:{document['code']}"
    assert document["title"]
    assert document["detail"].endswith(".")
    assert document["instance"] == "request-1"


@pytest.mark.parametrize("error", PROBLEMS)
def test_what_may_go_away_says_when_to_try_again(error: type[Exception]) -> None:
    problem = PROBLEMS[error]
    goes_away = problem.status in {429, 503}  # 502: our key is refused, until somebody acts
    assert ("Retry-After" in problem.headers) == goes_away
    more = {name: value for name, value in document_of(error).items() if name not in STANDARD}
    assert more == ({"retryable": True} if goes_away else MORE_MEMBERS.get(error, {}))


def test_another_currency_is_suggested() -> None:
    assert document_of(errors.CurrencyNotOfferedError)["detail"] == "Choose one of: eur, jpy."


def test_what_is_sold_in_no_common_currency_is_bought_separately() -> None:
    document = problem_document(errors.CurrencyNotOfferedError([]), "request-1")
    assert document["detail"].endswith("buy it in several payments.")


def test_a_message_that_came_with_the_refusal_is_passed_on() -> None:
    error = errors.PasswordRejectedError("Password must have numeric characters")
    assert problem_document(error, "")["detail"] == "Password must have numeric characters"


def test_a_bug_shows_no_details() -> None:
    class LibraryError(Exception):
        message = "what only we may know"

    error = LibraryError("what only we may know")
    assert problem_of(error) is PROBLEMS[Exception]
    assert problem_document(error, "") == problem_document(Exception(), "")


def test_a_refusal_tells_nothing_of_our_request() -> None:
    assert "secret_param" not in str(document_of(errors.PaymentRefusedError))


@pytest.mark.parametrize(
    "error",
    [
        errors.VersionConflictError(),
        errors.CustomerMissingError(),
        errors.PaymentIntentMissingError(),
        errors.CursorUnknownError(),
    ],
)
def test_what_should_not_have_left_the_package_is_a_defect(error: Exception) -> None:
    assert problem_of(error).code == "internal_error"


def test_a_narrower_error_looks_like_the_one_above_it() -> None:
    remembered = problem_of(errors.FailureRememberedError())
    assert remembered is PROBLEMS[errors.StripeUnavailableError]

    class StolenCardError(errors.CardDeclinedError):
        """Declined for good."""

    error = StolenCardError(decline_code="stolen_card")
    assert problem_of(error) is PROBLEMS[errors.CardDeclinedError]


def test_what_api_gateway_answers_has_codes_of_its_own_only_where_no_function_has_any() -> None:
    own = {problem.code for problem in GATEWAY_PROBLEMS.values()} - STATUS_OF_CODE.keys()
    assert own == {"bad_request"}


def test_how_long_to_wait_is_told_with_the_error() -> None:
    assert problem_of(errors.TooManyAttemptsError(120)).headers == {"Retry-After": "120"}
    assert problem_of(errors.TooManyAttemptsError(0)).headers == {"Retry-After": "1"}
