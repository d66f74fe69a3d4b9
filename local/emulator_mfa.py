"""One-time codes in MiniStack, closer to Cognito on AWS. emulator_main.py loads this file.

- A code counts only for the login that asked for it, and that login only for three minutes.
  MiniStack would let in whoever has a code, without a password.
- An app counts once its person, or an administrator, has switched it on (SetUserMFAPreference), and
  can be switched on only once a code has proven it. MiniStack would switch it on with that code.
- Nobody gets an app's secret without being logged in.
- Nobody sets a new password, or passes over the app, by claiming that they were asked to.
- Without an answer of the trigger PreTokenGeneration there are no tokens.
"""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import cognito  # type: ignore[import-not-found]

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
SESSION_SECONDS = 3 * 60

type Handler = Callable[..., Any]
type User = dict[str, Any]

_logins: dict[str, tuple[User, float]] = {}


def ask_for_the_code_of_a_login() -> None:
    """Tie each code to the login whose password was right."""
    ask = cognito._mfa_challenge_for_user

    def ask_this_login(pool: Any, user: User, *rest: Any) -> Any:
        challenge = ask(pool, user, *rest)
        if challenge:
            _logins[challenge["Session"]] = user, time.time() + SESSION_SECONDS
        return challenge

    cognito._mfa_challenge_for_user = ask_this_login
    for name in ("_respond_to_auth_challenge", "_admin_respond_to_auth_challenge"):
        setattr(cognito, name, _checked(getattr(cognito, name)))


def _checked(respond: Handler) -> Handler:
    def respond_in_a_session(data: dict[str, Any]) -> Any:
        challenge = data.get("ChallengeName")
        if challenge == "MFA_SETUP":  # only a pool that demands an app of everybody asks for it
            return _error("InvalidParameterException", "Invalid challenge.")
        if challenge not in {"SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED"}:
            return respond(data)
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        named = (data.get("ChallengeResponses") or {}).get("USERNAME")
        user = cognito._resolve_user(pool, named)[0] if pool and named else None
        if challenge == "NEW_PASSWORD_REQUIRED":
            was_asked = user is not None and user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        else:
            asked, until = _logins.get(data.get("Session") or "", (None, 0.0))
            was_asked = user is not None and asked is user and time.time() < until
        if not was_asked:
            return _error("NotAuthorizedException", "Invalid session for the user.")
        answer = respond(data)
        if "AuthenticationResult" in str(answer[2]):
            _logins.pop(data.get("Session") or "", None)
        return answer

    return respond_in_a_session


def switch_apps_on_separately() -> None:
    """Let an app count once it is proven and switched on, in this order."""
    associate, verify = cognito._associate_software_token, cognito._verify_software_token
    apply = cognito._apply_mfa_preference

    def associate_for_somebody(data: dict[str, Any]) -> Any:
        if cognito._user_for_access_token(data.get("AccessToken")) is None:
            return _error("NotAuthorizedException", "Invalid Access Token")
        return associate(data)

    def verify_only(data: dict[str, Any]) -> Any:
        user = cognito._user_for_access_token(data.get("AccessToken"))
        if user is None:
            return _error("NotAuthorizedException", "Invalid Access Token")
        before = list(user.get("_mfa_enabled", [])), user.get("_preferred_mfa", "")
        answer = verify(data)
        user["_mfa_enabled"], user["_preferred_mfa"] = before
        return answer

    def apply_what_is_proven(user: User, data: dict[str, Any]) -> None:
        if (data.get("SoftwareTokenMfaSettings") or {}).get("Enabled") and not user.get(
            "_totp_secret"
        ):
            raise _NotProvenError
        apply(user, data)

    cognito._associate_software_token = associate_for_somebody
    cognito._verify_software_token = verify_only
    cognito._apply_mfa_preference = apply_what_is_proven


class _NotProvenError(Exception):
    """No code has proven the app that is to be switched on."""


def answer_for_what_went_wrong() -> None:
    """Refuse what the changes above, or a trigger, have refused."""
    run = cognito._run_idp_handler

    def run_or_refuse(handler: Handler, action: str, data: dict[str, Any]) -> Any:
        try:
            return run(handler, action, data)
        except _NotProvenError:
            return _error("InvalidParameterException", "User has not verified software token mfa")
        except RuntimeError as error:
            if "PreTokenGeneration" not in str(error):
                raise
            return _error("UnexpectedLambdaException", "PreTokenGeneration failed.")

    cognito._run_idp_handler = run_or_refuse


def _error(code: str, message: str) -> Any:
    return cognito.error_response_json(code, message, 400)


def behave_as_on_aws() -> None:
    """Apply all of it."""
    ask_for_the_code_of_a_login()
    switch_apps_on_separately()
    answer_for_what_went_wrong()
