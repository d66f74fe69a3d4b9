"""Orders. Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from payments.api.bodies.fields import AddressLine, Currency, Email, Moment, Name, Phone, Visible
from payments.api.bodies.models import Model, RequestModel, ResponseModel
from payments.api.bodies.payments import OrderLineResponse
from payments.api.bodies.search import SearchQuery
from payments.domain.order import Order, OrderRequest
from payments.domain.order_line import OrderLine
from payments.domain.order_search import OrderSearch
from payments.domain.page import Page

_MOST = 999_999_999_999  # the most digits that Stripe takes in any currency

type Amount = Annotated[int, Field(ge=0, le=_MOST)]

# Names that the PaymentIntent's metadata has from us.
_OURS = frozenset(
    {
        "payment_id", "user_id", "stack", "order_id", "order_reference", "request_hash",
        "payment_made", "order_made",
    }
)  # fmt: skip
_OUR_LINES = re.compile(r"lines_\d+")


def _without_our_names(metadata: dict[str, str]) -> dict[str, str]:
    taken = [name for name in metadata if name in _OURS or _OUR_LINES.fullmatch(name)]
    if taken:
        raise ValueError(f"{', '.join(taken)}: these names are taken")
    return metadata


def _has_a_latin_letter(text: str) -> str:
    if not any("a" <= letter <= "z" for letter in text.lower()):
        raise ValueError("needs a Latin letter")
    return text


class OrderLineRequest(RequestModel):
    """A line; its amount is `quantity` times `unit_amount`."""

    description: Annotated[str, StringConstraints(min_length=1, max_length=500), Visible]
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    unit_amount: Amount
    product_id: Annotated[str | None, Field(min_length=1, max_length=255)] = None


class ShippingAddressRequest(RequestModel):
    """Where to deliver to."""

    line1: Annotated[AddressLine, Field(min_length=1)]
    line2: AddressLine | None = None
    city: AddressLine | None = None
    state: AddressLine | None = None
    postal_code: AddressLine | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class ShippingRequest(RequestModel):
    """Whom to deliver to, and where."""

    name: Name
    address: ShippingAddressRequest
    phone: Phone | None = None


class CreateOrderRequest(RequestModel):
    """`POST /merchant/orders`: its total is computed.

    The total is the sum of the lines, the tax and the shipping, less the discount.
    """

    order_reference: Annotated[str, StringConstraints(min_length=1, max_length=255), Visible]
    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    currency: Currency
    lines: Annotated[list[OrderLineRequest], Field(min_length=1, max_length=50)]
    tax_amount: Amount = 0
    shipping_amount: Amount = 0
    discount_amount: Amount = 0
    capture_method: Literal["automatic", "manual"] = "automatic"
    shipping: ShippingRequest | None = Field(default=None, repr=False)
    receipt_email: Email | None = Field(default=None, repr=False)
    statement_descriptor_suffix: Annotated[
        str | None,
        StringConstraints(pattern=r"""^[^<>\\'"*]{1,22}$"""),
        Visible,
        AfterValidator(lambda text: text and _has_a_latin_letter(text)),
    ] = None
    metadata: Annotated[
        dict[
            Annotated[str, StringConstraints(pattern=r"^[^\[\]]{1,40}$")],
            Annotated[str, StringConstraints(max_length=500)],
        ],
        Field(max_length=20, default_factory=dict),
        AfterValidator(_without_our_names),
    ]
    expires_at: Moment | None = None

    def to_order_request(self) -> OrderRequest:
        """What the domain calls it."""
        members: dict[str, Any] = self.model_dump(exclude={"lines", "shipping"})
        shipping = self.shipping.model_dump(exclude_none=True) if self.shipping else None
        return OrderRequest(
            **members,
            shipping=shipping,
            lines=tuple(
                OrderLine(
                    description=line.description,
                    quantity=line.quantity,
                    unit_amount=line.unit_amount,
                    amount=line.quantity * line.unit_amount,
                    product_id=line.product_id,
                )
                for line in self.lines
            ),
        )


class CancelOrderRequest(RequestModel):
    """`POST /merchant/orders/{order_id}/cancel`: nothing is to be said."""


class SearchOrdersQuery(SearchQuery):
    """`GET /merchant/orders`: orders that have all of these.

    `from` and `to` are about when an order was made: `from` is in it, `to` is not.
    """

    status: Literal["open", "paid", "expired", "canceled"] | None = None

    def to_search(self, *, livemode: bool) -> OrderSearch:
        """What the domain calls it."""
        return OrderSearch(
            livemode=livemode,
            order_reference=self.order_reference,
            user_id=self.user_id,
            status=self.status,
            since=self.since,
            until=self.until,
        )


class OrderResponse(ResponseModel):
    """What is to be paid. `total` is the lines, the tax and the shipping, less the discount."""

    order_id: str
    order_reference: str
    user_id: str
    status: str
    currency: str
    lines: list[OrderLineResponse]
    tax_amount: int
    shipping_amount: int
    discount_amount: int
    total: int
    capture_method: str
    shipping: dict[str, Any] | None = Field(repr=False)
    payment_id: str | None
    expires_at: str
    created_at: str


class MerchantOrderResponse(OrderResponse):
    """An order with what only the merchant sees of it."""

    receipt_email: str | None = Field(repr=False)
    statement_descriptor_suffix: str | None
    metadata: dict[str, str] = Field(repr=False)
    created_by: str
    updated_at: str


class MerchantOrderAndPersonResponse(MerchantOrderResponse):
    """An order and, for staff, whose it is. Programs ask with `user_id`, and get no address."""

    email: str | None = Field(default=None, repr=False)

    @classmethod
    def of(cls, order: Order, email: str | None) -> Self:
        """The API's view of an order, for who may see the address."""
        return cls.model_validate(order).model_copy(update={"email": email})


class MerchantOrderListResponse(Model):
    """`GET /merchant/orders`: newest first. A page may be short and have a next one."""

    data: list[MerchantOrderResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Order]) -> Self:
        """The API's view of a page of orders."""
        return cls(
            data=[MerchantOrderResponse.model_validate(order) for order in page.items],
            next_cursor=page.next_cursor,
        )
