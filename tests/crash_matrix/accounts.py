"""Scenarios of a person's account: read, change, export, delete; its erasure, and who keeps it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import World
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import Gateway, run

_REGISTRATION = {
    "email": "grace@example.com",
    "password": "Flow-Matic-1955",
    "name": "Grace Hopper",
}
_ALL_BUT_PAYMENTS = {"user_id", "erased_at", "expires_at"}


@dataclass(frozen=True)
class _Grace:
    """A person in the user pool, with a Customer at Stripe and one card."""

    user_id: str
    client: ApiClient
    card: str

    def account(self) -> Answer:
        return self.client.send("GET", "/account")

    def asks(self) -> Answer:
        return self.client.send("DELETE", "/account")


def _grace(world: World) -> _Grace:
    user_id = str(ApiClient(Gateway(None)).signup(**_REGISTRATION).body["user_id"])
    world.aws.confirm(user_id)
    claims = {
        "sub": user_id,
        "email": _REGISTRATION["email"],
        "name": _REGISTRATION["name"],
        "auth_time": str(2**33),  # she has just logged in
    }
    client = ApiClient(Gateway(claims))
    return _Grace(user_id, client, world.saved_card(client=client))


def _row_of(world: World, user_id: str) -> dict[str, Any]:
    (row,) = [row for row in world.customer_rows() if row["user_id"] == user_id]
    return row


def _customers_of(world: World, user_id: str) -> list[dict[str, Any]]:
    return [
        each
        for each in world.objects("customers")
        if not each.get("deleted") and each["metadata"]["user_id"] == user_id
    ]


def get(world: World) -> Case:
    """She has verified a new address, and Stripe has the old one."""
    grace = _grace(world)
    email = "grace.brewster@example.com"
    world.aws.verify(grace.user_id, email)

    def right(answer: Any) -> bool:
        return bool(answer.status == 200 and answer.body["email"] == email)

    def again() -> None:
        assert right(grace.account())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            _is_everywhere(world, grace.user_id, email=email)

    return Case(step=grace.account, right=right, again=again, settled=settled)


def _is_everywhere(world: World, user_id: str, **profile: str) -> None:
    (customer,) = _customers_of(world, user_id)
    row = _row_of(world, user_id)
    assert {name: customer[name] for name in profile} == profile
    assert {name: row[name] for name in profile} == profile


def update(world: World) -> Case:
    grace = _grace(world)

    def step() -> Answer:
        body = {"name": "Grace Brewster", "phone": "+12025550123"}
        return grace.client.send("PATCH", "/account", body=body)

    def right(answer: Any) -> bool:
        told = (answer.status, answer.body.get("name"), answer.body.get("phone"))
        return told == (200, "Grace Brewster", "+12025550123")

    def again() -> None:
        assert right(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            _is_everywhere(world, grace.user_id, name="Grace Brewster")
            assert grace.account().body["phone"] == "+12025550123"

    return Case(step=step, right=right, again=again, settled=settled)


def export(world: World) -> Case:
    grace = _grace(world)

    def step() -> Answer:
        return grace.client.send("GET", "/account/export")

    def right(answer: Any) -> bool:
        if answer.status != 200:
            return False
        cards = [each["payment_method_id"] for each in answer.body["payment_methods"]]
        return bool(cards == [grace.card])

    def again() -> None:
        assert right(step())

    return Case(step=step, right=right, again=again)


def delete(world: World) -> Case:
    """Once she is told that it is asked for, it is; before, she can ask again."""
    grace = _grace(world)

    def right(answer: Any) -> bool:
        return bool(answer.status == 202 and answer.body["deletion"]["deferred_by"] == [])

    def again() -> None:
        assert right(grace.asks())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            asked = grace.account().body["deletion"]["requested_at"]
            assert _row_of(world, grace.user_id)["deletion_requested_at"] == asked
            assert grace.client.cards().code == "account_being_deleted"

    def afterwards() -> None:
        assert run("erase_accounts", {"older_than_days": 0})["erased"] == 1
        _is_erased(world, grace)

    return Case(step=grace.asks, right=right, again=again, settled=settled, afterwards=afterwards)


def _is_erased(world: World, grace: _Grace) -> None:
    assert grace.user_id not in world.everything.users()
    assert _customers_of(world, grace.user_id) == []
    assert _row_of(world, grace.user_id).keys() == _ALL_BUT_PAYMENTS
    assert grace.account().code == "not_authenticated"
    assert grace.client.cards().code == "not_authenticated"
    assert _customers_of(world, grace.user_id) == []


def _erases(answer: Any) -> bool:
    return isinstance(answer, dict) and answer["failed"] == 0


def _erasing(world: World, grace: _Grace) -> Case:
    """The step is to erase her."""

    def step() -> Any:
        return run("erase_accounts", {"older_than_days": 0})

    def again() -> None:
        assert _erases(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            _is_erased(world, grace)

    return Case(
        step=step,
        right=_erases,
        again=again,
        settled=settled,
        afterwards=partial(_is_erased, world, grace),
    )


def erase(world: World) -> Case:
    grace = _grace(world)
    grace.asks()
    return _erasing(world, grace)


def erase_after_a_restore(world: World) -> Case:
    """The table was restored from before she had asked, and even from before her sign-up."""
    grace = _grace(world)
    grace.asks()
    world.aws.remove_customer(grace.user_id)
    return _erasing(world, grace)


def notice_a_deleted_user(world: World) -> Case:
    """She has deleted her own user, and nobody else has: nothing else of her goes for two weeks."""
    grace = _grace(world)
    world.aws.delete_user(grace.user_id)

    def step() -> Any:
        return run("erase_accounts", {})

    def again() -> None:
        assert _erases(step())

    def settled(_: Recoveries) -> None:
        assert len(_customers_of(world, grace.user_id)) == 1
        assert _row_of(world, grace.user_id)["stripe_customer_id"]

    def afterwards() -> None:
        assert _erases(step())
        assert _erases(step())
        settled(frozenset())
        assert "deletion_requested_at" in _row_of(world, grace.user_id)
        assert run("erase_accounts", {"older_than_days": 0})["erased"] == 1
        _is_gone(world, grace)

    return Case(step=step, right=_erases, again=again, settled=settled, afterwards=afterwards)


def erase_a_deleted_user(world: World) -> Case:
    """Her user has been gone for long enough."""
    grace = _grace(world)
    world.aws.delete_user(grace.user_id)
    run("erase_accounts", {})
    run("erase_accounts", {})

    def step() -> Any:
        return run("erase_accounts", {"older_than_days": 0})

    def again() -> None:
        assert _erases(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            _is_gone(world, grace)

    return Case(
        step=step,
        right=_erases,
        again=again,
        settled=settled,
        afterwards=partial(_is_gone, world, grace),
    )


def _is_gone(world: World, grace: _Grace) -> None:
    assert _customers_of(world, grace.user_id) == []
    assert _row_of(world, grace.user_id).keys() == _ALL_BUT_PAYMENTS
    assert grace.client.cards().code == "not_authenticated"


def erase_later(world: World) -> Case:
    """An open payment puts it off: until that is over, nothing of hers is touched."""
    grace = _grace(world)
    key = "a-key-of-graces"
    world.everything.notes.keys.append(key)
    payment = grace.client.create(key=key, product_id="coffee", payment_method_id=grace.card).body
    grace.asks()

    def step() -> Any:
        return run("erase_accounts", {"older_than_days": 0})

    def right(answer: Any) -> bool:
        return _erases(answer) and answer["deferred"] == 1

    def again() -> None:
        assert right(step())

    def settled(_: Recoveries) -> None:
        deferral = {"reason": "open_payment", "payment_id": payment["payment_id"]}
        assert grace.account().body["deletion"]["deferred_by"] == [deferral]
        assert len(_customers_of(world, grace.user_id)) == 1

    def afterwards() -> None:
        intent = world.intent_of(payment["payment_id"])
        assert intent
        world.stripe.post(SECRET_KEY, f"/v1/payment_intents/{intent['id']}/cancel")
        world.deliver_all()
        assert step()["erased"] == 1
        _is_erased(world, grace)

    return Case(step=step, right=right, again=again, settled=settled, afterwards=afterwards)


def keep(world: World) -> Case:
    """An operator takes her request back."""
    grace = _grace(world)
    grace.asks()

    def step() -> Any:
        return run("erase_accounts", {"keep": grace.user_id})

    def right(answer: Any) -> bool:
        return bool(answer == {"kept": 1})

    def again() -> None:
        assert right(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert grace.account().body["deletion"] is None
            assert run("erase_accounts", {"older_than_days": 0})["erased"] == 0
            (card,) = grace.client.cards().body["data"]
            assert card["payment_method_id"] == grace.card

    return Case(step=step, right=right, again=again, settled=settled)


SCENARIOS = [
    Scenario("account", "get_account", get),
    Scenario("change the account", "update_account", update),
    Scenario("export the account", "export_account", export),
    Scenario("delete the account", "delete_account", delete),
    Scenario("erase an account", "erase_accounts", erase),
    Scenario("erase an account, after a restore", "erase_accounts", erase_after_a_restore),
    Scenario("erase an account, later", "erase_accounts", erase_later),
    Scenario("notice a deleted user", "erase_accounts", notice_a_deleted_user),
    Scenario("erase a deleted user", "erase_accounts", erase_a_deleted_user),
    Scenario("keep an account", "erase_accounts", keep),
]
