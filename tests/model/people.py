"""The people who use Till, their requests, and the answers they may get."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from payments.api.problems import PROBLEMS
from payments.domain.customer import User
from payments.domain.payment import payment_id_for
from payments.domain.purchase import Purchase as Wanted
from payments.domain.purchase import PurchaseItem
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import Gateway, claims_of

PEOPLE = ("ada", "bob", "eve")

VISA = "4242424242424242"
ALWAYS_3DS = "4000002760003184"
DECLINED_AFTER_3DS = "4000008260003178"
ALWAYS_DECLINED = "4000000000000341"
REFUSED_WHEN_SAVED = "4000000000009995"
DISPUTED = "4000000000000259"
REFUNDED_LATER = "4000000000007726"
CARDS = (VISA, ALWAYS_3DS, DISPUTED, ALWAYS_DECLINED, DECLINED_AFTER_3DS, REFUSED_WHEN_SAVED,
         REFUNDED_LATER)  # fmt: skip

_LATER = 2**33  # whoever was logged out has just logged in again

GOOD_CVC, WRONG_CVC = "123", "999"

# Possible answers to any request while Stripe fails or another request is in the way.
LATER = frozenset(
    {(429, "rate_limited"), (503, "stripe_unavailable"), (503, "service_unavailable")}
)


KNOWN_CODES = frozenset(problem.code for problem in PROBLEMS.values()) - {"internal_error"}


@dataclass(frozen=True)
class Card:
    """A card that someone typed in, whether or not it was saved."""

    person: str
    payment_method_id: str
    number: str


@dataclass(frozen=True)
class Purchase:
    """A request to start a payment: so many of each product, at the price that the person saw."""

    person: str
    key: str
    product_ids: tuple[str, ...]
    quantity: int
    currency: str | None
    card: Card
    saw: int | None = None

    @property
    def payment_id(self) -> str:
        """The id of the payment, whether or not it exists."""
        return payment_id_for(self.person, self.key, livemode=False)

    @property
    def body(self) -> Mapping[str, object]:
        """The request's body."""
        items = [
            {"product_id": each, "quantity": self.quantity, "unit_amount": self.saw}
            for each in self.product_ids
        ]
        body = {"items": items, "payment_method_id": self.card.payment_method_id}
        return body | ({"currency": self.currency} if self.currency else {})

    def with_quantity(self, quantity: int) -> "Purchase":
        """A request with this quantity, and the same key."""
        return replace(self, quantity=quantity)

    @property
    def wanted(self) -> Wanted:
        """The same, for the use case."""
        items = tuple(PurchaseItem(each, self.quantity, self.saw) for each in self.product_ids)
        return Wanted(items, self.currency, self.card.payment_method_id)

    @property
    def request_hash(self) -> str:
        """What tells it from others with the same key."""
        return self.wanted.request_hash


def user_of(person: str) -> User:
    """The person, as the functions see them."""
    claims = claims_of(person)
    return User(claims["sub"], claims["email"], claims["name"], auth_time=_LATER)


def client_of(person: str) -> ApiClient:
    """The person's use of the API."""
    return ApiClient(Gateway(claims_of(person) | {"auth_time": str(_LATER)}))


def face_of(answer: Answer) -> tuple[int, str]:
    """The answer's status and code; an error must be a known problem."""
    if answer.status < 300:
        return answer.status, ""
    assert answer.code in KNOWN_CODES, answer
    return answer.status, answer.code
