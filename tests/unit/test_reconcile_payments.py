"""What reconciliation finishes, and how it continues."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from payments import deadline
from payments.domain.errors import (
    KeyRefusedError,
    PermissionMissingError,
    StripeUnavailableError,
)
from payments.domain.payment_intent import PaymentIntent
from payments.domain.stripe_event import EventWindow
from payments.recorder import Recorder
from payments.use_cases import reconcile_payments as module
from payments.use_cases.reconcile_payments import reconcile_payments
from tests.support.fakes.repositories import FakeBookmarks, FakePayments, FakeRefunds
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
            at_once=1,
            requests_per_second=50,
            recorder=self.recorder,
            refunds=FakeRefunds(self.recorder.payments),
            bookmarks=self.bookmarks,
        )


def looked_at(stripe: FakeStripe) -> list[str]:
    """The PaymentIntents that Stripe was asked for."""
    calls = stripe.arguments_of("retrieve_payment_intent")
    return [str(call["payment_intent_id"]) for call in calls]


def did(counts: Counter[str]) -> Counter[str]:
    """What a run did: how old the oldest open payment is, is another thing."""
    return Counter({name: n for name, n in counts.items() if name != "oldest_open_seconds"})


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
    assert "create_payment_intent" in stripe.names_of_calls()


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


def test_one_that_is_slow_has_half_a_minute(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    left = []
    cancel = stripe.cancel_payment_intent

    def watched(payment_intent_id: str) -> PaymentIntent:
        left.append(deadline.remaining(3600))
        return cancel(payment_intent_id)

    monkeypatch.setattr(stripe, "cancel_payment_intent", watched)
    an_open_payment(stripe, payments, updated_at=ago(hours=25))
    # When
    reconciler.run()
    # Then
    assert left == [pytest.approx(30, abs=1)]
    assert deadline.remaining(3600) == 3600


def test_a_run_stops_when_its_time_is_up_and_the_next_continues(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given three payments, each of which takes all the time of a run
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    for number in (1, 2, 3):
        an_open_payment(
            stripe,
            payments,
            payment_id=f"pay_{number}",
            payment_intent_id=f"pi_{number}",
            updated_at=ago(hours=4 - number),
        )

    def take_long() -> None:
        clock.now += 30

    # When
    seen: list[list[str]] = []
    for _ in range(5):
        stripe.calls.clear()
        stripe.meanwhile("retrieve_payment_intent", take_long)
        reconciler.run(seconds=20)
        seen.append(looked_at(stripe))
    # Then each run took the next one, and at the end it started over
    assert seen == [["pi_1"], ["pi_2"], ["pi_3"], ["pi_1"], ["pi_2"]]


NOT_OURS: list[object] = [
    "of another release",
    "WyJhIiwiYiJd",
    5,
    ["a", "b"],
    "2999-01-01T00:00:00.000Z pay_1",
    "2026-01-01 pay_1",
    "2026-01-01T00:00:00.000Z",
]


@pytest.mark.parametrize("position", NOT_OURS)
@pytest.mark.parametrize("lane", ["in_doubt", "unseen", "abandoned", "waiting"])
def test_a_bookmark_that_is_not_understood_is_as_good_as_none(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    bookmarks: FakeBookmarks,
    lane: str,
    position: object,
) -> None:
    # Given
    payment = an_open_payment(stripe, payments)
    bookmarks.save("open-payments", **{lane: position})
    # When
    counts = reconciler.run()
    # Then
    assert (counts["checked"], counts["failed"]) == (1, 0)
    new = f"{payment.updated_at} {payment.payment_id}"
    assert bookmarks.rows["open-payments"] == {"name": "open-payments", "unseen": new}


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


def test_how_far_behind_the_events_are_is_told(
    reconciler: Reconciler, stripe: FakeStripe, bookmarks: FakeBookmarks
) -> None:
    assert reconciler.run()["events_behind_seconds"] == 0
    # Given two hours of events, and no time to read them
    since = int(time.time()) - 7200
    bookmarks.save("events", since=since, until=since + 7200)
    stripe.has_event(an_event("charge.refunded", created=since + 60))
    assert reconciler.run(seconds=0)["events_behind_seconds"] == pytest.approx(7200, abs=5)


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
    assert reconciler.run()["failed"] == 3  # the age of the oldest cannot be told, either
    assert stripe.names_of_calls() == ["list_events"]


# Our key


type Log = Callable[[], list[dict[str, Any]]]


def errors_in(log: Log) -> list[str]:
    """The messages that alarms look for."""
    return [line["message"] for line in log() if line["level"] == "ERROR"]


def until_a_minute_ago(bookmarks: FakeBookmarks, account_id: str = "acct_till") -> None:
    """Earlier runs have seen this account."""
    stay = {"account_id": account_id, "since": ago(days=9), "last_seen": ago(minutes=1)}
    bookmarks.save("accounts", stays=[stay])


def test_a_run_notes_the_account(reconciler: Reconciler, bookmarks: FakeBookmarks) -> None:
    until_a_minute_ago(bookmarks)
    before = bookmarks.rows["accounts"]["stays"][0]
    reconciler.run()
    (stay,) = bookmarks.rows["accounts"]["stays"]
    assert stay == {**before, "last_seen": stay["last_seen"]}
    assert stay["last_seen"] > before["last_seen"]


def test_a_wrong_key_deployed_before_the_first_look_settles_nothing(
    reconciler: Reconciler,
    stripe: FakeStripe,
    payments: FakePayments,
    bookmarks: FakeBookmarks,
    log: Log,
) -> None:
    # Given payments whose rows do not know their account yet
    until_a_minute_ago(bookmarks)
    then = ago(hours=25)
    started = a_pending_payment(created_at=then, updated_at=then)
    payments.put(started)
    charged = an_open_payment(
        stripe, payments, payment_id="pay_2", created_at=ago(hours=1), account_id=None
    )
    # When a wrong key is deployed, whose account knows neither of them
    kept, stripe.intents = stripe.intents, {}
    stripe.account = "acct_wrong"
    counts = reconciler.run()
    # Then
    assert (counts["checked"], counts["other_account"], counts["failed"]) == (2, 2, 0)
    assert payments.rows == {"pay_1": started, "pay_2": charged}
    assert errors_in(log) == ["key of another account"]
    # When it is replaced by the right one
    stripe.intents, stripe.account = kept, "acct_till"
    counts = reconciler.run()
    # Then
    assert (counts["other_account"], counts["expired"], counts["changed"]) == (0, 1, 1)
    assert payments.rows["pay_2"].account_id == "acct_till"


def test_a_wrong_key_does_not_move_on_in_the_events_of_the_right_one(
    reconciler: Reconciler, stripe: FakeStripe
) -> None:
    reconciler.run()
    for stripe.account in ("acct_wrong", "acct_wrong", "acct_till"):
        reconciler.run()
    first, wrong, wrong_again, back = stripe.arguments_of("list_events")
    assert wrong["until"] - wrong["since"] == 24 * 3600  # type: ignore[operator]
    assert wrong_again["since"] == wrong["until"] - 600  # type: ignore[operator]
    assert back["since"] == first["until"] - 600  # type: ignore[operator]


def test_a_key_that_may_not_name_its_account_reads_on_in_the_events(
    reconciler: Reconciler, stripe: FakeStripe
) -> None:
    for stripe.account in ("acct_till", None, "acct_till"):
        reconciler.run()
    untils = [call["until"] for call in stripe.arguments_of("list_events")]
    sinces = [call["since"] for call in stripe.arguments_of("list_events")]
    assert sinces[1:] == [until - 600 for until in untils[:-1]]  # type: ignore[operator]


def test_with_a_refused_key_nothing_is_asked_and_one_line_tells_it(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments, log: Log
) -> None:
    then = ago(hours=25)
    payment = payments.put(a_pending_payment(created_at=then, updated_at=then))
    stripe.account_error = KeyRefusedError("the key is not valid")
    assert did(reconciler.run()) == {"key_refused": 1}
    assert payments.rows["pay_1"] == payment
    assert stripe.calls == []
    assert errors_in(log) == ["key refused"]
    assert log()[-1]["reason"] == "the key is not valid"


def test_a_key_that_is_refused_from_now_on_ends_the_run(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments, log: Log
) -> None:
    for number in (1, 2, 3):
        an_open_payment(
            stripe, payments, payment_id=f"pay_{number}", payment_intent_id=f"pi_{number}"
        )
    stripe.fail_before("retrieve_payment_intent", KeyRefusedError("the key is not valid"))
    counts = reconciler.run()
    assert (counts["key_refused"], counts["failed"], counts["checked"]) == (1, 0, 1)
    assert stripe.names_of_calls() == ["list_events", "retrieve_payment_intent"]
    assert errors_in(log) == ["key refused"]


def test_a_key_that_is_refused_among_the_events_ends_the_run(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments, log: Log
) -> None:
    an_open_payment(stripe, payments, status="succeeded")
    for name in ("evt_1", "evt_2"):
        event = an_event("charge.refunded", event_id=name, created=int(time.time()) - 60)
        stripe.has_event(event)
    stripe.fail_before("retrieve_payment_intent", KeyRefusedError("the key is not valid"))
    counts = reconciler.run()
    assert (counts["key_refused"], counts["failed"], counts["events_read"]) == (1, 0, 1)
    assert errors_in(log) == ["key refused"]


def test_a_missing_right_fails_each_payment_and_fills_no_log(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments, log: Log
) -> None:
    for number in (1, 2):
        an_open_payment(
            stripe, payments, payment_id=f"pay_{number}", payment_intent_id=f"pi_{number}"
        )
        missing = PermissionMissingError("the key lacks a right: rak_payment_intent_read")
        stripe.fail_before("retrieve_payment_intent", missing)
    assert reconciler.run()["failed"] == 2
    assert errors_in(log) == []


def test_while_the_account_cannot_be_asked_for_nothing_is_settled(
    reconciler: Reconciler, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.account_error = StripeUnavailableError()
    assert did(reconciler.run()) == {"failed": 1}
    assert stripe.calls == []
