"""What is for sale, and for how much."""

from collections.abc import Mapping
from dataclasses import dataclass

from payments.domain.errors import CurrencyNotOfferedError


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale; `prices` maps a lower-case currency to an amount in minor units."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: Mapping[str, int]

    def price_in(self, currency: str | None, *, default_currency: str) -> tuple[str, int]:
        """The currency and unit amount to charge.

        Without a `currency`, it is the default one, or the product's only one.

        Raises:
            CurrencyNotOfferedError: the product has no price in that currency.
        """
        wanted = currency or default_currency
        if currency is None and len(self.prices) == 1:
            (wanted,) = self.prices
        if wanted not in self.prices:
            raise CurrencyNotOfferedError(sorted(self.prices))
        return wanted, self.prices[wanted]
