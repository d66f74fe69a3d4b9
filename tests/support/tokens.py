"""Tokens as a user pool signs them, and the keys that prove it."""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

REGION = "eu-west-1"
POOL = "eu-west-1_Example"
CLIENT = "web-client"
PREFIX = "till"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}"
KEY_ID = "first"


@cache
def private_key(key_id: str = KEY_ID) -> rsa.RSAPrivateKey:
    """The private key with this id, made once."""
    assert key_id
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(*key_ids: str) -> bytes:
    """What the pool publishes: a set of public keys."""
    keys = []
    for key_id in key_ids:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(key_id).public_key()))
        keys.append(public | {"kid": key_id, "alg": "RS256", "use": "sig"})
    return json.dumps({"keys": keys}).encode()


def signed(
    claims: Mapping[str, Any], *, key_id: str = KEY_ID, algorithm: str = "RS256", key: Any = None
) -> str:
    """A token with these claims; those that are None are left out."""
    told = {name: value for name, value in claims.items() if value is not None}
    signer = key if key is not None else private_key(key_id)
    return jwt.encode(told, signer, algorithm=algorithm, headers={"kid": key_id})


def _common() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "iat": now, "exp": now + 900, "auth_time": now, "jti": "token-1"}


def id_claims(*groups: str, user_id: str = "ada", **changes: Any) -> dict[str, Any]:
    """The claims of a person's ID token."""
    return {
        **_common(),
        "sub": user_id,
        "aud": CLIENT,
        "token_use": "id",
        "origin_jti": "session-1",
        "email": f"{user_id}@example.com",
        "name": "Ada Lovelace",
        "cognito:groups": list(groups) or None,
        "one_time_code": "entered" if groups else None,
        **changes,
    }


def program_claims(*scopes: str, **changes: Any) -> dict[str, Any]:
    """The claims of a program's access token."""
    return {
        **_common(),
        "sub": "shop-backend",
        "client_id": "shop-backend",
        "token_use": "access",
        "scope": " ".join(f"{PREFIX}/{scope}" for scope in scopes),
        **changes,
    }
