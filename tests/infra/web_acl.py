"""Just enough of AWS WAF to see which rules of a web ACL look at a request.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

type Json = dict[str, Any]


@dataclass(frozen=True)
class WebRequest:
    """A request, as it reaches the firewall."""

    path: str
    method: str = "POST"
    address: str = "198.51.100.7"
    headers: Mapping[str, str] = field(default_factory=dict)


def counted_by(rules: list[Json], request: WebRequest, *, sets: Mapping[str, set[str]]) -> set[str]:
    """The names of the rate rules that count a request. sets: addresses by the set's ARN."""
    return {
        rule["Name"]
        for rule in rules
        if (rate := rule["Statement"].get("RateBasedStatement"))
        and _matches(rate["ScopeDownStatement"], request, sets)
        and _has_key(rate, request)
    }


def inspected_by(rules: list[Json], request: WebRequest) -> set[str]:
    """The names of AWS's rule groups that look into a request."""
    return {
        group["Name"]
        for rule in rules
        if (group := rule["Statement"].get("ManagedRuleGroupStatement"))
        and _matches(group["ScopeDownStatement"], request, {})
    }


def _has_key(rate: Json, request: WebRequest) -> bool:
    if rate["AggregateKeyType"] == "IP":
        return True
    assert rate["AggregateKeyType"] == "FORWARDED_IP"
    config = rate["ForwardedIPConfig"]
    assert config["FallbackBehavior"] == "NO_MATCH"
    return config["HeaderName"].lower() in request.headers


def _matches(statement: Json, request: WebRequest, sets: Mapping[str, set[str]]) -> bool:
    [(kind, content)] = statement.items()
    match kind:
        case "AndStatement":
            return all(_matches(each, request, sets) for each in content["Statements"])
        case "OrStatement":
            return any(_matches(each, request, sets) for each in content["Statements"])
        case "NotStatement":
            return not _matches(content["Statement"], request, sets)
        case "IPSetReferenceStatement":
            return request.address in sets[content["Arn"]]
        case "RegexMatchStatement":
            return re.search(content["RegexString"], _text(content, request)) is not None
        case "ByteMatchStatement":
            text, wanted = _text(content, request), content["SearchString"]
            exactly = content["PositionalConstraint"] == "EXACTLY"
            return text == wanted if exactly else text.startswith(wanted)
    raise AssertionError(f"unknown statement {kind}")


def _text(statement: Json, request: WebRequest) -> str:
    [(part, content)] = statement["FieldToMatch"].items()
    text = {
        "UriPath": lambda: request.path,
        "Method": lambda: request.method,
        "SingleHeader": lambda: request.headers.get(content["Name"].lower(), ""),
    }[part]()
    for transformation in sorted(
        statement["TextTransformations"], key=lambda each: int(each["Priority"])
    ):
        text = _CHANGES[transformation["Type"]](text)
    return text


_CHANGES: dict[str, Callable[[str], str]] = {
    "NONE": str,
    "URL_DECODE": unquote,
    "NORMALIZE_PATH": lambda path: posixpath.normpath(path).replace("//", "/"),
}
