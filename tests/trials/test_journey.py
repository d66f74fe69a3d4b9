"""The journey's check of the simulator's journal."""

from typing import Any

import pytest

from trials.journey.api import ApiStep, Audit
from trials.journey.audit import problems_in, summary_of
from trials.journey.walk import SAVE_SET_UP_CARD

CVC_TOKEN = "cvctok_fresh"
CREATE = {"method": "POST", "path": "/v1/payment_intents", "params": {}}
READ = {"method": "GET", "path": "/v1/setup_intents/seti_1", "params": {}}
WRITE = {"method": "POST", "path": "/v1/payment_methods/pm_1", "params": {}}


def _confirm(cvc_token: str | None) -> dict[str, Any]:
    options = {"payment_method_options": {"card": {"cvc_token": cvc_token}}} if cvc_token else {}
    return {"method": "POST", "path": "/v1/payment_intents/pi_1/confirm", "params": options}


def _audit(*steps: ApiStep) -> Audit:
    confirm = ApiStep("Confirm", "POST", "/payments/pay_1/confirm", [_confirm(CVC_TOKEN)])
    return Audit(steps=[*steps, confirm], cvc_tokens=[CVC_TOKEN])


def test_one_call_for_each_step_is_as_it_should_be() -> None:
    audit = _audit(
        ApiStep("List products", "GET", "/products", [], expected_calls=0),
        ApiStep("Create", "POST", "/payments", [CREATE]),
    )

    assert problems_in(audit) == []


@pytest.mark.parametrize("calls", [[READ, WRITE], [READ]])
def test_what_was_set_up_is_read_and_its_consent_written_unless_an_event_did_that(
    calls: list[dict[str, Any]],
) -> None:
    step = ApiStep(SAVE_SET_UP_CARD, "POST", "/payment-methods", calls)

    assert problems_in(_audit(step)) == []


@pytest.mark.parametrize("calls", [[], [READ, READ], [READ, WRITE, WRITE]])
def test_other_calls_for_what_was_set_up_are_a_problem(calls: list[dict[str, Any]]) -> None:
    step = ApiStep(SAVE_SET_UP_CARD, "POST", "/payment-methods", calls)

    assert len(problems_in(_audit(step))) == 1


def test_two_calls_for_one_step_are_a_problem() -> None:
    audit = _audit(ApiStep("Create", "POST", "/payments", [CREATE, CREATE]))

    assert problems_in(audit) == ["Create made 2 Stripe calls instead of 1."]


def test_a_call_for_what_is_known_without_stripe_is_a_problem() -> None:
    audit = _audit(ApiStep("List products", "GET", "/products", [CREATE], expected_calls=0))

    assert problems_in(audit) == ["List products made 1 Stripe calls instead of 0."]


def test_a_confirm_without_the_cvc_token_is_a_problem() -> None:
    steps = [ApiStep("Confirm", "POST", "/payments/pay_1/confirm", [_confirm(None)])]

    assert problems_in(Audit(steps=steps, cvc_tokens=[CVC_TOKEN])) == [
        "A CVC token is in 0 confirm calls instead of 1."
    ]


def test_the_summary_names_each_step_and_its_calls() -> None:
    summary = summary_of(_audit(ApiStep("Create", "POST", "/payments", [CREATE])))

    assert "1  Create" in summary
    assert "POST /v1/payment_intents/pi_1/confirm" in summary
