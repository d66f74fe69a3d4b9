"""The format of rows and cursors, tested without DynamoDB."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.currency import CURRENCIES, is_chargeable
from payments.domain.errors import RowUnreadableError, ValidationError
from payments.domain.payment import RefundRequest
from payments.domain.payment_intent import Dispute, Refund
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payment_changes import PaymentChangesRepository
from payments.repositories.payments import OpenPayment, PaymentsRepository, payment_from_item
from payments.repositories.products import products_from_wire
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import LONG_AGO, a_line, a_payment, a_pending_payment, an_intent
from tests.unit.properties import same_examples

if TYPE_CHECKING:
    from payments.aws.client import AwsClient
    from payments.domain.payment import Payment

Log = Callable[[], list[dict[str, Any]]]

# Products

COFFEE = {
    "product_id": "coffee",
    "name": "Coffee",
    "description": "A bag of beans.",
    "prices": {"eur": 1099},
    "active": True,
}


def prices_of(**prices: object) -> dict[str, int]:
    """The prices at which a row's product is sold."""
    found = products_from_wire([to_wire(COFFEE | {"prices": prices})])
    return dict(found[0].prices) if found else {}


@pytest.fixture(autouse=True)
def _metrics_have_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "till")


def test_a_product_is_sold_at_the_prices_of_its_row() -> None:
    assert prices_of(eur=1099, jpy=1800, kwd=3500) == {"eur": 1099, "jpy": 1800, "kwd": 3500}


@pytest.mark.parametrize("amount", [Decimal("10.99"), "1099", None, True])
def test_a_price_that_is_no_whole_number_keeps_the_product_from_being_sold(amount: object) -> None:
    assert prices_of(vnd=amount, usd=1299) == {}


def test_a_row_has_its_currencies_in_lower_case() -> None:
    assert prices_of(USD=1299, eur=1099) == {}


@same_examples
@given(st.sampled_from(sorted(CURRENCIES)), st.integers(-1, 10**13))
def test_a_price_is_offered_if_stripe_charges_it(currency: str, amount: int) -> None:
    assert prices_of(**{currency: amount}) == (
        {currency: amount} if is_chargeable(currency, amount) else {}
    )


@pytest.mark.parametrize(
    "price",
    [
        {"vnd": 0},
        {"vnd": -1},
        {"xyz": 1099},  # no currency of Stripe's
        {"isk": 50_050},  # not whole hundreds
        {"ugx": 500_001},
        {"kwd": 3505},  # does not end in 0
        {"eur": 49},  # less than the minimum
        {"eur": 100_000_000},  # nine digits
        {"idr": 1_000_000_000_000},  # thirteen digits
    ],
)
def test_a_price_that_stripe_would_not_charge_is_not_offered(price: dict[str, int]) -> None:
    assert prices_of(usd=1299, **price) == {"usd": 1299}


def test_a_product_without_a_chargeable_price_is_not_for_sale() -> None:
    assert prices_of() == {}
    assert prices_of(kwd=3505) == {}


def test_a_withdrawn_product_is_not_for_sale_and_nothing_to_report(log: Log) -> None:
    assert products_from_wire([to_wire(COFFEE | {"active": False})]) == []
    assert log() == []


def test_a_row_that_is_not_right_is_skipped_logged_and_counted(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given
    free_text = to_wire(COFFEE | {"product_id": "tea", "active": "false"})
    without_description = to_wire(COFFEE | {"product_id": "mug", "description": None})
    # When
    found = products_from_wire([free_text, to_wire(COFFEE), without_description])
    # Then
    assert [product.product_id for product in found] == ["coffee"]
    (line,) = log()
    assert (line["level"], line["message"]) == ("WARNING", "product rows not right")
    assert line["products"] == {
        "tea": ["active must be true or false"],
        "mug": ["description must be text of 0 to 5000 characters"],
    }
    assert json.loads(capsys.readouterr().out)["BadProductRows"] == [2.0]


def test_a_price_that_is_not_offered_is_reported_too(log: Log) -> None:
    assert prices_of(usd=1299, eur=49) == {"usd": 1299}
    (line,) = log()
    assert line["products"] == {"coffee": ["prices.eur must be at least 0.50 EUR"]}


@pytest.mark.parametrize("field", ["name", "description", "image_url", "prices", "active"])
@pytest.mark.parametrize("value", [{"SS": ["a"]}, {"NS": ["1"]}, {"B": "YQ=="}, {"L": [{"B": ""}]}])
def test_a_field_of_a_type_that_no_field_has_closes_nothing(
    field: str, value: dict[str, object]
) -> None:
    row = to_wire(COFFEE | {"product_id": "odd"}) | {field: value}
    found = products_from_wire([row, to_wire(COFFEE)])
    assert [product.product_id for product in found] == ["coffee"]


def test_a_row_may_have_more_than_till_knows_of() -> None:
    (product,) = products_from_wire([to_wire(COFFEE) | {"tags": {"SS": ["fair"]}}])
    assert product.product_id == "coffee"


# Payments


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(),
        a_pending_payment(),
        a_payment(last_payment_error=declined(), cvc_recollected=True),
        a_payment(lines=(a_line(quantity=100), a_line(product_id=None, description="Wrapping"))),
        a_payment(
            order_id="ord_1",
            order_reference="R-1",
            order_expires_at=LONG_AGO,
            order_closed="canceled",
            tax_amount=1,
            shipping_amount=2,
            discount_amount=3,
            capture_method="manual",
            amount_capturable=1099,
            capture_before=LONG_AGO,
            off_session=True,
            refund_requests=(RefundRequest("ref_1", 99),),
        ),
        a_pending_payment(key_generation=2),
        a_pending_payment().ended("refused", declined(), by="create"),
        a_payment(replaced_card="pm_older"),
        a_payment(
            status="succeeded",
            refunds=(Refund("re_1", 99, "failed", "lost_or_stolen_card"), Refund("re_2", 1, "x")),
            disputes=(Dispute("du_1", "won"),),
            dispute_status="won",
            account_id=None,
        ),
    ],
)
def test_a_payment_comes_back_from_its_row_as_it_was(payment: "Payment") -> None:
    read = payment_from_item(from_wire(to_wire(asdict(payment))))
    assert read == payment
    assert type(read.amount) is int


def test_a_row_may_have_more_than_is_known() -> None:
    assert payment_from_item({**asdict(a_payment()), "open": "open"}) == a_payment()


def test_a_row_without_an_intent_has_no_key_in_the_index_of_intents() -> None:
    assert "payment_intent_id" not in to_wire(asdict(a_pending_payment()))


class _Table:
    """A DynamoDB that keeps the last update."""

    def __init__(self) -> None:
        self.update: dict[str, Any] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The write holds."""
        assert operation == "UpdateItem"
        self.update = request
        return {}


def updated_by(
    write: Callable[["PaymentsRepository"], "Payment"],
) -> tuple["Payment", dict[str, Any]]:
    """What a write returns, and what it sends."""
    table = _Table()
    return write(
        PaymentsRepository(cast("AwsClient", table), "payments", orders="orders")
    ), table.update


@pytest.mark.parametrize("status", ["refused", "mismatched", "lost_at_stripe", "expired"])
def test_what_has_ended_is_no_longer_among_the_open_payments(status: str) -> None:
    ended, update = updated_by(
        lambda payments: payments.end(
            a_pending_payment(), status, declined(), by="create", actor="create"
        )
    )
    assert ended.status == status
    assert update["UpdateExpression"].endswith(" REMOVE #open")
    assert update["ConditionExpression"] == "version = :read"
    assert update["ExpressionAttributeValues"][":read"] == {"N": "1"}


def test_what_goes_on_after_an_end_of_ours_is_among_the_open_payments_again() -> None:
    lost = a_payment(status="lost_at_stripe", last_payment_error=declined())
    _, update = updated_by(
        lambda payments: payments.record(lost, an_intent(), by="get", actor="get")
    )
    assert update["ExpressionAttributeValues"][":open"]["S"].startswith("waiting-")
    assert " REMOVE #last_payment_error" in update["UpdateExpression"]


def test_what_has_ended_stays_among_the_open_payments_while_its_card_is_to_be_detached() -> None:
    held = a_payment(replaced_card="pm_card")
    _, update = updated_by(
        lambda payments: payments.record(
            held, an_intent(status="succeeded"), by="confirm", actor="confirm"
        )
    )
    assert update["ExpressionAttributeValues"][":open"]["S"].startswith("in-doubt-")
    assert "replaced_card" not in str(update)
    # When the card is detached
    paid = a_payment(status="succeeded", replaced_card="pm_card")
    payment, update = updated_by(lambda payments: payments.set_replaced_card(paid, None))
    assert (payment.replaced_card, payment.version, payment.history) == (None, 3, ())
    assert update["UpdateExpression"] == "SET #version = :version REMOVE #replaced_card, #open"
    assert update["ConditionExpression"] == "version = :read"


def test_a_card_that_an_open_payment_has_is_written_into_its_row() -> None:
    payment, update = updated_by(
        lambda payments: payments.set_replaced_card(a_payment(), "pm_card")
    )
    assert payment == replace(a_payment(), replaced_card="pm_card", version=3)
    values = update["ExpressionAttributeValues"]
    assert values[":replaced_card"] == {"S": "pm_card"}
    assert values[":open"]["S"].startswith("waiting-")


def test_the_next_key_generation_is_written_on_the_condition_that_nobody_else_did() -> None:
    payment, update = updated_by(lambda payments: payments.next_key_generation(a_pending_payment()))
    assert (payment.key_generation, payment.version, payment.history) == (2, 2, ())
    assert update["ConditionExpression"] == "version = :read"
    assert update["ExpressionAttributeValues"][":key_generation"] == {"N": "2"}
    assert update["ExpressionAttributeValues"][":open"]["S"].startswith("in-doubt-")


# After a rollback: rows of a newer version


def a_newer_row() -> dict[str, Any]:
    """A row with everything that a version after this one may have added."""
    paid = a_pending_payment().after(an_intent(status="succeeded"), by="confirm")
    paid = replace(
        paid,
        status="partially_captured",
        last_payment_error=declined(),
        refunds=(Refund("re_1", 99, "pending"),),
        disputes=(Dispute("du_1", "arbitration"),),
    )
    row = to_wire(asdict(paid))
    row["history"]["L"][0]["M"] |= {"channel": {"M": {"terminal": {"S": "till-1"}}}}
    row["refunds"]["L"][0]["M"] |= {"note": {"S": "broken cup"}, "tags": {"SS": ["a", "b"]}}
    row["disputes"]["L"][0]["M"] |= {"due_by": {"N": "1"}}
    row["last_payment_error"]["M"] |= {"network": {"S": "visa"}}
    return row | {"signature": {"B": "AAEC"}, "labels": {"NS": ["1", "2"]}, "lines": {"L": []}}


def test_a_newer_versions_row_is_read_without_what_is_not_known() -> None:
    payment = payment_from_item(from_wire(a_newer_row()))
    assert payment.status == "partially_captured"
    assert payment.refunds == (Refund("re_1", 99, "pending"),)
    assert payment.disputes == (Dispute("du_1", "arbitration"),)
    assert payment.last_payment_error == declined()
    [line] = payment.history
    assert (line.to_status, line.by) == ("succeeded", "confirm")


def test_a_write_touches_nothing_that_a_newer_version_has_added() -> None:
    # Given a newer row, and a refund that succeeds while another one begins
    payment = payment_from_item(from_wire(a_newer_row()))
    refunds = (Refund("re_1", 99, "succeeded"), Refund("re_2", 1, "failed", "unknown"))
    # When
    _, update = updated_by(
        lambda payments: payments.record(
            payment,
            an_intent(status="succeeded", refunds=refunds, disputes=None),
            by="webhook",
            actor="webhook",
        )
    )
    # Then the lists are extended, and in their parts only what differs is written
    changed, _, removed = update["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
    paths = {each.partition(" = ")[0] for each in changed.split(", ")} | set(removed.split(", "))
    assert {path for path in paths if "[" in path} == {
        "#history[1]", "#history[2]", "#history[3]", "#refunds[0].#status",
        "#refunds[0].#updated_at", "#refunds[1]",
    }  # fmt: skip
    assert not paths & {"#history", "#refunds", "#disputes", "#signature", "#labels", "#lines"}
    values = update["ExpressionAttributeValues"]
    assert values[":refunds_0_status"] == {"S": "succeeded"}
    assert values[":refunds_1"]["M"]["refund_id"] == {"S": "re_2"}
    assert values[":history_1"]["M"]["from_status"] == {"S": "succeeded"}


def test_a_refund_that_takes_anothers_place_takes_nothing_of_it() -> None:
    payment = payment_from_item(from_wire(a_newer_row()))
    other = an_intent(status="succeeded", refunds=(Refund("re_2", 99, "pending"),))
    _, update = updated_by(
        lambda payments: payments.record(payment, other, by="webhook", actor="webhook")
    )
    assert update["ExpressionAttributeValues"][":refunds_0"]["M"]["refund_id"] == {"S": "re_2"}
    assert " REMOVE " in update["UpdateExpression"]
    assert update["UpdateExpression"].partition(" REMOVE ")[2].startswith("#")
    assert "#disputes[0]" in update["UpdateExpression"].partition(" REMOVE ")[2]


def test_a_line_that_cannot_be_read_does_not_hide_the_others() -> None:
    row = a_newer_row()
    row["history"]["L"] += [
        {"M": {"to_status": {"S": "refunded"}}},
        {"S": "refunded"},
        {"M": {name: {"N": "1"} for name in ("at", "from_status", "to_status", "by")}},
    ]
    payment = payment_from_item(from_wire(row))
    assert [line.at for line in payment.history[1:]] == ["", "", ""]
    assert payment.history[0].to_status == "succeeded"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"amount": None}, "amount"),
        ({"refunds": {"L": [{"S": "re_1"}]}}, "AttributeError"),
        ({"history": {"N": "1"}}, "TypeError"),
    ],
)
def test_a_row_that_lacks_what_every_version_writes_is_said_to_be_unreadable(
    spoil: dict[str, Any], reason: str
) -> None:
    row = {name: value for name, value in (a_newer_row() | spoil).items() if value is not None}
    with pytest.raises(RowUnreadableError, match=reason):
        payment_from_item(from_wire(row))


# The stream


def changes(*records: dict[str, Any]) -> list[tuple[str, list[int] | None, bool]]:
    """What is read from an event of the stream: payment, new lines, and whether it is readable."""
    repository = PaymentChangesRepository(cast("AwsClient", _Table()), "payments", orders="orders")
    return [
        (change.payment_id, None if change.lines is None else list(change.lines), readable)
        for change in repository.changes_in({"Records": [{"dynamodb": each} for each in records]})
        for readable in [change.payment is not None]
    ]


def test_the_lines_that_a_write_has_added_are_read_from_the_stream() -> None:
    old = to_wire(asdict(a_pending_payment()))
    new = a_newer_row()
    assert changes({"OldImage": old, "NewImage": new}) == [("pay_1", [1], True)]
    assert changes({"NewImage": new}) == [("pay_1", [1], True)]
    assert changes({"OldImage": new, "NewImage": new}) == [("pay_1", [], True)]
    assert changes({"OldImage": new}) == []


@pytest.mark.parametrize(
    ("spoil", "lines"),
    [
        ({"amount": None}, [1]),
        ({"amount": {"N": "many"}}, [1]),
        ({"amount": {}}, [1]),
        ({"history": {"N": "1"}}, None),
        ({"history": None, "refunds": {"N": "1"}}, []),
    ],
)
def test_a_record_that_cannot_be_read_still_names_its_payment(
    spoil: dict[str, Any], lines: list[int] | None
) -> None:
    image = {name: value for name, value in (a_newer_row() | spoil).items() if value is not None}
    record = {"Keys": {"payment_id": {"S": "pay_1"}}, "NewImage": image}
    assert changes(record) == [("pay_1", lines, False)]


# The history's cursor


class _Pages:
    """A DynamoDB whose only page ends at a key. It keeps the key at which a read continues."""

    def __init__(self, last_key: dict[str, str] | None = None) -> None:
        self._last_key = last_key
        self.asked: dict[str, Any] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """A page without items."""
        assert operation == "Query"
        self.asked = request
        return {"Items": []} | (
            {"LastEvaluatedKey": to_wire(self._last_key)} if self._last_key else {}
        )

    def go_on(self, cursor: str | None, *, user_id: str = "ada") -> str | None:
        """Get a page, and return the next cursor."""
        repository = PaymentsRepository(cast("AwsClient", self), "payments", orders="orders")
        return repository.list_for_user(user_id, limit=1, cursor=cursor).next_cursor


class _History:
    """The index of a person's payments: pages of one row, and a filter that leaves some empty."""

    def __init__(self, *rows: "Payment | None") -> None:
        self._rows = rows
        self.asked: list[dict[str, Any]] = []

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The page after the given key."""
        assert (operation, request["IndexName"]) == ("Query", "by-user")
        self.asked.append(request)
        position = int(request.get("ExclusiveStartKey", {"n": "0"})["n"])
        row = self._rows[position]
        last = position + 1 == len(self._rows)
        return {"Items": [to_wire(asdict(row))] if row else []} | (
            {} if last else {"LastEvaluatedKey": {"n": str(position + 1)}}
        )


def test_a_persons_open_payments_are_found_on_every_page_of_their_history() -> None:
    newest, oldest = a_payment(payment_id="pay_9"), a_payment(replaced_card="pm_card")
    history = _History(None, newest, None, oldest, None)
    repository = PaymentsRepository(cast("AwsClient", history), "payments", orders="orders")
    assert repository.list_open_for_user("ada") == [newest, oldest]
    assert {each["FilterExpression"] for each in history.asked} == {"attribute_exists(#open)"}
    assert {each["ExpressionAttributeValues"][":user_id"]["S"] for each in history.asked} == {"ada"}


@same_examples
@given(st.text(min_size=1), st.text(min_size=1))
def test_a_cursor_goes_on_where_the_page_ended(created_at: str, payment_id: str) -> None:
    # Given
    key = {"user_id": "ada", "created_at": created_at, "payment_id": payment_id}
    cursor = _Pages(key).go_on(None)
    # When
    pages = _Pages()
    pages.go_on(cursor)
    # Then
    assert from_wire(pages.asked["ExclusiveStartKey"]) == key


def test_another_persons_cursor_stays_in_ones_own_history() -> None:
    # Given
    key = {"user_id": "ada", "created_at": "2026-01-01", "payment_id": "pay_1"}
    cursor = _Pages(key).go_on(None)
    # When
    pages = _Pages()
    pages.go_on(cursor, user_id="bob")
    # Then
    assert from_wire(pages.asked["ExclusiveStartKey"])["user_id"] == "bob"


def test_a_cursor_gives_nobodys_id_away() -> None:
    key = {"user_id": "ada", "created_at": "2026-01-01", "payment_id": "pay_1"}
    assert _Pages(key).go_on(None) == _Pages(key | {"user_id": "bob"}).go_on(None)


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "a",
        "é",
        "bm90IGpzb24",  # not json
        "WzEsMl0",  # [1,2]
        "WyJhIl0",  # ["a"]
        "WyJhIiwiYiIsImMiXQ",  # ["a","b","c"]
        "WyJhIixbImIiXV0",  # ["a",["b"]]
        "eyJ1c2VyX2lkIjoiYm9iIiwiaWQiOiJwYXlfMSJ9",  # {"user_id":"bob","id":"pay_1"}
        "ImFiIg",  # "ab"
        "MQ",  # 1
        "WyJcdWQ4MDAiLCJiIl0",  # ["\ud800","b"]: half a character
        "WyIiLCIiXQ",  # ["",""]
        "bnVsbA",  # null
        "_____w",  # no UTF-8
    ],
)
def test_an_invalid_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationError) as error:
        _Pages().go_on(cursor)
    assert error.value.errors[0][0] == "cursor"


class _Index:
    """The index of open payments: pages of one entry."""

    def __init__(self, **partitions: list[dict[str, str]]) -> None:
        self._partitions = {name.replace("_", "-"): each for name, each in partitions.items()}
        self.asked: list[dict[str, Any]] = []

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The page after the given key."""
        assert (operation, request["IndexName"]) == ("Query", "open-by-shard")
        self.asked.append(request)
        partition = request["ExpressionAttributeValues"][":open"]["S"]
        entries = [to_wire(each) for each in self._partitions.get(partition, [])]
        start = request.get("ExclusiveStartKey")
        page = entries[entries.index(start) + 1 :] if start else entries
        return {"Items": page[:1]} | ({"LastEvaluatedKey": page[0]} if page[1:] else {})

    def listed(self, *, in_doubt: bool, since: str | None = None) -> list[OpenPayment]:
        """What the repository finds until the second of January."""
        repository = PaymentsRepository(cast("AwsClient", self), "payments", orders="orders")
        until = "2026-01-02T00:00:00.000Z"
        return [
            entry
            for shard in repository.list_open(in_doubt=in_doubt, since=since, until=until)
            for entry in shard
        ]


def an_entry(number: int) -> dict[str, str]:
    return {
        "updated_at": f"2026-01-01T00:00:0{number}.000Z",
        "payment_id": f"pay_{number}",
        "user_id": "ada",
    }


def test_open_payments_are_read_page_by_page_from_every_shard() -> None:
    index = _Index(
        in_doubt_00=[an_entry(1), an_entry(2)], in_doubt_15=[an_entry(3)], waiting_03=[an_entry(4)]
    )
    assert [each.payment_id for each in index.listed(in_doubt=True)] == ["pay_1", "pay_2", "pay_3"]
    assert index.listed(in_doubt=False) == [OpenPayment(**an_entry(4))]


@pytest.mark.parametrize(
    ("since", "reads"), [("2026-01-01T00:00:00.000Z", 16), ("2026-01-03T00:00:00.000Z", 0)]
)
def test_open_payments_are_not_read_from_past_their_end(since: str, reads: int) -> None:
    index = _Index()
    assert index.listed(in_doubt=False, since=since) == []
    assert len(index.asked) == reads  # DynamoDB would refuse the others


def test_the_writes_of_many_payments_go_to_all_shards_alike() -> None:
    # Given
    def partition_of(payment: "Payment") -> str:
        _, update = updated_by(
            lambda payments: payments.record(
                payment, an_intent(status="processing"), by="get", actor="get"
            )
        )
        return str(update["ExpressionAttributeValues"][":open"]["S"])

    # When
    partitions = Counter(partition_of(a_payment(payment_id=f"pay_{n}")) for n in range(1000))
    # Then no shard has twice its part
    assert set(partitions) == {f"in-doubt-{shard:02}" for shard in range(16)}
    assert max(partitions.values()) < 2 * 1000 / 16


@same_examples
@given(st.text(max_size=40))
def test_no_text_breaks_the_history(cursor: str) -> None:
    with suppress(ValidationError):
        _Pages().go_on(cursor)
