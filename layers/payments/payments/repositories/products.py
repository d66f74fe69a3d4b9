"""The Products table: what is for sale, and the only source of prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger

from payments.aws.client import AwsClient
from payments.domain.currency import is_chargeable
from payments.domain.errors import ProductNotFoundError
from payments.domain.page import Page
from payments.domain.product import (
    LONGEST_ID,
    CatalogueProduct,
    Fault,
    Product,
    faults_in,
    faults_in_amounts,
)
from payments.metrics import count_rare
from payments.repositories.cursors import Cursor, after_row, row_after_which
from payments.repositories.dynamodb import ConditionFailedError, Item, call, from_wire, to_wire

LISTED_INDEX = "listed-products"
# Only products with this attribute are in the index. Its value is always the same: one partition
# answers thousands of pages a second, and CloudFront asks for each page once a minute.
LISTED = "listed"

FIELDS = frozenset({"product_id", "name", "description", "image_url", "prices", "active"})

_MOST_FAULTS_LOGGED = 10  # of one row
_SEARCHED_AT_ONCE = 500

logger = Logger(child=True)


def product_item(product: Mapping[str, Any]) -> Item:
    """The row of a product of the catalogue: what is active is listed as well."""
    return {**product, LISTED: LISTED} if product["active"] else dict(product)


def products_from_wire(items: Iterable[Mapping[str, Any]]) -> list[Product]:
    """The products that rows, in DynamoDB's wire format, put on sale.

    A row that is not exactly right sells nothing. It is reported, and the others are not affected.
    """
    found: list[Product] = []
    faulty: dict[str, list[str]] = {}
    for item in items:
        row = _row_from_wire(item)
        product, faults = _product_of(row)
        if product:
            found.append(product)
        if faults:
            told = [f"{field} {problem}" for field, problem in faults[:_MOST_FAULTS_LOGGED]]
            faulty[str(row.get("product_id"))] = told
    if faulty:
        _report(faulty)
    return found


def catalogue_from_wire(items: Iterable[Mapping[str, Any]]) -> list[CatalogueProduct]:
    """What rows, in DynamoDB's wire format, say of products, on sale or not.

    A row that is not right is reported, and left out. Prices that Stripe would not charge are told.
    """
    found: list[CatalogueProduct] = []
    faulty: dict[str, list[str]] = {}
    for row in map(_row_from_wire, items):
        if faults := faults_in(row):
            told = [f"{field} {problem}" for field, problem in faults[:_MOST_FAULTS_LOGGED]]
            faulty[str(row.get("product_id"))] = told
        else:
            prices = dict(sorted(row["prices"].items()))
            found.append(CatalogueProduct(**{"image_url": None, **row, "prices": prices}))
    if faulty:
        _report(faulty)
    return found


def _product_of(row: Item) -> tuple[Product | None, list[Fault]]:
    faults = faults_in(row)
    if faults:
        return None, faults
    faults = faults_in_amounts(row["prices"])
    prices = {
        currency: amount
        for currency, amount in sorted(row["prices"].items())
        if is_chargeable(currency, amount)
    }
    if not prices or not row["active"]:
        return None, faults
    return Product(
        product_id=row["product_id"],
        name=row["name"],
        description=row["description"],
        image_url=row.get("image_url"),
        prices=prices,
    ), faults


def _row_from_wire(item: Mapping[str, Any]) -> Item:
    row = from_wire({field: item[field] for field in FIELDS & item.keys()})
    # Binary data arrives as text, in base64.
    return {field: b"" if "B" in item[field] else value for field, value in row.items()}


def _position(cursor: str | None) -> Cursor:
    return Cursor(LISTED, LISTED, "name", cursor, id_key="product_id")


def _report(faulty: Mapping[str, list[str]]) -> None:
    logger.warning("product rows not right", extra={"products": faulty})
    count_rare("BadProductRows", len(faulty))


class ProductsRepository:
    """Rows of the Products table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def list_for_sale(self, *, limit: int, cursor: str | None) -> Page[Product]:
        """A page of the catalogue, by name: one read of at most `limit` rows.

        It has fewer products where rows are not right or not active.

        Raises:
            ValidationError: the cursor is not valid.
        """
        position = _position(cursor)
        products, last_key = self._read(position, limit)
        return Page(products, position.after(last_key) if last_key else None)

    def search_for_sale(
        self, words: Sequence[str], *, limit: int, cursor: str | None
    ) -> Page[Product]:
        """A page of the products that have all these words, by name: one read of some hundred rows.

        It has fewer products where few of those rows have the words; the next page searches on.

        Raises:
            ValidationError: the cursor is not valid.
        """
        position = _position(cursor)
        products, last_key = self._read(position, _SEARCHED_AT_ONCE)
        found = [each for each in products if each.has_words(words)]
        if len(found) > limit:
            last = found[limit - 1]
            last_key = {"name": last.name, "product_id": last.product_id}
        return Page(found[:limit], position.after(last_key) if last_key else None)

    def _read(self, position: Cursor, limit: int) -> tuple[list[Product], Item | None]:
        """What is on sale among the next rows, and where they end unless they are the last."""
        start = {"ExclusiveStartKey": to_wire(position.key())} if position.position else {}
        response = call(
            self._client,
            "query",
            TableName=self._table,
            IndexName=LISTED_INDEX,
            KeyConditionExpression="listed = :listed",
            ExpressionAttributeValues=to_wire({":listed": LISTED}),
            Limit=limit,
            **start,
        )
        last_key = response.get("LastEvaluatedKey")
        return products_from_wire(response["Items"]), from_wire(last_key) if last_key else None

    def list_all(self, *, limit: int, cursor: str | None) -> Page[CatalogueProduct]:
        """A page of all products, on sale or not, in no order: one read of at most `limit` rows.

        Raises:
            ValidationError: the cursor is not valid.
        """
        start = {}
        if cursor is not None:
            start["ExclusiveStartKey"] = to_wire({"product_id": row_after_which(cursor)})
        answer = call(self._client, "scan", TableName=self._table, Limit=limit, **start)
        last_key = from_wire(answer.get("LastEvaluatedKey", {}))
        next_cursor = after_row(last_key["product_id"]) if last_key else None
        return Page(catalogue_from_wire(answer["Items"]), next_cursor)

    def list_one(self, product_id: str) -> Page[CatalogueProduct]:
        """The product with this id, on sale or not, if there is any."""
        if not 0 < len(product_id) <= LONGEST_ID:
            return Page([], None)
        answer = call(
            self._client, "get_item", TableName=self._table, Key=to_wire({"product_id": product_id})
        )
        return Page(catalogue_from_wire([answer["Item"]] if "Item" in answer else []), None)

    def write(self, product: CatalogueProduct) -> None:
        """Write a product; what Till does not know of its row stays."""
        row = product_item({**asdict(product), "prices": dict(product.prices)})
        given = {name: value for name, value in row.items() if value is not None}
        del given["product_id"]
        absent = (FIELDS | {LISTED}) - given.keys() - {"product_id"}
        removed = f" REMOVE {', '.join(f'#{name}' for name in sorted(absent))}" if absent else ""
        call(
            self._client,
            "update_item",
            TableName=self._table,
            Key=to_wire({"product_id": product.product_id}),
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in given)}{removed}",
            ExpressionAttributeNames={f"#{name}": name for name in given.keys() | absent},
            ExpressionAttributeValues=to_wire({f":{name}": each for name, each in given.items()}),
        )

    def take_off_sale(self, product_id: str) -> None:
        """Let the product be sold no more. Its row stays, and a put brings it back.

        Raises:
            ProductNotFoundError: there is no such product.
        """
        if len(product_id) > LONGEST_ID:
            raise ProductNotFoundError
        try:
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"product_id": product_id}),
                UpdateExpression="SET active = :no REMOVE listed",
                ConditionExpression="attribute_exists(product_id)",
                ExpressionAttributeValues=to_wire({":no": False}),
            )
        except ConditionFailedError as error:
            raise ProductNotFoundError from error

    def get_for_sale(self, product_id: str) -> Product:
        """A product that is on sale, in the catalogue or not.

        Raises:
            ProductNotFoundError: there is no such product, or it is not for sale.
        """
        if len(product_id) > LONGEST_ID:
            raise ProductNotFoundError
        response = call(
            self._client, "get_item", TableName=self._table, Key=to_wire({"product_id": product_id})
        )
        for product in products_from_wire([response["Item"]] if "Item" in response else []):
            return product
        raise ProductNotFoundError
