"""Stripe's search queries: `metadata['user_id']:'u1' AND email:'ada@example.com'`.

It lags behind: an object is found a minute after it was made, or when steering says so. Accounts in
some countries have no search at all.
See https://docs.stripe.com/search
"""

import re
from collections.abc import Iterable

from stripe_simulator.errors import StripeError, invalid_parameter
from stripe_simulator.lists import page_size
from stripe_simulator.state import Call, StripeObject, now

_CLAUSE = re.compile(
    r"""\s*(?P<negated>-)?
    (?P<field>[a-z_]+)(\[(?P<quote>['"])(?P<key>.+?)(?P=quote)\])?
    \s*(?P<operator>:|~|<=|>=|<|>)\s*
    (?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\w.]+)
    \s*(?P<joint>AND\b|OR\b|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELDS = frozenset(
    {"metadata", "email", "name", "phone", "status", "customer", "currency", "created", "amount"}
)


def searched(call: Call, objects: Iterable[StripeObject]) -> StripeObject:
    """One page of a search, newest first.

    Raises:
        StripeError: the account has no search, the query can't be read, or `page` wasn't given out
            by an earlier answer.
    """
    index = call.account.search_index
    if not index.available:
        raise StripeError("Search is not available in your region.", began=False)
    limit = page_size(call)
    clauses, every = _parsed(call.params["query"])
    found = []
    for stripe_object in objects:
        is_indexed = stripe_object["id"] in index.caught_up or (
            stripe_object["created"] + index.lag_seconds <= now()
        )
        results = (_holds(clause, stripe_object) for clause in clauses)
        if is_indexed and (all(results) if every else any(results)):
            found.append(stripe_object)
    found.reverse()
    page = call.params.get("page", "0")
    if not page.isdigit():
        raise invalid_parameter("page", "Give the next_page of an earlier answer.")
    start, end = int(page), int(page) + limit
    more = len(found) > end
    return {
        "object": "search_result",
        "data": found[start:end],
        "has_more": more,
        "next_page": str(end) if more else None,
        "url": call.path,
    }


def _parsed(query: str) -> tuple[list[re.Match[str]], bool]:
    clauses: list[re.Match[str]] = []
    position, joints = 0, set()
    while match := _CLAUSE.match(query, position):
        clauses.append(match)
        joints.add(match["joint"].upper())
        position = match.end()
        if not match["joint"]:
            break
    complete = bool(clauses) and position == len(query) and not clauses[-1]["joint"]
    if not complete or {"AND", "OR"} <= joints:
        raise _unreadable(query)
    for clause in clauses:
        if clause["field"] not in _FIELDS or (clause["field"] == "metadata") != bool(clause["key"]):
            raise _unreadable(query)
    return clauses, "OR" not in joints


def _holds(clause: re.Match[str], stripe_object: StripeObject) -> bool:
    actual = stripe_object.get(clause["field"])
    if clause["key"]:
        actual = (actual or {}).get(clause["key"])
    value = clause["value"]
    if value[0] in "'\"":
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    if actual is None:
        matches = value == "null"
    elif clause["operator"] == ":":
        matches = str(actual).lower() == value.lower()
    elif clause["operator"] == "~":
        matches = value.lower() in str(actual).lower()
    else:
        matches = _compares(actual, clause["operator"], value)
    return matches != bool(clause["negated"])


def _compares(actual: object, operator: str, value: str) -> bool:
    if not isinstance(actual, int) or not value.isdigit():
        return False
    bound = int(value)
    return {
        "<": actual < bound,
        "<=": actual <= bound,
        ">": actual > bound,
        ">=": actual >= bound,
    }[operator]


def _unreadable(query: str) -> StripeError:
    return invalid_parameter("query", f"The search query could not be read: {query}")
