"""The URLs of AWS services: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html"""

from collections.abc import Mapping

# What the SDKs call a service in the name of its environment variable.
# https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html
_SDK_NAMES = {
    "cognito-idp": "COGNITO_IDENTITY_PROVIDER",
    "dynamodb": "DYNAMODB",
    "events": "EVENTBRIDGE",
    "secretsmanager": "SECRETS_MANAGER",
    "sqs": "SQS",
}
# A partition's domain suffix, and its suffix for names that also have IPv6 addresses.
_SUFFIXES = {
    "cn": ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    "eusc": ("amazonaws.eu", "api.amazonwebservices.eu"),
}
_USUAL_SUFFIXES = ("amazonaws.com", "api.aws")
_UNITED_STATES = frozenset({"us-east-1", "us-east-2", "us-west-1", "us-west-2"})


def endpoint(service: str, region: str, environment: Mapping[str, str]) -> str:
    """A service's URL, without a path; the environment can change it, as with the SDKs."""
    named = environment.get(f"AWS_ENDPOINT_URL_{_SDK_NAMES[service]}")
    if address := named or environment.get("AWS_ENDPOINT_URL"):
        return address.rstrip("/")
    fips = _is_on(environment, "AWS_USE_FIPS_ENDPOINT")
    dual_stack = _is_on(environment, "AWS_USE_DUALSTACK_ENDPOINT")
    usual, dual_stack_suffix = _SUFFIXES.get(_partition(region), _USUAL_SUFFIXES)
    suffix = usual
    if dual_stack and not _usual_name_is_dual_stack(service, region, fips=fips):
        suffix = dual_stack_suffix
    in_its_name = fips and not _usual_name_is_fips(service, region, dual_stack=dual_stack)
    return f"https://{service}{'-fips' if in_its_name else ''}.{region}.{suffix}"


def _is_on(environment: Mapping[str, str], variable: str) -> bool:
    return environment.get(variable, "").lower() == "true"


def _partition(region: str) -> str:
    return "us-gov" if region.startswith("us-gov-") else region.split("-", maxsplit=1)[0]


def _usual_name_is_fips(service: str, region: str, *, dual_stack: bool) -> bool:
    if _partition(region) != "us-gov":
        return False
    return service == "events" or (service in {"dynamodb", "sqs"} and not dual_stack)


def _usual_name_is_dual_stack(service: str, region: str, *, fips: bool) -> bool:
    partition = _partition(region)
    if service == "secretsmanager":
        return partition not in _SUFFIXES or (partition == "cn" and not fips)
    if service == "cognito-idp":
        return partition not in {*_SUFFIXES, "us-gov"} and (not fips or region in _UNITED_STATES)
    return False
