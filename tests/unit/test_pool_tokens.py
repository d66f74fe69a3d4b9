"""Which tokens are the user pool's own, and what they say."""

import time
from typing import Any

import pytest

from payments.aws import pool_tokens
from payments.aws.pool_tokens import PoolTokens
from payments.domain.errors import InvalidTokenError, ServiceUnavailableError
from payments.domain.token import PersonToken, ProgramToken
from payments.transport import NoResponseError, Response
from tests.support.tokens import (
    CLIENT,
    POOL,
    PREFIX,
    REGION,
    id_claims,
    private_key,
    program_claims,
    published,
    signed,
)


class FakeTransport:
    """Cognito, as the transport reaches it."""

    def __init__(self) -> None:
        self.keys = ["first"]
        self.asked: list[str] = []
        self.fails = False

    def send(self, method: str, url: str, **_: Any) -> Response:
        self.asked.append(f"{method} {url}")
        if self.fails:
            raise NoResponseError("down", was_sent=True, worth_retrying=True)
        return Response(200, {}, published(*self.keys))


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    transport = FakeTransport()
    monkeypatch.setattr(pool_tokens, "shared", lambda **_: transport)
    return transport


@pytest.fixture
def tokens(cognito: FakeTransport) -> PoolTokens:
    assert cognito
    return PoolTokens(POOL, CLIENT, PREFIX, {"AWS_REGION": REGION})


def test_an_id_token_names_its_person_their_groups_and_their_session(tokens: PoolTokens) -> None:
    read = tokens.read(signed(id_claims("support", auth_time=1_764_000_000)))
    assert isinstance(read, PersonToken)
    assert (read.user.user_id, read.user.email) == ("ada", "ada@example.com")
    assert (read.user.auth_time, read.session) == (1_764_000_000, "session-1")
    assert (read.groups, read.one_time_code) == (frozenset({"support"}), "entered")
    assert str(read.actor) == "staff:ada"


def test_an_access_token_of_a_program_names_its_scopes_without_their_prefix(
    tokens: PoolTokens,
) -> None:
    claims = program_claims("payments.read", "orders.write")
    claims["scope"] += " other/payments.write payments.write"
    read = tokens.read(signed(claims))
    assert isinstance(read, ProgramToken)
    assert read.scopes == {"payments.read", "orders.write"}
    assert str(read.actor) == "program:shop-backend"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(id_claims("merchant", exp=int(time.time()) - 60), id="expired"),
        pytest.param(id_claims("merchant", exp=None), id="without an end"),
        pytest.param(id_claims("merchant", iss="https://example.com/pool"), id="other issuer"),
        pytest.param(
            id_claims(
                "merchant", iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"
            ),
            id="other pool",
        ),
        pytest.param(id_claims("merchant", aud="other-client"), id="other client"),
        pytest.param(id_claims("merchant", aud=[CLIENT, "other"]), id="several clients"),
        pytest.param(id_claims("merchant", token_use=None), id="without a use"),
        pytest.param(id_claims("merchant", token_use="refresh"), id="other use"),
        pytest.param(id_claims("merchant", sub=None), id="nobody's"),
        pytest.param(program_claims("payments.read", username="ada"), id="a person's access token"),
        pytest.param(program_claims("payments.read", sub="ada"), id="an access token for somebody"),
        pytest.param(program_claims("payments.read", client_id=None), id="nobody's access token"),
        pytest.param(program_claims("payments.read", exp=int(time.time()) - 60), id="long over"),
    ],
)
def test_any_other_token_is_refused(tokens: PoolTokens, claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.read(signed(claims))


def test_a_token_that_the_pool_did_not_sign_is_refused(tokens: PoolTokens) -> None:
    claims = id_claims("merchant")
    good = signed(claims)
    head, body, _ = good.split(".")
    public = published("first").hex()
    for token in (
        "",
        "nonsense",
        "a.b.c",
        f"{head}.{body}.",
        signed(claims, key=private_key("stolen name")),
        signed(claims, key=None, key_id="unknown"),
        signed(claims, algorithm="HS256", key=public),
        f"eyJhbGciOiJub25lIiwia2lkIjoiZmlyc3QifQ.{body}.",
    ):
        with pytest.raises(InvalidTokenError):
            tokens.read(token)
    assert tokens.read(good)


def test_the_keys_are_read_once(tokens: PoolTokens, cognito: FakeTransport) -> None:
    for _ in range(3):
        tokens.read(signed(id_claims("merchant")))
    url = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}/.well-known/jwks.json"
    assert cognito.asked == [f"GET {url}"]


def test_a_new_key_is_found_and_unknown_ones_are_not_asked_for_at_once_again(
    tokens: PoolTokens, cognito: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    tokens.read(signed(id_claims("merchant")))
    # When the pool signs with another key, a moment later
    cognito.keys = ["second"]
    for _ in range(3):
        with pytest.raises(InvalidTokenError):
            tokens.read(signed(id_claims("merchant"), key_id="second"))
    assert len(cognito.asked) == 1
    # Then it is asked for before long, and the old one counts no more
    now += 11
    assert tokens.read(signed(id_claims("merchant"), key_id="second"))
    with pytest.raises(InvalidTokenError):
        tokens.read(signed(id_claims("merchant")))
    assert len(cognito.asked) == 2


def test_without_the_keys_nobody_can_tell(tokens: PoolTokens, cognito: FakeTransport) -> None:
    cognito.fails = True
    with pytest.raises(ServiceUnavailableError):
        tokens.read(signed(id_claims("merchant")))
    cognito.fails = False
    assert tokens.read(signed(id_claims("merchant")))
