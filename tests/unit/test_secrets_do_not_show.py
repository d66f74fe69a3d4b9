"""Secrets do not show where objects are printed."""

from tests.unit.builders import (
    a_registration,
    an_intent,
)


def test_a_password_and_a_client_secret_do_not_show() -> None:
    registration = a_registration(password="Very-Secret-1")
    intent = an_intent(client_secret="pi_1_secret_do_not_tell")
    assert "Very-Secret-1" not in f"{registration!r} {registration!s}"
    assert "do_not_tell" not in f"{intent!r} {intent!s}"
