"""What the merchant can look for in payments and in orders."""

from typing import Annotated

from pydantic import Field

from payments.api.bodies.fields import Moment
from payments.api.bodies.payments import ListPaymentsQuery


class SearchQuery(ListPaymentsQuery):
    """Whose, by which reference, and made when: `from` is in it, `to` is not."""

    order_reference: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    user_id: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None
