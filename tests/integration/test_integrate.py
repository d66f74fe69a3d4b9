"""The code in docs/integrate.md: a backend makes an order, and its person pays it."""

import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from local.paths import ROOT
from tests.integration.orders import Shopper, shown
from tests.support.gateway import merchants_gateway
from tests.support.simulator_client import Simulator

TOKEN_URL, API_URL = "https://tokens.example/oauth2/token", "https://api.example/v1"


@dataclass
class Web:
    """The token's address, and the API behind its authorizer."""

    asked: list[str] = field(default_factory=list)

    def post(self, url: str, *, timeout: int, **request: Any) -> Any:
        assert timeout
        self.asked.append(url)
        if url == TOKEN_URL:
            assert request["auth"] == ("client", "secret")
            assert request["data"]["scope"] == "till/orders.write"
            return _answer({"access_token": "a-token"})
        headers = request["headers"]
        assert headers.pop("Authorization") == "Bearer a-token"
        path = url.removeprefix(API_URL)
        answer = merchants_gateway()("POST", path, body=request["json"], headers=headers)
        assert answer.status == 201, answer
        return _answer(answer.body)


def _answer(body: object) -> Any:
    return SimpleNamespace(raise_for_status=lambda: None, json=lambda: body)


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's code defines."""
    web = Web()
    monkeypatch.setattr("requests.post", web.post)
    text = (ROOT / "docs" / "integrate.md").read_text()
    (block,) = re.findall(r"```python\n(import requests\n.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {
        "TOKEN_URL": TOKEN_URL,
        "API_URL": API_URL,
        "PROGRAM_CLIENT_ID": "client",
        "PROGRAM_CLIENT_SECRET": "secret",
    }
    exec(block, names)  # noqa: S102 - our own page
    return names


def test_a_backend_makes_an_order_and_its_shopper_pays_it(
    code: dict[str, Any], stripe: Simulator
) -> None:
    grace = Shopper(stripe)
    order = SimpleNamespace(
        id=17,
        number="R-17",
        user_id=grace.user_id,
        lines=[SimpleNamespace(title="Coffee", quantity=2, cents=1099)],
        tax_cents=200,
        delivery_cents=490,
        discount_cents=100,
    )

    order_id = code["make_order"](order)
    assert code["make_order"](order) == order_id
    payment = grace.pays(order_id).body
    paid = grace.confirms(payment)

    assert (paid.body["status"], paid.body["amount"]) == ("succeeded", 2788)
    assert paid.body["order_reference"] == "R-17"
    assert shown(order_id)["status"] == "paid"
