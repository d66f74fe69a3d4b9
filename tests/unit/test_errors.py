"""Each error has one face, and the overview in payments.domain.errors shows them all."""

import re

import pytest

from payments.domain import errors
from payments.domain.errors import CardDeclinedError, PaymentsError

# The API's table of problems: clients are written against it.
STATUS_OF_CODE = {
    "malformed_json": {400},
    "idempotency_key_missing": {400},
    "invalid_signature": {400},
    "not_authenticated": {401},
    "card_declined": {402},
    "authentication_failed": {402},
    "route_not_found": {404},
    "product_not_found": {404},
    "payment_method_not_found": {404},
    "payment_not_found": {404},
    "user_exists": {409},
    "idempotency_key_reused": {409},
    "payment_not_confirmable": {409},
    "body_too_large": {413},
    "unsupported_media_type": {415},
    "validation_error": {422},
    "password_rejected": {422},
    "currency_not_offered": {422},
    "cvc_required": {422},
    "rate_limited": {429},
    "internal_error": {500},
    "stripe_unavailable": {502, 503},
    "service_unavailable": {503},
}


def subclasses(error: type[PaymentsError]) -> list[type[PaymentsError]]:
    """The direct subclasses that the package itself defines."""
    return [child for child in error.__subclasses__() if child.__module__ == errors.__name__]


def leaves(error: type[PaymentsError] = PaymentsError) -> list[type[PaymentsError]]:
    """The errors that are raised."""
    children = subclasses(error)
    return [leaf for child in children for leaf in leaves(child)] if children else [error]


def tree(error: type[PaymentsError], depth: int = 0) -> list[tuple[int, str, str]]:
    """Each class with its depth and, if it is a leaf, its status and code."""
    children = subclasses(error)
    face = "" if children else f"{error.status} {error.code}"
    return [
        (depth, error.__name__, face),
        *(line for child in children for line in tree(child, depth + 1)),
    ]


def an_instance_of(error: type[PaymentsError]) -> PaymentsError:
    """An error as it may be raised."""
    if error is CardDeclinedError:
        return CardDeclinedError(decline_code="lost_card")
    if error is errors.ValidationError:
        return errors.ValidationError([("email", "is wrong")])
    if error is errors.CurrencyNotOfferedError:
        return errors.CurrencyNotOfferedError(["eur"])
    return error()


def test_the_statuses_and_codes_are_those_that_clients_know() -> None:
    found: dict[str, set[int]] = {}
    for leaf in leaves():
        found.setdefault(leaf.code, set()).add(leaf.status)
    assert found == STATUS_OF_CODE


@pytest.mark.parametrize("leaf", leaves())
def test_every_error_says_what_it_is_and_what_to_do(leaf: type[PaymentsError]) -> None:
    error = an_instance_of(leaf)
    assert error.title
    assert error.detail.endswith(".")
    assert str(error) == error.detail


@pytest.mark.parametrize("leaf", leaves())
def test_an_error_that_may_go_away_says_when_to_try_again(leaf: type[PaymentsError]) -> None:
    error = an_instance_of(leaf)
    goes_away = error.status in {429, 502, 503}
    assert ("Retry-After" in error.headers()) == goes_away
    if goes_away:
        assert error.members() == {"retryable": True}


def test_the_overview_is_complete() -> None:
    shown = [
        (len(indent) // 4, name, re.sub(r"^retryable$", "", face or ""))
        for indent, name, face in re.findall(
            r"^((?:[│├└─ ]{4})*)(\w+Error)(?: +(\w.*))?$", errors.__doc__ or "", re.MULTILINE
        )
    ]
    assert shown == tree(PaymentsError)


def test_what_never_leaves_the_package_has_no_face() -> None:
    assert not issubclass(errors.VersionConflictError, PaymentsError)
    assert not issubclass(errors.CustomerMissingError, PaymentsError)


@pytest.mark.parametrize(
    ("decline_code", "retryable"),
    [
        ("insufficient_funds", True),
        ("generic_decline", True),
        ("processing_error", True),
        ("incorrect_cvc", True),
        ("authentication_required", True),
        ("a_code_of_the_future", True),
        ("expired_card", False),
        ("lost_card", False),
        ("stolen_card", False),
        ("fraudulent", False),
        ("pickup_card", False),
    ],
)
def test_a_decline_says_whether_the_same_card_may_do(decline_code: str, retryable: bool) -> None:
    error = CardDeclinedError(decline_code=decline_code)
    assert error.members() == {"decline_code": decline_code, "retryable": retryable}


def test_a_defects_face_hides_the_defect_and_keeps_it_for_the_log() -> None:
    defect = ZeroDivisionError("inside")
    error = errors.InternalError.caused_by(defect)
    assert error.__cause__ is defect
    assert "inside" not in f"{error.detail} {error.members()}"
