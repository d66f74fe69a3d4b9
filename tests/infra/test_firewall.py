"""The firewalls: what they count, what they look into, and what whoever is blocked is told."""

import json
from typing import Any

import pytest

from payments.api.client_address import ADDRESS_HEADER, SECRET_HEADER
from tests.infra.web_acl import WebRequest, counted_by, inspected_by
from tests.support.cloudformation import Deployed, Json, load_template, resolve
from tests.support.commands import ROOT
from tests.support.routes import ROUTES

SECRET = "{{resolve:secretsmanager:OriginSecret.Id:SecretString:generation_1}}"
FROM_CLOUDFRONT = {ADDRESS_HEADER: "198.51.100.7", SECRET_HEADER: SECRET}
STRIPE, SOMEBODY = "54.187.174.169", "203.0.113.9"
SETS = {"StripeAddresses.Arn": {STRIPE}}
GROUPS = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/till-firewall/0a1b2c"
WEB_ACL = "AWS::WAFv2::WebACL"

# What has a price or a password behind it.
SCOPES = {
    "/v1/signup": "sign-up",
    "/v1/payment-methods": "cards",
    "/v1/setup-intents": "cards",
    "/v1/payments": "payments",
    "/v1/payments/pay_1/confirm": "payments",
}


def of_cloudfront() -> Json:
    """CloudFront's firewall: the whole stack."""
    template = load_template(ROOT / "infra" / "firewall.yaml")
    # Its one rule is about the region, which is another one in these tests.
    return resolve(template | {"Conditions": {}, "Rules": {}}, {})


@pytest.fixture(params=["API", "CloudFront"])
def firewall(request: pytest.FixtureRequest, deployed: Deployed) -> Json:
    """One of the two."""
    resources = deployed(Firewall="on") if request.param == "API" else of_cloudfront()
    [acl] = [each["Properties"] for each in resources.values() if each["Type"] == WEB_ACL]
    assert isinstance(acl, dict)
    return acl


def rules_of_the_api(deployed: Deployed, **parameters: str) -> list[Json]:
    """The rules in front of the API."""
    rules: list[Json] = deployed(Firewall="on", **parameters)["ApiFirewall"]["Properties"]["Rules"]
    return rules


def rules_of_cloudfront() -> list[Json]:
    """The rules in front of the distribution."""
    rules: list[Json] = of_cloudfront()["Firewall"]["Properties"]["Rules"]
    return rules


def test_there_is_none_unless_asked_for(deployed: Deployed) -> None:
    resources = deployed()
    assert not [each for each in resources.values() if "WAFv2" in each["Type"]]
    config = resources["WebDistribution"]["Properties"]["DistributionConfig"]
    assert "WebACLId" not in config


def test_it_is_in_front_of_the_api_the_user_pool_and_the_distribution(deployed: Deployed) -> None:
    resources = deployed(Firewall="on", FirewallArn=ARN)
    associated = {
        each["Properties"]["ResourceArn"]: each["Properties"]["WebACLArn"]
        for each in resources.values()
        if each["Type"] == "AWS::WAFv2::WebACLAssociation"
    }
    stage = "arn:aws:apigateway:eu-west-1::/restapis/Api/stages/Apiv1Stage"
    assert associated == {stage: "ApiFirewall.Arn", "UserPool.Arn": "ApiFirewall.Arn"}
    config = resources["WebDistribution"]["Properties"]["DistributionConfig"]
    assert config["WebACLId"] == ARN


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"FirewallArn": ARN}, "FirewallArn needs Firewall=on"),
        ({"FirewallArn": ARN, "Firewall": "on", "WebHosting": "none"}, "needs WebHosting"),
        ({"FirewallArn": ARN.replace("us-east-1", "eu-west-1")}, "FirewallArn may not be"),
    ],
)
def test_cloudfronts_firewall_needs_what_it_is_for(
    deployed: Deployed, parameters: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        deployed(**parameters)


def test_cloudfronts_own_is_where_cloudfront_reads_it() -> None:
    template = load_template(ROOT / "infra" / "firewall.yaml")
    [assertion] = template["Rules"]["WhereCloudFrontLooks"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    assert {each["Properties"]["Scope"] for each in template["Resources"].values()} == {
        "CLOUDFRONT"
    }
    assert template["Outputs"]["FirewallArn"]["Value"] == {"Fn::GetAtt": ["Firewall", "Arn"]}


def blocks(firewall: Json) -> dict[str, Json]:
    """What each rule that blocks answers."""
    return {
        rule["Name"]: rule["Action"]["Block"]["CustomResponse"]
        for rule in firewall["Rules"]
        if "Action" in rule
    }


def test_whoever_is_blocked_gets_a_problem_and_never_a_challenge(firewall: Json) -> None:
    for rule in firewall["Rules"]:
        # AWS's groups only put labels on requests; our own rules block.
        assert rule.get("OverrideAction", {"Count": {}}) == {"Count": {}}
        assert rule.get("Action", {"Block": ...}).keys() == {"Block"}
    for answer in blocks(firewall).values():
        assert answer["ResponseCode"] == 429
        body = firewall["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
        assert body["ContentType"] == "APPLICATION_JSON"
        problem = json.loads(body["Content"])
        assert (problem["status"], problem["code"]) == (429, "rate_limited")
        assert problem.keys() >= {"type", "title", "detail", "instance"}
        headers = {each["Name"]: each["Value"] for each in answer.get("ResponseHeaders", [])}
        assert ("Retry-After" in headers) is problem.get("retryable", False)


def test_what_has_a_label_of_awss_rules_is_refused(firewall: Json) -> None:
    [refused] = [rule for rule in firewall["Rules"] if rule["Name"] == "refused"]
    labels = [
        each["LabelMatchStatement"] for each in refused["Statement"]["OrStatement"]["Statements"]
    ]
    assert {(each["Scope"], each["Key"]) for each in labels} == {
        ("NAMESPACE", "awswaf:managed:aws:core-rule-set:"),
        ("NAMESPACE", "awswaf:managed:aws:known-bad-inputs:"),
    }
    groups = [rule for rule in firewall["Rules"] if "OverrideAction" in rule]
    assert all(group["Priority"] < refused["Priority"] for group in groups)


def test_nothing_keeps_requests_with_their_tokens(firewall: Json) -> None:
    for part in (firewall, *firewall["Rules"]):
        assert part["VisibilityConfig"]["SampledRequestsEnabled"] is False
        assert part["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    names = [rule["VisibilityConfig"]["MetricName"] for rule in firewall["Rules"]]
    assert len(names) == len(set(names))
    assert len({rule["Priority"] for rule in firewall["Rules"]}) == len(names)


@pytest.mark.parametrize(("path", "scope"), SCOPES.items())
def test_sign_up_cards_and_payments_are_counted(deployed: Deployed, path: str, scope: str) -> None:
    behind = WebRequest(path, address="130.176.0.1", headers=FROM_CLOUDFRONT)
    assert counted_by(rules_of_the_api(deployed), behind, sets=SETS) == {scope}
    assert counted_by(rules_of_cloudfront(), WebRequest(path), sets=SETS) == {scope}


@pytest.mark.parametrize("path", SCOPES)
def test_another_spelling_of_a_path_is_counted_too(deployed: Deployed, path: str) -> None:
    last = path[-1]
    spelled = path[:-1] + f"%{ord(last):x}"
    for written in (spelled, path.replace("/v1", "/v1/."), path.replace("/v1/", "/v1//")):
        request = WebRequest(written, headers=FROM_CLOUDFRONT)
        assert counted_by(rules_of_the_api(deployed), request, sets=SETS) == {SCOPES[path]}
        assert counted_by(rules_of_cloudfront(), request, sets=SETS) == {SCOPES[path]}


@pytest.mark.parametrize("path", SCOPES)
def test_an_address_that_somebody_made_up_is_not_counted_by(deployed: Deployed, path: str) -> None:
    forged = {ADDRESS_HEADER: "198.51.100.1", "x-forwarded-for": "198.51.100.2"}
    for headers in (forged, forged | {SECRET_HEADER: "guessed"}, {}):
        request = WebRequest(path, headers=headers)
        assert counted_by(rules_of_the_api(deployed), request, sets=SETS) == {"direct"}
    alone = rules_of_the_api(deployed, WebHosting="none")
    assert counted_by(alone, WebRequest(path, headers=forged), sets=SETS) == {"direct"}
    [direct] = [rule for rule in alone if rule["Name"] == "direct"]
    assert direct["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"


def test_reading_is_not_counted(deployed: Deployed) -> None:
    for route in ROUTES:
        method, path = route.split()
        if method == "GET":
            request = WebRequest(f"/v1{path}", method="GET", headers=FROM_CLOUDFRONT)
            assert counted_by(rules_of_the_api(deployed), request, sets=SETS) == set()
            assert counted_by(rules_of_cloudfront(), request, sets=SETS) == set()


def test_stripe_is_not_counted_and_others_may_send_webhooks_too(deployed: Deployed) -> None:
    for rules, name in ((rules_of_the_api(deployed), "direct"), (rules_of_cloudfront(), "webhook")):
        from_stripe = WebRequest("/v1/stripe/webhook", address=STRIPE)
        assert counted_by(rules, from_stripe, sets=SETS) == set()
        from_others = WebRequest("/v1/stripe/webhook", address=SOMEBODY)
        assert counted_by(rules, from_others, sets=SETS) == {name}


def test_stripes_addresses_are_the_same_in_both_and_can_be_changed(deployed: Deployed) -> None:
    own = deployed(Firewall="on")["StripeAddresses"]["Properties"]
    theirs = of_cloudfront()["StripeAddresses"]["Properties"]
    assert own["Addresses"] == theirs["Addresses"]
    addresses = [each.strip() for each in own["Addresses"].split(",")]
    assert f"{STRIPE}/32" in addresses
    assert len(addresses) == len(set(addresses)) == 12
    changed = deployed(Firewall="on", StripeWebhookAddresses="198.51.100.7/32")
    assert changed["StripeAddresses"]["Properties"]["Addresses"] == "198.51.100.7/32"


@pytest.mark.parametrize(
    "operation", ["InitiateAuth", "RespondToAuthChallenge", "ForgotPassword", "ConfirmSignUp"]
)
def test_logging_in_is_counted_at_the_user_pool(deployed: Deployed, operation: str) -> None:
    headers = {"x-amzn-cognito-operation-name": operation}
    request = WebRequest("/", headers=headers)
    assert counted_by(rules_of_the_api(deployed), request, sets=SETS) == {"log-in"}


@pytest.mark.parametrize("operation", ["SignUp", "GetUser", "GlobalSignOut", "xInitiateAuth"])
def test_other_operations_of_the_user_pool_are_not(deployed: Deployed, operation: str) -> None:
    # Our own function signs people up, from addresses of Lambda's.
    headers = {"x-amzn-cognito-operation-name": operation}
    request = WebRequest("/", headers=headers)
    assert counted_by(rules_of_the_api(deployed), request, sets=SETS) == set()
    assert inspected_by(rules_of_the_api(deployed), request) == set()


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("/v1/payments", GROUPS),
        ("/v1/payments/pay_1/confirm", GROUPS),
        ("/v1/products", GROUPS),
        ("/v1/stripe/webhook", set()),  # what people typed comes back in Stripe's events
        ("/v1/merchant/orders", set()),  # programs send large bodies, and no browser's name
        ("/assets/app.js", set()),
        ("/checkout", set()),
    ],
)
def test_aws_looks_into_shoppers_requests(deployed: Deployed, path: str, groups: set[str]) -> None:
    for rules in (rules_of_the_api(deployed), rules_of_cloudfront()):
        assert inspected_by(rules, WebRequest(path)) == groups


def test_a_gateway_response_says_the_same(deployed: Deployed) -> None:
    body: Any = deployed()["Api"]["Properties"]["Body"]
    filtered = body["x-amazon-apigateway-gateway-responses"]["WAF_FILTERED"]
    assert filtered["statusCode"] == "429"
    assert json.loads(filtered["responseTemplates"]["application/json"])["code"] == "rate_limited"


def test_the_access_log_of_cloudfront_has_no_query_and_no_token() -> None:
    template = load_template(ROOT / "infra" / "access-log.yaml")
    resources = template["Resources"]
    fields = resources["Delivery"]["Properties"]["RecordFields"]
    assert {"cs-uri-query", "cs(Cookie)", "cs(Referer)"}.isdisjoint(fields)
    assert {"date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status"} <= set(fields)
    assert resources["AccessLog"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert resources["Source"]["Properties"]["LogType"] == "ACCESS_LOGS"
