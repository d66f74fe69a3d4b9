"""GET /products and GET /products/{product_id}"""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from payments.repositories.dynamodb import to_wire
from payments.repositories.products import product_item
from tests.integration.conftest import forget_clients
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"

everybody = ApiClient(Gateway(None))


def ids(products: list[dict[str, Any]]) -> list[str]:
    """The products' ids, in their order."""
    return [product["product_id"] for product in products]


def all_pages(**query: str) -> Iterator[list[dict[str, Any]]]:
    """The catalogue, page after page."""
    cursor: str | None = None
    while True:
        page = everybody.products(**query, **({"cursor": cursor} if cursor else {}))
        assert page.status == 200, page
        yield page.body["data"]
        cursor = page.body["next_cursor"]
        if cursor is None:
            return


def a_row(product_id: str, **changes: object) -> dict[str, Any]:
    """The row of a listed product."""
    row = {
        "product_id": product_id,
        "name": product_id.title(),
        "description": "As the name says.",
        "prices": {"eur": 1099},
        "active": True,
    }
    return product_item(row) | changes


def test_everybody_sees_what_is_for_sale(aws: Aws) -> None:
    aws.put_product("abacus", eur=2500)
    aws.put_product("withdrawn", active=False, eur=100)

    answer = everybody.products()

    assert answer.status == 200
    assert ids(answer.body["data"]) == ["abacus", "coffee"]
    assert answer.body["next_cursor"] is None
    assert answer.body["data"][1] == {
        "product_id": "coffee",
        "name": "Coffee",
        "description": "As the name says.",
        "image_url": None,
        "prices": {"eur": 1099, "jpy": 1800, "kwd": 3500},
    }


def test_everybody_sees_one_product(aws: Aws) -> None:
    aws.put_product("withdrawn", active=False, eur=100)

    assert everybody.product("coffee").body == everybody.products().body["data"][0]
    for unknown in ("withdrawn", "unknown", "x" * 3000):
        answer = everybody.product(unknown)
        assert (answer.status, answer.code) == (404, "product_not_found")


def test_a_price_that_cannot_be_charged_is_not_offered(aws: Aws) -> None:
    aws.put_product("pen", eur=300, kwd=1255)  # three decimals: the last must be 0

    products = everybody.products().body["data"]

    assert [product["prices"] for product in products if product["product_id"] == "pen"] == [
        {"eur": 300}
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"description": None},
        {"prices": {"eur": "1099"}},
        {"prices": {"EUR": 1099}},
        {"prices": "1099"},
        {"active": "false"},
        {"active": "true"},
        {"active": 1},
        {"image_url": {"a", "b"}},
        {"name": "x" * 251},
    ],
)
def test_a_bad_row_closes_nothing_and_is_not_sold(
    aws: Aws, stripe: Simulator, wrong: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    row = a_row("bad") | wrong
    aws.put_product_row({name: value for name, value in row.items() if value is not None})
    ada = client_for()
    visa = ada.attached(stripe.payment_method(VISA))
    capsys.readouterr()

    listed = everybody.products()

    assert (listed.status, ids(listed.body["data"])) == (200, ["coffee"])
    assert '"BadProductRows":[1.0]' in capsys.readouterr().out
    assert everybody.product("bad").code == "product_not_found"
    assert ada.create(product_id="bad", payment_method_id=visa).code == "product_not_found"


def test_a_page_of_bad_rows_leads_to_the_next_one(aws: Aws) -> None:
    for number in range(3):
        aws.put_product_row(a_row(f"bad-{number}", name=f"Aaa {number}", active="yes"))

    assert [ids(page) for page in all_pages(limit="2")] == [[], ["coffee"]]


def test_a_product_that_is_not_in_the_catalogue_can_still_be_bought(
    aws: Aws, stripe: Simulator
) -> None:
    order = a_row("order-17", name="Order 17")
    del order["listed"]
    aws.put_product_row(order)
    ada = client_for()
    visa = ada.attached(stripe.payment_method(VISA))

    assert ids(everybody.products().body["data"]) == ["coffee"]
    assert ada.create(product_id="order-17", payment_method_id=visa).status == 201


def test_products_of_one_name_come_one_after_another(aws: Aws) -> None:
    for number in range(5):
        aws.put_product_row(a_row(f"mug-{number}", name="Mug"))

    pages = list(all_pages(limit="2"))

    assert [len(page) for page in pages] == [2, 2, 2]
    assert sorted(ids(list(itertools.chain(*pages)))) == [
        "coffee",
        *(f"mug-{number}" for number in range(5)),
    ]


def test_the_longest_name_fits_into_a_cursor(aws: Aws) -> None:
    longest = "\N{HOT BEVERAGE}\N{ROLLING ON THE FLOOR LAUGHING}" * 125
    aws.put_product_row(a_row("\N{GRINNING FACE}" * 250, name=longest))
    aws.put_product_row(a_row("z", name=longest))

    assert sum(len(page) for page in all_pages(limit="1")) == 3


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("tea", ["green-tea", "tea-pot"]),
        ("TEA green", ["green-tea"]),
        ("leaves", ["green-tea"]),
        ("STRASSE", ["guide"]),
        ("tea coffee", []),
        ("   ", ["coffee", "green-tea", "guide", "tea-pot"]),
    ],
)
def test_a_search_finds_what_has_all_the_words(aws: Aws, q: str, found: list[str]) -> None:
    aws.put_product_row(a_row("green-tea", name="Green Tea", description="Whole leaves."))
    aws.put_product_row(a_row("guide", name="Guide", description="To every straße."))
    aws.put_product_row(a_row("tea-pot", name="Tea pot"))

    assert ids(everybody.products(q=q).body["data"]) == found
    assert list(itertools.chain(*(ids(page) for page in all_pages(q=q, limit="1")))) == found


def test_a_search_is_not_longer_than_a_hundred_characters() -> None:
    answer = everybody.products(q="x" * 101)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "q")


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WzEsMl0", "W" * 3072, "x" * 3073])
def test_a_bad_cursor_is_named(cursor: str) -> None:
    answer = everybody.products(cursor=cursor)
    assert (answer.status, answer.code) == (422, "validation_error")
    assert answer.body["errors"][0]["field"] == "cursor"


def test_what_a_browser_or_cloudfront_has_is_not_sent_again(aws: Aws) -> None:
    first = everybody.products()
    asks = {"If-None-Match": first.headers["ETag"]}

    again = everybody.send("GET", "/products", headers=asks)
    aws.put_product("coffee", eur=1199)
    changed = everybody.send("GET", "/products", headers=asks)

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert (again.status, again.body) == (304, None)
    assert changed.status == 200
    assert changed.body["data"][0]["prices"] == {"eur": 1199}


@contextmanager
def reads_of_dynamodb() -> Iterator[list[dict[str, Any]]]:
    """Every request to DynamoDB, as functions send it."""
    forget_clients()
    made: list[dict[str, Any]] = []

    def note(model: Any, params: dict[str, Any], **_: object) -> None:
        made.append({"operation": model.name, **json.loads(params["body"])})

    session = boto3.Session()
    session.events.register("before-call.dynamodb", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        yield made
    forget_clients()


@pytest.fixture
def _a_hundred_thousand_products() -> Iterator[None]:
    # Past boto3, which would take a minute.
    table = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["eu-west-1"].tables["ProductsTable"]
    for number in range(100_000):
        table.put_item(to_wire(a_row(f"product-{number:06}")))
    yield
    table.items.clear()


@pytest.mark.usefixtures("_a_hundred_thousand_products")
def test_a_page_of_a_hundred_thousand_products_is_one_bounded_read() -> None:
    with reads_of_dynamodb() as reads:
        first = everybody.products(limit="100").body
        second = everybody.products(limit="100", cursor=first["next_cursor"]).body

    assert ids(first["data"]) == ["coffee", *(f"product-{number:06}" for number in range(99))]
    assert ids(second["data"]) == [f"product-{number:06}" for number in range(99, 199)]
    assert [
        (read["operation"], read["IndexName"], read["Limit"], "FilterExpression" in read)
        for read in reads
    ] == [("Query", "listed-products", 100, False)] * 2


@pytest.mark.usefixtures("_a_hundred_thousand_products")
def test_a_search_of_a_hundred_thousand_products_is_one_bounded_read_a_page() -> None:
    with reads_of_dynamodb() as reads:
        first = everybody.products(q="product-00070", limit="2").body
        second = everybody.products(q="product-00070", limit="2", cursor=first["next_cursor"]).body

    assert ids(first["data"]) == []  # it is further on than the first 500
    assert ids(second["data"]) == ["product-000700", "product-000701"]
    assert [(read["operation"], read["IndexName"], read["Limit"]) for read in reads] == [
        ("Query", "listed-products", 500)
    ] * 2
