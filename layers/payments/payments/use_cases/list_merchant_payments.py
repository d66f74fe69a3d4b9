"""List the payments that the merchant looks for, from our rows."""

from dataclasses import replace
from typing import TYPE_CHECKING

from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_search import PaymentSearch

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.payment_search import PaymentSearchRepository


def list_merchant_payments(
    search: PaymentSearch,
    *,
    email: str | None,
    limit: int,
    cursor: str | None,
    people: "PoolAdministration",
    payments: "PaymentSearchRepository",
) -> Page[Payment]:
    """A page of payments, newest first; `email` is the present address of the person who paid.

    Raises:
        ValidationError: the cursor is not valid.
    """
    if email is not None:
        person = people.find(email)
        if person is None or search.user_id not in {None, person.user_id}:
            return Page(items=[], next_cursor=None)
        search = replace(search, user_id=person.user_id)
    return payments.find(search, limit=limit, cursor=cursor)
