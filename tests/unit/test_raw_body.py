"""Signed bodies: every byte counts, and there is a limit."""

import base64

import pytest
from pydantic import BaseModel

from payments.api import app as http
from payments.api.app import App
from tests.unit.api_gateway import Answer, an_event, send
from tests.unit.orders_app import MAX_BODY_BYTES, orders_settings


class Read(BaseModel):
    """The body in hexadecimal digits."""

    read: str


BODY = '{\n  "name": "Zoë",  "amount": 1.0\n}\r\n'


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """An app that answers with the body as it read it."""
    monkeypatch.setattr(http, "settings", orders_settings)
    app = App("POST", "/orders")

    @app.endpoint
    def read(raw_body: bytes) -> Read:
        return Read(read=raw_body.hex())

    return app


def post(app: App, body: str | None, *, base64: bool = False) -> Answer:
    """Post something, not necessarily JSON."""
    return send(app, an_event(body=body, base64=base64))


def test_text_is_read_as_it_was_written(app: App) -> None:
    assert post(app, BODY).body == {"read": BODY.encode().hex()}
    assert post(app, None).body == {"read": ""}


def test_base64_is_undone(app: App) -> None:
    sent = bytes(range(256))
    answer = post(app, base64.b64encode(sent).decode(), base64=True)
    assert answer.body == {"read": sent.hex()}


@pytest.mark.parametrize("body", ["no base64!", "YWJ", "é"])
def test_a_body_that_is_not_base64_is_malformed(app: App, body: str) -> None:
    answer = post(app, body, base64=True)
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


def test_a_body_that_is_not_text_is_malformed(app: App) -> None:
    answer = post(app, "\ud800")
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("in_base64", [False, True])
def test_the_limit_counts_bytes(app: App, in_base64: bool) -> None:
    def posted(size: int) -> int:
        text = "x" * size
        body = base64.b64encode(text.encode()).decode() if in_base64 else text
        return post(app, body, base64=in_base64).status

    assert posted(MAX_BODY_BYTES) == 200
    assert posted(MAX_BODY_BYTES + 1) == 413
    assert posted(100 * MAX_BODY_BYTES) == 413
