"""Scenarios of one payment: create, confirm, get, and its webhooks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.crash_matrix.calls import REMEMBERED, How
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import ADA, VISA, World
from tests.support.api_client import Answer

ALWAYS_3DS = "4000002760003184"
ALWAYS_DECLINED = "4000000000000341"
DISPUTED = "4000000000000259"
PENDING_REFUND = "4000000000007726"

_KEY = "a-key-of-adas"
_STRIPE_CREATES = "stripe POST /v1/payment_intents"
_STRIPE_CONFIRMS = "stripe POST /v1/payment_intents/*/confirm"
_ROW_LEARNS = "dynamodb UpdateItem"


def is_created(answer: Answer) -> bool:
    return (
        answer.status == 201
        and answer.body["status"] == "requires_confirmation"
        and bool(answer.body["client_secret"])
    )


def is_paid(answer: Answer) -> bool:
    return answer.status == 200 and answer.body["status"] == "succeeded"


def is_challenged(answer: Answer) -> bool:
    return (
        answer.status == 200
        and answer.body["status"] == "requires_action"
        and answer.body["next_action"]["type"] == "use_stripe_sdk"
    )


def has_no_card(answer: Answer) -> bool:
    return answer.status == 404 and answer.code == "payment_method_not_found"


def is_declined(answer: Answer) -> bool:
    return (
        answer.status == 402
        and answer.code == "card_declined"
        and answer.body["decline_code"] == "generic_decline"
        and answer.body["payment"]["status"] == "requires_payment_method"
    )


def _create(world: World) -> Case:
    card = world.saved_card()

    def again() -> None:
        answer = world.create(_KEY, card)
        assert is_created(answer), answer

    def afterwards() -> None:
        payment_id = world.create(_KEY, card).body["payment_id"]
        answer = world.confirm(payment_id, world.cvc(payment_id))
        assert is_paid(answer), answer

    return Case(
        step=lambda: world.create(_KEY, card), right=is_created, again=again, afterwards=afterwards
    )


def _create_refused(world: World) -> Case:
    """The card is gone: nothing is ever begun at Stripe, and the row says why."""
    card = world.saved_card()
    world.detach(card)

    def again() -> None:
        answer = world.create(_KEY, card)
        assert has_no_card(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            (row,) = [row for row in world.payments() if row["user_id"] == ADA]
            assert row["status"] == "refused"
            assert row["last_payment_error"]["code"] == "payment_method_not_found"

    return Case(
        step=lambda: world.create(_KEY, card), right=has_no_card, again=again, settled=settled
    )


def _create_again(world: World, how: How) -> Case:
    """Stripe has failed at it and remembers that, and then the step died."""
    card = world.saved_card()
    world.fail_for_a_day(how)
    world.cut_off(lambda: world.create(_KEY, card), How.AFTER, _STRIPE_CREATES)

    def again() -> None:
        answer = world.create(_KEY, card)
        assert is_created(answer), answer

    def afterwards() -> None:
        payment_id = world.create(_KEY, card).body["payment_id"]
        answer = world.confirm(payment_id, world.cvc(payment_id))
        assert is_paid(answer), answer

    return Case(
        step=lambda: world.create(_KEY, card), right=is_created, again=again, afterwards=afterwards
    )


def _confirmation(
    world: World,
    payment_id: str,
    token: str | None,
    right: Callable[[Answer], bool],
) -> Case:
    """A confirmation, and its client, which repeats it."""

    def again() -> None:
        answer = world.confirm_again(payment_id, token)
        assert right(answer), answer

    def afterwards() -> None:
        _goes_on(world, payment_id)

    return Case(
        step=lambda: world.confirm(payment_id, token),
        right=right,
        again=again,
        afterwards=afterwards,
    )


def _goes_on(world: World, payment_id: str) -> None:
    """The person does what the answers ask for, until the payment is paid."""
    answer = world.confirm(payment_id)
    if is_challenged(answer):
        world.stripe.answer_challenge(answer.body["payment_intent_id"], "succeed")
        answer = world.confirm(payment_id)
    elif answer.status == 402:
        card = world.saved_card()
        answer = world.confirm(payment_id, world.cvc(payment_id), payment_method_id=card)
    assert is_paid(answer), answer


def _confirm(world: World, number: str, right: Callable[[Answer], bool]) -> Case:
    payment_id = world.created(_KEY, world.saved_card(number))
    return _confirmation(world, payment_id, world.cvc(payment_id), right)


def _confirm_after_challenge(world: World) -> Case:
    payment_id = world.created(_KEY, world.saved_card(ALWAYS_3DS))
    challenged = world.confirm(payment_id, world.cvc(payment_id))
    world.stripe.answer_challenge(challenged.body["payment_intent_id"], "succeed")
    return _confirmation(world, payment_id, None, is_paid)


def _confirm_repeated_after_challenge(world: World) -> Case:
    """The earlier request again: the answer that Stripe repeats is out of date."""
    payment_id = world.created(_KEY, world.saved_card(ALWAYS_3DS))
    token = world.cvc(payment_id)
    challenged = world.confirm(payment_id, token)
    world.stripe.answer_challenge(challenged.body["payment_intent_id"], "succeed")
    return _confirmation(world, payment_id, token, is_paid)


def _confirm_repeated_after_refund(world: World) -> Case:
    payment_id, token = unrecorded(world, VISA)
    world.refund(payment_id, 99)
    return _confirmation(world, payment_id, token, is_paid)


def _confirm_of_refused_creation(world: World) -> Case:
    """Its creation was cut off, and then the card went."""
    card = world.saved_card()
    world.cut_off(lambda: world.create(_KEY, card), How.BEFORE, _STRIPE_CREATES)
    world.detach(card)
    (row,) = [row for row in world.payments() if row["status"] == "pending"]
    payment_id = row["payment_id"]
    case = _confirmation(world, payment_id, world.cvc(payment_id), has_no_card)

    def settled(done: Recoveries) -> None:
        if done & {Recovery.CLIENT, Recovery.RECONCILER}:
            assert world.payment(payment_id)["status"] == "refused"

    def afterwards() -> None:
        assert has_no_card(world.create(_KEY, card))
        assert world.ada.payment(payment_id).body["status"] == "refused"

    return replace(case, settled=settled, afterwards=afterwards)


def _confirm_after_failure(world: World, how: How) -> Case:
    """Stripe has failed at the confirmation and remembers that, and then the step died."""
    payment_id = world.created(_KEY, world.saved_card())
    token = world.cvc(payment_id)
    world.fail_for_a_day(how)
    world.cut_off(lambda: world.confirm(payment_id, token), How.AFTER, _STRIPE_CONFIRMS)

    def right(answer: Answer) -> bool:
        return is_paid(answer) or (how is How.FAILED_FOR_A_DAY and answer.code == "cvc_required")

    case = _confirmation(world, payment_id, token, is_paid)
    return replace(case, right=right)


def _confirm_of_cut_off_creation(world: World, how: How, *, days_ago: bool = False) -> Case:
    card = world.saved_card()
    world.cut_off(lambda: world.create(_KEY, card), how, _STRIPE_CREATES)
    (row,) = [row for row in world.payments() if row["status"] == "pending"]
    if days_ago:
        world.let_days_pass(row["payment_id"])
    payment_id = row["payment_id"]
    return _confirmation(world, payment_id, world.cvc(payment_id), is_paid)


def unrecorded(world: World, number: str, *, key: str = _KEY) -> tuple[str, str]:
    """A payment confirmed at Stripe without our row knowing, and its CVC token."""
    payment_id = world.created(key, world.saved_card(number))
    token = world.cvc(payment_id)
    world.cut_off(lambda: world.confirm(payment_id, token), How.BEFORE, _ROW_LEARNS)
    assert world.payment(payment_id)["status"] == "requires_confirmation"
    return payment_id, token


def _get(world: World) -> Case:
    payment_id, _ = unrecorded(world, VISA)

    def again() -> None:
        answer = world.ada.payment(payment_id)
        assert is_paid(answer), answer

    return Case(step=lambda: world.ada.payment(payment_id), right=is_paid, again=again)


def _get_changed(world: World) -> Case:
    """The merchant has changed the amount at Stripe."""
    payment_id = world.created(_KEY, world.saved_card())
    world.change_amount(payment_id, 99)

    def is_mismatched(answer: Answer) -> bool:
        return answer.status == 200 and answer.body["status"] == "mismatched"

    def again() -> None:
        answer = world.ada.payment(payment_id)
        assert is_mismatched(answer), answer

    def afterwards() -> None:
        answer = world.confirm(payment_id, world.cvc(payment_id))
        assert (answer.status, answer.code) == (409, "payment_not_confirmable"), answer

    return Case(
        step=lambda: world.ada.payment(payment_id),
        right=is_mismatched,
        again=again,
        afterwards=afterwards,
    )


def _webhook(world: World, event_type: str, number: str, right: Callable[[Answer], bool]) -> Case:
    payment_id, token = unrecorded(world, number)
    event = world.event(event_type)
    # While its event arrives, the person waits for the answer to a confirmation.
    waiting = _confirmation(world, payment_id, token, right)
    return replace(
        waiting, step=lambda: world.deliver(event), right=lambda answer: answer.status == 200
    )


def _webhook_while_the_person_goes_on(world: World) -> Case:
    """Between what the webhook sees at Stripe and what it writes, the challenge is passed."""
    payment_id, token = unrecorded(world, ALWAYS_3DS)
    event = world.event("payment_intent.requires_action")

    def again() -> None:
        answer = world.confirm_again(payment_id, token)
        if is_challenged(answer):
            world.stripe.answer_challenge(answer.body["payment_intent_id"], "succeed")
            answer = world.confirm_again(payment_id, None)
        assert is_paid(answer), answer

    return Case(
        step=lambda: world.deliver(event), right=lambda answer: answer.status == 200, again=again
    )


def _by_event_bridge(world: World) -> Case:
    payment_id, token = unrecorded(world, VISA)
    event = world.event("payment_intent.succeeded")
    waiting = _confirmation(world, payment_id, token, is_paid)
    return replace(
        waiting,
        step=lambda: world.deliver_by_event_bridge(event),
        right=lambda answer: answer in ({"outcome": "recorded"}, {"outcome": "known"}),
    )


def _webhook_of_refund(world: World) -> Case:
    payment_id = world.created(_KEY, world.saved_card())
    world.confirm(payment_id, world.cvc(payment_id))
    world.refund(payment_id, 99)
    event = world.event("charge.refunded")

    def again() -> None:
        answer = world.ada.payment(payment_id)
        assert is_paid(answer), answer

    return Case(
        step=lambda: world.deliver(event), right=lambda answer: answer.status == 200, again=again
    )


def _webhook_of_later_news(
    world: World, event_type: str, number: str, happens: Callable[[World, str], None]
) -> Case:
    """What becomes of the money of a payment that was paid, after Till has heard of its start."""
    payment_id = world.created(_KEY, world.saved_card(number))
    world.confirm(payment_id, world.cvc(payment_id))
    happens(world, payment_id)
    event = world.event(event_type)

    def again() -> None:
        answer = world.ada.payment(payment_id)
        assert is_paid(answer), answer

    return Case(
        step=lambda: world.deliver(event), right=lambda answer: answer.status == 200, again=again
    )


def _refund_fails(world: World, payment_id: str) -> None:
    refund = world.refund(payment_id, 99)
    world.ada.payment(payment_id)
    world.stripe.move_refund(refund, "failed", failure_reason="declined")


def _refund_is_canceled(world: World, payment_id: str) -> None:
    refund = world.refund(payment_id, 99)
    world.ada.payment(payment_id)
    world.stripe.move_refund(refund, "canceled")


def _inquiry_is_closed(world: World, payment_id: str) -> None:
    inquiry = world.inquire(payment_id)
    world.ada.payment(payment_id)
    world.stripe.move_dispute(inquiry, "warning_closed")


def _inquiry_becomes_a_dispute(world: World, payment_id: str) -> None:
    inquiry = world.inquire(payment_id)
    world.deliver_all()
    world.stripe.move_dispute(inquiry, "needs_response")


def _scenarios_of_confirm() -> list[Scenario]:
    confirm = "confirm_payment_intent"
    before = partial(_confirm_of_cut_off_creation, how=How.BEFORE)
    after = partial(_confirm_of_cut_off_creation, how=How.AFTER)
    days_ago = partial(_confirm_of_cut_off_creation, how=How.AFTER, days_ago=True)
    return [
        Scenario("confirm", confirm, partial(_confirm, number=VISA, right=is_paid)),
        Scenario(
            "confirm, challenged",
            confirm,
            partial(_confirm, number=ALWAYS_3DS, right=is_challenged),
        ),
        Scenario("confirm, after the challenge", confirm, _confirm_after_challenge),
        Scenario(
            "confirm, repeated after the challenge", confirm, _confirm_repeated_after_challenge
        ),
        Scenario("confirm, repeated after a refund", confirm, _confirm_repeated_after_refund),
        Scenario(
            "confirm, declined",
            confirm,
            partial(_confirm, number=ALWAYS_DECLINED, right=is_declined),
        ),
        Scenario("confirm, creation cut off before Stripe", confirm, before),
        Scenario("confirm, creation cut off after Stripe", confirm, after),
        Scenario("confirm, creation cut off days ago", confirm, days_ago),
        Scenario("confirm, creation refused", confirm, _confirm_of_refused_creation),
        *(
            Scenario(f"confirm, {how} it before", confirm, partial(_confirm_after_failure, how=how))
            for how in REMEMBERED
        ),
    ]


def _scenarios_of_webhooks() -> list[Scenario]:
    cases = [
        ("payment_intent.succeeded", VISA, is_paid),
        ("payment_intent.requires_action", ALWAYS_3DS, is_challenged),
        ("payment_intent.payment_failed", ALWAYS_DECLINED, is_declined),
        ("charge.dispute.created", DISPUTED, is_paid),
    ]
    scenarios = [
        Scenario(
            f"webhook {event_type}",
            "stripe_webhook",
            partial(_webhook, event_type=event_type, number=number, right=right),
        )
        for event_type, number, right in cases
    ]
    news = [
        ("refund.failed", VISA, _refund_fails),
        ("refund.updated", PENDING_REFUND, _refund_is_canceled),
        ("charge.dispute.closed", VISA, _inquiry_is_closed),
        ("charge.dispute.updated", VISA, _inquiry_becomes_a_dispute),
    ]
    scenarios += [
        Scenario(
            f"webhook {event_type}, later",
            "stripe_webhook",
            partial(_webhook_of_later_news, event_type=event_type, number=number, happens=happens),
        )
        for event_type, number, happens in news
    ]
    return [
        *scenarios,
        Scenario("webhook charge.refunded", "stripe_webhook", _webhook_of_refund),
        Scenario(
            "webhook, while the person goes on",
            "stripe_webhook",
            _webhook_while_the_person_goes_on,
        ),
        Scenario("webhook by EventBridge", "stripe_webhook", _by_event_bridge),
    ]


SCENARIOS = [
    Scenario("create", "create_payment_intent", _create),
    Scenario("create, refused", "create_payment_intent", _create_refused),
    *(
        Scenario(
            f"create, {how} it before", "create_payment_intent", partial(_create_again, how=how)
        )
        for how in REMEMBERED
    ),
    *_scenarios_of_confirm(),
    Scenario("get", "get_payment", _get),
    Scenario("get, changed at Stripe", "get_payment", _get_changed),
    *_scenarios_of_webhooks(),
]
