"""A catalogue: a file of JSON with every product of a shop."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from payments.domain.product import Fault, faults_in, faults_in_amounts, faults_in_id
from payments.repositories.products import FIELDS

type Product = dict[str, Any]


class CatalogueError(Exception):
    """The catalogue cannot be loaded; the message names every fault, one to a line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))


class _Object(dict[str, Any]):
    """A JSON object that knows which of its members are there twice."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        counts = Counter(name for name, _ in members)
        self.repeated = [name for name, count in counts.items() if count > 1]


def read_catalogue(content: bytes) -> list[Product]:
    """The products of a file.

    Raises:
        CatalogueError: something is wrong with one or more of them.
    """
    try:
        products = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_Object)
    except (ValueError, RecursionError) as error:
        raise CatalogueError([f"The file is not JSON in UTF-8: {error}."]) from None
    if not isinstance(products, list) or not products:
        raise CatalogueError(["The file must be a JSON list of products."])
    faults = [
        f"Product {number}{_name(product)}: {field} {problem}."
        for number, product in enumerate(products, start=1)
        for field, problem in _faults(product)
    ]
    ids = Counter(_id(product) for product in products)
    faults += [
        f"{each} is there {count} times." for each, count in ids.items() if each and count > 1
    ]
    if faults:
        raise CatalogueError([*faults, "Nothing was loaded."])
    return [_plain(product) for product in products]


def _faults(product: object) -> Iterator[Fault]:
    if not isinstance(product, _Object):
        yield "it", "must be an object"
        return
    faults = faults_in({"active": True} | product)
    yield from faults
    prices = product.get("prices")
    if isinstance(prices, _Object):
        wrong = {field for field, _ in faults}
        right = {name: price for name, price in prices.items() if f"prices.{name}" not in wrong}
        yield from faults_in_amounts(right)
        yield from ((f"prices.{name}", "is there twice") for name in prices.repeated)
    yield from ((name, "is there twice") for name in product.repeated)
    yield from ((name, "is not a field of a product") for name in product.keys() - FIELDS)
    yield from faults_in_id(_id(product))
    if not _is_utf8(product):
        yield "it", "has half of a surrogate pair"


def _id(product: object) -> str:
    product_id = product.get("product_id") if isinstance(product, _Object) else None
    return product_id if isinstance(product_id, str) else ""


def _name(product: object) -> str:
    return f" ({repr(_id(product))[1:-1]})" if _id(product) else ""  # on one line, whatever it is


def _is_utf8(product: object) -> bool:
    try:
        json.dumps(product, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(product: _Object) -> Product:
    given = {name: value for name, value in product.items() if value is not None}
    return {"active": True} | given | {"prices": dict(product["prices"])}
