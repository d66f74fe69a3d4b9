"""What can be wrong with a request before we look at what it asks for.

RequestError
├── MalformedJsonError
├── IdempotencyKeyMissingError
├── BodyTooLargeError
├── UnsupportedMediaTypeError
├── NotAuthenticatedError
└── RouteNotFoundError

Fields with wrong values raise ValidationError, from payments.domain.errors.
"""


class RequestError(Exception):
    """Base of all errors of this module: sending the request again unchanged will not help."""


class MalformedJsonError(RequestError):
    """The body is not a JSON object."""


class IdempotencyKeyMissingError(RequestError):
    """Creating a payment needs a key, or a retry could pay twice."""


class BodyTooLargeError(RequestError):
    """The body is larger than any valid one."""


class UnsupportedMediaTypeError(RequestError):
    """The body is declared as something other than JSON."""


class NotAuthenticatedError(RequestError):
    """The request reached us without the claims that the authorizer adds."""


class RouteNotFoundError(RequestError):
    """The function does not serve this method and path."""
