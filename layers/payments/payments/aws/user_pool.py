"""The Cognito user pool, where people sign up."""

from payments.aws.client import COGNITO, AwsClient, AwsError, AwsUnavailableError
from payments.domain.customer import Registration, SignedUp, User
from payments.domain.errors import (
    PasswordRejectedError,
    RateLimitedError,
    ServiceUnavailableError,
    UserExistsError,
    ValidationError,
)

_BUSY = frozenset({"TooManyRequestsException", "LimitExceededException"})


def cognito_client() -> AwsClient:
    """A client with this project's timeouts.

    It never retries: after a lost answer, a second try would fail with "user exists".
    """
    return AwsClient(COGNITO, connect_timeout=2, read_timeout=8, max_attempts=1)


class UserPool:
    """The user pool, used through our app client."""

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


def _translated(error: AwsError) -> Exception:
    code, message = error.code, error.message
    if code == "UsernameExistsException":
        return UserExistsError()
    if code == "InvalidPasswordException":
        return PasswordRejectedError(message)
    if code == "InvalidParameterException":
        return ValidationError([("body", message)])
    if code in _BUSY:
        return RateLimitedError()
    return ServiceUnavailableError()
