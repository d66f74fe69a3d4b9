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


def catalogue(**query: str) -> Any:
    """The merchant looks at the catalogue."""
    return shop.send("GET", "/merchant/products", query=query)


def test_the_catalogue_has_what_is_on_sale_and_what_is_not(aws: Aws) -> None:
    put(image_url="/mug.svg")
    put("cup", active=False)
    put("pot")
    delete("pot")
    aws.put_product_row(  # sold to whoever knows its id, and in no list
        {"product_id": "hidden", "name": "Hidden", "description": "", "prices": {"eur": 5_00}}
        | {"active": True}
    )
    answer = catalogue(limit="100")
    assert (answer.status, answer.body["next_cursor"]) == (200, None)
    told = {each.pop("product_id"): each for each in answer.body["data"]}
    assert told["mug"] == {**MUG, "image_url": "/mug.svg", "active": True}
    assert told["cup"] == {**MUG, "image_url": None, "active": False}
    assert {name: each["active"] for name, each in told.items()} == {
        "coffee": True,
        "cup": False,
        "hidden": True,
        "mug": True,
        "pot": False,
    }


def test_one_product_of_the_catalogue_is_found_by_its_id() -> None:
    put("cup", active=False)
    assert [each["product_id"] for each in catalogue(product_id="cup").body["data"]] == ["cup"]
    assert catalogue(product_id="unicorn").body == {"data": [], "next_cursor": None}


def test_pages_of_the_catalogue_have_each_product_once() -> None:
    for number in range(6):
        put(f"mug-{number}", active=number % 2 == 0)
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        body = catalogue(**query).body
        found += [each["product_id"] for each in body["data"]]
        cursor, pages = body["next_cursor"], pages + 1
    assert sorted(found) == ["coffee", *(f"mug-{number}" for number in range(6))]
    assert pages >= 3


def test_a_row_of_the_catalogue_that_is_not_right_hides_no_other(
    aws: Aws, caplog: pytest.LogCaptureFixture
) -> None:
    aws.put_product_row({"product_id": "odd", "name": "Odd", "prices": {"eur": "1"}})
    assert [each["product_id"] for each in catalogue().body["data"]] == ["coffee"]
    (line,) = [each for each in caplog.records if each.message == "product rows not right"]
    assert [*vars(line)["products"]] == ["odd"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiJd", "WzFd"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    assert catalogue(cursor=cursor).code == "validation_error"


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
