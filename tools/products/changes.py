"""What a catalogue changes in the products table."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from payments.domain.currency import CURRENCIES, written
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.products import FIELDS, LISTED, product_item
from tools.products.catalogue import Product

type Row = dict[str, Any]
"""A row in DynamoDB's wire format, whose types are exact: a number is not a boolean."""


@dataclass(frozen=True)
class Changes:
    """The rows to write, by product, with what each of them changes, and what was left alone."""

    rows: list[Row]
    what: list[str]
    unchanged: int
    left_alone: list[str]

    def lines(self) -> Iterator[str]:
        """What a shopkeeper reads before saying yes."""
        yield from self.what
        for product_id in self.left_alone:
            yield f"  {product_id}: is not in the file, and stays on sale without DEACTIVATE=yes"
        yield f"{len(self.rows)} to change, {self.unchanged} as they are."


def changes_between(
    rows: Mapping[str, Row], catalogue: list[Product], *, deactivate: bool
) -> Changes:
    """What has to change so that the table has the catalogue.

    Attributes that Till does not know stay. So do products that are not listed: they were never in
    a catalogue.
    """
    wanted = {product["product_id"]: _row(product, rows) for product in catalogue}
    gone = sorted(key for key, row in rows.items() if key not in wanted and LISTED in row)
    changed = sorted(key for key, row in wanted.items() if rows.get(key) != row)
    retired = {key: _retired(rows[key]) for key in gone} if deactivate else {}
    return Changes(
        rows=[*(wanted[key] for key in changed), *retired.values()],
        what=[
            *(_line(rows.get(key), wanted[key]) for key in changed),
            *(f"- {key}: is not in the file, goes off sale" for key in retired),
        ],
        unchanged=len(wanted) - len(changed),
        left_alone=[] if deactivate else gone,
    )


def _row(product: Product, rows: Mapping[str, Row]) -> Row:
    before = rows.get(product["product_id"], {})
    others = {name: value for name, value in before.items() if name not in {*FIELDS, LISTED}}
    return others | to_wire(product_item(product))


def _retired(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != LISTED} | to_wire(
        {"active": False}
    )


def _line(before: Row | None, after: Row) -> str:
    product_id = after["product_id"]["S"]
    if before is None:
        on_sale = "" if LISTED in after else ", not on sale"
        prices = ", ".join(_told(after).values())
        return f"+ {product_id}: {after['name']['S']}, {prices}{on_sale}"
    old, new = ({**_members(row), **_told(row)} for row in (before, after))
    differences = [
        f"{name} {old.get(name, '(none)')} → {new.get(name, '(none)')}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return f"~ {product_id}: {'; '.join(differences)}"


def _members(row: Row) -> dict[str, str]:
    """Everything but the prices, as JSON."""
    names = (FIELDS | {LISTED}) - {"prices"}
    return {name: _json(row[name]) for name in names & row.keys()}


def _told(row: Row) -> dict[str, str]:
    """The prices, each as people write it, if that is possible."""
    prices = row.get("prices", {})
    if "M" not in prices:
        return {"prices": _json(prices)} if prices else {}
    return {
        f"prices.{currency}": (
            written(int(price["N"]), currency)
            if currency in CURRENCIES and price.get("N", "").lstrip("-").isdigit()
            else _json(price)
        )
        for currency, price in sorted(prices["M"].items())
    }


def _json(attribute: Mapping[str, Any]) -> str:
    (value,) = from_wire({"": attribute}).values()
    return json.dumps(value, ensure_ascii=False, default=str)
