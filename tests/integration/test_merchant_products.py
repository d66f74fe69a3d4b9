"""PUT and DELETE /merchant/products/{product_id}"""

from typing import Any

import boto3
import pytest

from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for, merchants_gateway

shop = ApiClient(merchants_gateway("program:catalogue"))
everybody = ApiClient(Gateway(None))
MUG: dict[str, Any] = {"name": "Mug", "description": "White", "prices": {"eur": 900, "jpy": 1500}}


@pytest.fixture(autouse=True)
def _stack(aws: Aws) -> None:
    assert aws


def put(product_id: str = "mug", **changes: object) -> Any:
    """Put the mug."""
    return shop.send("PUT", f"/merchant/products/{product_id}", body={**MUG, **changes})


def delete(product_id: str = "mug") -> Any:
    """Take the mug off sale."""
    return shop.send("DELETE", f"/merchant/products/{product_id}")


def test_a_product_that_was_put_is_on_sale_and_listed() -> None:
    answer = put(image_url="/mug.svg")
    told = {"product_id": "mug", **MUG, "image_url": "/mug.svg"}
    assert (answer.status, answer.body) == (200, told | {"active": True})
    assert everybody.product("mug").body == told
    assert told in everybody.products(limit="100").body["data"]


def test_putting_it_again_replaces_all_of_it_but_what_till_does_not_know() -> None:
    put(image_url="/mug.svg")
    table = boto3.resource("dynamodb").Table("ProductsTable")
    table.update_item(
        Key={"product_id": "mug"},
        UpdateExpression="SET shelf = :shelf",
        ExpressionAttributeValues={":shelf": "B7"},
    )
    put(prices={"usd": 1000})
    assert everybody.product("mug").body["image_url"] is None
    assert everybody.product("mug").body["prices"] == {"usd": 1000}
    assert table.get_item(Key={"product_id": "mug"})["Item"]["shelf"] == "B7"


def test_a_product_that_was_deleted_can_be_put_on_sale_again() -> None:
    put()
    for _ in range(2):
        answer = delete()
        assert (answer.status, answer.body) == (200, {"product_id": "mug", "active": False})
    assert everybody.product("mug").code == "product_not_found"
    assert "mug" not in str(everybody.products(limit="100").body)
    assert put().status == 200
    assert everybody.product("mug").status == 200


def test_a_product_may_wait_until_it_is_sold() -> None:
    assert put(active=False).body["active"] is False
    assert everybody.product("mug").status == 404


def test_what_never_was_there_cannot_be_deleted() -> None:
    assert delete("unicorn").code == "product_not_found"
    assert delete("x" * 256).code == "product_not_found"


@pytest.mark.parametrize(
    ("product_id", "changes", "field"),
    [
        ("mug", {"prices": {}}, "prices"),
        ("mug", {"prices": {"eur": 9.5}}, "prices.eur"),
        ("mug", {"prices": {"EUR": 900}}, "prices.EUR"),
        ("mug", {"prices": {"eur": 0}}, "prices.eur"),
        ("mug", {"prices": {"eur": "900"}}, "prices.eur"),
        ("mug", {"name": ""}, "name"),
        ("mug", {"name": "x" * 251}, "name"),
        ("mug", {"description": None}, "description"),
        ("mug", {"colour": "red"}, "colour"),
        ("mug", {"active": "yes"}, "active"),
        ("a mug", {}, "product_id"),
        ("x" * 256, {}, "product_id"),
    ],
)
def test_what_could_not_be_sold_is_refused_field_by_field(
    product_id: str, changes: dict[str, object], field: str
) -> None:
    answer = put(product_id, **changes)
    assert (answer.status, answer.code) == (422, "validation_error")
    assert field in {each["field"] for each in answer.body["errors"]}


def test_without_the_merchants_authorizer_nobody_gets_here() -> None:
    for client in (everybody, client_for("shopper")):
        answer = client.send("PUT", "/merchant/products/mug", body=MUG)
        assert (answer.status, answer.code) == (401, "not_authenticated")
