"""Count what is so rare that functions start without what counts it, and what has an alarm."""

import os


def count_rare(name: str, value: int = 1) -> None:
    """Write a metric for CloudWatch into the log."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415

    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "till")  # set in every stack
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=namespace):
        pass  # its one dimension is the service
