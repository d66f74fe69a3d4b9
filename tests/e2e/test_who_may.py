"""Who may use which route, asked of the running stack; and how staff and programs prove it."""

import re
import secrets
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from payments.domain.token import STAFF_GROUPS
from tests.e2e.conftest import Person, World, eventually
from tests.support.routes import ROUTES
from tests.support.staff import (
    StaffMember,
    add_program,
    add_staff,
    log_in,
    one_time_code,
    program_token,
    set_up_one_time_codes,
)
from tests.support.who_may import CALLERS, PROGRAMS, refusal

# They would end the caller; other tests use them.
FINAL = {"DELETE /account", "POST /sign-out"}
REFUSALS = {401: "not_authenticated", 403: "not_allowed"}
MUG = {"name": "Mug", "description": "White", "prices": {"eur": 900}}


class Callers:
    """The token of each caller of the table."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.token = cache(self._made)

    def _made(self, caller: str) -> str | None:
        stack = self._world.stack
        if caller in PROGRAMS:
            return program_token(stack, *add_program(stack, caller))
        group, _, without = caller.partition(" ")
        if group in STAFF_GROUPS:
            return add_staff(stack, group, one_time_codes=not without).tokens["IdToken"]
        others: dict[str, Callable[[], str | None]] = {
            "none": lambda: None,
            "nonsense": lambda: "nonsense",
            "expired": self._expired,
            "other pool": self._of_another_pool,
            "shopper": lambda: self._world.person().tokens["IdToken"],
            "access token of a person": lambda: self._world.person().tokens["AccessToken"],
        }
        return others[caller]()

    def _expired(self) -> str:
        """A program's token that was good for a second. The emulator allows that, AWS does not."""
        stack = self._world.stack
        client_id, secret = add_program(stack, *PROGRAMS)
        self._world.cognito.update_user_pool_client(
            UserPoolId=stack.user_pool_id,
            ClientId=client_id,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[f"{stack.scope_prefix}/{scope}" for scope in PROGRAMS],
            AccessTokenValidity=1,
            TokenValidityUnits={"AccessToken": "seconds"},
        )
        token = program_token(stack, client_id, secret)
        eventually(
            lambda: self._world.client(token).send("GET", "/merchant/payments").status == 401
        )
        return token

    def _of_another_pool(self) -> str:
        """A member of the group `merchant`, in a pool of somebody else's."""
        cognito = self._world.cognito
        pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])["UserPool"][
            "Id"
        ]
        client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        cognito.create_group(UserPoolId=pool, GroupName="merchant")
        email, password = "grace@example.com", f"Aa1-{secrets.token_hex(8)}"
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=True
        )
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="merchant")
        answer = cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        return answer["AuthenticationResult"]["IdToken"]


@pytest.fixture(scope="module")
def callers(world: World) -> Callers:
    return Callers(world)


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_may_use_exactly_these_routes(
    world: World, callers: Callers, caller: str
) -> None:
    api = world.client(callers.token(caller))
    for route in ROUTES:
        refused = refusal(caller, route)
        if route in FINAL and not refused:
            continue
        method, path = route.split()
        answer = api.send(method, re.sub(r"{[a-z_]+}", "of_nobody-1", path), body={})
        if refused:
            assert (answer.status, answer.code) == (refused, REFUSALS[refused]), route
        else:
            assert answer.status not in {401, 403}, (route, answer)
            assert answer.status < 500, (route, answer)


@pytest.fixture
def member(world: World) -> StaffMember:
    """Somebody of the staff who has not set up an app for one-time codes yet."""
    return add_staff(world.stack, "support", one_time_codes=False)


def status(world: World, token: str) -> int:
    """The answer to somebody who reads the merchant's payments."""
    return world.client(token).send("GET", "/merchant/payments").status


def test_setting_up_one_time_codes_ends_older_sessions(world: World, member: StaffMember) -> None:
    # Given a session from before
    assert status(world, member.tokens["IdToken"]) == 403
    # When they set up the app
    secret = set_up_one_time_codes(world.cognito, member.tokens["AccessToken"])
    # Then the old session stays out, and renewed too
    assert status(world, member.tokens["IdToken"]) == 403
    assert status(world, world.renew(member.tokens["RefreshToken"])["IdToken"]) == 401
    # And one that entered a code is in, and renewed too
    tokens = log_in(world.cognito, world.stack, member.email, member.password, secret)
    assert status(world, tokens["IdToken"]) == 200
    assert status(world, world.renew(tokens["RefreshToken"])["IdToken"]) == 200
    assert status(world, world.renew(member.tokens["RefreshToken"])["IdToken"]) == 401


def test_whoever_gives_up_their_app_is_out_again(world: World) -> None:
    member = add_staff(world.stack, "support")
    assert status(world, member.tokens["IdToken"]) == 200
    world.cognito.admin_set_user_mfa_preference(
        UserPoolId=world.stack.user_pool_id,
        Username=member.user_id,
        SoftwareTokenMfaSettings={"Enabled": False},
    )
    assert status(world, world.renew(member.tokens["RefreshToken"])["IdToken"]) == 403
    # The same with an app again: their session may be any one from in between
    set_up_one_time_codes(world.cognito, member.tokens["AccessToken"])
    assert status(world, world.renew(member.tokens["RefreshToken"])["IdToken"]) == 401


def test_staff_who_log_out_everywhere_are_out_in_a_moment(world: World) -> None:
    member = add_staff(world.stack, "merchant")
    token = member.tokens["IdToken"]
    assert status(world, token) == 200
    assert world.client(token).send("POST", "/sign-out").status == 200
    eventually(lambda: status(world, token) == 401)


def test_a_code_lets_in_only_with_the_password(world: World) -> None:
    member = add_staff(world.stack, "merchant")
    assert member.secret
    answer = world.cognito.initiate_auth(
        ClientId=world.stack.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": member.email, "PASSWORD": member.password},
    )
    assert "AuthenticationResult" not in answer
    assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def respond(session: str, code: str) -> dict[str, Any]:
        return dict(
            world.cognito.respond_to_auth_challenge(
                ClientId=world.stack.user_pool_client_id,
                ChallengeName="SOFTWARE_TOKEN_MFA",
                Session=session,
                ChallengeResponses={"USERNAME": member.email, "SOFTWARE_TOKEN_MFA_CODE": code},
            )
        )

    code = one_time_code(member.secret)
    with pytest.raises(ClientError, match="CodeMismatchException"):
        respond(answer["Session"], f"{(int(code) + 1) % 10**6:06}")
    with pytest.raises(ClientError, match="Invalid session"):
        respond("x" * 24, code)
    assert "AuthenticationResult" in respond(answer["Session"], code)
    with pytest.raises(ClientError, match="Invalid session"):
        respond(answer["Session"], code)


def test_shoppers_need_no_app(world: World, ada: Person) -> None:
    assert world.client(ada.tokens["IdToken"]).send("GET", "/payments").status == 200


@pytest.fixture
def product_id() -> str:
    """The id of a product that is not there yet."""
    return f"mug-{secrets.token_hex(4)}"


def test_a_program_changes_the_catalogue(world: World, product_id: str) -> None:
    shop = world.client(program_token(world.stack))
    path = f"/merchant/products/{product_id}"
    put = shop.send("PUT", path, body=MUG)
    assert (put.status, put.body["active"]) == (200, True)
    shown = world.client(None).send("GET", f"/products/{product_id}")
    assert (shown.status, shown.body["prices"]) == (200, {"eur": 900})
    assert shop.send("DELETE", path).status == 200
    assert world.client(None).send("GET", f"/products/{product_id}").status == 404


def test_a_program_gets_only_scopes_that_it_has(world: World) -> None:
    stack = world.stack
    client_id, secret = add_program(stack, "orders.write")
    asked = {"grant_type": "client_credentials", "scope": f"{stack.scope_prefix}/payments.read"}
    answer = httpx.post(stack.token_url, data=asked, auth=(client_id, secret), trust_env=False)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    wrong = httpx.post(stack.token_url, data=asked, auth=(client_id, "wrong"), trust_env=False)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")
