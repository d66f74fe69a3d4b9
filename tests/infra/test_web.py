"""How the web app is served: a private bucket behind a distribution that also has the API."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from payments.api.bodies.products import ListProductsQuery
from tests.support.cloudformation import Deployed, Json, load_template
from tests.support.commands import TEMPLATE, run

WEB_RESOURCES = {
    "OriginSecret",
    "WebBucket",
    "WebBucketPolicy",
    "WebAddressFunction",
    "WebDistribution",
    "WebHeaders",
    "WebOriginAccessControl",
    "WebProductsCachePolicy",
    "WebRoutesFunction",
}
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

ANSWER = """
const { code, uri } = JSON.parse(require("fs").readFileSync(0));
const handler = new Function(`${code}; return handler`)();
const answer = handler({ version: "1.0", request: { method: "GET", uri, headers: {} } });
console.log(JSON.stringify(answer));
"""


WEB = TEMPLATE.parents[1] / "web"


def hash_of(style: Path) -> str:
    digest = hashlib.sha256(style.read_bytes()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def distribution(resources: Json) -> Json:
    """The distribution's configuration."""
    config: Json = resources["WebDistribution"]["Properties"]["DistributionConfig"]
    return config


def behavior(resources: Json, pattern: str) -> Json:
    """What the distribution does with requests for a path pattern."""
    [found] = [
        each for each in distribution(resources)["CacheBehaviors"] if each["PathPattern"] == pattern
    ]
    assert isinstance(found, dict)
    return found


def security_headers(resources: Json, logical_id: str) -> Json:
    """The security headers of a response headers policy."""
    policy = resources[logical_id]["Properties"]["ResponseHeadersPolicyConfig"]
    headers: Json = policy["SecurityHeadersConfig"]
    return headers


def directives(resources: Json, logical_id: str) -> dict[str, set[str]]:
    """A content security policy: each directive and its sources."""
    text = security_headers(resources, logical_id)["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    return {name: set(sources) for name, *sources in map(str.split, text.split(";"))}


def statements(resources: Json) -> dict[str, Json]:
    """The bucket policy's statements by their ids."""
    document = resources["WebBucketPolicy"]["Properties"]["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def routed(resources: Json, uri: str) -> Any:
    """What the distribution's function turns a request for a path into."""
    code = resources["WebRoutesFunction"]["Properties"]["FunctionCode"]
    done = run(["node", "-e", ANSWER], stdin=json.dumps({"code": code, "uri": uri}))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_bucket_is_private_and_encrypted(deployed: Deployed) -> None:
    bucket = deployed()["WebBucket"]["Properties"]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert "WebsiteConfiguration" not in bucket


def test_the_bucket_is_read_by_this_distribution_alone_and_over_tls(deployed: Deployed) -> None:
    by_id = statements(deployed())
    refusal = by_id.pop("RefusePlainHttp")
    assert (refusal["Effect"], refusal["Principal"], refusal["Action"]) == ("Deny", "*", "s3:*")
    assert refusal["Resource"] == ["WebBucket.Arn", "WebBucket.Arn/*"]
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {statement["Action"] for statement in by_id.values()} == {
        "s3:GetObject",
        "s3:ListBucket",
    }
    for statement in by_id.values():
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert statement["Condition"] == {
            "StringEquals": {
                "AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/WebDistribution"
            }
        }


def test_the_distribution_signs_its_requests_to_the_bucket(deployed: Deployed) -> None:
    resources = deployed()
    control = resources["WebOriginAccessControl"]["Properties"]["OriginAccessControlConfig"]
    assert control["OriginAccessControlOriginType"] == "s3"
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")
    origins = {origin["Id"]: origin for origin in distribution(resources)["Origins"]}
    assert origins["web"]["DomainName"] == "WebBucket.RegionalDomainName"
    assert origins["web"]["OriginAccessControlId"] == "WebOriginAccessControl.Id"
    assert origins["web"]["S3OriginConfig"] == {"OriginAccessIdentity": ""}


def test_deleting_the_stack_leaves_the_bucket_which_is_not_empty(deployed: Deployed) -> None:
    bucket = deployed()["WebBucket"]
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"


def test_files_of_earlier_builds_go_a_month_after_they_were_superseded(deployed: Deployed) -> None:
    rules = {
        rule["Id"]: rule
        for rule in deployed()["WebBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    }
    superseded = rules["superseded-assets"]
    assert superseded["Status"] == "Enabled"
    assert superseded["Prefix"] == "assets/"
    assert superseded["TagFilters"] == [{"Key": "superseded", "Value": "true"}]
    assert superseded["ExpirationInDays"] == 30
    assert all(
        "ExpirationInDays" not in rule for each, rule in rules.items() if each != superseded["Id"]
    )


def test_the_api_is_behind_v1_and_nothing_of_it_is_kept(deployed: Deployed) -> None:
    resources = deployed()
    api = behavior(resources, "/v1/*")
    assert api["TargetOriginId"] == "api"
    assert set(api["AllowedMethods"]) == {
        "GET",
        "HEAD",
        "OPTIONS",
        "PUT",
        "PATCH",
        "POST",
        "DELETE",
    }
    assert api["CachePolicyId"] == CACHING_DISABLED
    assert api["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert api["ViewerProtocolPolicy"] == "https-only"
    origins = {origin["Id"]: origin for origin in distribution(resources)["Origins"]}
    assert origins["api"]["DomainName"] == "Api.execute-api.eu-west-1.amazonaws.com"
    assert origins["api"]["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
    }
    # The path stays unchanged on its way, so the stage must match the pattern.
    assert resources["Apiv1Stage"]["Properties"]["StageName"] == "v1"
    assert "OriginPath" not in origins["api"]


def test_what_is_for_sale_is_kept_for_a_minute_whoever_asks(deployed: Deployed) -> None:
    resources = deployed()
    products = behavior(resources, "/v1/products*")
    assert products["TargetOriginId"] == "api"
    assert products["CachePolicyId"] == "WebProductsCachePolicy"
    assert products["ViewerProtocolPolicy"] == "https-only"
    assert products["AllowedMethods"] == behavior(resources, "/v1/*")["AllowedMethods"]
    assert "OriginRequestPolicyId" not in products  # the API gets what is in the key, and no more
    patterns = [each["PathPattern"] for each in distribution(resources)["CacheBehaviors"]]
    assert patterns.index("/v1/products*") < patterns.index("/v1/*")

    policy = resources["WebProductsCachePolicy"]["Properties"]["CachePolicyConfig"]
    assert policy["Name"] == "till-eu-west-1-products"
    # Only what says so is kept, for a minute at most.
    assert [policy[each] for each in ("MinTTL", "DefaultTTL", "MaxTTL")] == [0, 0, 60]
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"]["QueryStringBehavior"] == "whitelist"
    assert set(key["QueryStringsConfig"]["QueryStrings"]) == set(ListProductsQuery.model_fields)
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Origin"]}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}


def test_an_error_is_neither_kept_nor_turned_into_the_app(deployed: Deployed) -> None:
    errors = distribution(deployed())["CustomErrorResponses"]
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
    kept_by_default = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
    assert {error["ErrorCode"] for error in errors} == kept_by_default
    for error in errors:
        assert error.keys() == {"ErrorCode", "ErrorCachingMinTTL"}
        assert error["ErrorCachingMinTTL"] == 0


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("/", "/index.html"),
        ("/checkout/x", "/index.html"),
        ("/payments/pay_1", "/index.html"),
        ("/v1alpha", "/index.html"),
        ("/user.name/cards", "/index.html"),
        ("/docsearch", "/index.html"),
        ("/index.html", "/index.html"),
        ("/assets/a.js", "/assets/a.js"),
        ("/config.json", "/config.json"),
        ("/favicon.svg", "/favicon.svg"),
        ("/v1/payments", "/v1/payments"),
        ("/v1", "/v1"),
        ("/docs/", "/docs/index.html"),
        ("/docs/openapi.json", "/docs/openapi.json"),
    ],
)
def test_a_path_of_the_app_answers_its_page_and_a_file_itself(
    deployed: Deployed, uri: str, file: str
) -> None:
    assert routed(deployed(), uri) == {"method": "GET", "uri": file, "headers": {}}


def test_the_reference_has_one_address(deployed: Deployed) -> None:
    # Without the slash, the app's behavior would answer, with the app's policy.
    assert routed(deployed(), "/docs") == {
        "statusCode": 301,
        "headers": {"location": {"value": "/docs/"}},
    }


def test_the_function_runs_for_the_apps_files_and_is_live(deployed: Deployed) -> None:
    resources = deployed()
    association = {
        "EventType": "viewer-request",
        "FunctionARN": "WebRoutesFunction.FunctionARN",
    }
    files = distribution(resources)["DefaultCacheBehavior"]
    assert files["FunctionAssociations"] == [association]
    assert files["TargetOriginId"] == "web"
    assert files["ViewerProtocolPolicy"] == "redirect-to-https"
    assert files["AllowedMethods"] == ["GET", "HEAD"]
    assert files["Compress"] is True
    function = resources["WebRoutesFunction"]["Properties"]
    assert function["AutoPublish"] is True
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_the_app_may_load_its_own_files_and_stripe_and_nothing_else(deployed: Deployed) -> None:
    stripe_js = {"https://js.stripe.com", "https://*.js.stripe.com"}
    assert directives(deployed(), "WebHeaders") == {
        "default-src": {"'self'"},
        "script-src": {"'self'", *stripe_js},
        "frame-src": {*stripe_js, "https://hooks.stripe.com"},
        "connect-src": {
            "'self'",
            "https://api.stripe.com",
            "https://cognito-idp.eu-west-1.amazonaws.com",
        },
        "img-src": {"'self'", "data:", "https://*.stripe.com"},
        "style-src": {"'self'", hash_of(WEB / "build/shell.css")},
        "font-src": {"'self'"},
        "object-src": {"'none'"},
        "base-uri": {"'none'"},
        "form-action": {"'self'"},
        "frame-ancestors": {"'none'"},
    }


def test_every_answer_has_the_security_headers(deployed: Deployed) -> None:
    headers = security_headers(deployed(), "WebHeaders")
    assert all(header["Override"] for header in headers.values())
    transport = headers["StrictTransportSecurity"]
    assert transport["AccessControlMaxAgeSec"] >= 31536000
    assert transport["IncludeSubdomains"] is False
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    assert "ContentTypeOptions" in headers


def test_every_behavior_sends_them(deployed: Deployed) -> None:
    resources = deployed()
    sent = {
        "default": distribution(resources)["DefaultCacheBehavior"]["ResponseHeadersPolicyId"],
        **{
            each["PathPattern"]: each["ResponseHeadersPolicyId"]
            for each in distribution(resources)["CacheBehaviors"]
        },
    }
    assert sent == {
        "default": "WebHeaders",
        "/v1/products*": "WebHeaders",
        "/v1/*": "WebHeaders",
    }


def test_the_distribution_speaks_the_newer_protocols(deployed: Deployed) -> None:
    config = distribution(deployed())
    assert config["Enabled"] is True
    assert config["HttpVersion"] == "http2and3"
    assert config["IPV6Enabled"] is True
    assert config["PriceClass"] == "PriceClass_100"
    assert config["DefaultRootObject"] == "index.html"
    assert "Logging" not in config


def test_without_a_name_of_its_own_it_has_cloudfronts(deployed: Deployed) -> None:
    config = distribution(deployed())
    assert "Aliases" not in config
    assert config["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


def test_a_name_of_its_own_takes_its_certificate_and_tls_1_2(deployed: Deployed) -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c"
    config = distribution(
        deployed(WebDomain="shop.example.com", WebCertificateArn=certificate),
    )
    assert config["Aliases"] == ["shop.example.com"]
    assert config["ViewerCertificate"] == {
        "AcmCertificateArn": certificate,
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }


def test_a_certificate_has_to_be_where_cloudfront_reads_it(deployed: Deployed) -> None:
    elsewhere = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c"
    with pytest.raises(ValueError, match="WebCertificateArn may not be"):
        deployed(WebDomain="shop.example.com", WebCertificateArn=elsewhere)


def test_the_app_can_be_hosted_elsewhere(deployed: Deployed) -> None:
    with_hosting, without = deployed(), deployed(WebHosting="none")
    assert with_hosting.keys() - without.keys() == WEB_RESOURCES
    outputs = load_template(TEMPLATE)["Outputs"]
    conditional = {
        name for name, output in outputs.items() if output.get("Condition") == "HostsWeb"
    }
    assert conditional == {
        "WebBucketName",
        "WebDistributionDomain",
        "WebDistributionId",
        "WebUrl",
    }
