"""What people may tell us about themselves: the same at our route and at Cognito's."""

import importlib
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.api.bodies.signup import SignupRequest
from payments.domain.registration import without_unseen, wrong_attributes

REGISTRATION = {"email": "ada@example.com", "name": "Ada Lovelace"}

UNSEEN = {
    "a line feed": "\n",
    "a carriage return": "\r",
    "a tab": "\t",
    "a null": "\0",
    "a control character of Latin-1": "\x85",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
    "a zero-width space": "\u200b",
    "a zero-width joiner": "\u200d",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a right-to-left mark": "\u200f",
    "a right-to-left override": "\u202e",
    "a right-to-left isolate": "\u2067",
    "a tag": "\U000e0041",
    "a filler of Hangul": "\u3164",
    "half of a pair": "\ud800",
}
NAMES = [
    "Zoë",
    "O\u2019Connor-Søn",
    "李小龍",
    "محمد علي",
    "Влади́мир",
    "葛\U000e0100飾",
    "M\u0061\u0301ria",
    "X Æ 🙂",
]


def fields_refused_by_the_api(**changes: object) -> set[str]:
    try:
        SignupRequest.model_validate({**REGISTRATION, "password": "x", **changes})
    except pydantic.ValidationError as error:
        return {str(problem["loc"][0]) for problem in error.errors()}
    return set()


def refused_by_cognito(**changes: str) -> set[str]:
    return {name for name, _ in wrong_attributes({**REGISTRATION, **changes})}


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("text", ["Ada{}Lovelace", "{}Ada", "Ada{}"])
@pytest.mark.parametrize("field", ["name", "gender"])
def test_a_text_with_what_nobody_can_see_is_refused(field: str, text: str, unseen: str) -> None:
    value = text.format(unseen)
    assert fields_refused_by_the_api(**{field: value}) == {field}
    assert refused_by_cognito(**{field: value}) == {field}


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
def test_an_address_with_what_nobody_can_see_is_refused(unseen: str) -> None:
    for value in (
        f"ada{unseen}@example.com",
        f"ada@exam{unseen}ple.com",
        f"ada@example.com{unseen}",
    ):
        assert fields_refused_by_the_api(email=value) == {"email"}
        assert refused_by_cognito(email=value) == {"email"}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_world_are_welcome(name: str) -> None:
    assert fields_refused_by_the_api(name=name) == set()
    assert refused_by_cognito(name=name) == set()
    assert without_unseen(name) == name


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_can_be_left_out(unseen: str) -> None:
    assert without_unseen(f"A{unseen}da") == "Ada"


_TEXTS = st.text(max_size=260) | st.text("aA1@. +-\u200b\n", max_size=60)
_FIELDS = {
    "email": "email",
    "name": "name",
    "phone": "phone_number",
    "birthdate": "birthdate",
    "gender": "gender",
}
_PHONES = st.from_regex(r"\+?[0-9]{5,17}", fullmatch=True)
_DATES = st.dates().map(str) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)


@given(st.sampled_from(sorted(_FIELDS)), _TEXTS | _PHONES | _DATES | st.emails())
def test_the_trigger_lets_through_what_the_api_would_store_unchanged(
    field: str, value: str
) -> None:
    try:
        body = {**REGISTRATION, "password": "x", field: value}
        stored = getattr(SignupRequest.model_validate(body).to_registration(), field)
    except pydantic.ValidationError:
        stored = None
    unchanged = stored == (value.lower() if field == "email" else value)
    if value:  # Cognito leaves empty attributes to its own rules
        assert (refused_by_cognito(**{_FIELDS[field]: value}) == set()) == unchanged


def event(**attributes: str) -> dict[str, Any]:
    return {
        "triggerSource": "PreSignUp_SignUp",
        "request": {"userAttributes": attributes},
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    }


def test_the_trigger_returns_the_event_of_a_good_sign_up_unchanged() -> None:
    handler = importlib.import_module("functions.pre_sign_up.handler")
    assert handler.lambda_handler(event(**REGISTRATION), None) == event(**REGISTRATION)


def test_the_trigger_says_what_is_wrong_and_repeats_nothing_of_it() -> None:
    handler = importlib.import_module("functions.pre_sign_up.handler")
    bad = event(email="ada@secret", name="Ada\u202eSecret", phone_number="0151", gender="x" * 51)
    with pytest.raises(handler.RegistrationRefusedError) as refused:
        handler.lambda_handler(bad, None)
    assert str(refused.value) == (
        "email must be an email address; "
        "name must not contain line breaks or invisible characters; "
        "phone_number must be an international phone number, such as +12025550123; "
        "gender must have 50 characters at most"
    )


def test_the_trigger_misses_what_is_missing() -> None:
    assert dict(wrong_attributes({"name": "Ada"})) == {"email": "is missing"}
    assert dict(wrong_attributes({"email": "ada@example.com", "name": ""})) == {
        "name": "is missing"
    }


def test_where_no_address_is_verified_the_trigger_confirms_whoever_signs_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = importlib.import_module("functions.pre_sign_up.handler")
    monkeypatch.setattr(handler, "CONFIRMS", True)
    assert handler.lambda_handler(event(**REGISTRATION), None)["response"] == {
        "autoConfirmUser": True,
        "autoVerifyEmail": True,
        "autoVerifyPhone": False,
    }
    by_an_administrator = event(**REGISTRATION) | {"triggerSource": "PreSignUp_AdminCreateUser"}
    assert handler.lambda_handler(by_an_administrator, None) == by_an_administrator
