"""`python -m tools.dashboard [FILE]`: draw the template's dashboard, as docs/dashboard.svg.

It shows what is where and which series each graph has; the values are only in CloudWatch.
"""

import json
import re
import sys
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "infra" / "template.yaml"
DRAWING = ROOT / "docs" / "dashboard.svg"

_COLUMN, _ROW, _GAP, _LINE = 44, 30, 4, 15
_COLUMNS = 24
_COLORS = ("#1f77b4", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2")
_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#16191f}.h{font-weight:600;font-size:15px}"
    ".t{font-weight:600}.u{fill:#687078}rect{fill:#fff;stroke:#d5dbdb}"
)


def widgets(template: Path = TEMPLATE) -> list[dict[str, Any]]:
    """The dashboard's widgets. `${…}` stands for what CloudFormation puts in."""
    [body] = re.findall(r"DashboardBody: !Sub \|\n((?: {8}.*\n)+)", template.read_text())
    found: list[dict[str, Any]] = json.loads(dedent(body))["widgets"]
    return found


def series(widget: dict[str, Any]) -> list[str]:
    """The names of what a graph shows, as its legend has them."""
    names = []
    for metric in widget["properties"].get("metrics", []):
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        if options.get("visible") is False:
            continue
        searched = re.search(r"MetricName=\"(\w+)\"", options.get("expression", ""))
        name = options.get("label") or (searched[1] if searched else metric[1])
        names.append(f"{name}, each" if searched else name)
    alarms = widget["properties"].get("alarms", [])
    return names + [alarm.rpartition("${AWS::StackName}-")[2] for alarm in alarms]


def draw(every: list[dict[str, Any]]) -> str:
    """The dashboard as an SVG document."""
    height = max(each["y"] + each["height"] for each in every) * _ROW
    width = _COLUMNS * _COLUMN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>The dashboard</title><style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" style="fill:#f2f3f3;stroke:none"/>',
    ]
    for each in every:
        parts += _drawn(each)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(widget: dict[str, Any]) -> list[str]:
    x, y = widget["x"] * _COLUMN + _GAP, widget["y"] * _ROW + _GAP
    width, height = widget["width"] * _COLUMN - 2 * _GAP, widget["height"] * _ROW - 2 * _GAP
    if widget["type"] == "text":
        heading = widget["properties"]["markdown"].lstrip("# ")
        return [f'<text class="h" x="{x + 4}" y="{y + 17}">{escape(heading)}</text>']
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>',
        f'<text class="t" x="{x + 8}" y="{y + 18}">{escape(widget["properties"]["title"])}</text>',
    ]
    is_graph = widget["type"] == "metric"
    unit = widget["properties"].get("yAxis", {}).get("left", {}).get("label", "")
    if unit:
        parts.append(f'<text class="u" x="{x + 8}" y="{y + 34}">{escape(unit)}</text>')
    column = width if is_graph else width // 6
    for number, name in enumerate(series(widget)):
        at = (x + 8, y + 54 + number * _LINE) if is_graph else (x + 8 + number * column, y + 38)
        color = _COLORS[number % len(_COLORS)] if is_graph else "#1d8102"
        parts.append(
            f'<circle cx="{at[0] + 4}" cy="{at[1] - 4}" r="4" fill="{color}"/>'
            f'<text x="{at[0] + 14}" y="{at[1]}">{escape(name)}</text>'
        )
    return parts


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DRAWING
    target.write_text(draw(widgets()))
