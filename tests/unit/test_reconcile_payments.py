"""What reconciliation finishes, and how it continues."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from payments.domain.errors import StripeUnavailableError
from payments.domain.stripe_event import EventWindow
from payments.recorder import Recorder
from payments.use_cases import reconcile_payments as module
from payments.use_cases.reconcile_payments import reconcile_payments
from tests.support.fakes.repositories import FakeBookmarks, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import (
    ADA,
    a_payment,
    a_pending_payment,
    ago,
    an_event,
    an_open_payment,
)


@pytest.fixture(autouse=True)
def _ada(stripe: FakeStripe) -> None:
    """Ada has a card."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")


class Reconciler:
    """Runs as the schedule starts it."""

    def __init__(self, recorder: Recorder, bookmarks: FakeBookmarks) -> None:
        self.recorder = recorder
        self.bookmarks = bookmarks

    def run(self, *, seconds: float = 240) -> Counter[str]:
        """One run."""
        return reconcile_payments(
            older_than=timedelta(minutes=5),
            abandon_after=timedelta(hours=24),
            seconds=seconds,
            recorder=self.recorder,
            bookmarks=self.bookmarks,
        )


@pytest.fixture
def reconciler(recorder: Recorder, bookmarks: FakeBookmarks) -> Reconciler:
    """The scheduled reconciler."""
    return Reconciler(recorder, bookmarks)


def test_an_open_payment_learns_what_stripe_says(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.cancel("pi_1")
    counts = reconciler.run()
    assert payments.rows["pay_1"].status == "canceled"
    assert (counts["checked"], counts["canceled"]) == (1, 1)


def test_a_payment_that_is_as_stripe_says_is_not_written(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    payment = an_open_payment(stripe, payments)
    assert reconciler.run()["unchanged"] == 1
    assert payments.rows["pay_1"] == payment


def test_a_payment_that_somebody_is_busy_with_is_left_alone(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(minutes=1))
    assert reconciler.run()["checked"] == 0


def test_a_creation_that_was_cut_off_is_finished(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(a_pending_payment(created_at=ago(hours=1), updated_at=ago(hours=1)))
    assert reconciler.run()["finished"] == 1
    assert payments.rows["pay_1"].status == "requires_confirmation"
    assert [change.by for change in payments.rows["pay_1"].history] == ["webhook"]
    assert stripe.names_of_calls()[0] == "create_payment_intent"


def test_a_creation_that_stripe_refuses_is_over(
    reconciler: Reconciler, payments: FakePayments
) -> None:
    then = ago(hours=1)
    payments.put(a_pending_payment(payment_method_id="pm_gone", created_at=then, updated_at=then))
    assert reconciler.run()["refused"] == 1
    assert payments.rows["pay_1"].status == "refused"
    assert reconciler.run()["checked"] == 0


def test_an_abandoned_payment_is_cancelled(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(hours=25))
    assert reconciler.run()["canceled"] == 1
    assert stripe.intent("pi_1").status == "canceled"
    assert payments.rows["pay_1"].status == "canceled"


def test_a_payment_that_succeeded_meanwhile_is_not_cancelled(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(hours=25))

    def pay() -> None:
        stripe.has_cvc_token("cvctok_1")
        stripe.confirm_payment_intent(
            "pi_1", payment=a_payment(), payment_method_id="pm_card", cvc_token="cvctok_1"
        )

    stripe.meanwhile("retrieve_payment_intent", pay)
    reconciler.run()
    assert payments.rows["pay_1"].status == "succeeded"


def test_one_that_fails_does_not_keep_the_others_waiting(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(hours=2))
    an_open_payment(stripe, payments, payment_id="pay_2", payment_intent_id="pi_2")
    stripe.cancel("pi_2")
    stripe.fail_before("retrieve_payment_intent", StripeUnavailableError())
    counts = reconciler.run()
    assert (counts["failed"], counts["canceled"]) == (1, 1)


def test_a_bug_with_one_payment_does_not_stop_the_others(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(hours=2))
    an_open_payment(stripe, payments, payment_id="pay_2", payment_intent_id="pi_2")
    stripe.cancel("pi_2")
    stripe.fail_before("retrieve_payment_intent", KeyError("status"))
    counts = reconciler.run()
    assert (counts["failed"], counts["canceled"]) == (1, 1)


def test_a_bug_with_one_event_does_not_stop_the_others(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, status="succeeded")
    stripe._set("pi_1", status="succeeded", amount_refunded=1)
    for name in ("evt_1", "evt_2"):
        stripe.has_event(
            an_event(
                "charge.refunded",
                event_id=name,
                amount_refunded=1,
                created=int(time.time()) - 60,
            )
        )
    stripe.fail_before("retrieve_payment_intent", KeyError("status"))
    counts = reconciler.run()
    assert (counts["failed"], counts["events_recorded"]) == (1, 1)


def test_a_run_stops_when_its_time_is_up_and_the_next_continues(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given three payments, and a clock that gives a run time for one
    for number in (1, 2, 3):
        an_open_payment(
            stripe,
            payments,
            payment_id=f"pay_{number}",
            payment_intent_id=f"pi_{number}",
            updated_at=ago(hours=4 - number),
        )
    seen: list[list[str]] = []
    for _ in range(4):
        ticks = iter([0, 1, 2, 30, 30, 30, 30, 30])
        monkeypatch.setattr(time, "monotonic", lambda ticks=ticks: next(ticks))
        stripe.calls.clear()
        reconciler.run(seconds=20)
        seen.append(
            [
                str(each["payment_intent_id"])
                for each in stripe.arguments_of("retrieve_payment_intent")
            ]
        )
    # Then each run took the next one, and at the end it started over
    assert seen == [["pi_1"], ["pi_2"], ["pi_3"], ["pi_1"]]


@pytest.mark.parametrize("cursor", ["of another release", "WyJhIiwiYiJd", 5, ["a", "b"]])
def test_a_bookmark_that_is_not_understood_is_as_good_as_none(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    bookmarks: FakeBookmarks,
    cursor: object,
) -> None:
    # Given
    an_open_payment(stripe, payments)
    bookmarks.save("open-payments", cursor=cursor)
    # When
    counts = reconciler.run()
    # Then
    assert (counts["checked"], counts["failed"]) == (1, 0)
    assert "cursor" not in bookmarks.rows["open-payments"]


def test_an_event_that_was_missed_is_read(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, status="succeeded")
    stripe._set("pi_1", status="succeeded", amount_refunded=1099)
    stripe.has_event(
        an_event("charge.refunded", amount_refunded=1099, created=int(time.time()) - 60)
    )
    counts = reconciler.run()
    assert (counts["events_read"], counts["events_recorded"]) == (1, 1)
    assert payments.rows["pay_1"].amount_refunded == 1099


def test_the_next_run_reads_from_where_the_last_one_ended_with_some_overlap(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    reconciler.run()
    first = stripe.arguments_of("list_events")[0]
    reconciler.run()
    second = stripe.arguments_of("list_events")[1]
    assert first["until"] - first["since"] == 24 * 3600  # type: ignore[operator]
    assert second["since"] == first["until"] - 600  # type: ignore[operator]
    assert bookmarks.rows["events"]["until"] >= first["until"]


def test_what_failed_is_read_again_until_a_day_has_passed(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, status="succeeded")
    stripe._set("pi_1", status="succeeded", amount_refunded=1)
    happened = int(time.time()) - 7200
    stripe.has_event(an_event("charge.refunded", amount_refunded=1, created=happened))
    stripe.fail_before("retrieve_payment_intent", StripeUnavailableError())
    assert reconciler.run()["failed"] == 1
    assert reconciler.run()["events_recorded"] == 1
    assert stripe.arguments_of("list_events")[-1]["since"] == happened


def test_what_failed_for_a_day_is_given_up() -> None:
    window = EventWindow(since=0, until=200_000, failed_at=50)
    assert module._next_window(window, now=200_000).since == 200_000 - 24 * 3600


def test_when_stripe_lists_no_events_the_window_waits(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    stripe.fail_before("list_events", StripeUnavailableError())
    assert reconciler.run()["failed"] == 1
    assert "events" not in bookmarks.rows


def test_a_run_that_ended_at_a_dead_cursor_goes_on_at_the_time_that_was_reached(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    # Given
    now = int(time.time())
    since, until = now - 7200, now - 60
    bookmarks.save("events", since=since, until=until, cursor="evt_gone", reached=now - 3600)
    # When
    counts = reconciler.run()
    reconciler.run()
    # Then
    first, restarted, following = stripe.arguments_of("list_events")
    assert first == {"since": since, "until": until, "cursor": "evt_gone"}
    assert restarted == {"since": since, "until": now - 3600 + 1, "cursor": None}
    assert following["since"] == until - 600
    assert (counts["cursors_unknown"], counts["failed"]) == (1, 0)


def test_a_restart_that_was_cut_off_is_not_forgotten(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    bookmarks.save("events", since=1, until=100, reached=50, failed_at=70)
    reconciler.run()
    assert stripe.arguments_of("list_events") == [{"since": 1, "until": 51, "cursor": None}]


def test_events_that_are_not_understood_do_not_stop_the_bookmark(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    stripe.has_event(an_event("charge.refunded", created=int(time.time()) - 60, understood=False))
    counts = reconciler.run()
    assert (counts["events_not_understood"], counts["failed"]) == (1, 0)
    assert "cursor" not in bookmarks.rows["events"]
    assert bookmarks.rows["events"]["until"] >= int(time.time()) - 1


def test_a_defect_of_one_lane_does_not_stop_the_other(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_: object) -> None:
        raise KeyError("updated_at")

    monkeypatch.setattr(payments, "list_open", fail)
    stripe.fail_before("list_events", KeyError("data"))
    assert reconciler.run()["failed"] == 2
    assert stripe.names_of_calls() == ["list_events"]
