"""Stripe's error bodies.

Everything the simulator refuses is a StripeError: it knows its HTTP status and the JSON that
Stripe would have sent, so that the SDK raises the exception it would raise in production.

See https://docs.stripe.com/api/errors
"""

from typing import Any


class StripeError(Exception):
    """One refusal, with Stripe's HTTP status and error body.

    began is whether the endpoint had begun its work: such a result is kept under the request's
    idempotency key, while a request that failed validation may be corrected and sent again.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        began: bool = True,
        headers: dict[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.began = began
        self.headers = headers or {}
        self.details = details
        self.message = message

    def body(self) -> dict[str, Any]:
        """The JSON that goes over the wire."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://docs.stripe.com/error-codes#{self.code.replace('_', '-')}"
        if self.param is not None:  # a refused attach really has the param ""
            error["param"] = self.param
        return {"error": error | self.details}


def invalid_parameter(param: str, message: str, code: str | None = None) -> StripeError:
    """A value that Stripe refuses before it starts to work."""
    return StripeError(message, code=code, param=param, began=False)


def unknown_parameter(param: str) -> StripeError:
    return invalid_parameter(param, f"Received unknown parameter: {param}", "parameter_unknown")


def missing_parameter(param: str, message: str = "") -> StripeError:
    message = message or f"Missing required parameter: {param}."
    return invalid_parameter(param, message, "parameter_missing")


def not_simulated(param: str) -> StripeError:
    """Stripe knows this parameter, the simulator doesn't: better refused than ignored."""
    return invalid_parameter(
        param,
        f"The Stripe simulator does not simulate '{param}'; Stripe itself would accept it here.",
        "simulator_not_simulated",
    )


def resource_missing(noun: str, object_id: str, *, param: str, status: int = 400) -> StripeError:
    return StripeError(
        f"No such {noun}: '{object_id}'", status=status, code="resource_missing", param=param
    )
