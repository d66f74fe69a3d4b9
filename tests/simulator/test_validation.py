from typing import Any

import httpx
import pytest

INTENT = {"amount": "1099", "currency": "eur"}


def _error(http: httpx.Client, path: str, form: dict[str, Any] | bytes) -> dict[str, Any]:
    if isinstance(form, bytes):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = http.post(path, content=form, headers=headers)
    else:
        answer = http.post(path, data=form)
    assert answer.status_code == 400
    error: dict[str, Any] = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    return error


@pytest.mark.parametrize(
    ("form", "param"),
    [
        (INTENT | {"price": "1"}, "price"),
        (INTENT | {"shipping[planet]": "Mars"}, "shipping[planet]"),
        (
            INTENT | {"payment_method_options[card][colour]": "red"},
            "payment_method_options[card][colour]",
        ),
        (INTENT | {"api_key": "sk_test_1"}, "api_key"),
    ],
)
def test_a_parameter_unknown_to_the_sdk_is_unknown_to_stripe(
    http: httpx.Client, form: dict[str, str], param: str
) -> None:
    error = _error(http, "/v1/payment_intents", form)

    assert (error["code"], error["param"]) == ("parameter_unknown", param)


@pytest.mark.parametrize("path", ["/v1/payment_intents", "/v1/setup_intents"])
def test_payment_method_types_is_retired(http: httpx.Client, path: str) -> None:
    required = INTENT if path == "/v1/payment_intents" else {}

    error = _error(http, path, required | {"payment_method_types[]": "card"})

    assert error["code"] == "payment_method_types_no_longer_supported"
    assert error["param"] == "payment_method_types"


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"currency": "eur"}, "amount"),
        ({"amount": "1099"}, "currency"),
        (
            INTENT | {"automatic_payment_methods[allow_redirects]": "never"},
            "automatic_payment_methods[enabled]",
        ),
    ],
)
def test_a_required_parameter_is_missed(
    http: httpx.Client, form: dict[str, str], param: str
) -> None:
    error = _error(http, "/v1/payment_intents", form)

    assert (error["code"], error["param"]) == ("parameter_missing", param)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"amount": "10.99", "currency": "eur"}, "amount"),
        ({"amount": "--1", "currency": "eur"}, "amount"),
        ({"amount": "", "currency": "eur"}, "amount"),
        (INTENT | {"confirm": "yes"}, "confirm"),
        (INTENT | {"capture_method": "later"}, "capture_method"),
        (INTENT | {"confirmation_method": "telepathy"}, "confirmation_method"),
        (INTENT | {"setup_future_usage": "maybe"}, "setup_future_usage"),
        (INTENT | {"allowed_payment_method_types": "card"}, "allowed_payment_method_types"),
        (INTENT | {"allowed_payment_method_types[]": "cheque"}, "allowed_payment_method_types[0]"),
        (INTENT | {"allowed_payment_method_types[]": "paypal"}, "allowed_payment_method_types"),
        (INTENT | {"metadata": "x"}, "metadata"),
        (INTENT | {"metadata[a][b]": "x"}, "metadata[a]"),
        (INTENT | {"shipping": "x"}, "shipping"),
        (INTENT | {"customer": ""}, "customer"),
        (INTENT | {"customer": "cus_unknown"}, "customer"),
        (INTENT | {"payment_method": "pm_unknown"}, "payment_method"),
        (
            INTENT | {"payment_method_options[klarna][setup_future_usage]": "none"},
            "payment_method_options[klarna]",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(
    http: httpx.Client, form: dict[str, str], param: str
) -> None:
    assert _error(http, "/v1/payment_intents", form)["param"] == param


@pytest.mark.parametrize(
    "param", ["transfer_data[destination]", "payment_method_options[card][network]"]
)
def test_what_is_not_simulated_is_refused_rather_than_ignored(
    http: httpx.Client, param: str
) -> None:
    error = _error(http, "/v1/payment_intents", INTENT | {param: "visa"})

    assert error["code"] == "simulator_not_simulated"
    assert param.startswith(error["param"])


@pytest.mark.parametrize(
    "metadata",
    [
        {"k" * 41: "v"},
        {"k": "v" * 501},
        {f"k{number}": "v" for number in range(51)},
    ],
)
def test_metadata_has_its_limits(http: httpx.Client, metadata: dict[str, str]) -> None:
    form = {f"metadata[{key}]": value for key, value in metadata.items()}

    assert _error(http, "/v1/customers", form)["param"].startswith("metadata")


def test_metadata_within_its_limits_is_kept(http: httpx.Client) -> None:
    metadata = {f"k{number:039}": "v" * 500 for number in range(50)}
    form = {f"metadata[{key}]": value for key, value in metadata.items()}

    assert http.post("/v1/customers", data=form).json()["metadata"] == metadata


@pytest.mark.parametrize(
    "body",
    [
        b"metadata[a=1",
        b"metadata[a]=1&metadata=2",
        b"metadata=2&metadata[a]=1",
        b"expand[]=a&expand[b]=c",
        b"expand[b]=c&expand[]=a",
        b"email=%ff",
    ],
)
def test_a_form_that_contradicts_itself_is_refused(http: httpx.Client, body: bytes) -> None:
    _error(http, "/v1/customers", body)


def test_lists_may_be_numbered_or_not(http: httpx.Client) -> None:
    for name in ("allowed_payment_method_types[]", "allowed_payment_method_types[0]"):
        answer = http.post("/v1/payment_intents", data=INTENT | {name: "card"})
        assert answer.json()["allowed_payment_method_types"] == ["card"]


def test_json_is_no_form(http: httpx.Client) -> None:
    answer = http.post("/v1/customers", json={"email": "ada@example.com"})

    assert answer.status_code == 400


def test_queries_are_validated_too(http: httpx.Client) -> None:
    assert http.get("/v1/customers?colour=red").json()["error"]["param"] == "colour"


def test_an_endpoint_that_is_not_simulated_is_404(http: httpx.Client) -> None:
    assert http.get("/v1/payouts").status_code == 404
    assert http.post("/v1/charges").status_code == 404
    assert http.get("/v1/payouts").json()["error"]["type"] == "invalid_request_error"
