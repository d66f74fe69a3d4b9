"""Every Customer of the Stripe account, as far as an import looks at it."""

from collections import defaultdict
from collections.abc import Iterable

from payments.domain.customer_import import StripeCustomer, lookalike


class StripeAccountIndex:
    """The account's Customers by id, and which of them have an address that looks the same.

    Listing the account takes one call for a hundred Customers, and shows each spelling of an
    address, which a search at Stripe does not.
    """

    def __init__(self, customers: Iterable[StripeCustomer]) -> None:
        self._customers: dict[str, StripeCustomer] = {}
        self._by_address: dict[str, list[StripeCustomer]] = defaultdict(list)
        for each in customers:
            if each.stripe_customer_id in self._customers:
                continue
            self._customers[each.stripe_customer_id] = each
            if each.email:
                self._by_address[lookalike(each.email)].append(each)

    def __len__(self) -> int:
        return len(self._customers)

    def find(self, stripe_customer_id: str) -> StripeCustomer | None:
        """A Customer, or None if it was deleted or is of another account or mode."""
        return self._customers.get(stripe_customer_id)

    def others_like(self, customer: StripeCustomer) -> list[StripeCustomer]:
        """Other Customers with this address."""
        alike = self._by_address[lookalike(customer.email)]
        return [each for each in alike if each is not customer]
