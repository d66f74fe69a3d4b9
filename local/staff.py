"""Staff and programs of the merchant on the laptop stack, with what proves who they are."""

import base64
import hmac
import secrets
import struct
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from local.aws import session
from local.state import Stack

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_STEP_SECONDS = 30


def one_time_code(secret: str, *, at: float | None = None) -> str:
    """The code that an authenticator app shows: https://www.rfc-editor.org/rfc/rfc6238"""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    step = int((time.time() if at is None else at) // _STEP_SECONDS)
    mac = hmac.digest(key, struct.pack(">Q", step), "sha1")
    (number,) = struct.unpack_from(">I", mac, mac[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


@dataclass(frozen=True)
class StaffMember:
    """Somebody of the staff. `secret` is what their authenticator app was given, if they have one.

    `tokens` are Cognito's: the merchant's routes want the `IdToken`.
    """

    user_id: str
    email: str
    password: str
    secret: str | None
    tokens: Mapping[str, str]


def add_staff(stack: Stack, group: str, *, one_time_codes: bool = True) -> StaffMember:
    """Add somebody to a group, set up their authenticator app, and log them in with its code."""
    email = f"{group}.{secrets.token_hex(6)}@example.com"
    password = f"Aa1-{secrets.token_urlsafe(12)}"
    with closing(session(stack.aws_endpoint_url).client("cognito-idp")) as cognito:
        user_id = add_person(cognito, stack, email, password)
        cognito.admin_add_user_to_group(
            UserPoolId=stack.user_pool_id, Username=user_id, GroupName=group
        )
        tokens = log_in(cognito, stack, email, password)
        secret = None
        if one_time_codes:
            secret = set_up_one_time_codes(cognito, tokens["AccessToken"])
            tokens = log_in(cognito, stack, email, password, secret)
    return StaffMember(user_id, email, password, secret, tokens)


def add_person(
    cognito: "CognitoIdentityProviderClient", stack: Stack, email: str, password: str
) -> str:
    """Add somebody with a verified address, as an administrator does; return their id."""
    made = cognito.admin_create_user(
        UserPoolId=stack.user_pool_id,
        Username=email,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Grace Hopper"},
        ],
    )
    cognito.admin_set_user_password(
        UserPoolId=stack.user_pool_id, Username=email, Password=password, Permanent=True
    )
    return made["User"]["Username"]


def set_up_one_time_codes(cognito: "CognitoIdentityProviderClient", access_token: str) -> str:
    """Set up an authenticator app as its person does; return its secret."""
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    cognito.verify_software_token(AccessToken=access_token, UserCode=one_time_code(secret))
    cognito.set_user_mfa_preference(
        AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret


def log_in(
    cognito: "CognitoIdentityProviderClient",
    stack: Stack,
    email: str,
    password: str,
    secret: str | None = None,
) -> Mapping[str, str]:
    """Log in, with a code if Cognito asks for one; return the tokens."""
    answer = cognito.initiate_auth(
        ClientId=stack.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    if answer.get("ChallengeName") != "SOFTWARE_TOKEN_MFA" or secret is None:
        return answer["AuthenticationResult"]  # type: ignore[return-value]
    responded = cognito.respond_to_auth_challenge(
        ClientId=stack.user_pool_client_id,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=answer["Session"],
        ChallengeResponses={"USERNAME": email, "SOFTWARE_TOKEN_MFA_CODE": one_time_code(secret)},
    )
    return responded["AuthenticationResult"]  # type: ignore[return-value]


def add_program(stack: Stack, *scopes: str) -> tuple[str, str]:
    """Add a client for a program with these scopes; return its id and its secret."""
    with closing(session(stack.aws_endpoint_url).client("cognito-idp")) as cognito:
        made = cognito.create_user_pool_client(
            UserPoolId=stack.user_pool_id,
            ClientName=f"program-{secrets.token_hex(4)}",
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[f"{stack.scope_prefix}/{scope}" for scope in scopes],
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
    return made["ClientId"], made["ClientSecret"]


def program_token(stack: Stack, client_id: str = "", client_secret: str = "") -> str:
    """An access token for a program: the stack's own, unless another one is named."""
    answer = httpx.post(
        stack.token_url,
        data={"grant_type": "client_credentials"},
        auth=(client_id or stack.program_client_id, client_secret or stack.program_client_secret),
        trust_env=False,
    )
    return str(answer.raise_for_status().json()["access_token"])
