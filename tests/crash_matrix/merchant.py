"""Scenarios of the merchant's catalogue, and of staff who log in."""

import os
import time
from types import SimpleNamespace
from typing import Any

import pytest

from payments import wiring
from payments.domain.customer import User
from payments.domain.token import PersonToken
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import ADA, World
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import merchants_gateway, run

_MUG = {"name": "Mug", "description": "White", "prices": {"eur": 900}}
_PATH = "/merchant/products/mug"


def _succeeded(answer: Answer) -> bool:
    return answer.status == 200


def _put() -> Answer:
    return ApiClient(merchants_gateway()).send("PUT", _PATH, body=_MUG)


def put_product(world: World) -> Case:
    def again() -> None:
        assert _put().status == 200
        assert world.ada.product("mug").status == 200

    return Case(step=_put, right=_succeeded, again=again)


def list_catalogue(world: World) -> Case:
    def step() -> Answer:
        assert world
        return ApiClient(merchants_gateway()).send("GET", "/merchant/products")

    def again() -> None:
        assert [each["product_id"] for each in step().body["data"]] == ["coffee"]

    return Case(step=step, right=_succeeded, again=again)


def delete_product(world: World) -> Case:
    assert _put().status == 200

    def delete() -> Answer:
        return ApiClient(merchants_gateway()).send("DELETE", _PATH)

    def again() -> None:
        assert delete().status == 200
        assert world.ada.product("mug").status == 404

    return Case(step=delete, right=_succeeded, again=again)


def login_of_staff(_: World) -> Case:
    """Without an app for one-time codes: what is known of an earlier one is forgotten."""
    event = {
        "triggerSource": "TokenGeneration_Authentication",
        "userPoolId": os.environ["USER_POOL_ID"],
        "request": {
            "userAttributes": {"sub": ADA},
            "groupConfiguration": {"groupsToOverride": ["support"]},
        },
        "response": {},
    }

    def step() -> Any:
        return run("pre_token_generation", event)

    def again() -> None:
        assert step() == event

    return Case(step=step, right=lambda answer: answer == event, again=again)


def first_session_with_a_code(world: World) -> Case:
    user = User(ADA, "ada@example.com", "Ada", auth_time=int(time.time()))
    token = PersonToken(user, "session-1", frozenset({"support"}), "entered")
    event = {
        "authorizationToken": "Bearer token",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:api/v1/GET/merchant/payments",
    }

    def step() -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wiring, "pool_tokens", lambda: SimpleNamespace(read=lambda _: token))
            return run("authorize_merchant", event)

    def is_allowed(policy: Any) -> bool:
        return isinstance(policy, dict) and policy["principalId"] == f"staff:{ADA}"

    def again() -> None:
        assert is_allowed(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
            assert (row["code_session"], bool(row["signed_out_at"])) == ("session-1", True)

    return Case(step=step, right=is_allowed, again=again, settled=settled)


SCENARIOS = [
    Scenario("list the catalogue", "list_merchant_products", list_catalogue),
    Scenario("put product", "put_product", put_product),
    Scenario("delete product", "delete_product", delete_product),
    Scenario("staff log in without a code", "pre_token_generation", login_of_staff),
    Scenario("first session with a code", "authorize_merchant", first_session_with_a_code),
]
