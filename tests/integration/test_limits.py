"""What card testers meet, on the real table: counters, and what they cost."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from payments.domain.errors import TooManyAttemptsError
from payments.domain.limits import Limits
from payments.guard import Guard
from payments.repositories import dynamodb
from payments.repositories.limits import LimitsRepository
from tests.integration.conftest import forget_clients
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
REFUSED_WHEN_CHARGED = "4000000000000341"
REFUSED_WHEN_SAVED = "4000000000000002"
ADDRESS = "198.51.100.7"


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[tuple[str, str]]]:
    """How often each operation was called on each table."""
    counted: Counter[tuple[str, str]] = Counter()

    def record(model: Any, params: Any, **_: object) -> None:
        if model.service_model.service_id.hyphenize() != "dynamodb":
            return
        tables = ("LimitsTable", "PaymentsTable", "CustomersTable")
        named = next((name for name in tables if name.encode() in params["body"]), "other")
        counted[model.name, named] += 1

    session = boto3.Session()
    session.events.register("before-call", record)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    forget_clients()
    yield counted
    monkeypatch.undo()
    forget_clients()


def pay(person: ApiClient, stripe: Simulator, card: str) -> Answer:
    """One whole attempt: a new payment, and its confirmation."""
    created = person.create(product_id="coffee", payment_method_id=card)
    assert created.status == 201, created
    return person.confirm(created.body["payment_id"], cvc_token=stripe.cvc_token())


def test_counters_cost_one_call_to_create_and_confirm_two_for_a_decline_and_none_to_read(
    ada: ApiClient, stripe: Simulator, operations: Counter[tuple[str, str]]
) -> None:
    good = ada.attached(stripe.payment_method(VISA))
    bad = ada.attached(stripe.payment_method(REFUSED_WHEN_CHARGED))

    def calls(step: Any) -> tuple[int, int, Answer]:
        operations.clear()
        answer = step()
        limits = sum(n for (_, table), n in operations.items() if table == "LimitsTable")
        return limits, operations.total(), answer

    limits, total, created = calls(
        lambda: ada.create(key="one-more-key", product_id="coffee", payment_method_id=good)
    )
    assert (limits, total, created.status) == (1, 4, 201)
    payment_id = created.body["payment_id"]
    replayed = calls(
        lambda: ada.create(key="one-more-key", product_id="coffee", payment_method_id=good)
    )
    assert (replayed[0], replayed[2].status) == (0, 201)
    confirmed = calls(lambda: ada.confirm(payment_id, cvc_token=stripe.cvc_token()))
    assert (*confirmed[:2], confirmed[2].status) == (1, 3, 200)

    other = ada.create(product_id="coffee", payment_method_id=bad).body["payment_id"]
    token = stripe.cvc_token()
    declined = calls(lambda: ada.confirm(other, cvc_token=token))
    assert (*declined[:2], declined[2].status) == (2, 4, 402)

    for read in (
        lambda: ada.payment(payment_id),
        ada.history,
        ada.cards,
        ada.products,
        lambda: ada.confirm(payment_id),
    ):
        limits, _, answer = calls(read)
        assert (limits, answer.status) == (0, 200)


def test_sixty_bad_cards_of_one_person_are_five_declines_and_a_pause(
    ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(REFUSED_WHEN_CHARGED))
    answers = [pay(ada, stripe, card) for _ in range(8)]
    assert [answer.status for answer in answers] == [402] * 5 + [429] * 3
    refused = answers[-1]
    assert refused.code == "too_many_attempts"
    assert refused.body["retryable"] is True
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert refused.body["detail"] == "Please wait a while, then try again."


def test_three_declines_lock_nobody_out(ada: ApiClient, stripe: Simulator) -> None:
    bad = ada.attached(stripe.payment_method(REFUSED_WHEN_CHARGED))
    good = ada.attached(stripe.payment_method(VISA))
    assert [pay(ada, stripe, bad).status for _ in range(3)] == [402] * 3
    assert pay(ada, stripe, good).status == 200


def test_who_succeeds_is_never_slowed_down(ada: ApiClient, stripe: Simulator) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    assert {pay(ada, stripe, card).status for _ in range(45)} == {200}


def test_the_forty_first_open_payment_is_refused_until_another_is_over(
    ada: ApiClient, bob: ApiClient, stripe: Simulator, aws: Aws
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    opened = [ada.create(product_id="coffee", payment_method_id=card) for _ in range(41)]
    assert [answer.status for answer in opened] == [201] * 40 + [429]
    assert len(aws.rows("PaymentsTable")) == 40

    first = opened[0].body["payment_id"]
    assert ada.confirm(first, cvc_token=stripe.cvc_token()).status == 200
    assert ada.create(product_id="coffee", payment_method_id=card).status == 201
    his = bob.attached(stripe.payment_method(VISA))
    assert bob.create(product_id="coffee", payment_method_id=his).status == 201


def test_cards_that_are_refused_when_saved_count_too(ada: ApiClient, stripe: Simulator) -> None:
    answers = [ada.attach(stripe.payment_method(REFUSED_WHEN_SAVED)).status for _ in range(7)]
    assert answers == [402] * 5 + [429] * 2
    assert ada.set_up_card().status == 429
    same = ada.cards()
    assert same.status == 200


def test_the_forty_first_new_card_of_a_day_is_refused(ada: ApiClient, stripe: Simulator) -> None:
    cards = [stripe.payment_method(VISA) for _ in range(41)]
    answers = [ada.attach(card).status for card in cards]
    assert (answers.index(429), len(answers)) == (40, 41)
    (kept,) = ada.cards().body["data"]
    assert ada.attach(kept["payment_method_id"]).status == 200  # it is no new one


@pytest.mark.usefixtures("aws")
def test_fifty_at_once_get_no_further_than_twenty_in_a_row() -> None:
    """Each with its own client, as in processes of their own; all come before any decline."""
    together = threading.Barrier(50)

    def attempt(number: int) -> bool:
        limits = LimitsRepository(
            dynamodb.impatient_client(), "LimitsTable", payments_table="PaymentsTable"
        )
        guard = Guard(Limits(), limits)
        together.wait()
        try:
            guard.admit_charge("ada", f"pay_{number}", attempt="1")
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        admitted = list(pool.map(attempt, range(50)))
    assert sum(admitted) == 20


def test_a_shared_address_slows_down_who_was_declined_and_nobody_else(
    stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS", "declines_per_address=4")
    _reread_settings()
    thieves = [client_for(address=ADDRESS) for _ in range(2)]
    for thief in thieves:
        card = thief.attached(stripe.payment_method(REFUSED_WHEN_CHARGED))
        assert [pay(thief, stripe, card).status for _ in range(2)] == [402] * 2
        created = thief.create(product_id="coffee", payment_method_id=card)
        thief.again = lambda c=created, t=thief: t.confirm(  # type: ignore[attr-defined]
            c.body["payment_id"], cvc_token=stripe.cvc_token()
        )
    honest = client_for(address="198.51.100.8")
    card = honest.attached(stripe.payment_method(VISA))
    assert [thief.again().status for thief in thieves] == [429] * 2  # type: ignore[attr-defined]
    assert pay(honest, stripe, card).status == 200
    _reread_settings()


def test_sign_ups_of_one_network_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMITS", "signups_per_address=2")
    _reread_settings()

    def sign_up(name: str, address: str | None = ADDRESS) -> int:
        anybody = ApiClient(Gateway(None, address=address))
        return anybody.signup(
            email=f"{name}@example.com", password="Correct-Horse-1", name="Somebody"
        ).status

    assert [sign_up("a"), sign_up("b"), sign_up("c")] == [201, 201, 429]
    assert sign_up("d", "203.0.113.9") == 201
    assert sign_up("e", None) == 201
    _reread_settings()


def test_a_card_that_was_set_up_is_no_attempt_any_more(
    ada: ApiClient, stripe: Simulator, aws: Aws
) -> None:
    started = ada.set_up_card().body
    (row,) = aws.rows("LimitsTable")
    assert len(row["attempts"]) == 1

    stripe.set_up_card(started["client_secret"], stripe.payment_method(VISA))
    assert ada.attach_set_up(started["setup_intent_id"]).status == 201

    (row,) = aws.rows("LimitsTable")
    assert ("attempts" in row, len(row["cards"])) == (False, 1)


def test_a_setup_intent_is_cancelled_after_three_declines(
    ada: ApiClient, stripe: Simulator
) -> None:
    started = ada.set_up_card().body

    def try_card() -> str:
        card = stripe.payment_method(REFUSED_WHEN_SAVED)
        status = stripe.set_up_card(started["client_secret"], card)
        for event in events(stripe, "setup_intent.setup_failed"):
            assert deliver(event).status == 200
        return status

    assert [try_card() for _ in range(4)] == [*["requires_payment_method"] * 3, "canceled"]
    assert ada.set_up_card().status == 201  # three declines lock nobody out


def test_without_the_table_people_pay(
    ada: ApiClient,
    stripe: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    monkeypatch.setenv("LIMITS_TABLE", "NoSuchTable")
    _reread_settings()
    assert pay(ada, stripe, card).status == 200
    assert '"LimitsUnavailable":[1.0]' in capsys.readouterr().out.replace(" ", "")
    _reread_settings()


def _reread_settings() -> None:
    from payments.settings import settings  # noqa: PLC0415

    settings.cache_clear()
    forget_clients()
