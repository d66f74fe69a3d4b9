"""People see, change, export and delete their account."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from payments.domain.consent import Consent
from payments.domain.customer import ErasedPerson, UnfinishedCustomer, User
from payments.domain.errors import (
    AccountBeingDeletedError,
    AccountErasedError,
    PaymentRefusedError,
    ServiceUnavailableError,
    SignedOutError,
    StripeUnavailableError,
)
from payments.domain.person import Account, Deferral, Deletion
from payments.use_cases.delete_account import delete_account
from payments.use_cases.export_account import export_account
from payments.use_cases.get_account import get_account
from payments.use_cases.update_account import update_account
from tests.support.fakes.repositories import FakeCustomers, FakeOrders, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, BOB, LONG_AGO, a_customer, a_payment, an_intent, an_order

YESTERDAY, IN_TWO_WEEKS = "2026-11-26T12:00:00.000Z", "2026-12-10T12:00:00.000Z"
AGREED = Consent(usage="off_session", text="Charge me.", at=LONG_AGO)


class People:
    """The use cases, with the collaborators they share."""

    def __init__(
        self,
        pool: FakeUserPool,
        stripe: FakeStripe,
        customers: FakeCustomers,
        payments: FakePayments,
    ) -> None:
        self.pool, self.stripe, self.customers, self.payments = pool, stripe, customers, payments
        self.orders = FakeOrders()
        self._of_a_person: dict[str, Any] = {"pool": pool, "stripe": stripe, "customers": customers}
        self._all: dict[str, Any] = {**self._of_a_person, "payments": payments}

    def get(self, user: User = ADA) -> Account:
        return get_account(user=user, erase_after_days=14, **self._all)

    def update(self, user: User = ADA, **changes: str | None) -> Account:
        return update_account(changes, user=user, **self._of_a_person)

    def delete(self, user: User = ADA) -> Account:
        return delete_account(user=user, erase_after_days=14, **self._all)

    def export(self, user: User = ADA, cursor: str | None = None) -> Any:
        return export_account(user=user, cursor=cursor, orders=self.orders, **self._all)

    @property
    def at_stripe(self) -> tuple[str, str]:
        """The address and the name of Ada's Customer."""
        user = self.stripe.customers["cus_ada"].user
        return user.email, user.name

    @property
    def in_the_row(self) -> tuple[str, str]:
        """The same, in our row."""
        row = self.customers.rows["ada"]
        return row.email, row.name


@pytest.fixture
def people(
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    payments: FakePayments,
) -> People:
    """Ada is one of them."""
    user_pool.put(ADA, phone="+447700900123", birthdate="1985-12-10", gender="female")
    stripe.has_customer(ADA)
    customers.rows["ada"] = a_customer()
    return People(user_pool, stripe, customers, payments)


def verifies(people: People, email: str) -> None:
    """Ada enters the code that was sent to her new address."""
    ada = people.pool.people["ada"]
    ada.user = replace(ada.user, email=email)


# GET /account


def test_an_account_is_what_the_user_pool_knows_and_stripe_is_not_asked(people: People) -> None:
    person = people.get().person
    assert (person.user_id, person.email, person.name) == ("ada", ADA.email, ADA.name)
    assert person.phone == "+447700900123"
    assert people.get().deletion is None
    assert people.stripe.calls == []


def test_a_verified_address_reaches_stripe_and_then_the_row(people: People) -> None:
    verifies(people, "ada@lovelace.example")
    assert people.get().person.email == "ada@lovelace.example"
    assert people.at_stripe == people.in_the_row == ("ada@lovelace.example", ADA.name)
    # And once is enough
    people.stripe.calls.clear()
    people.get()
    assert people.stripe.calls == []


def test_an_address_that_nobody_verified_does_not(people: People) -> None:
    verifies(people, "someone@else.example")
    people.pool.people["ada"].confirmed = False
    assert people.get().person.email == "someone@else.example"
    assert people.at_stripe == people.in_the_row == (ADA.email, ADA.name)
    assert people.stripe.calls == []


def test_another_spelling_of_the_same_address_is_no_change(people: People) -> None:
    verifies(people, "Ada@Example.com")
    people.get()
    assert people.stripe.calls == []


@pytest.mark.parametrize("lost", [False, True], ids=["before", "after"])
def test_what_did_not_reach_stripe_or_the_row_is_brought_the_next_time(
    people: People, *, lost: bool
) -> None:
    verifies(people, "ada@lovelace.example")
    fail = people.stripe.fail_after if lost else people.stripe.fail_before
    fail("update_customer", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        people.get()
    assert people.in_the_row == (ADA.email, ADA.name)
    people.get()
    assert people.at_stripe == people.in_the_row == ("ada@lovelace.example", ADA.name)


def test_of_two_changes_the_later_one_stays_at_stripe(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a request that is overtaken by another change, and by the request that brings it
    verifies(people, "first@example.com")
    update = people.stripe.update_customer

    def overtaken(stripe_customer_id: str, *, email: str | None, name: str) -> None:
        monkeypatch.undo()
        verifies(people, "second@example.com")
        people.get()
        update(stripe_customer_id, email=email, name=name)

    monkeypatch.setattr(people.stripe, "update_customer", overtaken)
    # When
    people.get()
    # Then
    assert people.at_stripe == people.in_the_row == ("second@example.com", ADA.name)


def test_an_address_that_stripe_refuses_holds_nothing_up(people: People) -> None:
    people.stripe.refused_emails.add("ada@localhost.example")
    verifies(people, "ada@localhost.example")
    people.update(name="Ada King")
    assert people.at_stripe == people.in_the_row == (ADA.email, "Ada King")
    assert people.get().person.email == "ada@localhost.example"


def test_a_name_that_stripe_refuses_holds_nothing_up(people: People) -> None:
    refusal = PaymentRefusedError(code="parameter_invalid", param="name")
    people.stripe.fail_before("update_customer", refusal)
    assert people.update(name="Ada King").person.name == "Ada King"
    assert people.in_the_row == (ADA.email, ADA.name)


def test_a_customer_that_is_gone_is_left_to_the_next_step_that_needs_one(people: People) -> None:
    people.stripe.forget_customer("cus_ada")
    assert people.update(name="Ada King").person.name == "Ada King"


@pytest.mark.parametrize("row", ["none", "unfinished", "deleted", "live"])
def test_whoever_has_no_customer_has_an_account_all_the_same(people: People, row: str) -> None:
    customer = people.customers.rows.pop("ada")
    match row:
        case "unfinished":
            people.customers.unfinished["ada"] = UnfinishedCustomer("ada")
        case "deleted" | "live":
            changed = replace(customer, deleted=row == "deleted", livemode=row == "live")
            people.customers.rows["ada"] = changed
    assert people.update(name="Ada King").person.name == "Ada King"
    assert people.get().person.name == "Ada King"
    assert people.stripe.calls == []
    assert people.export().payment_methods == []


# PATCH /account


def test_name_and_phone_are_changed_or_removed(people: People) -> None:
    assert people.update(name="Ada King", phone_number=None).person.phone is None
    assert people.get().person.name == "Ada King"
    assert people.at_stripe == people.in_the_row == (ADA.email, "Ada King")
    assert people.update(phone_number="+12025550123").person.phone == "+12025550123"
    assert people.get().person.name == "Ada King"


def test_nothing_invisible_reaches_stripe(people: People) -> None:
    people.update(name="Ada\u202eKing")  # Cognito lets people do it themselves
    assert people.at_stripe == (ADA.email, "AdaKing")


def test_changing_and_deleting_need_a_login_after_the_log_out_everywhere(people: People) -> None:
    people.customers.sign_out("ada", at="2999-01-01T00:00:00.000Z")
    for act in (people.update, people.delete):
        with pytest.raises(SignedOutError):
            act()
    assert people.pool.people["ada"].deletion_requested_at is None


# DELETE /account


def test_a_deletion_is_stored_in_pool_and_row_and_ends_all_sessions(people: People) -> None:
    account = people.delete()
    assert account.deletion is not None
    at = account.deletion.requested_at
    ada = people.pool.people["ada"]
    assert (ada.deletion_requested_at, ada.in_group, ada.sessions) == (at, True, 0)
    row = people.customers.rows["ada"]
    assert row.deletion_requested_at == at
    assert row.signed_out_at is not None
    assert row.signed_out_at > at
    assert people.get().deletion == account.deletion


def test_the_first_request_counts(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.use_cases.delete_account.now", lambda: YESTERDAY)
    first = people.delete().deletion
    assert first == Deletion(requested_at=YESTERDAY, erased_after=IN_TWO_WEEKS)
    monkeypatch.setattr("payments.use_cases.delete_account.now", lambda: IN_TWO_WEEKS)
    assert people.delete(replace(ADA, deletion_requested=True)).deletion == first
    assert people.pool.people["ada"].deletion_requested_at == YESTERDAY


@pytest.mark.parametrize("step", range(4))
def test_a_request_that_was_cut_off_may_be_sent_again(people: People, step: int) -> None:
    # Given a failure after so many of the writes
    fail: list[Callable[[], None]] = [
        lambda: _fail_at(people, "request_deletion", before=True),
        lambda: _fail_at(people, "request_deletion", before=False),
        lambda: setattr(people.customers, "fail_next_write", ServiceUnavailableError()),
        lambda: _fail_at(people, "sign_out_everywhere", before=True),
    ]
    fail[step]()
    with pytest.raises(ServiceUnavailableError):
        people.delete()
    # When the same token asks again, although its sessions may be over
    people.delete()
    # Then
    ada, row = people.pool.people["ada"], people.customers.rows["ada"]
    assert ada.deletion_requested_at == row.deletion_requested_at is not None
    assert (ada.in_group, ada.sessions) == (True, 0)


def _fail_at(people: People, method: str, *, before: bool) -> None:
    """Let the next call of this method of the pool fail."""
    original = getattr(people.pool, method)

    def failing(*args: object, **kwargs: object) -> None:
        setattr(people.pool, method, original)
        if not before:
            original(*args, **kwargs)
        raise ServiceUnavailableError

    setattr(people.pool, method, failing)


def test_what_a_request_left_that_was_cut_off_is_no_deletion(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a request of long ago that stored one attribute, and that nobody answered
    people.pool.people["ada"].deletion_requested_at = LONG_AGO
    assert people.get().deletion is None
    people.update(name="Ada King")
    # When she asks now, then the time of grace begins now
    monkeypatch.setattr("payments.use_cases.delete_account.now", lambda: YESTERDAY)
    deletion = people.delete().deletion
    assert deletion is not None
    assert deletion.requested_at == YESTERDAY


def test_a_restored_table_has_not_forgotten_for_whom_logs_in(people: People) -> None:
    people.pool.request_deletion("ada", at=YESTERDAY)
    deletion = people.get(replace(ADA, deletion_requested=True)).deletion
    assert deletion is not None
    assert deletion.requested_at == YESTERDAY
    people.delete(replace(ADA, deletion_requested=True))
    assert people.customers.rows["ada"].deletion_requested_at == YESTERDAY


def test_the_account_tells_what_has_to_end_first(people: People) -> None:
    people.payments.put(a_payment(payment_id="pay_open"))
    people.payments.put(a_payment(payment_id="pay_bob", user_id=BOB.user_id))
    people.stripe.subscribed.add("cus_ada")
    deletion = people.delete().deletion
    assert deletion is not None
    assert set(deletion.deferred_by) == {
        Deferral("open_payment", "pay_open"),
        Deferral("subscription"),
    }


def test_while_it_is_being_deleted_nothing_more_reaches_stripe(people: People) -> None:
    people.delete()
    verifies(people, "ada@lovelace.example")
    people.get()
    assert people.at_stripe == (ADA.email, ADA.name)
    with pytest.raises(AccountBeingDeletedError):
        people.update(name="Ada King")


def test_somebody_without_a_row_can_ask_too(people: People) -> None:
    people.customers.rows.clear()
    people.delete()
    assert people.customers.unfinished["ada"].deletion_requested_at is not None


# After the erasure


def test_a_person_who_is_gone_has_no_account(people: People) -> None:
    people.pool.delete("ada")
    for act in (people.get, people.export, people.delete, lambda: people.update(name="Ada")):
        with pytest.raises(AccountErasedError):
            act()
    assert people.customers.rows["ada"].deletion_requested_at is None


def test_an_erasure_meanwhile_is_noticed(people: People) -> None:
    def erase() -> None:
        people.customers.rows.clear()
        people.customers.erased["ada"] = ErasedPerson("ada", erased_at=LONG_AGO)

    people.customers.before_writes.add(erase)
    with pytest.raises(AccountErasedError):
        people.delete()
    assert (people.customers.rows, people.customers.unfinished) == ({}, {})


# GET /account/export


def test_an_export_has_everything_that_is_kept(people: People) -> None:
    # Given
    people.stripe.has_card("pm_agreed", consent=AGREED)
    people.stripe.has_card("pm_waits", replaced=True)
    people.stripe.has_card("pm_bob", of="cus_bob")
    paid = people.payments.put(a_payment().after(an_intent(status="succeeded"), by="confirm"))
    people.payments.put(a_payment(payment_id="pay_bob", user_id=BOB.user_id))
    # When
    export = people.export()
    # Then
    assert export.person == people.get().person
    assert {each.payment_method_id for each in export.payment_methods} == {"pm_agreed", "pm_waits"}
    (agreed,) = [each for each in export.payment_methods if each.consent]
    assert agreed.consent == AGREED
    assert export.payments == [paid]
    assert export.requested_at is None
    people.delete()
    assert people.export().requested_at is not None


def test_an_export_has_a_hundred_payments_a_page_and_then_orders(people: People) -> None:
    for number in range(101):
        people.payments.put(
            a_payment(payment_id=f"pay_{number}", created_at=f"2026-01-01T00:00:00.{number:03}Z")
        )
    orders = [an_order(order_id=f"ord_{number}") for number in range(101)]
    people.orders.rows = {order.order_id: order for order in orders}
    first = people.export()
    second = people.export(cursor=first.next_cursor)
    third = people.export(cursor=second.next_cursor)
    assert (len(first.payments), len(first.orders)) == (100, 0)
    assert (len(second.payments), len(second.orders)) == (1, 100)
    assert (third.payments, third.orders) == ([], orders[100:])
    assert third.next_cursor is None


def test_cards_are_gone_with_their_customer(people: People) -> None:
    people.stripe.forget_customer("cus_ada")
    assert people.export().payment_methods == []
