"""Cognito in MiniStack, closer to Cognito on AWS. emulator_main.py loads this file.

- Each code is new and random, and ends the one before. MiniStack would send 123456 to everybody.
- Wrong passwords lock a person out, for longer each time, and wrong codes for an hour.
- Confirming an address verifies it. Only a verified address gets a code for a new password.
- The pool's trigger PostConfirmation is called.
- A renewed token still says when its person logged in.
- People can be listed by their status.
- People write their own attributes, also when they sign up, if the app client may write them. A new
  address counts after its code. Who guesses the present password cannot change it any more.
- ID tokens and GetUser tell only what the app client may read.
- An empty value removes an attribute. What the pool's schema does not know is refused.
"""

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cognito, lambda_svc  # type: ignore[import-not-found]

type Handler = Callable[..., Any]
type User = dict[str, Any]

# https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
FREE_PASSWORDS = 5
LONGEST_LOCKOUT_SECONDS = 15 * 60
# AWS allows between 5 and 20 an hour, depending on the risk that it sees:
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
CODES_AN_HOUR = 5
HOUR = 60 * 60

_LOGINS = frozenset(
    {
        "InitiateAuth",
        "AdminInitiateAuth",
        "RespondToAuthChallenge",
        "AdminRespondToAuthChallenge",
    }
)
_SENDING = frozenset({"ForgotPassword", "ResendConfirmationCode"})
_TRIGGERED = {
    "ConfirmSignUp": "PostConfirmation_ConfirmSignUp",
    "ConfirmForgotPassword": "PostConfirmation_ConfirmForgotPassword",
}
_OK = 200


def send_codes_that_nobody_can_guess() -> None:
    """Make a code when it is sent."""
    send = cognito._send_verification_email

    def send_new_code(
        pool: Any, username: str, attributes: Any, _code: str, attribute_name: str = "email"
    ) -> Any:
        code = f"{secrets.randbelow(10**6):06}"
        user, _ = cognito._resolve_user(pool, username)
        user["_reset_code" if attribute_name == "password" else "_confirmation_code"] = code
        return send(pool, username, attributes, code, attribute_name)

    cognito._send_verification_email = send_new_code


def keep_the_time_of_the_login() -> None:
    """Give a renewed token the `auth_time` of the login that it comes from."""
    sign = cognito._signed_jwt
    logins: dict[str, int] = {}

    def sign_with_time_of_login(claims: dict[str, Any], *rest: Any) -> Any:
        if "auth_time" in claims:
            claims["auth_time"] = logins.setdefault(claims["origin_jti"], claims["auth_time"])
        return sign(claims, *rest)

    cognito._signed_jwt = sign_with_time_of_login


def list_users_by_status() -> None:
    """Understand the filter for `cognito:user_status`, which is the only one with a colon."""
    apply = cognito._apply_user_filter

    def apply_status_too(users: list[User], text: str) -> Any:
        found = re.fullmatch(r'\s*"?cognito:user_status"?\s*=\s*"(\w+)"\s*', text)
        if not found:
            return apply(users, text)
        return [user for user in users if user["UserStatus"].casefold() == found[1].casefold()]

    cognito._apply_user_filter = apply_status_too


def let_people_change_their_own() -> None:
    """Check UpdateUserAttributes and ChangePassword as AWS does, and know VerifyUserAttribute."""
    change_password, dispatch = cognito._change_password, cognito._dispatch_idp

    def change_guarded_password(data: dict[str, Any]) -> Any:
        user, _ = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
        tried = _recent(user, "ChangePassword") if user else []
        if len(tried) >= FREE_PASSWORDS:
            return _error("LimitExceededException", "Attempt limit exceeded, please try later.")
        answer = change_password(data)
        if "Incorrect username or password." in str(answer[2]):
            tried.append(time.time())
        return answer

    async def dispatch_verification_too(action: str, data: dict[str, Any]) -> Any:
        if action != "VerifyUserAttribute":
            return await dispatch(action, data)
        run = cognito._run_idp_handler
        return await cognito.run_reentrant(
            run, _verify_user_attribute, action, data, thread_name="ministack-cognito-trigger"
        )

    cognito._UNSIGNED_IDP_ACTIONS.add("VerifyUserAttribute")
    cognito._dispatch_idp = dispatch_verification_too
    cognito._change_password = change_guarded_password
    cognito._update_user_attributes = _update_user_attributes


def keep_to_the_schema() -> None:
    """Refuse attributes that the pool does not know, or the app client may not write or read."""
    sign_up, get_user, token = cognito._sign_up, cognito._get_user, cognito._fake_token

    def sign_up_with_what_is_writable(data: dict[str, Any]) -> Any:
        client_id = data.get("ClientId")
        pool, _ = cognito._pool_for_client(client_id)
        told = cognito._attr_list_to_dict(data.get("UserAttributes", []))
        return (pool and _wrong_attributes(pool, client_id, told)) or sign_up(data)

    def get_what_is_readable(data: dict[str, Any]) -> Any:
        status, headers, body = get_user(data)
        if status != _OK:
            return status, headers, body
        said = json.loads(body)
        access_token = data["AccessToken"]
        _, pool = cognito._user_pool_for_access_token(access_token)
        told = cognito._attr_list_to_dict(said["UserAttributes"])
        readable = _readable(pool, cognito._token_claims(access_token).get("client_id"), told)
        said["UserAttributes"] = cognito._dict_to_attr_list(readable)
        return cognito.json_response(said)

    def token_of_what_is_readable(
        sub: str, pool_id: str, client_id: str, *rest: Any, **more: Any
    ) -> Any:
        if told := more.get("user_attrs"):
            pool, _ = cognito._resolve_pool(pool_id)
            more["user_attrs"] = _readable(pool, client_id, told)
        return token(sub, pool_id, client_id, *rest, **more)

    cognito._sign_up = sign_up_with_what_is_writable
    cognito._get_user = get_what_is_readable
    cognito._fake_token = token_of_what_is_readable
    cognito._admin_update_user_attributes = _admin_update_user_attributes
    cognito._merge_attributes = _merge_attributes


def _readable(pool: Any, client_id: str | None, told: dict[str, str]) -> dict[str, str]:
    readable = pool["_clients"].get(client_id, {}).get("ReadAttributes")
    if not readable:
        return told
    return {name: value for name, value in told.items() if name in {"sub", *readable}}


def _wrong_attributes(pool: Any, client_id: str | None, changes: dict[str, str]) -> Any:
    """The refusal, if the app client may not write all of these, or the pool knows them not."""
    writable = pool["_clients"].get(client_id, {}).get("WriteAttributes")
    if writable and not changes.keys() <= set(writable):
        return _error(
            "NotAuthorizedException", "A client attempted to write unauthorized attribute"
        )
    return _outside_the_schema(pool, changes)


def _outside_the_schema(pool: Any, changes: dict[str, str]) -> Any:
    known = {each["Name"] for each in cognito._ensure_schema_attributes(pool)["SchemaAttributes"]}
    if unknown := sorted(changes.keys() - known):
        return _error(
            "InvalidParameterException",
            f"user.{unknown[0]}: Attribute does not exist in the schema.",
        )
    if not re.fullmatch(r"(\+[0-9]+)?", changes.get("phone_number", "")):
        return _error("InvalidParameterException", "Invalid phone number format.")
    return None


def _admin_update_user_attributes(data: dict[str, Any]) -> Any:
    pool, error = cognito._resolve_pool(data.get("UserPoolId"))
    if error:
        return error
    user, error = cognito._resolve_user(pool, data.get("Username"))
    if error:
        return error
    changes = cognito._attr_list_to_dict(data.get("UserAttributes", []))
    if refusal := _outside_the_schema(pool, changes):
        return refusal
    if "email" in changes and _is_taken(pool, user, changes["email"]):
        return _error("AliasExistsException", "An account with the given email already exists.")
    user["Attributes"] = _merge_attributes(user["Attributes"], data.get("UserAttributes", []))
    user["UserLastModifiedDate"] = cognito._now_epoch()
    return cognito.json_response({})


def _merge_attributes(existing: list[dict[str, str]], changes: list[dict[str, str]]) -> Any:
    """The attributes after the changes: an empty value removes one."""
    merged = cognito._attr_list_to_dict(existing) | cognito._attr_list_to_dict(changes)
    return cognito._dict_to_attr_list({name: value for name, value in merged.items() if value})


def _update_user_attributes(data: dict[str, Any]) -> Any:
    token = data.get("AccessToken", "")
    user, pool = cognito._user_pool_for_access_token(token)
    if not user:
        return _error("NotAuthorizedException", "Invalid Access Token")
    changes = cognito._attr_list_to_dict(data.get("UserAttributes", []))
    client_id = cognito._token_claims(token).get("client_id")
    if refusal := _wrong_attributes(pool, client_id, changes):
        return refusal
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    new_email = changes.pop("email", attributes.get("email"))
    delivered: list[dict[str, str]] = []
    if new_email != attributes.get("email"):
        if _is_taken(pool, user, new_email):
            return _error("AliasExistsException", "An account with the given email already exists.")
        settings = pool.get("UserAttributeUpdateSettings") or {}
        if "email" in (settings.get("AttributesRequireVerificationBeforeUpdate") or []):
            if len(_recent(user, "UpdateUserAttributes")) >= CODES_AN_HOUR:
                return _error("LimitExceededException", "Attempt limit exceeded, please try later.")
            _recent(user, "UpdateUserAttributes").append(time.time())
            user["_new_email"] = new_email
            cognito._send_verification_email(
                pool, user["Username"], attributes | {"email": new_email}, ""
            )
            destination = cognito._masked_destination(new_email)
            delivered = [
                {"Destination": destination, "DeliveryMedium": "EMAIL", "AttributeName": "email"}
            ]
        else:
            changes |= {"email": new_email, "email_verified": "false"}
    user["Attributes"] = _merge_attributes(user["Attributes"], cognito._dict_to_attr_list(changes))
    return cognito.json_response({"CodeDeliveryDetailsList": delivered})


def _verify_user_attribute(data: dict[str, Any]) -> Any:
    user, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
    if not user:
        return _error("NotAuthorizedException", "Invalid Access Token")
    if len(_recent(user, "VerifyUserAttribute")) >= CODES_AN_HOUR:
        return _error("LimitExceededException", "Attempt limit exceeded, please try later.")
    new_email = user.get("_new_email")
    if refusal := cognito._code_error(
        new_email and user.get("_confirmation_code"), data.get("Code")
    ):
        _recent(user, "VerifyUserAttribute").append(time.time())
        return refusal
    if _is_taken(pool, user, new_email):
        return _error("AliasExistsException", "An account with the given email already exists.")
    del user["_new_email"], user["_confirmation_code"]
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    user["Attributes"] = cognito._dict_to_attr_list(
        attributes | {"email": new_email, "email_verified": "true"}
    )
    return cognito.json_response({})


def _is_taken(pool: Any, user: User, email: str) -> bool:
    owner = cognito._resolve_user(pool, email)[0]
    return owner is not None and owner is not user


def guard_passwords_and_codes() -> None:
    """Lock out who guesses, and do what belongs to a confirmation."""
    run = cognito._run_idp_handler

    def run_guarded(handler: Handler, action: str, data: dict[str, Any]) -> Any:
        if not (action in _LOGINS or action in _SENDING or action in _TRIGGERED):
            return run(handler, action, data)
        cognito._pin_unsigned_idp_scope(data)
        pool, user = _named_by(data)
        if user is None:
            return run(handler, action, data)
        if refusal := _refusal(action, data, user):
            return refusal
        answer = run(handler, action, data)
        _count(action, answer, user)
        if action in _TRIGGERED and answer[0] == _OK:
            return _confirmed(action, pool, user, data) or answer
        return answer

    cognito._run_idp_handler = run_guarded


def _named_by(data: dict[str, Any]) -> tuple[Any, User | None]:
    pool, _ = cognito._pool_for_client(data.get("ClientId"))
    named = (
        data.get("Username")
        or (data.get("AuthParameters") or {}).get("USERNAME")
        or (data.get("ChallengeResponses") or {}).get("USERNAME")
    )
    return pool, cognito._resolve_user(pool, named)[0] if pool and named else None


def _refusal(action: str, data: dict[str, Any], user: User) -> Any:
    now = time.time()
    if action in _LOGINS:
        proves = action.endswith("Challenge") or "PASSWORD" in (data.get("AuthParameters") or {})
        if proves and now < user.get("_locked_until", 0):
            return _error("NotAuthorizedException", "Password attempts exceeded")
        return None
    if len(_recent(user, action)) >= CODES_AN_HOUR:
        return _error(
            "LimitExceededException", "Attempt limit exceeded, please try after some time."
        )
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    if action == "ForgotPassword" and attributes.get("email_verified") != "true":
        # With PreventUserExistenceErrors, the same answer as for somebody who does not exist.
        return cognito._code_delivery_response(cognito._masked_destination(data["Username"]))
    return None


def _count(action: str, answer: Any, user: User) -> None:
    status, _, body = answer
    said = json.loads(body or b"{}")
    now = time.time()
    if action in _SENDING or str(said.get("__type", "")).endswith("CodeMismatchException"):
        _recent(user, action).append(now)
    if action not in _LOGINS:
        return
    if said.get("AuthenticationResult"):
        user.pop("_wrong_passwords", None)
    elif status != _OK and said.get("message") == "Incorrect username or password.":
        rested = now - user.get("_locked_until", now) > LONGEST_LOCKOUT_SECONDS
        wrong = 1 if rested else user.get("_wrong_passwords", 0) + 1
        user["_wrong_passwords"] = wrong
        if wrong >= FREE_PASSWORDS:
            seconds = min(2 ** (wrong - FREE_PASSWORDS), LONGEST_LOCKOUT_SECONDS)
            user["_locked_until"] = now + seconds


def _recent(user: User, action: str) -> list[float]:
    """When this was tried in the last hour."""
    tried: list[float] = user.setdefault("_tried", {}).setdefault(action, [])
    tried[:] = [moment for moment in tried if time.time() - moment < HOUR]
    return tried


def _confirmed(action: str, pool: Any, user: User, data: dict[str, Any]) -> Any:
    """Verify the address and call the trigger; its error, if it has one."""
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    if action == "ConfirmSignUp" and "email" in (pool.get("AutoVerifiedAttributes") or []):
        attributes["email_verified"] = "true"
        user["Attributes"] = cognito._dict_to_attr_list(attributes)
    function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not function:
        return None
    record, config, _ = lambda_svc._get_func_record_for_ref(function)
    event = {
        "version": "1",
        "triggerSource": _TRIGGERED[action],
        "region": cognito._pool_region(pool["Id"]),
        "userPoolId": pool["Id"],
        "userName": user["Username"],
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": data["ClientId"],
        },
        "request": {
            "userAttributes": attributes | {"cognito:user_status": user["UserStatus"]},
        },
        "response": {},
    }
    result = lambda_svc._execute_function_with_config_scope(
        lambda_svc._execution_record_for_config(record, config), event
    )
    if result.get("error"):
        return _error("UserLambdaValidationException", "PostConfirmation failed.")
    return None


def _error(code: str, message: str) -> Any:
    return cognito.error_response_json(code, message, 400)


def behave_as_on_aws() -> None:
    """Apply all of it."""
    send_codes_that_nobody_can_guess()
    keep_the_time_of_the_login()
    list_users_by_status()
    let_people_change_their_own()
    keep_to_the_schema()
    guard_passwords_and_codes()
