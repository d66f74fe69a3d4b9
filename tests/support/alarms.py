"""The template's alarms, and just enough of CloudWatch to tell which of them go off.

Of metric math it knows what the template uses, of queries the same. What lasts for a whole period
is taken to last for all periods that an alarm looks at.
"""

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.cloudformation import Json, load_template, resolve
from tests.support.commands import TEMPLATE

STACK = "till"
REQUIRED = {
    "Stage": "staging",
    "StripeSecretKey": "sk_test_simulator",
    "StripePublishableKey": "pk_test_simulator",
}
# The share of refused payments, in percent, that CloudWatch has learned to be usual.
USUAL_SHARE = (2.0, 12.0)

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
_QUERY = re.compile(
    r'SELECT (?P<how>\w+)\("?(?P<metric>\w+)"?\)'
    r' FROM SCHEMA\("(?P<namespace>[^"]+)", (?P<names>[^)]+)\)'
    r"(?: WHERE (?P<where>.+?))?(?: GROUP BY (?P<by>.+))?"
)
_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": statistics.mean,
    "SampleCount": len,
    "p99": lambda values: sorted(values)[math.ceil(0.99 * len(values)) - 1],
}
_AGGREGATES: dict[str, Callable[[Iterable[float]], float]] = {"SUM": sum, "MAX": max, "MIN": min}


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's name and dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Metrics:
    """What was measured in a period."""

    values: dict[Series, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, namespace: str, name: str, *values: float, **dimensions: str) -> None:
        """Measure something."""
        series = Series(namespace, name, frozenset(dimensions.items()))
        self.values[series].extend(values)

    def add_emf(self, lines: Iterable[Json]) -> None:
        """Take the metrics out of lines of a log, as CloudWatch does.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        """
        for line in lines:
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for names in directive["Dimensions"]:
                    dimensions = {name: line[name] for name in names}
                    for metric in directive["Metrics"]:
                        found = line[metric["Name"]]
                        values = found if isinstance(found, list) else [found]
                        self.add(directive["Namespace"], metric["Name"], *values, **dimensions)


def alarms(**parameters: str) -> Json:
    """The properties of the template's alarms, by logical id."""
    return _of_kind("AWS::CloudWatch::Alarm", parameters)


def pages(**parameters: str) -> Json:
    """The properties of what wakes somebody, by logical id."""
    return _of_kind("AWS::CloudWatch::CompositeAlarm", parameters)


def going_off(metrics: Metrics, **parameters: str) -> set[str]:
    """The logical ids of the alarms whose condition is met while this is measured."""
    return {
        name for name, alarm in alarms(**parameters).items() if _goes_off(alarm, metrics.values)
    }


def paging(going: set[str], **parameters: str) -> set[str]:
    """The logical ids of the pages that these alarms call, together."""
    rules = {name: page["AlarmRule"] for name, page in pages(**parameters).items()}
    states = dict.fromkeys(going, True)
    for name in sorted(rules, key=lambda name: "NOT" in rules[name]):  # what silences comes first
        states[name] = _is_met(rules[name], states)
    return {name for name in rules if states[name]}


def mentioned(rule: str) -> set[str]:
    """The logical ids of the alarms that a page's rule names."""
    return set(re.findall(r'ALARM\("(\w+)"\)', rule))


def _of_kind(kind: str, parameters: Mapping[str, str]) -> Json:
    resources = _resources(tuple(sorted(parameters.items())))
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


@cache
def _resources(parameters: tuple[tuple[str, str], ...]) -> Json:
    return resolve(load_template(TEMPLATE), REQUIRED | dict(parameters))


def _is_met(rule: str, states: Mapping[str, bool]) -> bool:
    python = re.sub(r'ALARM\("(\w+)"\)', lambda match: str(states.get(match[1], False)), rule)
    python = python.replace("AND", "and").replace("OR", "or").replace("NOT", "not")
    return bool(eval(python, {"__builtins__": {}}))  # noqa: S307


def _goes_off(alarm: Json, values: Mapping[Series, Sequence[float]]) -> bool:
    measured = _watched(alarm, values)
    if not measured:
        return bool(alarm["TreatMissingData"] == "breaching")
    if "ThresholdMetricId" in alarm:
        low, high = USUAL_SHARE
        return any(not low <= value <= high for value in measured)
    compare = _COMPARISONS[alarm["ComparisonOperator"]]
    return any(compare(value, float(alarm["Threshold"])) for value in measured)


def _watched(alarm: Json, values: Mapping[Series, Sequence[float]]) -> list[float]:
    """The value that the alarm sees, or one for each series of its query; none without data."""
    if "Metrics" not in alarm:
        value = _statistic(alarm, alarm.get("Statistic") or alarm["ExtendedStatistic"], values)
        return [] if value is None else [value]
    known: dict[str, float] = {}
    for query in alarm["Metrics"]:
        if "MetricStat" in query:
            value = _statistic(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], values)
            if value is not None:
                known[query["Id"]] = value
    expression = alarm["Metrics"][0]["Expression"]
    if expression.startswith("SELECT"):
        return _select(expression, values)
    if not known:
        return []
    if expression.endswith("(METRICS())"):
        return [_AGGREGATES[expression.removesuffix("(METRICS())")](known.values())]
    if conditional := re.fullmatch(r"IF\((.+?), (.+)\)", expression):
        condition, expression = conditional.groups()
        if not _calculate(condition, known):
            return []
    return [float(_calculate(expression, known))]


def _calculate(expression: str, known: Mapping[str, float]) -> Any:
    return eval(expression, {"__builtins__": {}}, dict(known))  # noqa: S307


def _statistic(
    metric: Json, statistic: str, values: Mapping[Series, Sequence[float]]
) -> float | None:
    dimensions = frozenset((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    found = values.get(Series(metric["Namespace"], metric["MetricName"], dimensions))
    return float(_STATISTICS[statistic](found)) if found else None


def _select(query: str, values: Mapping[Series, Sequence[float]]) -> list[float]:
    match = _QUERY.fullmatch(query)
    assert match, query
    names = set(match["names"].split(", "))
    wanted = {
        (name, value) for name, value in re.findall(r"(\w+) = '([^']+)'", match["where"] or "")
    }
    by = match["by"].split(", ") if match["by"] else []
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for series, measured in values.items():
        dimensions = dict(series.dimensions)
        if (
            (series.namespace, series.name) == (match["namespace"], match["metric"])
            and dimensions.keys() == names
            and wanted <= series.dimensions
        ):
            groups[tuple(dimensions[name] for name in by)].extend(measured)
    return [float(_AGGREGATES[match["how"]](measured)) for measured in groups.values()]
