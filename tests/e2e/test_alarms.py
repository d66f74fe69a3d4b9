"""A fault's measurements, put into the emulated CloudWatch, set off exactly their alarm.

The emulator has the alarms on one metric. tests/infra/test_alarms.py has all of them.
"""

from typing import Any

from local.aws import session
from tests.e2e.conftest import World


def states(cloudwatch: Any, prefix: str) -> dict[str, str]:
    """The state of each alarm of the stack."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    return {each["AlarmName"]: each["StateValue"] for each in pages.search("MetricAlarms[]")}


def test_what_is_measured_sets_off_exactly_its_alarm(world: World) -> None:
    cloudwatch = session(world.stack.aws_endpoint_url).client("cloudwatch")
    prefix = f"{world.stack.stack_name}-"
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    ours = [
        each
        for each in pages.search("MetricAlarms[]")
        if each["Namespace"] == world.stack.stack_name
        and each["ComparisonOperator"] == "GreaterThanThreshold"
    ]
    assert len(ours) >= 9
    for alarm in ours:
        before = states(cloudwatch, prefix)
        assert before[alarm["AlarmName"]] != "ALARM"
        measured = {
            "MetricName": alarm["MetricName"],
            "Dimensions": alarm.get("Dimensions", []),
            "Value": alarm["Threshold"] + 1,
        }
        cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=[measured])
        after = states(cloudwatch, prefix)
        changed = {name for name in after if after[name] == "ALARM" != before[name]}
        assert changed == {alarm["AlarmName"]}
