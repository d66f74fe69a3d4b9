"""The Cognito user pool, where people sign up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.aws.client import (
    COGNITO,
    COGNITO_ADMIN,
    AwsClient,
    AwsError,
    AwsUnavailableError,
)
from payments.domain.clock import timestamp
from payments.domain.customer import DELETION_REQUESTED_GROUP, Registration, SignedUp, User
from payments.domain.errors import (
    PasswordRejectedError,
    RateLimitedError,
    ServiceUnavailableError,
    UserExistsError,
    ValidationError,
)
from payments.domain.page import Page
from payments.domain.person import Person

_UNCONFIRMED = "UNCONFIRMED"
_NOT_FOUND = "UserNotFoundException"
_SOFTWARE_TOKEN = "SOFTWARE_TOKEN_MFA"  # noqa: S105
_REQUESTED_AT = "custom:deletion_requested"
_BUSY = frozenset({"TooManyRequestsException", "LimitExceededException"})


def cognito_client() -> AwsClient:
    """A client with this project's timeouts.

    It never retries: after a lost answer, a second try would fail with "user exists". Cognito
    itself waits for the pool's trigger, three times five seconds at most.
    """
    return AwsClient(COGNITO, connect_timeout=2, read_timeout=16, max_attempts=1)


def cognito_admin_client() -> AwsClient:
    """A client for what the function's role allows; all of it may be sent twice."""
    return AwsClient(COGNITO_ADMIN, connect_timeout=1, read_timeout=4)


class UserPool:
    """The user pool, used through our app client, as anybody can."""

    def __init__(self, client: AwsClient, user_pool_client_id: str) -> None:
        self._client = client
        self._user_pool_client_id = user_pool_client_id

    def sign_up(self, registration: Registration) -> SignedUp:
        """Register a person.

        Raises:
            UserExistsError: the email address is taken.
            PasswordRejectedError: the password does not meet the pool's policy.
            ValidationError: the pool refused another attribute.
            RateLimitedError: Cognito asks us to slow down.
            ServiceUnavailableError: Cognito did not answer; the user may exist now.
        """
        attributes = {
            "email": registration.email,
            "name": registration.name,
            "phone_number": registration.phone,
            "birthdate": registration.birthdate,
            "gender": registration.gender,
        }
        try:
            response = self._client.call(
                "SignUp",
                {
                    "ClientId": self._user_pool_client_id,
                    "Username": registration.email,
                    "Password": registration.password,
                    "UserAttributes": [
                        {"Name": name, "Value": value}
                        for name, value in attributes.items()
                        if value
                    ],
                },
            )
        except AwsError as error:
            raise _translated(error) from None  # its context contains the request with the password
        except AwsUnavailableError:
            raise ServiceUnavailableError from None
        return SignedUp(
            user=User(
                user_id=response["UserSub"], email=registration.email, name=registration.name
            ),
            confirmation_required=not response["UserConfirmed"],
        )

    def send_reset_code(self, email: str) -> None:
        """Send the owner of an address a code for a new password. Cognito limits how often.

        Raises:
            RateLimitedError, ServiceUnavailableError, ValidationError: it was not sent.
        """
        request = {"ClientId": self._user_pool_client_id, "Username": email}
        try:
            self._client.call("ForgotPassword", request)
        except AwsError as error:
            raise _translated(error) from None
        except AwsUnavailableError:
            raise ServiceUnavailableError from None


def _translated(error: AwsError) -> Exception:
    code, message = error.code, error.message
    if code == "UsernameExistsException":
        return UserExistsError()
    if code == "InvalidPasswordException":
        return PasswordRejectedError(message)
    # The second one is from our own trigger, which has the same rules as the API.
    if code in {"InvalidParameterException", "UserLambdaValidationException"}:
        return ValidationError([("body", message)])
    if code in _BUSY:
        return RateLimitedError()
    return ServiceUnavailableError()


class PoolAdministration:
    """The people in the user pool, for functions whose role may look at them.

    Raises:
        RateLimitedError, ServiceUnavailableError: from each method; the call may have been made.
    """

    def __init__(self, client: AwsClient, user_pool_id: str) -> None:
        self._client = client
        self._user_pool_id = user_pool_id

    def find_unconfirmed(self, username: str) -> User | None:
        """The person with this id or email address, if they have not confirmed the address."""
        found = self._call("AdminGetUser", Username=username)
        if found is None or found["UserStatus"] != _UNCONFIRMED:
            return None
        return _user(found["Username"], found["UserAttributes"])

    def list_unconfirmed(self, *, signed_up_before: datetime, cursor: str | None) -> Page[User]:
        """People who had signed up by then and have not confirmed their address, in no order.

        A page may be empty and have a next one.
        """
        asked: dict[str, object] = {"Filter": f'cognito:user_status = "{_UNCONFIRMED}"'}
        if cursor:
            asked["PaginationToken"] = cursor
        answer = self._call("ListUsers", **asked) or {}
        people = [
            _user(each["Username"], each["Attributes"])
            for each in answer.get("Users", ())
            if each["UserStatus"] == _UNCONFIRMED
            and each["UserCreateDate"] < signed_up_before.timestamp()
        ]
        return Page(items=people, next_cursor=answer.get("PaginationToken"))

    def delete_unconfirmed(self, user_id: str) -> bool:
        """Delete somebody who never confirmed their address; False if they have done so by now.

        Cognito has no conditional delete: who confirms between our two calls, which is a matter of
        milliseconds, has to sign up again.
        """
        found = self._call("AdminGetUser", Username=user_id)
        if found is not None and found["UserStatus"] != _UNCONFIRMED:
            return False
        if found is not None:
            self._call("AdminDeleteUser", Username=user_id)
        return True

    def find(self, user_id: str) -> Person | None:
        """What the pool keeps of a person, or None if there is no such person."""
        found = self._call("AdminGetUser", Username=user_id)
        return None if found is None else _person(found, found["UserAttributes"])

    def lists(self, user_id: str) -> bool:
        """Whether the list of people has this one. It may be a moment old; looking costs nothing.

        Cognito charges for whoever is looked at by name in a month, and not for who is listed.
        """
        answer = self._call("ListUsers", Filter=f'sub = "{user_id}"', AttributesToGet=["sub"]) or {}
        return bool(answer.get("Users"))

    def list_people(self, *, cursor: str | None) -> Page[Person]:
        """Everybody, in no order. A page may be empty and have a next one."""
        asked = {"PaginationToken": cursor} if cursor else {}
        answer = self._call("ListUsers", **asked) or {}
        people = [_person(each, each["Attributes"]) for each in answer.get("Users", ())]
        return Page(items=people, next_cursor=answer.get("PaginationToken"))

    def has_one_time_code(self, user_id: str) -> bool:
        """Whether Cognito asks the person for a code of their app at each login."""
        found = self._call("AdminGetUser", Username=user_id) or {}
        return _SOFTWARE_TOKEN in (found.get("UserMFASettingList") or ())

    def update_attributes(self, user_id: str, changes: Mapping[str, str | None]) -> None:
        """Change a person's attributes, by Cognito's names; None removes one.

        Raises:
            ValidationError: Cognito refuses a value.
        """
        attributes = [{"Name": name, "Value": value or ""} for name, value in changes.items()]
        self._call("AdminUpdateUserAttributes", Username=user_id, UserAttributes=attributes)

    def request_deletion(self, user_id: str, *, at: str) -> None:
        """Store when the person asked for the deletion, and mark them for who lists or logs in."""
        self.update_attributes(user_id, {_REQUESTED_AT: at})
        self._call("AdminAddUserToGroup", Username=user_id, GroupName=DELETION_REQUESTED_GROUP)

    def keep(self, user_id: str) -> None:
        """Take the request for a deletion back."""
        self._call("AdminRemoveUserFromGroup", Username=user_id, GroupName=DELETION_REQUESTED_GROUP)
        self.update_attributes(user_id, {_REQUESTED_AT: None})

    def list_deletion_requested(self, *, cursor: str | None) -> Page[Person]:
        """People who asked for the deletion of their account, in no order."""
        asked = {"NextToken": cursor} if cursor else {}
        answer = self._call("ListUsersInGroup", GroupName=DELETION_REQUESTED_GROUP, **asked) or {}
        people = [_person(each, each["Attributes"]) for each in answer.get("Users", ())]
        return Page(items=people, next_cursor=answer.get("NextToken"))

    def delete(self, user_id: str) -> None:
        """Delete a person. Harmless twice."""
        self._call("AdminDeleteUser", Username=user_id)

    def sign_out_everywhere(self, user_id: str) -> None:
        """Revoke the person's refresh tokens and access tokens."""
        self._call("AdminUserGlobalSignOut", Username=user_id)

    def _call(self, operation: str, **request: object) -> dict[str, Any] | None:
        """The answer, or None if there is no such person."""
        try:
            return self._client.call(operation, {"UserPoolId": self._user_pool_id, **request})
        except AwsError as error:
            if error.code == _NOT_FOUND:
                return None
            raise _translated(error) from error
        except AwsUnavailableError as error:
            raise ServiceUnavailableError from error


def _person(found: Mapping[str, Any], attributes: list[Mapping[str, str]]) -> Person:
    values = {each["Name"]: each["Value"] for each in attributes}
    return Person(
        user_id=values.get("sub", found["Username"]),
        created_at=timestamp(datetime.fromtimestamp(found["UserCreateDate"], UTC)),
        email=values.get("email", ""),
        email_verified=values.get("email_verified") == "true",
        name=values.get("name", ""),
        phone=values.get("phone_number") or None,
        birthdate=values.get("birthdate") or None,
        gender=values.get("gender") or None,
        deletion_requested_at=values.get(_REQUESTED_AT) or None,
    )


def _user(user_id: str, attributes: list[Mapping[str, str]]) -> User:
    values = {each["Name"]: each["Value"] for each in attributes}
    return User(
        user_id=values.get("sub", user_id),
        email=values.get("email", ""),
        name=values.get("name", ""),
    )
