"""The errors say what happened, nothing about HTTP, and each overview shows all of them."""

import inspect
import re
from types import ModuleType

import pytest

from payments.api import errors as request_errors
from payments.domain import errors
from payments.domain.errors import CardDeclinedError, PaymentsError

TREES = [(errors, PaymentsError), (request_errors, request_errors.RequestError)]


def subclasses(error: type[Exception]) -> list[type[Exception]]:
    """The direct subclasses that the package itself defines."""
    return [child for child in error.__subclasses__() if child.__module__ == error.__module__]


def tree(error: type[Exception], depth: int = 0) -> list[tuple[int, str]]:
    """Each class with its depth."""
    below = [line for child in subclasses(error) for line in tree(child, depth + 1)]
    return [(depth, error.__name__), *below]


@pytest.mark.parametrize(("module", "root"), TREES)
def test_the_overview_is_complete(module: ModuleType, root: type[Exception]) -> None:
    lines = re.findall(r"^((?:[│├└─ ]{4})*)(\w+Error)$", module.__doc__ or "", re.MULTILINE)
    assert [(len(indent) // 4, name) for indent, name in lines] == tree(root)


@pytest.mark.parametrize(("module", "root"), TREES)
def test_every_error_says_what_it_means(module: ModuleType, root: type[Exception]) -> None:
    found = inspect.getmembers(module, inspect.isclass)
    for error in (kind for _, kind in found if issubclass(kind, root)):
        assert error.__doc__


def test_errors_that_never_leave_the_package_are_not_in_the_tree() -> None:
    assert not issubclass(errors.VersionConflictError, PaymentsError)
    assert not issubclass(errors.CustomerMissingError, PaymentsError)


def test_the_domain_knows_no_http() -> None:
    source = inspect.getsource(errors)
    words = ("status:", "title", "header", "members", "code: ClassVar", "retry_after")
    assert [word for word in words if word in source] == []
    assert re.findall(r"\b[45]\d\d\b", source) == []


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
def test_a_decline_says_whether_the_same_card_may_work(decline_code: str, retryable: bool) -> None:
    error = CardDeclinedError(decline_code=decline_code)
    assert (error.decline_code, error.retryable) == (decline_code, retryable)


def test_an_error_has_the_message_that_came_with_the_refusal() -> None:
    assert CardDeclinedError("Ask your bank.", decline_code="x").message == "Ask your bank."
    assert str(CardDeclinedError("Ask your bank.", decline_code="x")) == "Ask your bank."
    assert CardDeclinedError(decline_code="x").message is None
