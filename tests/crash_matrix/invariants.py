"""What is always true, and what is true again after which recovery."""

from collections import Counter
from collections.abc import Iterable, Iterator

from stripe_simulator.state import StripeObject
from tests.crash_matrix.snapshot import Json
from tests.crash_matrix.world import BOB, World
from trials.soak.audit_history import differences_in_history

PRICE = 1099  # minor units

_NEVER_BEGUN = frozenset({"refused", "expired"})


def check_always(world: World, *, bob: list[Json]) -> None:
    """What no crash or recovery may break; `bob` is what he had at the start."""
    assert belongings(world, BOB) == bob, "something of Bob's has changed"
    _check_customers(world)
    _check_intents(world)
    _check_refunds(world)
    for row in world.payments():
        _check_row(row)
        _check_history(row)


def belongings(world: World, user_id: str) -> list[Json]:
    """Everything that a person has, in Till and in Stripe."""
    rows = [*world.customer_rows(), *world.payments()]
    objects = [*world.objects("customers"), *world.objects("payment_intents")]
    return [
        *(row for row in rows if row["user_id"] == user_id),
        *(each for each in objects if each.get("metadata", {}).get("user_id") == user_id),
    ]


def _check_customers(world: World) -> None:
    owners = [
        customer["metadata"]["user_id"]
        for customer in world.objects("customers")
        if not customer.get("deleted") and customer["metadata"]  # an imported one is nobody's yet
    ]
    twice = [owner for owner, count in Counter(owners).items() if count > 1]
    assert not twice, "a person has two customers"
    customers = {customer["id"]: customer for customer in world.objects("customers")}
    for row in world.customer_rows():
        if "stripe_customer_id" not in row:
            says = row.get("key_generation", 1) > 1 or {"signed_out_at", "erased_at"} & row.keys()
            assert says, "a row that says nothing"
            continue
        customer = customers[row["stripe_customer_id"]]
        assert customer.get("deleted") or customer["metadata"]["user_id"] == row["user_id"]


def _check_intents(world: World) -> None:
    notes = world.everything.notes
    rows = {row["payment_id"]: row for row in world.payments()}
    intents = [each for each in world.objects("payment_intents") if _of_others(each)]
    assert len(intents) <= len(notes.keys), "a key has started two intents"
    named = Counter(intent["metadata"]["payment_id"] for intent in intents)
    assert set(named.values()) <= {1}, "a payment has two intents"
    assert named.keys() <= rows.keys(), "money could move that nobody has written down"
    for intent in intents:
        payment_id = intent["metadata"]["payment_id"]
        row = rows[payment_id]
        if payment_id not in notes.changed:
            assert (intent["amount"], intent["currency"]) == (row["amount"], row["currency"])
        charges = [c for c in world.objects("charges") if c["payment_intent"] == intent["id"]]
        paid = [charge for charge in charges if charge["paid"]]
        assert len(paid) <= 1, "it was charged twice"
        assert all(charge["amount"] == PRICE for charge in paid)
        cvcs = notes.confirmed.get(payment_id, 0) + row["off_session"]
        assert len(charges) <= cvcs, "more was tried than the person has asked for"


def _check_refunds(world: World) -> None:
    """What we gave back was written down, once, and it was never more than what was taken."""
    ours = [each["metadata"]["refund_id"] for each in world.objects("refunds") if each["metadata"]]
    assert len(ours) == len(set(ours)), "a refund was made twice"
    written = {row["refund_id"] for row in world.everything.rows("RefundsTable")}
    assert set(ours) <= written, "money went back that nobody has written down"


def _of_others(intent: StripeObject) -> bool:
    return bool(intent["metadata"]["user_id"] != BOB)


def _check_row(row: Json) -> None:
    begun = "payment_intent_id" in row
    assert begun == (row["status"] not in {"pending", *_NEVER_BEGUN}), row
    closed = row["status"] in {"succeeded", "canceled", "mismatched", *_NEVER_BEGUN}
    wanted = "replaced_card" in row or row["refund_requests"]
    assert (closed and not wanted) == ("open" not in row), row
    assert (row["status"] in _NEVER_BEGUN) <= ("last_payment_error" in row), row
    assert (row["amount"], row["currency"]) == (PRICE, "eur")


def _check_history(row: Json) -> None:
    """It is a chain from `pending` on, and its end is what the row says."""
    differences = [each.detail for each in differences_in_history([row])]
    assert not differences, (differences, row["history"])


def behind(world: World) -> Iterator[tuple[Json, StripeObject | None, list[str]]]:
    """The rows that differ from Stripe, with the intent if there is one, and the differences."""
    for row in world.payments():
        intent = world.intent_of(row["payment_id"])
        if intent:
            expected = _row_of(world, row, intent)
        elif row["status"] in _NEVER_BEGUN:
            continue
        else:
            expected = {"payment_intent_id": "none yet"}
        shown = row | {
            "refunds": [_members(each, _REFUND) for each in row["refunds"]],
            "disputes": [_members(each, ("dispute_id", "status")) for each in row["disputes"]],
        }
        differences = [
            f"{name}: {shown.get(name)!r} is {value!r} at Stripe"
            for name, value in expected.items()
            if shown.get(name) != value
        ]
        if differences:
            yield row, intent, differences


def _row_of(world: World, row: Json, intent: StripeObject) -> Json:
    if row["payment_id"] in world.everything.notes.changed:
        return {"payment_intent_id": intent["id"], "status": "mismatched"}
    error = intent["last_payment_error"]
    refunds = [
        refund
        for refund in world.objects("refunds")  # one that moved no money was held, and let go
        if refund["payment_intent"] == intent["id"] and refund["balance_transaction"]
    ]
    disputes = [d for d in world.objects("disputes") if d["payment_intent"] == intent["id"]]
    card = intent["payment_method"]
    return {
        "payment_intent_id": intent["id"],
        "status": intent["status"],
        "last_payment_error": _error_of(error) if error else None,
        "amount_received": intent["amount_received"],
        "amount_refunded": sum(r["amount"] for r in refunds if r["status"] == "succeeded"),
        "amount_capturable": intent["amount_capturable"],
        "refunds": [_members(refund, _REFUND) for refund in refunds],
        "disputes": [{"dispute_id": d["id"], "status": d["status"]} for d in disputes],
        "dispute_status": disputes[-1]["status"] if disputes else None,
    } | ({"payment_method_id": card} if card else {})


def _error_of(error: StripeObject) -> Json:
    names = {
        "code": "code",
        "message": "message",
        "decline_code": "decline_code",
        "charge_id": "charge",
        "network_decline_code": "network_decline_code",
        "advice_code": "advice_code",
    }
    return {ours: error[theirs] for ours, theirs in names.items() if error.get(theirs)}


_REFUND = ("refund_id", "amount", "status", "failure_reason")


def _members(part: Json, names: Iterable[str]) -> Json:
    """Some members of a part of our row, or of Stripe's object."""
    return {
        name: part.get("id" if name == "refund_id" and "id" in part else name) for name in names
    }


def was_told(world: World, intent: StripeObject) -> bool:
    """Whether an event tells where the intent stands.

    None does that a challenge was passed, or that the merchant has changed the amount.
    """
    if intent["metadata"]["payment_id"] in world.everything.notes.changed:
        return False
    told = [
        event["data"]["object"]["status"]
        for event in world.events()
        if event["data"]["object"]["id"] == intent["id"]
    ]
    return bool(told) and told[-1] == intent["status"]


def check_published(world: World) -> None:
    """The events on the bus match the lines of the histories; repeats are fine."""
    notes = world.everything.notes
    assert not notes.published_otherwise, "two changes have the same event_id"
    told = [
        (event["payment"], *(event[name] for name in _LINE)) for event in notes.published.values()
    ]
    lines = [
        (row["payment_id"], *(change[name] for name in _NAMES))
        for row in world.payments()
        for change in row["history"]
    ]
    assert sorted(told) == sorted(lines), "the events are not those of the histories"


_NAMES = ("at", "from_status", "to_status", "by", "actor")
_LINE = ("occurred_at", "from_status", "to_status", "by", "actor")
