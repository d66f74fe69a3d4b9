"""Read the tokens that the user pool has signed: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import jwt

from payments.aws.endpoints import endpoint
from payments.domain.customer import DELETION_REQUESTED_GROUP, User
from payments.domain.errors import InvalidTokenError, ServiceUnavailableError
from payments.domain.token import PersonToken, ProgramToken, Token
from payments.transport import NoResponseError, shared

_COGNITO = "cognito-idp"
_ALGORITHM = "RS256"
_OK = 200
# Clocks differ a little.
_LEEWAY_SECONDS = 5
# Anybody can send a token with an unknown key. That must not make us ask for the keys as often.
_ASK_AGAIN_SECONDS = 10
_CONNECT_SECONDS, _READ_SECONDS = 1.0, 3.0


class PoolKeys:
    """The keys that the user pool signs with, read when one of them is needed."""

    def __init__(self, user_pool_id: str, region: str, environment: Mapping[str, str]) -> None:
        base = endpoint(_COGNITO, region, environment)
        self._url = f"{base}/{user_pool_id}/.well-known/jwks.json"
        self._transport = shared(certificates=environment.get("AWS_CA_BUNDLE") or None)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None

    def get(self, key_id: object) -> jwt.PyJWK | None:
        """The key with this id. For one that is unknown, the pool is asked again, but not often.

        Raises:
            ServiceUnavailableError: the pool does not answer.
        """
        if key_id not in self._keys and self._may_ask():
            self._keys = self._read()
            self._asked_at = time.monotonic()
        return self._keys.get(str(key_id))

    def _may_ask(self) -> bool:
        return self._asked_at is None or time.monotonic() - self._asked_at > _ASK_AGAIN_SECONDS

    def _read(self) -> dict[str, jwt.PyJWK]:
        try:
            answer = self._transport.send(
                "GET",
                self._url,
                headers={},
                connect_timeout=_CONNECT_SECONDS,
                timeout=_READ_SECONDS,
            )
            if answer.status != _OK:
                raise ServiceUnavailableError
            keys = json.loads(answer.body)["keys"]
            return {each["kid"]: jwt.PyJWK(each, algorithm=_ALGORITHM) for each in keys}
        except (NoResponseError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            raise ServiceUnavailableError from error


class PoolTokens:
    """The tokens of one user pool: ID tokens of the web app, and access tokens of programs."""

    def __init__(
        self,
        user_pool_id: str,
        user_pool_client_id: str,
        scope_prefix: str,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """scope_prefix: the identifier of the resource server whose scopes programs have."""
        region = environment["AWS_REGION"]
        self._client_id = user_pool_client_id
        self._scope_prefix = f"{scope_prefix}/"
        # A token names the usual address, whatever address we ask.
        self._issuer = f"{endpoint(_COGNITO, region, {})}/{user_pool_id}"
        self._keys = PoolKeys(user_pool_id, region, environment)

    def read(self, token: str) -> Token:
        """What a token says, once everything about it was checked.

        Raises:
            InvalidTokenError: it is not one of these tokens, or has expired.
            ServiceUnavailableError: the pool's keys cannot be read.
        """
        claims = self._verified(token)
        use = claims.get("token_use")
        if use == "id" and claims.get("aud") == self._client_id:
            return _person(claims)
        # The access token of a person names its user, that of a program only itself.
        if (
            use == "access"
            and claims["sub"] == claims.get("client_id")
            and "username" not in claims
        ):
            return self._program(claims)
        raise InvalidTokenError

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise InvalidTokenError
            return jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                # Only ID tokens have an audience; `read` compares it.
                options={"require": ["exp", "iss", "sub", "token_use"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise InvalidTokenError from error

    def _program(self, claims: Mapping[str, Any]) -> ProgramToken:
        prefix = self._scope_prefix
        scopes = str(claims.get("scope") or "").split()
        return ProgramToken(
            client_id=claims["client_id"],
            scopes=frozenset(s.removeprefix(prefix) for s in scopes if s.startswith(prefix)),
        )


def _person(claims: Mapping[str, Any]) -> PersonToken:
    groups = frozenset(claims.get("cognito:groups") or ())
    auth_time = claims.get("auth_time")
    return PersonToken(
        user=User(
            user_id=claims["sub"],
            email=claims.get("email") or "",
            name=claims.get("name") or "",
            auth_time=auth_time if isinstance(auth_time, int) else None,
            deletion_requested=DELETION_REQUESTED_GROUP in groups,
        ),
        session=str(claims.get("origin_jti") or ""),
        groups=groups,
        one_time_code=claims.get("one_time_code"),
    )
