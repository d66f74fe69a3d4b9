"""Parameters that do not go together: the template refuses them before anything is deployed."""

import pytest

from tests.support.cloudformation import Deployed

FOR_TESTS = {
    "StripeApiBase": "http://127.0.0.1:12111",
    "LogLevel": "DEBUG",
    "EmailVerification": "off",
    "AllowedOrigin": "http://localhost:5173",
}


@pytest.mark.parametrize(("parameter", "value"), FOR_TESTS.items())
def test_prod_takes_nothing_that_is_for_tests(
    deployed: Deployed, parameter: str, value: str
) -> None:
    with pytest.raises(ValueError, match=f"In prod, {parameter} must"):
        deployed(Stage="prod", **{parameter: value})


@pytest.mark.parametrize("stage", ["dev", "local", "staging"])
def test_other_stages_take_what_is_for_tests(deployed: Deployed, stage: str) -> None:
    assert deployed(Stage=stage, **FOR_TESTS)


@pytest.mark.parametrize("level", ["INFO", "WARN", "ERROR"])
def test_prod_takes_everything_else(deployed: Deployed, level: str) -> None:
    assert deployed(
        Stage="prod",
        LogLevel=level,
        StripeApiBase="",
        EmailVerification="required",
        AllowedOrigin="https://shop.example.com",
    )


def test_a_domain_needs_its_certificate(deployed: Deployed) -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    with pytest.raises(ValueError, match="WebDomain needs WebCertificateArn"):
        deployed(WebDomain="shop.example.com")
    assert deployed(WebDomain="shop.example.com", WebCertificateArn=certificate)
