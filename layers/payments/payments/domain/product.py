"""What is for sale, and for how much."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from payments.domain.currency import problem_with
from payments.domain.errors import CurrencyNotOfferedError, ValidationError

type Fault = tuple[str, str]
"""A field of a product, such as `prices.eur`, and what is wrong with it."""

LONGEST_ID = 255
_LONGEST_NAME = 250  # an index sorts by it, and takes 1024 bytes
_LONGEST_DESCRIPTION = 5000
_LONGEST_URL = 2048
_CURRENCY = re.compile("[a-z]{3}")


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

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether each casefolded word, or part of a word, is in its name or description."""
        text = f"{self.name}\n{self.description}".casefold()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """A product of the catalogue, on sale or not (`active`)."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: Mapping[str, int]
    active: bool

    def check(self) -> None:
        """Refuse what could not be sold.

        Raises:
            ValidationError: something is wrong with one or more fields.
        """
        row = asdict(self)
        faults = [*faults_in(row), *faults_in_id(self.product_id)]
        if faults := faults or faults_in_amounts(self.prices):
            raise ValidationError(faults)


def faults_in_id(product_id: str) -> list[Fault]:
    """What would need an escape in the address of the product."""
    if any(each in "/?#% " or not each.isprintable() for each in product_id):
        return [("product_id", "must have no space, /, ?, # or %")]
    return []


def faults_in(row: Mapping[str, object]) -> list[Fault]:
    """What keeps a product from being sold; nothing is converted to the type that it should have.

    A price that Stripe would not charge keeps only itself from being offered: see
    `faults_in_amounts`.
    """
    faults = [
        *_text_faults(row, "product_id", longest=LONGEST_ID),
        *_text_faults(row, "name", longest=_LONGEST_NAME),
        *_text_faults(row, "description", shortest=0, longest=_LONGEST_DESCRIPTION),
        *_price_faults(row.get("prices")),
    ]
    if row.get("image_url") is not None:
        faults += _text_faults(row, "image_url", longest=_LONGEST_URL)
    if type(row.get("active")) is not bool:
        faults.append(("active", "must be true or false"))
    return faults


def faults_in_amounts(prices: Mapping[str, int]) -> list[Fault]:
    """Which prices Stripe would not charge, and why."""
    problems = {currency: problem_with(currency, amount) for currency, amount in prices.items()}
    return [(f"prices.{currency}", problem) for currency, problem in problems.items() if problem]


def _text_faults(
    row: Mapping[str, object], field: str, *, shortest: int = 1, longest: int
) -> Iterator[Fault]:
    value = row.get(field)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        yield field, f"must be text of {shortest} to {longest} characters"


def _price_faults(prices: object) -> Iterator[Fault]:
    if not isinstance(prices, Mapping) or not prices:
        yield "prices", "must have an amount for at least one currency"
        return
    for currency, amount in prices.items():
        if not _CURRENCY.fullmatch(currency):
            yield f"prices.{currency}", "must be a currency in three lower-case letters"
        elif type(amount) is not int:  # bool is an int too
            yield f"prices.{currency}", "must be a whole number, in the currency's minor unit"
