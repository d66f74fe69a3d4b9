"""An answer of Stripe's that is odd somewhere, at any depth, may come right the next time."""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from payments.domain.consent import Consent
from payments.domain.customer import UnfinishedCustomer
from payments.domain.errors import PaymentsError, StripeUnavailableError
from payments.domain.refund import RequestedRefund
from payments.stripe_gateway.account import StripeAccount
from payments.stripe_gateway.gateway import StripeGateway
from payments.stripe_gateway.transport import RAW
from tests.support.fakes.stripe_transport import CannedStripe, a_gateway
from tests.unit.builders import ADA, LONG_AGO, a_payment, a_pending_payment
from tests.unit.stripe_objects import (
    a_customer_object,
    a_list_of,
    a_payment_method_object,
    a_search_result_of,
    an_intent_object,
)

type Json = dict[str, Any]

CONSENT = Consent(usage="off_session", text="Yes.", at=LONG_AGO)
REFUND = RequestedRefund(
    payment_id="pay_1",
    refund_id="rf_1",
    amount=100,
    currency="eur",
    reason=None,
    note=None,
    actor="program:shop",
    request_hash="hash",
    created_at=LONG_AGO,
    updated_at=LONG_AGO,
)
_A_REFUND = {
    "id": "re_1",
    "object": "refund",
    "amount": 100,
    "status": "succeeded",
    "reason": None,
    "created": 1_767_225_600,
    "metadata": {"refund_id": "rf_1"},
    "balance_transaction": "txn_1",
}
_A_DISPUTE = {
    "id": "du_1",
    "object": "dispute",
    "status": "needs_response",
    "amount": 100,
    "currency": "eur",
    "created": 1_767_225_600,
    "evidence_details": {"due_by": 1_767_225_600},
}
_A_CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1099,
    "amount_captured": 1099,
    "disputed": True,
    "refunds": a_list_of(_A_REFUND, has_more=True),
    "payment_method_details": {"card": {"capture_before": 1_767_225_600}},
}
_CUSTOMER = a_customer_object(
    email="ada@example.com",
    name="Ada",
    livemode=False,
    metadata={"user_id": "ada"},
    invoice_settings={"default_payment_method": "pm_card"},
)
_CARD = a_payment_method_object(
    metadata={"consent_usage": "off_session", "consent_text": "Yes.", "consented_at": LONG_AGO},
    customer=_CUSTOMER,
)
_INTENT = an_intent_object(
    status="succeeded",
    amount=1099,
    currency="eur",
    customer="cus_ada",
    livemode=False,
    metadata={"payment_id": a_payment().payment_id, "stack": "till-test"},
    latest_charge=_A_CHARGE,
)
_SETUP_INTENT = {
    "id": "seti_1",
    "object": "setup_intent",
    "status": "succeeded",
    "usage": "off_session",
    "client_secret": "seti_1_secret_1",
    "customer": "cus_ada",
    "payment_method": a_payment_method_object(),
    "metadata": {"user_id": "ada", "stack": "till-test", "consented_at": LONG_AGO},
}
_EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1_767_225_600,
    "livemode": False,
    "data": {"object": _INTENT},
}
# What a gateway asks for besides, in the order in which it does.
_OF_A_CHARGE = [a_list_of(_A_REFUND), a_list_of(_A_DISPUTE)]

CALLS: Mapping[str, tuple[Callable[[StripeGateway], object], list[Json]]] = {
    "account_id": (lambda g: g.account_id(), [{"id": "acct_1", "object": "account"}]),
    "create_customer": (
        lambda g: g.create_customer(ADA, UnfinishedCustomer("ada")),
        [_CUSTOMER],
    ),
    "find_customer": (
        lambda g: g.find_customer(ADA, newest=True),
        [a_list_of(), a_search_result_of(), a_list_of(_CUSTOMER)],
    ),
    "find_all_customers": (
        lambda g: g.find_all_customers(ADA),
        [a_list_of(_CUSTOMER), a_search_result_of(_CUSTOMER), a_list_of(_CUSTOMER)],
    ),
    "retrieve_customer": (lambda g: g.retrieve_customer("cus_ada"), [_CUSTOMER]),
    "update_customer": (
        lambda g: g.update_customer("cus_ada", email=None, name="Ada"),
        [_CUSTOMER],
    ),
    "delete_unused_customer": (
        lambda g: g.delete_unused_customer("cus_ada"),
        [a_list_of(), a_list_of(), {"id": "cus_ada", "object": "customer", "deleted": True}],
    ),
    "is_customer_used": (
        lambda g: g.is_customer_used("cus_ada"),
        [a_list_of(), a_list_of(_INTENT)],
    ),
    "delete_customer": (lambda g: g.delete_customer("cus_ada"), [_CUSTOMER]),
    "has_unended_subscriptions": (
        lambda g: g.has_unended_subscriptions("cus_ada"),
        [a_list_of({"id": "sub_1", "object": "subscription", "status": "canceled"})],
    ),
    "has_unsettled_invoices": (
        lambda g: g.has_unsettled_invoices("cus_ada"),
        [a_list_of(), a_list_of()],
    ),
    "find_importable_customer": (lambda g: g.find_importable_customer("cus_ada"), [_CUSTOMER]),
    "list_importable_customers": (
        lambda g: list(g.list_importable_customers()),
        [a_list_of(_CUSTOMER, has_more=True), a_list_of(_CUSTOMER)],
    ),
    "link_customer": (lambda g: g.link_customer("cus_ada", "ada"), [_CUSTOMER]),
    "attach_payment_method": (
        lambda g: g.attach_payment_method("pm_card", stripe_customer_id="cus_ada"),
        [_CARD],
    ),
    "retrieve_own_payment_method": (
        lambda g: g.retrieve_own_payment_method("pm_card", "cus_ada"),
        [_CARD],
    ),
    "list_payment_methods": (
        lambda g: g.list_payment_methods("cus_ada", limit=10, cursor=None),
        [a_list_of(_CARD, has_more=True)],
    ),
    "list_all_payment_methods": (
        lambda g: g.list_all_payment_methods("cus_ada"),
        [a_list_of(_CARD, has_more=True), a_list_of(_CARD)],
    ),
    "retrieve_payment_method": (lambda g: g.retrieve_payment_method("pm_card"), [_CARD]),
    "update_payment_method": (
        lambda g: g.update_payment_method("pm_card", billing_details={"name": "Ada"}),
        [_CARD],
    ),
    "record_consent": (lambda g: g.record_consent("pm_card", CONSENT), [_CARD]),
    "mark_replaced": (lambda g: g.mark_replaced("pm_card", by="pm_new"), [_CARD]),
    "detach_payment_method": (lambda g: g.detach_payment_method("pm_card"), [_CARD]),
    "set_default_payment_method": (
        lambda g: g.set_default_payment_method("cus_ada", payment_method_id="pm_card"),
        [_CUSTOMER],
    ),
    "create_setup_intent": (
        lambda g: g.create_setup_intent(
            "cus_ada", user_id="ada", consent=CONSENT, attempt="setup:1@1"
        ),
        [_SETUP_INTENT],
    ),
    "cancel_setup_intent": (lambda g: g.cancel_setup_intent("seti_1"), [_SETUP_INTENT]),
    "has_setup_intent": (
        lambda g: g.has_setup_intent("pm_card", "cus_ada"),
        [a_list_of(_SETUP_INTENT)],
    ),
    "retrieve_setup_intent": (lambda g: g.retrieve_setup_intent("seti_1"), [_SETUP_INTENT]),
    "create_payment_intent": (
        lambda g: g.create_payment_intent(a_pending_payment()),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "find_payment_intent": (
        lambda g: g.find_payment_intent(a_payment()),
        [a_list_of(_INTENT), *_OF_A_CHARGE],
    ),
    "retrieve_payment_intent": (
        lambda g: g.retrieve_payment_intent("pi_1"),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "confirm_payment_intent": (
        lambda g: g.confirm_payment_intent(
            "pi_1", payment=a_payment(), payment_method_id=None, cvc_token="cvctok_1"
        ),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "confirm_in_absence": (
        lambda g: g.confirm_in_absence(
            "pi_1", payment=a_payment(), payment_method_id="pm_card", key="key"
        ),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "cancel_payment_intent": (
        lambda g: g.cancel_payment_intent("pi_1", reason="abandoned"),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "capture_payment_intent": (
        lambda g: g.capture_payment_intent("pi_1", amount=1099),
        [_INTENT, *_OF_A_CHARGE],
    ),
    "create_refund": (
        lambda g: g.create_refund(REFUND, "pi_1"),
        [{**_A_REFUND, "payment_intent": _INTENT}, *_OF_A_CHARGE],
    ),
    "retrieve_event": (lambda g: g.retrieve_event("evt_1"), [_EVENT]),
    "list_events": (
        lambda g: g.list_events(["payment_intent.succeeded"], since=0, until=1, cursor=None),
        [a_list_of(_EVENT, has_more=True)],
    ),
}
# An event may be as odd as it likes: what cannot be read of it is left out, and counted.
TAKEN_AS_THEY_ARE = {"retrieve_event", "list_events"}
WITHOUT_A_CALL = {"verified_event", "event_from_eventbridge"} | {
    name for name in vars(StripeAccount) if name != "account_id"
}


def test_every_call_is_here() -> None:
    public = {
        name
        for name, _ in inspect.getmembers(StripeGateway, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public - WITHOUT_A_CALL == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_a_whole_answer_is_taken(name: str) -> None:
    call, answers = CALLS[name]
    call(_gateway_that_gets(answers))


@pytest.mark.parametrize("name", CALLS)
def test_an_answer_that_lacks_a_member_is_no_fault_of_ours(name: str) -> None:
    call, answers = CALLS[name]
    wrong = []
    for number, answer in enumerate(answers):
        for path, incomplete in _incomplete(answer):
            gateway = _gateway_that_gets([*answers[:number], incomplete, *answers[number + 1 :]])
            try:
                call(gateway)
            except PaymentsError:
                continue
            except Exception as error:  # noqa: BLE001
                wrong.append(f"without {path} of answer {number + 1}: {error!r}")
    assert wrong == []


@pytest.mark.parametrize("name", CALLS)
def test_a_member_that_is_null_is_no_fault_of_ours(name: str) -> None:
    call, answers = CALLS[name]
    wrong = []
    for gateway, path in _with_another_value(answers, lambda _: [None]):
        try:
            call(gateway)
        except PaymentsError:
            continue
        except Exception as error:  # noqa: BLE001
            wrong.append(f"null as {path}: {error!r}")
    assert wrong == []


@pytest.mark.parametrize("name", CALLS)
def test_a_member_of_a_wrong_type_is_not_believed(name: str) -> None:
    """Either nobody reads it, or all of the answer is as good as none."""
    call, answers = CALLS[name]
    right = call(_gateway_that_gets(answers))
    wrong = []
    for gateway, path in _with_another_value(answers, _of_other_types):
        try:
            if (told := call(gateway)) != right and name not in TAKEN_AS_THEY_ARE:
                wrong.append(f"{path}: {told!r}")
        except StripeUnavailableError:
            continue
        except Exception as error:  # noqa: BLE001
            wrong.append(f"{path}: {error!r}")
    assert wrong == []


def _of_other_types(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, dict) and "id" in value:  # its id alone would be right as well
        return [5, True, [], {}, [5]]
    others: list[object] = [5, "5", True, [], {}, [5]]
    return [each for each in others if type(each) is not type(value)]


def _with_another_value(
    answers: list[Json], others: Callable[[Any], list[Any]]
) -> Iterator[tuple[StripeGateway, str]]:
    """A gateway for each member of each answer, and for each other value that it could have."""
    for number, answer in enumerate(answers):
        for path in _paths(answer):
            *parents, last = path
            copy = deepcopy(answer)
            at: Any = copy
            for step in parents:
                at = at[step]
            for other in others(at[last]):
                at[last] = other
                told = [*answers[:number], copy, *answers[number + 1 :]]
                yield _gateway_that_gets(told), f"{'.'.join(map(str, path))} of answer {number + 1}"


def _gateway_that_gets(answers: list[Json]) -> StripeGateway:
    """A gateway whose transport hands on what Stripe says as our own does, as one text."""
    canned = CannedStripe()
    for answer in [*answers, *answers[1:]]:
        canned.answers({"object": RAW, RAW: json.dumps(answer)})
    return a_gateway(canned)


def _incomplete(answer: Json) -> Iterator[tuple[str, Json]]:
    """The answer without each of its members, at any depth, one at a time."""
    for path in _paths(answer):
        copy = deepcopy(answer)
        *parents, last = path
        at: Any = copy
        for step in parents:
            at = at[step]
        del at[last]
        yield ".".join(map(str, path)), copy


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from ((number, *path) for path in _paths(each))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield (name,)
            yield from ((name, *path) for path in _paths(each))
