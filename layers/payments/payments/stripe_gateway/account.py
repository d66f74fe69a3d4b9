"""How a call reaches Stripe: the client, the key, and what a refused key means."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import stripe
from aws_lambda_powertools import Logger

from payments import deadline
from payments.domain.errors import (
    KeyRefusedError,
    PermissionMissingError,
    StripeUnavailableError,
)
from payments.stripe_gateway import pace
from payments.stripe_gateway.errors import translated, was_replayed
from payments.stripe_gateway.pace import Pace
from payments.stripe_gateway.transport import RAW, CurlClient

if TYPE_CHECKING:
    from stripe._v1_services import V1Services

    from payments.aws.stripe_secret import StripeSecret

logger = Logger(child=True)

REFUSALS = (stripe.CardError, stripe.InvalidRequestError)
MISSING = "resource_missing"

_MAX_NETWORK_RETRIES = 2
_UNUSED_KEY = "sk_unused"  # the SDK's client requires one; we pass ours with each call

type Call = Callable[[stripe.RequestOptions], stripe.StripeObject]


@dataclass(frozen=True, slots=True)
class Answer:
    """Stripe's answer, and whether it repeats an earlier one."""

    data: dict[str, Any]
    replayed: bool


class StripeAccount:
    """One Stripe account, used with the current key from the secret."""

    def __init__(
        self,
        secret: "StripeSecret",
        *,
        mode: str,
        api_base: str | None,
        service: str,
        stack: str = "",
    ) -> None:
        """`mode` is `test` or `live`; a key of the other one is never used."""
        stripe.set_app_info(f"till/{service}")  # shown in Stripe's request log
        # Telemetry runs `uname` on the first request and tries to keep an id in the home directory.
        stripe.enable_telemetry = False
        self._secret = secret
        self._mode = mode
        self._mismatch = ""  # what was logged about the key's mode
        self.stack = stack
        self._account: tuple[str, str | None] | None = None  # a key, and the id of its account
        self._api_base = api_base or stripe.DEFAULT_API_BASE
        self._http_client = CurlClient(self._api_base)

    @cached_property
    def _v1(self) -> "V1Services":
        return stripe.StripeClient(
            _UNUSED_KEY,
            base_addresses={"api": self._api_base},
            http_client=self._http_client,
            max_network_retries=_MAX_NETWORK_RETRIES,
        ).v1

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money.

        Raises:
            KeyRefusedError: it is of the other mode than the stack.
        """
        return _mode_of(self._key()) == "live"

    def account_id(self) -> str | None:
        """The id of the account that our key belongs to; asked once for each key.

        None: the key may not say so.
        See https://docs.stripe.com/api/accounts/retrieve
        """
        if self._account is None or self._account[0] != self._secret.secret_key():
            try:
                account_id = str(self._call(self._retrieve_account).data["id"])
            except PermissionMissingError as error:
                logger.warning("the account cannot be read", extra={"reason": error.reason})
                account_id = None
            self._account = (self._secret.secret_key(), account_id)
        return self._account[1]

    def _retrieve_account(self, options: stripe.RequestOptions) -> stripe.StripeObject:
        return self._v1.accounts.retrieve_current({}, options)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Limit how long all calls in a block may take, to Stripe and to AWS."""
        return deadline.start(seconds)

    def at_most(self, requests_per_second: float) -> AbstractContextManager[Pace]:
        """Limit how fast a block asks Stripe, and slow down further when Stripe says so."""
        return pace.start(Pace(requests_per_second))

    def load(self, *services: str) -> None:
        """Load what these services of Stripe need, before a request waits for it."""
        import_module("stripe._object_classes")  # the SDK does so with the first answer
        for service in services:
            attrgetter(service)(self._v1)

    def open(self) -> None:
        """Open connections to Stripe and to Secrets Manager."""
        self._secret.open()
        self._http_client.open()

    def close(self) -> None:
        """Close the connections to Stripe."""
        self._http_client.close()

    def _key(self, *, refresh: bool = False) -> str:
        """The current key, if it is of the stack's mode.

        Raises:
            KeyRefusedError: it is not.
        """
        key = self._secret.secret_key(refresh=refresh)
        if _mode_of(key) == self._mode:
            self._mismatch = ""
            return key
        if not refresh:
            return self._key(refresh=True)  # perhaps it has been replaced
        mismatch = f"the key is for {_mode_of(key)} mode, and StripeMode is {self._mode}"
        if mismatch != self._mismatch:
            self._mismatch = mismatch
            logger.critical("stripe key of the other mode", extra={"reason": mismatch})
        raise KeyRefusedError(mismatch)

    def _call(self, call: Call, *, idempotency_key: str | None = None) -> Answer:
        """Make a call whose refusals need no special handling."""
        try:
            return self._send(call, idempotency_key=idempotency_key)
        except REFUSALS as error:
            raise translated(error) from error

    def _send(self, call: Call, *, idempotency_key: str | None = None) -> Answer:
        """Make a call; if Stripe rejects our key, read the key again and retry with a new one.

        Raises:
            stripe.CardError, stripe.InvalidRequestError: Stripe refused it.
        """
        options: stripe.RequestOptions = {"api_key": self._key()}
        if idempotency_key:
            options["idempotency_key"] = idempotency_key
        try:
            try:
                found = call(options)
            except stripe.AuthenticationError:
                key = self._key(refresh=True)
                if key == options["api_key"]:
                    raise
                found = call({**options, "api_key": key})
        except REFUSALS:
            raise
        except stripe.StripeError as error:
            raise translated(error) from error
        except (AttributeError, TypeError) as error:  # the SDK expects Stripe's JSON, not a proxy's
            raise StripeUnavailableError from error
        response = found.last_response
        if response is None:
            raise StripeUnavailableError
        return Answer(_json_of(response.data), replayed=was_replayed(response.headers))


def _mode_of(key: str) -> str:
    return "live" if key.split("_")[1] == "live" else "test"


def _json_of(data: object) -> dict[str, Any]:
    """An answer's JSON object, which our transport gives to the SDK as one text."""
    if isinstance(data, dict) and RAW in data:
        try:
            data = json.loads(data[RAW], object_hook=_Members)
        except ValueError as error:
            raise StripeUnavailableError from error
    if not isinstance(data, dict):
        raise StripeUnavailableError
    return _Members(data)


class _Members(dict[str, Any]):
    """The members of an answer. One that every object of Stripe's has is not missing from those.

    Nor is it null, and none that we read has another type than Stripe's: an answer that is odd is
    not believed, and the next one may be right.
    """

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if value is None:
            raise StripeUnavailableError
        return _of_right_type(name, value)

    def __missing__(self, name: str) -> Any:
        raise StripeUnavailableError

    def get(self, name: str, default: Any = None) -> Any:
        value = super().get(name)
        return default if value is None else _of_right_type(name, value)


_WHOLE_NUMBERS = frozenset({
    "amount", "amount_capturable", "amount_captured", "amount_received", "amount_refunded",
    "capture_before", "created", "due_by", "exp_month", "exp_year",
})  # fmt: skip
_TRUE_OR_FALSE = frozenset({"actionable", "deleted", "disputed", "has_more", "livemode", "open"})
_LISTS = frozenset({"data"})
_OBJECTS = frozenset({
    "address", "billing_details", "card", "evidence_details", "invoice_settings",
    "last_payment_error", "metadata", "next_action", "outcome", "payment_method_details", "refunds",
})  # fmt: skip
# An id, or the object itself where we asked for it.
_EXPANDABLE = frozenset({
    "charge", "customer", "default_payment_method", "latest_charge", "payment_intent",
    "payment_method",
})  # fmt: skip


def _of_right_type(name: str, value: Any) -> Any:
    """The member's value; all that are not named above are text.

    Raises:
        StripeUnavailableError: it is something else.
    """
    if name in _WHOLE_NUMBERS:
        is_right = type(value) is int
    elif name in _TRUE_OR_FALSE:
        is_right = type(value) is bool
    elif name in _LISTS:
        is_right = isinstance(value, list) and all(isinstance(each, dict) for each in value)
    elif name in _EXPANDABLE:
        is_right = isinstance(value, str) or (isinstance(value, dict) and "id" in value)
    else:
        is_right = isinstance(value, dict if name in _OBJECTS else str)
    if not is_right:
        raise StripeUnavailableError
    return value
