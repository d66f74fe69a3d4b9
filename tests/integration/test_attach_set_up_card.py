"""Saving what a SetupIntent has set up, with what the person agreed to."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
CHALLENGED_UNTIL_SET_UP = "4000002500003155"
DECLINED_WHEN_SAVED = "4000000000000002"
CONSENT = "Each month, for my coffee."


def set_up(
    person: ApiClient, stripe: Simulator, usage: str = "on_session", *, card: str | None = None
) -> str:
    """A SetupIntent that the browser has confirmed, with a new card unless one is given."""
    intent = person.set_up_card(usage, consent_text=CONSENT).body
    card = card or stripe.payment_method(VISA)
    assert stripe.set_up_card(intent["client_secret"], card) == "succeeded"
    return str(intent["setup_intent_id"])


def at_stripe(aws: Aws, stripe: Simulator) -> list[dict[str, Any]]:
    """The cards of the only person with a customer."""
    (row,) = aws.rows("CustomersTable")
    path = f"/v1/customers/{row['stripe_customer_id']}/payment_methods"
    return stripe.listed(SECRET_KEY, path)


def charged_in_absence(card: dict[str, Any], stripe: Simulator) -> bool:
    """Whether Stripe charges a card while its owner is not there."""
    return stripe.try_post(
        SECRET_KEY,
        "/v1/payment_intents",
        amount="1099",
        currency="eur",
        customer=card["customer"],
        payment_method=card["id"],
        confirm="true",
        off_session="true",
    )


@pytest.mark.parametrize(("usage", "in_absence"), [("on_session", False), ("off_session", True)])
def test_a_card_is_saved_with_what_the_person_agreed_to(
    ada: ApiClient, aws: Aws, stripe: Simulator, usage: str, *, in_absence: bool
) -> None:
    setup_intent_id = set_up(ada, stripe, usage)

    saved = ada.attach_set_up(setup_intent_id)

    assert (saved.status, saved.body["usable_off_session"]) == (201, in_absence)
    assert "client_secret" not in saved.body
    assert ada.cards().body["data"] == [saved.body]
    (kept,) = at_stripe(aws, stripe)
    (intent,) = stripe.listed(SECRET_KEY, "/v1/setup_intents")
    assert kept["id"] == saved.body["payment_method_id"]
    assert kept["metadata"] == {
        "consent_usage": usage,
        "consent_text": CONSENT,
        "consented_at": intent["metadata"]["consented_at"],
    }
    assert kept["allow_redisplay"] == "always"
    assert charged_in_absence(kept, stripe) is in_absence


def test_saving_again_is_harmless_and_writes_nothing(ada: ApiClient, stripe: Simulator) -> None:
    setup_intent_id = set_up(ada, stripe)
    first = ada.attach_set_up(setup_intent_id)
    stripe.forget_calls()

    again = ada.attach_set_up(setup_intent_id)

    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert [call["method"] for call in stripe.calls()] == ["GET"]


def test_what_is_saved_at_once_by_several_requests_is_one_card(
    ada: ApiClient, stripe: Simulator
) -> None:
    setup_intent_id = set_up(ada, stripe)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ada.attach_set_up, [setup_intent_id] * 4))

    assert {answer.status for answer in answers} <= {200, 201}
    assert ada.cards().body["data"] == [answers[0].body]


def test_an_unfinished_setup_intent_saves_nothing_and_anothers_is_not_found(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    unfinished = ada.set_up_card().body["setup_intent_id"]
    bobs = set_up(bob, stripe)

    codes = [ada.attach_set_up(each).code for each in (unfinished, bobs, "seti_unknown")]

    not_found = "setup_intent_not_found"
    assert codes == ["setup_intent_unfinished", not_found, not_found]
    assert ada.attach_set_up(unfinished).status == 409
    assert ada.attach_set_up(bobs).status == 404
    assert ada.cards().body["data"] == []
    assert bob.attach_set_up(bobs).status == 201


def test_a_card_is_challenged_while_it_is_saved_and_not_again_when_it_pays(
    ada: ApiClient, stripe: Simulator
) -> None:
    intent = ada.set_up_card("off_session").body
    card = stripe.payment_method(CHALLENGED_UNTIL_SET_UP)
    # When
    assert stripe.set_up_card(intent["client_secret"], card) == "requires_action"
    challenged = ada.attach_set_up(intent["setup_intent_id"])
    stripe.answer_challenge(intent["setup_intent_id"], "fail")
    failed = ada.attach_set_up(intent["setup_intent_id"])
    stripe.set_up_card(intent["client_secret"], card)
    stripe.answer_challenge(intent["setup_intent_id"], "succeed")
    passed = ada.attach_set_up(intent["setup_intent_id"])
    # Then
    assert [each.status for each in (challenged, failed, passed)] == [409, 409, 201]
    order = {"product_id": "coffee", "payment_method_id": passed.body["payment_method_id"]}
    payment = ada.create(**order).body
    paid = ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert (paid.status, paid.body["status"]) == (200, "succeeded")


def test_a_card_that_the_bank_refuses_to_set_up_is_not_saved(
    ada: ApiClient, aws: Aws, stripe: Simulator
) -> None:
    intent = ada.set_up_card().body
    declined = stripe.payment_method(DECLINED_WHEN_SAVED)

    assert stripe.set_up_card(intent["client_secret"], declined) == "requires_payment_method"

    answer = ada.attach_set_up(intent["setup_intent_id"])
    assert (answer.status, answer.code) == (409, "setup_intent_unfinished")
    assert at_stripe(aws, stripe) == []


@pytest.mark.parametrize(
    ("first", "then", "in_absence"),
    [("on_session", "off_session", True), ("off_session", "on_session", False)],
)
def test_the_latest_consent_counts(
    ada: ApiClient, aws: Aws, stripe: Simulator, first: str, then: str, *, in_absence: bool
) -> None:
    before = ada.attach_set_up(set_up(ada, stripe, first)).body["payment_method_id"]

    card = ada.attach_set_up(set_up(ada, stripe, then)).body

    assert card["payment_method_id"] != before
    assert card["usable_off_session"] is in_absence
    assert ada.cards().body["data"] == [card]
    assert [each["id"] for each in at_stripe(aws, stripe)] == [card["payment_method_id"]]


def test_a_bare_card_that_is_set_up_later_gets_its_consent(
    ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))

    answer = ada.attach_set_up(set_up(ada, stripe, "off_session", card=card))

    assert (answer.status, answer.body["payment_method_id"]) == (200, card)
    (listed,) = ada.cards().body["data"]
    assert listed["usable_off_session"] is True


def test_a_card_that_is_set_up_again_has_the_later_consent_and_keeps_it(
    ada: ApiClient, stripe: Simulator
) -> None:
    first = set_up(ada, stripe, "on_session")
    card = ada.attach_set_up(first).body["payment_method_id"]
    second = set_up(ada, stripe, "off_session", card=card)

    told = [ada.attach_set_up(each).body["usable_off_session"] for each in (second, first)]

    assert told == [True, True]
    (listed,) = ada.cards().body["data"]
    assert (listed["payment_method_id"], listed["usable_off_session"]) == (card, True)


@pytest.mark.parametrize("by", ["the person", "the merchant"])
def test_a_card_that_was_removed_since_does_not_come_back(
    ada: ApiClient, stripe: Simulator, by: str
) -> None:
    setup_intent_id = set_up(ada, stripe)
    card = ada.attach_set_up(setup_intent_id).body["payment_method_id"]
    if by == "the person":
        assert ada.delete_card(card).status == 204
    else:
        stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")

    answer = ada.attach_set_up(setup_intent_id)

    assert (answer.status, answer.code) == (404, "payment_method_not_found")
    assert deliver(events(stripe, "setup_intent.succeeded")[0]).status == 200
    assert ada.cards().body["data"] == []


@pytest.mark.parametrize("kind", ["http_500", "timeout_before", "timeout_after"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/setup_intents/*"), ("POST", "/v1/payment_methods/*")]
)
def test_a_save_that_stripe_interrupts_is_finished_by_the_next_try(
    ada: ApiClient, aws: Aws, stripe: Simulator, method: str, path: str, kind: str
) -> None:
    setup_intent_id = set_up(ada, stripe, "off_session")
    stripe.fault(method, path, kind, times=3)  # the SDK's own tries

    failed, again = ada.attach_set_up(setup_intent_id), ada.attach_set_up(setup_intent_id)

    assert (failed.status, failed.body["retryable"], again.status) == (503, True, 201)
    assert again.body["usable_off_session"] is True
    assert ada.cards().body["data"] == [again.body]
    (kept,) = at_stripe(aws, stripe)
    assert kept["metadata"]["consent_text"] == CONSENT


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_failure_that_stripe_remembers_does_not_keep_the_consent_from_being_stored(
    ada: ApiClient, stripe: Simulator, kind: str
) -> None:
    setup_intent_id = set_up(ada, stripe, "off_session")
    stripe.fault("POST", "/v1/payment_methods/*", kind)

    failed, again = ada.attach_set_up(setup_intent_id), ada.attach_set_up(setup_intent_id)

    assert (failed.status, again.status) == (503, 201)
    assert again.body["usable_off_session"] is True


def test_the_event_saves_the_card_of_a_browser_that_did_not_come_back(
    ada: ApiClient, aws: Aws, stripe: Simulator
) -> None:
    setup_intent_id = set_up(ada, stripe, "off_session")
    attached = events(stripe, "payment_method.attached")[0]
    succeeded = events(stripe, "setup_intent.succeeded")[0]
    # When: the first of them may come before the consent is stored
    outcomes = [deliver(each).body["outcome"] for each in (attached, succeeded, attached)]
    # Then
    assert outcomes == ["not_kept", "recorded", "known"]
    (card,) = ada.cards().body["data"]
    assert card["usable_off_session"] is True
    (kept,) = at_stripe(aws, stripe)
    assert kept["metadata"]["consent_text"] == CONSENT
    assert ada.attach_set_up(setup_intent_id).status == 200
    order = {"product_id": "coffee", "payment_method_id": card["payment_method_id"]}
    stripe.forget_calls()
    assert ada.create(**order).status == 201
    assert [call["path"] for call in stripe.calls()] == ["/v1/payment_intents"]


def test_an_event_that_stripe_interrupts_comes_again(ada: ApiClient, stripe: Simulator) -> None:
    set_up(ada, stripe, "off_session")
    event = events(stripe, "setup_intent.succeeded")[0]
    stripe.fault("POST", "/v1/payment_methods/*", "http_500", times=3)

    failed, again = deliver(event), deliver(event)

    assert (failed.status, again.status) == (503, 200)
    assert again.body == {"outcome": "recorded"}
    assert ada.cards().body["data"][0]["usable_off_session"] is True


@pytest.mark.parametrize("told_by", ["the browser", "the event"])
def test_a_setup_intent_may_be_confirmed_with_a_card_that_is_saved_already(
    ada: ApiClient, aws: Aws, stripe: Simulator, told_by: str
) -> None:
    saved = ada.attach_set_up(set_up(ada, stripe, "on_session")).body
    card = saved["payment_method_id"]
    assert ada.change_card(card, default=True).status == 200

    setup_intent_id = set_up(ada, stripe, "off_session", card=card)
    if told_by == "the event":
        assert deliver(events(stripe, "setup_intent.succeeded")[0]).status == 200
    again = ada.attach_set_up(setup_intent_id)

    assert (again.status, again.body["payment_method_id"]) == (200, card)
    assert again.body["usable_off_session"]
    assert ada.cards().body["data"] == [again.body]
    assert again.body["default"]
    (kept,) = at_stripe(aws, stripe)
    assert charged_in_absence(kept, stripe)
    assert ada.attach_set_up(setup_intent_id).body == again.body


def test_a_card_that_was_attached_only_gets_the_consent_of_its_setup_intent(
    ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    assert not ada.cards().body["data"][0]["usable_off_session"]

    again = ada.attach_set_up(set_up(ada, stripe, "off_session", card=card))

    assert (again.status, again.body["usable_off_session"]) == (200, True)
    assert ada.cards().body["data"] == [again.body]


def test_an_older_setup_intent_takes_no_newer_consent_away(
    ada: ApiClient, stripe: Simulator
) -> None:
    older = ada.set_up_card("on_session", consent_text=CONSENT).body
    card = ada.attach_set_up(set_up(ada, stripe, "off_session")).body["payment_method_id"]
    assert stripe.set_up_card(older["client_secret"], card) == "succeeded"

    again = ada.attach_set_up(older["setup_intent_id"])

    assert (again.status, again.body["payment_method_id"]) == (200, card)
    assert again.body["usable_off_session"]
