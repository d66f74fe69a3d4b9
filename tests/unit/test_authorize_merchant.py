"""Who may use the merchant's routes: staff by group and one-time code, programs by scope."""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

import pytest

from payments import wiring
from payments.api import scopes
from payments.domain.customer import UnfinishedCustomer, User
from payments.domain.errors import InvalidTokenError, ServiceUnavailableError
from payments.domain.token import PersonToken, ProgramToken, Token
from payments.use_cases.mark_one_time_code import mark_one_time_code
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, a_customer

LOGIN = 1_764_000_000
API = "arn:aws:execute-api:eu-west-1:123456789012:api/v1"
READ = {route for route, scope in scopes.SCOPES.items() if scope == "payments.read"}
REFUND = "POST /merchant/payments/{payment_id}/refunds"


class FakeTokens:
    """Knows some tokens by name."""

    def __init__(self) -> None:
        self.known: dict[str, Token | Exception] = {}

    def read(self, token: str) -> Token:
        found = self.known.get(token, InvalidTokenError())
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch, customers: FakeCustomers) -> FakeTokens:
    fake = FakeTokens()
    monkeypatch.setattr(wiring, "pool_tokens", lambda: fake)
    monkeypatch.setattr(wiring, "customers", lambda: customers)
    return fake


def staff(
    *groups: str, code: str | None = "entered", at: int = LOGIN, session: str = "session-1"
) -> PersonToken:
    """Ada's ID token."""
    user = User(ADA.user_id, ADA.email, ADA.name, auth_time=at)
    return PersonToken(user, session, frozenset(groups), code)


def authorize(name: str = "token", route: str = "GET /merchant/payments") -> dict[str, Any]:
    """What API Gateway gets to know."""
    handler = importlib.import_module("functions.authorize_merchant.handler")
    method, path = route.split()
    event = {"authorizationToken": f"Bearer {name}", "methodArn": f"{API}/{method}{path}"}
    answer: dict[str, Any] = handler.lambda_handler(event, None)
    return answer


@contextmanager
def unauthorized() -> Iterator[None]:
    """API Gateway answers 401 to exactly this message."""
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        yield


def allowed(answer: dict[str, Any]) -> set[str]:
    """The routes that a policy allows."""
    [statement] = answer["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    if statement["Effect"] == "Deny":
        assert statement["Resource"] == [f"{API}/*"]
        return set()
    return {
        route
        for route in scopes.SCOPES
        for resource in statement["Resource"]
        if fnmatchcase(f"{API}/{re.sub(r'[{}]', '', route.replace(' ', ''))}", resource)
    }


@pytest.mark.parametrize("scope", sorted(scopes.ALL))
def test_a_program_may_use_the_routes_of_its_scope_and_no_others(
    tokens: FakeTokens, scope: str
) -> None:
    tokens.known["token"] = ProgramToken("shop", frozenset({scope}))
    answer = authorize()
    assert allowed(answer) == {r for r, wanted in scopes.SCOPES.items() if wanted == scope}
    assert answer["principalId"] == "program:shop"
    assert answer["context"] == {"actor": "program:shop", "kind": "program", "scopes": scope}


def test_a_program_without_a_scope_may_do_nothing(tokens: FakeTokens) -> None:
    tokens.known["token"] = ProgramToken("shop", frozenset({"something.else"}))
    assert allowed(authorize()) == set()


def test_support_reads_and_refunds_and_merchants_do_everything(tokens: FakeTokens) -> None:
    tokens.known["token"] = staff("support")
    answer = authorize()
    assert allowed(answer) == READ | {REFUND, "GET /merchant/products"}
    assert answer["context"]["actor"] == "staff:ada"
    tokens.known["token"] = staff("merchant", "support")
    assert allowed(authorize()) == set(scopes.SCOPES)


def test_the_policy_is_the_same_whichever_route_was_asked_for(tokens: FakeTokens) -> None:
    tokens.known["token"] = staff("support")
    assert authorize() == authorize(route="PUT /merchant/products/{product_id}")


def test_a_shopper_may_do_nothing_here(tokens: FakeTokens) -> None:
    tokens.known["token"] = staff()
    assert allowed(authorize()) == set()


def test_staff_without_a_one_time_code_app_may_do_nothing(tokens: FakeTokens) -> None:
    tokens.known["token"] = staff("merchant", code=None)
    assert allowed(authorize()) == set()


def test_staff_who_asked_for_the_deletion_of_their_account_may_do_nothing(
    tokens: FakeTokens, customers: FakeCustomers
) -> None:
    customers.rows[ADA.user_id] = a_customer(deletion_requested_at="2026-11-01T00:00:00.000Z")
    tokens.known["token"] = staff("merchant")
    assert allowed(authorize()) == set()


@pytest.mark.parametrize("signed_out", [True, False])
def test_who_logged_out_everywhere_is_out(
    tokens: FakeTokens, customers: FakeCustomers, signed_out: bool
) -> None:
    at = "2999-01-01T00:00:00.000Z" if signed_out else "2020-01-01T00:00:00.000Z"
    customers.rows[ADA.user_id] = a_customer(signed_out_at=at)
    tokens.known["token"] = staff("merchant")
    if signed_out:
        with unauthorized():
            authorize()
    else:
        assert allowed(authorize())


def test_a_bad_token_is_unauthorized_and_says_nothing_else(tokens: FakeTokens) -> None:
    assert tokens
    with unauthorized():
        authorize("nonsense")


def test_if_nobody_can_tell_it_is_no_refusal(tokens: FakeTokens) -> None:
    tokens.known["token"] = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        authorize()


def test_the_first_session_with_a_code_ends_those_from_before(
    tokens: FakeTokens, customers: FakeCustomers
) -> None:
    # Given one who was logged in before they set up their app, and one with its code since
    tokens.known = {
        "before": staff("merchant", code=None, at=LOGIN - 60, session="before"),
        "renewed": staff("merchant", code="set_up", at=LOGIN - 60, session="before"),
        "with a code": staff("merchant", session="first"),
        "renewed with a code": staff("merchant", code="set_up", session="first"),
        "later": staff("merchant", code="set_up", at=LOGIN + 60, session="later"),
    }
    # Then the older session stays out, as it was and renewed, also before anybody entered a code
    assert allowed(authorize("before")) == set()
    with unauthorized():
        authorize("renewed")
    assert allowed(authorize("with a code"))
    for old in ("before", "renewed"):
        with unauthorized():
            authorize(old)
    # And renewed tokens of the new ones are fine
    assert allowed(authorize("renewed with a code"))
    assert allowed(authorize("later"))
    assert customers.unfinished[ADA.user_id].signed_out_at == "2025-11-24T16:00:00.000Z"


def test_a_session_of_the_same_second_is_told_from_the_first_one_with_a_code(
    tokens: FakeTokens,
) -> None:
    tokens.known = {
        "with a code": staff("merchant", session="first"),
        "renewed": staff("merchant", code="set_up", session="before"),
    }
    authorize("with a code")
    with unauthorized():
        authorize("renewed")


def test_a_login_has_entered_a_code_if_its_person_has_an_app(
    user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    person = user_pool.put(ADA)
    customers.unfinished[ADA.user_id] = UnfinishedCustomer(
        ADA.user_id, code_entered_at=LOGIN, code_session="first"
    )

    def said(*, logs_in: bool) -> str | None:
        return mark_one_time_code(ADA.user_id, logs_in=logs_in, pool=user_pool, customers=customers)

    person.has_code = True
    assert (said(logs_in=True), said(logs_in=False)) == ("entered", "set_up")
    assert customers.unfinished[ADA.user_id].code_session == "first"
    # Without the app, and after it: sessions from in between had to enter no code
    person.has_code = False
    assert (said(logs_in=True), said(logs_in=False)) == (None, None)
    assert customers.unfinished[ADA.user_id].code_session is None


@pytest.mark.parametrize(
    ("groups", "source", "claim"),
    [
        (["support"], "TokenGeneration_Authentication", "entered"),
        (["merchant", "x"], "TokenGeneration_RefreshTokens", "set_up"),
        (["support"], "TokenGeneration_NewPasswordChallenge", "set_up"),
        (["deletion-requested"], "TokenGeneration_Authentication", None),
        ([], "TokenGeneration_Authentication", None),
    ],
)
def test_only_tokens_of_staff_tell_of_a_code(
    monkeypatch: pytest.MonkeyPatch,
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    groups: list[str],
    source: str,
    claim: str | None,
) -> None:
    user_pool.put(ADA).has_code = True
    monkeypatch.setattr(wiring, "pool_administration", lambda _pool_id: user_pool)
    monkeypatch.setattr(wiring, "customers", lambda: customers)
    handler = importlib.import_module("functions.pre_token_generation.handler")
    event = {
        "triggerSource": source,
        "userPoolId": "pool",
        "request": {
            "userAttributes": {"sub": ADA.user_id},
            "groupConfiguration": {"groupsToOverride": groups},
        },
        "response": {},
    }
    response = handler.lambda_handler(event, None)["response"]
    told = {"claimsOverrideDetails": {"claimsToAddOrOverride": {"one_time_code": claim}}}
    assert response == (told if claim else {})
