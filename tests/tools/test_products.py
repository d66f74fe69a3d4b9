"""`make products`: what is wrong with a catalogue, what it changes, and that it does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.paths import SEED_PRODUCTS
from payments.repositories.dynamodb import from_wire
from tests.support.aws import Aws
from tools.products import __main__ as products
from tools.products.catalogue import CatalogueError, read_catalogue
from tools.products.table import read_rows, write_rows
from tools.stages import StageError

CUP = {
    "product_id": "espresso-cup",
    "name": "Espresso cup",
    "description": "Porcelain, 60 ml.",
    "prices": {"eur": 1400, "jpy": 2300},
}


def told_of(*catalogue: object) -> list[str]:
    """The lines about what is wrong with a catalogue."""
    with pytest.raises(CatalogueError) as refused:
        read_catalogue(json.dumps(catalogue).encode())
    return str(refused.value).splitlines()


# The file


def test_a_catalogue_is_a_list_of_products() -> None:
    assert read_catalogue(json.dumps([CUP]).encode("utf-8-sig")) == [CUP | {"active": True}]
    assert len(read_catalogue(SEED_PRODUCTS.read_bytes())) == 6


def test_every_fault_is_told_at_once_and_where_it_is() -> None:
    amount = "must be a whole number, in the currency's minor unit"
    assert told_of(
        CUP | {"prices": {"eur": "1400", "usd": 49, "EUR": 1400, "xyz": 1}, "price": 3},
        {"product_id": "mug", "active": "false"},
        CUP,
        7,
    ) == [
        f"Product 1 (espresso-cup): prices.eur {amount}.",
        "Product 1 (espresso-cup): prices.EUR must be a currency in three lower-case letters.",
        "Product 1 (espresso-cup): prices.usd must be at least 0.50 USD.",
        "Product 1 (espresso-cup): prices.xyz is in a currency that Stripe does not charge in.",
        "Product 1 (espresso-cup): price is not a field of a product.",
        "Product 2 (mug): name must be text of 1 to 250 characters.",
        "Product 2 (mug): description must be text of 0 to 5000 characters.",
        "Product 2 (mug): prices must have an amount for at least one currency.",
        "Product 2 (mug): active must be true or false.",
        "Product 4: it must be an object.",
        "espresso-cup is there 2 times.",
        "Nothing was loaded.",
    ]


@pytest.mark.parametrize("product_id", ["a b", "a/b", "a?b", "a#b", "a%b", "a\n", "\u200b"])
def test_an_id_fits_into_an_address(product_id: str) -> None:
    (fault, _) = told_of(CUP | {"product_id": product_id})
    assert fault.endswith("product_id must have no space, /, ?, # or %.")


def test_half_a_character_is_a_fault() -> None:
    assert "surrogate" in told_of(CUP | {"name": "\ud83d"})[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[{", "not JSON"),
        (b'[{"name": "\xff"}]', "not JSON in UTF-8"),
        (b"{}", "must be a JSON list"),
        (b"[]", "must be a JSON list"),
        (b"[" * 100_000, "not JSON"),
        (b'[{"name": "A", "name": "B"}]', "name is there twice"),
        (b'[{"prices": {"eur": 100, "eur": 200}}]', "prices.eur is there twice"),
        (b'[{"prices": {"eur": NaN}}]', "prices.eur must be a whole number"),
        (b'[{"prices": {"eur": 1e3}}]', "prices.eur must be a whole number"),
    ],
)
def test_what_is_no_catalogue_is_explained(content: bytes, told: str) -> None:
    with pytest.raises(CatalogueError, match=told):
        read_catalogue(content)


# The table


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A stack's tables, as the laptop stack's."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        stack = Aws()
        stack.create("sk_test_1", [])
        where = (boto3.session.Session(), "ProductsTable")
        monkeypatch.setattr(products, "_table_of", lambda _: where)
        yield stack


@pytest.fixture
def run(aws: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command with a catalogue, and return what it says."""
    assert aws.rows("ProductsTable") == []
    file = tmp_path / "catalogue.json"

    def run(*catalogue: object, **environment: str) -> list[str]:
        file.write_text(json.dumps(catalogue))
        assert products.main({"FILE": str(file), **environment}) == 0
        return capsys.readouterr().out.splitlines()

    return run


def row_of(product_id: str) -> dict[str, Any]:
    """A product's row, with exact types."""
    return from_wire(read_rows(boto3.client("dynamodb"), "ProductsTable")[product_id])


def test_nothing_is_changed_before_the_shopkeeper_says_so(aws: Aws, run: Any) -> None:
    assert run(CUP) == [
        "+ espresso-cup: Espresso cup, 14.00 EUR, 2300 JPY",
        "1 to change, 0 as they are.",
        "Nothing was changed. To do it, add APPLY=yes.",
    ]
    assert aws.rows("ProductsTable") == []


def test_a_catalogue_is_loaded(run: Any) -> None:
    off_sale = CUP | {"product_id": "saucer", "active": False}

    assert run(CUP, off_sale, APPLY="yes")[-1].startswith("Done.")

    assert row_of("espresso-cup") == CUP | {"active": True, "listed": "listed"}
    assert row_of("saucer") == off_sale  # so it is not in the index either
    assert run(CUP, off_sale, APPLY="yes") == ["0 to change, 2 as they are."]


def test_what_would_change_is_shown(run: Any) -> None:
    run(CUP, APPLY="yes")
    changed = CUP | {
        "name": "Cup",
        "prices": {"eur": 1500, "kwd": 4500},
        "image_url": "/cup.svg",
        "active": False,
    }

    assert run(changed)[0] == (
        '~ espresso-cup: active true → false; image_url (none) → "/cup.svg"; '
        'listed "listed" → (none); name "Espresso cup" → "Cup"; prices.eur 14.00 EUR → 15.00 EUR; '
        "prices.jpy 2300 JPY → (none); prices.kwd (none) → 4.500 KWD"
    )


def test_a_row_that_is_not_right_is_put_right(aws: Aws, run: Any) -> None:
    aws.put_product_row({"product_id": "espresso-cup", "active": 1, "prices": {"EUR": "14"}})

    (line, *_) = run(CUP, APPLY="yes")

    assert line == (
        "~ espresso-cup: active 1 → true; "
        'description (none) → "Porcelain, 60 ml."; listed (none) → "listed"; '
        'name (none) → "Espresso cup"; prices.EUR "14" → (none); '
        "prices.eur (none) → 14.00 EUR; prices.jpy (none) → 2300 JPY"
    )
    assert row_of("espresso-cup") == CUP | {"active": True, "listed": "listed"}


def test_what_is_gone_from_the_file_goes_off_sale_only_if_asked_for(run: Any) -> None:
    run(CUP, CUP | {"product_id": "saucer"}, APPLY="yes")

    left_alone = run(CUP, APPLY="yes")
    assert left_alone == [
        "  saucer: is not in the file, and stays on sale without DEACTIVATE=yes",
        "0 to change, 1 as they are.",
    ]
    assert row_of("saucer")["active"] is True

    retired = run(CUP, APPLY="yes", DEACTIVATE="yes")
    assert retired[0] == "- saucer: is not in the file, goes off sale"
    assert row_of("saucer") == CUP | {"product_id": "saucer", "active": False}


def test_what_was_never_in_a_catalogue_is_left_alone(aws: Aws, run: Any) -> None:
    order = CUP | {"product_id": "order-17", "active": True}
    aws.put_product_row(order)

    assert run(CUP, APPLY="yes", DEACTIVATE="yes")[-1].startswith("Done.")

    assert row_of("order-17") == order


def test_attributes_of_other_services_stay(aws: Aws, run: Any) -> None:
    run(CUP, APPLY="yes")
    aws.put_product_row(row_of("espresso-cup") | {"weight": 180, "tags": {"new"}})

    assert run(CUP | {"name": "Cup"}, APPLY="yes")[-1].startswith("Done.")

    row = row_of("espresso-cup")
    assert (row["name"], row["weight"], row["tags"]) == ("Cup", 180, ["new"])


def test_a_catalogue_of_more_than_one_batch_is_loaded(aws: Aws, run: Any) -> None:
    catalogue = [CUP | {"product_id": f"cup-{number}"} for number in range(60)]

    run(*catalogue, APPLY="yes")

    assert len(aws.rows("ProductsTable")) == 60


class BusyDynamoDB:
    """Takes only the first row of each batch."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        first, *rest = RequestItems["table"]
        self.taken.append(first["PutRequest"]["Item"])
        return {"UnprocessedItems": {"table": rest} if rest else {}}


def test_what_dynamodb_is_too_busy_for_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    busy: Any = BusyDynamoDB()

    write_rows(busy, "table", [{"product_id": {"S": str(number)}} for number in range(3)])

    assert [row["product_id"]["S"] for row in busy.taken] == ["0", "1", "2"]
    assert waits == [0.1, 0.2]


# The command


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "make products FILE="),
        ({"FILE": "no-such-file.json"}, "no-such-file.json"),
        ({"FILE": str(SEED_PRODUCTS), "APPLY": "no"}, "APPLY is yes or nothing, not no."),
        ({"FILE": str(SEED_PRODUCTS), "STAGE": "production"}, "STAGE must be dev or staging"),
    ],
)
def test_what_cannot_be_understood_is_explained(
    environment: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert products.main(environment) == 1
    assert told in capsys.readouterr().err


def test_without_a_stage_it_is_the_laptop_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "read_stack", lambda: None)
    with pytest.raises(StageError, match="make dev"):
        products._table_of("")
