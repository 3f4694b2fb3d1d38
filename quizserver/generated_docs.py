"""The generated documents of operators: docs/settings.md from the settings, docs/metrics.md from the metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from common import metrics
from common.config import BASE_DIR, Config

_MADE = "<!-- Made by `manage.py document`; change the code, not this file. -->"


def settings_document() -> str:
    """Every setting with its default and meaning."""
    lines = [
        "# Settings",
        "",
        _MADE,
        "",
        "A setting is taken from the environment, else from the settings file, else it has its default. The settings",
        "file has lines of `NAME=value`. It is the one that the environment variable `SETTINGS_FILE` names, else",
        "`.env` in a checkout, else `settings.env` in the data folder. A wrong value stops the start with one line",
        "that names it.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Config.model_fields.items():
        default = "var" if name == "data_dir" else field.default
        shown = str(default).replace(f"{BASE_DIR}/", "") if default != "" else ""
        lines.append(f"| `{name.upper()}` | {f'`{shown}`' if shown else 'empty'} | {_cell(field.description or '')} |")
    return "\n".join(lines) + "\n"


def own_metrics() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Name as exposed, kind, help and labels of every metric of ours, by name."""
    found = []
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            kind = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}[type(metric)]
            name = f"{metric._name}_total" if kind == "counter" else metric._name
            found.append((name, kind, metric._documentation, tuple(metric._labelnames)))
    return sorted(found)


def metrics_document() -> str:
    """Every metric of ours with its kind, labels and meaning."""
    lines = [
        "# Metrics",
        "",
        _MADE,
        "",
        "`/metrics` has these beside those of django-prometheus (`django_*`) and of the Python process. Histograms",
        "have `_bucket`, `_sum` and `_count`. Gauges are read every METRICS_SECONDS.",
        "",
        "Several processes behind one port: give them one empty folder in `PROMETHEUS_MULTIPROC_DIR`, and whichever",
        "answers tells the figures of all. Several instances: let Prometheus scrape each, and add up.",
        "",
        "| metric | kind | labels | meaning |",
        "|---|---|---|---|",
    ]
    for name, kind, text, labels in own_metrics():
        lines.append(f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels) or '-'} | {_cell(text)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
