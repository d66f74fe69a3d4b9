"""Who may use which route, by the template's authorizers and the answers of the merchant's one."""

import importlib
import re
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from payments import wiring
from payments.api import scopes
from payments.aws import pool_tokens
from payments.aws.pool_tokens import PoolTokens
from payments.transport import Response
from tests.infra.test_api import operations
from tests.support.cloudformation import Deployed, Json
from tests.support.fakes.repositories import FakeCustomers
from tests.support.routes import MERCHANTS, ROUTES
from tests.support.tokens import (
    CLIENT,
    POOL,
    PREFIX,
    REGION,
    id_claims,
    program_claims,
    published,
    signed,
)
from tests.support.who_may import CALLERS, PEOPLE, PROGRAMS, refusal

API = "arn:aws:execute-api:eu-west-1:123456789012:api/v1"

type Ask = Callable[[str, str], int | None]


def header_of(caller: str) -> str | None:
    """What a caller sends as Authorization."""
    if caller == "none":
        return None
    if caller in PROGRAMS:
        return f"Bearer {signed(program_claims(caller))}"
    claims = {
        "shopper": id_claims(),
        "support": id_claims("support"),
        "merchant": id_claims("merchant"),
        "merchant without one-time codes": id_claims("merchant", one_time_code=None),
        "expired": id_claims("merchant", exp=int(time.time()) - 60),
        "other pool": id_claims(
            "merchant", iss="https://cognito-idp.eu-west-1.amazonaws.com/other"
        ),
        "access token of a person": program_claims("payments.read", sub="ada", username="ada"),
    }
    return f"Bearer {signed(claims[caller])}" if caller in claims else caller


@pytest.fixture
def ask(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks as a caller for a route; the answer is the refusal, if there is one."""

    class Cognito:
        def send(self, *_: object, **__: object) -> Response:
            return Response(200, {}, published("first"))

    customers = FakeCustomers()
    monkeypatch.setattr(pool_tokens, "shared", lambda **_: Cognito())
    tokens = PoolTokens(POOL, CLIENT, PREFIX, {"AWS_REGION": REGION})
    monkeypatch.setattr(wiring, "pool_tokens", lambda: tokens)
    monkeypatch.setattr(wiring, "customers", lambda: customers)
    resources = deployed()
    secured = {
        route: operation.get("security", []) for route, operation in operations(resources).items()
    }
    expression = merchant_authorizer(resources)["identityValidationExpression"]

    def answer(caller: str, route: str) -> int | None:
        header = header_of(caller)
        [scheme] = secured[route]
        if "NONE" in scheme:
            return None
        if "CognitoAuthorizer" in scheme:  # without scopes, it takes ID tokens of its pool
            return None if caller in PEOPLE else 401
        assert "MerchantAuthorizer" in scheme
        if header is None or not re.fullmatch(expression, header):
            return 401
        return decided_by_function(header, route)

    return answer


def merchant_authorizer(resources: Json) -> Json:
    """The merchant's authorizer in the API's definition."""
    schemes = resources["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
    authorizer: Json = schemes["MerchantAuthorizer"]["x-amazon-apigateway-authorizer"]
    return authorizer


def decided_by_function(header: str, route: str) -> int | None:
    """What API Gateway makes of the function's answer."""
    handler = importlib.import_module("functions.authorize_merchant.handler")
    method, path = route.split()
    arn = f"{API}/{method}{re.sub('{[a-z_]+}', 'some_id-1', path)}"
    try:
        # The policy is kept: it may have been asked for with another route.
        event = {"authorizationToken": header, "methodArn": f"{API}/GET/merchant/orders"}
        policy: dict[str, Any] = handler.lambda_handler(event, None)
    except handler.UnauthorizedError:
        return 401
    [statement] = policy["policyDocument"]["Statement"]
    matches = any(fnmatchcase(arn, resource) for resource in statement["Resource"])
    return None if matches and statement["Effect"] == "Allow" else 403


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_may_use_exactly_these_routes(ask: Ask, caller: str) -> None:
    decided = {route: ask(caller, route) for route in ROUTES}
    assert decided == {route: refusal(caller, route) for route in ROUTES}


def test_every_route_of_the_merchant_names_its_scope() -> None:
    assert scopes.SCOPES.keys() == MERCHANTS


def test_the_resource_server_has_exactly_these_scopes(deployed: Deployed) -> None:
    resources = deployed()
    server = resources["ResourceServer"]["Properties"]
    names = {each["ScopeName"] for each in server["Scopes"]}
    assert (
        names == scopes.ALL == {"payments.read", "payments.write", "orders.write", "products.write"}
    )
    function = resources["AuthorizeMerchantFunction"]["Properties"]
    assert function["Environment"]["Variables"]["SCOPE_PREFIX"] == server["Identifier"]


def test_a_program_has_a_secret_and_no_way_to_log_anybody_in(deployed: Deployed) -> None:
    resources = deployed()
    client = resources["ProgramClient"]["Properties"]
    assert client["GenerateSecret"] is True
    assert client["AllowedOAuthFlows"] == ["client_credentials"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    prefix = resources["ResourceServer"]["Properties"]["Identifier"]
    assert set(client["AllowedOAuthScopes"]) == {f"{prefix}/{scope}" for scope in scopes.ALL}
    # The web app's client has no flow that the pool's domain would serve with a page.
    assert "AllowedOAuthFlows" not in resources["UserPoolClient"]["Properties"]


def test_the_authorizer_keeps_its_answers_for_a_moment(deployed: Deployed) -> None:
    authorizer = merchant_authorizer(deployed())
    assert authorizer["type"] == "token"
    assert 0 < authorizer["authorizerResultTtlInSeconds"] <= 60
    assert "AuthorizeMerchantFunctionAliaslive" in str(authorizer["authorizerUri"])


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        ("Bearer eyJ.e-_30.c2ln", True),
        ("bearer eyJ.e30.c2ln", True),
        ("eyJ.e30.c2ln", False),
        ("Basic c2hvcDpzZWNyZXQ=", False),
        ("Bearer ", False),
        ("Bearer a b", False),
    ],
)
def test_what_cannot_be_a_token_does_not_reach_the_function(
    deployed: Deployed, header: str, is_one: bool
) -> None:
    expression = merchant_authorizer(deployed())["identityValidationExpression"]
    assert bool(re.fullmatch(expression, header)) == is_one


def test_the_domain_for_tokens_has_a_name_that_cognito_takes(deployed: Deployed) -> None:
    name = deployed()["UserPoolDomain"]["Properties"]["Domain"]
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", name)
    assert not re.search("aws|amazon|cognito", name)
