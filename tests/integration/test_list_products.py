"""GET /products"""

from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway


def test_everybody_sees_what_is_for_sale(aws: Aws) -> None:
    aws.put_product("abacus", eur=2500)
    aws.put_product("withdrawn", active=False, eur=100)

    answer = ApiClient(Gateway(None)).products()

    assert answer.status == 200
    assert [product["product_id"] for product in answer.body["data"]] == ["abacus", "coffee"]
    assert answer.body["data"][1] == {
        "product_id": "coffee",
        "name": "Coffee",
        "description": "As the name says.",
        "image_url": None,
        "prices": {"eur": 1099, "jpy": 1800, "kwd": 3500},
    }


def test_a_price_that_cannot_be_charged_is_not_offered(aws: Aws) -> None:
    aws.put_product("pen", eur=300, kwd=1255)  # three decimals: the last must be 0

    products = ApiClient(Gateway(None)).products().body["data"]

    assert [product["prices"] for product in products if product["product_id"] == "pen"] == [
        {"eur": 300}
    ]
