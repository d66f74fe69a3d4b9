"""The journey as Stripe saw it: as few calls as expected, and each CVC token only once."""

from collections import Counter
from typing import Any

from trials.journey.api import ApiStep, Audit
from trials.journey.walk import SAVE_SET_UP_CARD


def summary_of(audit: Audit) -> str:
    """Return Till's calls to Stripe, by API step."""
    lines = ["\nWhat Till asked Stripe, step by step (the simulator's journal):\n"]
    for step in audit.steps:
        calls = ", ".join(f"{call['method']} {call['path']}" for call in step.stripe_calls)
        lines.append(f"  {len(step.stripe_calls)}  {step.title:<32} {calls}".rstrip())
    return "\n".join(lines)


def problems_in(audit: Audit) -> list[str]:
    """Return everything in the journal that should not be there."""
    problems = [
        f"{step.title} made {len(step.stripe_calls)} Stripe calls instead of {step.expected_calls}."
        for step in audit.steps
        if len(step.stripe_calls) != step.expected_calls and not _has_saved_what_was_set_up(step)
    ]
    confirmed = Counter(
        _cvc_token(call)
        for step in audit.steps
        for call in step.stripe_calls
        if call["path"].endswith("/confirm")
    )
    problems += [
        f"A CVC token is in {confirmed[token]} confirm calls instead of 1."
        for token in audit.cvc_tokens
        if confirmed[token] != 1
    ]
    return problems


def _has_saved_what_was_set_up(step: ApiStep) -> bool:
    """Whether it read a SetupIntent and wrote the consent into the card, as only that step does."""
    paths = [call["path"].split("/")[2] for call in step.stripe_calls]
    return step.title == SAVE_SET_UP_CARD and paths == ["setup_intents", "payment_methods"]


def _cvc_token(call: dict[str, Any]) -> object:
    options = call["params"].get("payment_method_options", {})
    return options.get("card", {}).get("cvc_token")
