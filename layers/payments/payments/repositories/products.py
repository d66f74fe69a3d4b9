"""The Products table: what is for sale, and the only source of prices."""

from collections.abc import Mapping

from payments.aws.client import AwsClient
from payments.domain.currency import is_chargeable
from payments.domain.product import Product
from payments.repositories.dynamodb import Item, call, from_wire


def product_from_item(item: Item) -> Product | None:
    """The product that a row describes, or None if it is not for sale.

    Prices that Stripe would not charge are left out.
    """
    prices = _chargeable(item["prices"])
    if not item["active"] or not prices:
        return None
    return Product(
        product_id=item["product_id"],
        name=item["name"],
        description=item["description"],
        image_url=item.get("image_url"),
        prices=prices,
    )


def _chargeable(prices: Mapping[str, object]) -> dict[str, int]:
    lower_case = {currency.lower(): amount for currency, amount in sorted(prices.items())}
    return {
        currency: amount
        for currency, amount in sorted(lower_case.items())
        if type(amount) is int and is_chargeable(currency, amount)  # bool is an int too
    }


class ProductsRepository:
    """Rows of the Products table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def list_for_sale(self) -> list[Product]:
        """Every product on sale, by name."""
        products = []
        start: dict[str, object] = {}
        while True:
            response = call(self._client, "scan", TableName=self._table, **start)
            products += [product_from_item(from_wire(item)) for item in response["Items"]]
            if "LastEvaluatedKey" not in response:
                return sorted(filter(None, products), key=lambda product: product.name)
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
