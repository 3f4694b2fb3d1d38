"""Turns the figures of a run into docs/performance/results.json, results.md and two plots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Figures = dict[str, Any]


def ratios(results: dict[str, Figures]) -> list[str]:
    """The comparisons within the run, as lines."""
    lines = []
    for name, figures in results.items():
        if not (name.startswith("broadcast") and name.endswith("server")):
            continue
        group = name.removesuffix(" server")
        own = figures.get("cpu_us_each")
        for other, says in (("raw", "of the raw limit"), ("naive", "times the naive way")):
            beside = results.get(f"{group} {other}", {}).get("cpu_us_each")
            rate, rate_beside = figures.get("per_second"), results.get(f"{group} {other}", {}).get("per_second")
            if not (own and beside and rate and rate_beside):
                continue
            form = ".0%" if other == "raw" else ".0f"
            cost, speed = format(beside / own, form), format(rate / rate_beside, form)
            lines.append(f"- {group}: {cost} {says} by processor time, {speed} by messages a second.")
    calm, slow = results.get("slow readers none", {}), results.get("slow readers 1 %", {})
    if calm.get("p99") and slow.get("p99"):
        lines.append(f"- 1 % of clients stalled: the others' P99 is {slow['p99'] / calm['p99']:.2f} times what it was.")
    return lines


def _plots(folder: Path, results: dict[str, Figures]) -> list[str]:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "bench", "font.size": 10})
    names = []
    answers = {
        store: [
            (figures["players"], figures["p50"], figures["p99"])
            for name, figures in results.items()
            if name.startswith("answers") and name.endswith(store) and "p99" in figures
        ]
        for store in ("embedded", "Valkey and PostgreSQL")
    }
    figure, axes = plt.subplots(figsize=(6.4, 3.4))
    for store, rows in answers.items():
        if rows:
            axes.plot([row[0] for row in rows], [row[2] for row in rows], marker="o", label=f"P99, {store}")
            axes.plot([row[0] for row in rows], [row[1] for row in rows], marker=".", ls=":", label=f"P50, {store}")
    axes.set(xlabel="players who answer within 2 s", ylabel="answer to score, ms", ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(folder / "answers.svg", bbox_inches="tight", metadata={"Date": None})
    names.append("answers.svg")
    bars = {name.removeprefix("broadcast "): f for name, f in results.items() if name.startswith("broadcast")}
    figure, axes = plt.subplots(figsize=(6.4, 2.8))
    axes.barh(list(bars), [entry.get("per_second", 0) for entry in bars.values()])
    axes.set(xlabel="messages a second that reached the clients (logarithmic)", xscale="log")
    axes.invert_yaxis()
    figure.savefig(folder / "broadcast.svg", bbox_inches="tight", metadata={"Date": None})
    names.append("broadcast.svg")
    return names


def write(folder: Path, about: dict[str, str], results: dict[str, Figures]) -> None:
    """Write everything."""
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(json.dumps({"machine": about, "results": results}, indent=1) + "\n")
    plots = _plots(folder, results)
    lines = [
        "# Results of the last `make bench`",
        "",
        "Made by `make bench`; [performance.md](../performance.md) says what it measures and what was found.",
        "",
        *(f"- {key}: {value}" for key, value in about.items()),
        "",
        "## Side by side",
        "",
        *ratios(results),
        "",
        *(f"![{name.removesuffix('.svg')}]({name})" for name in plots),
        "",
        "## Figures",
        "",
        "| scenario | figures |",
        "|---|---|",
        *(
            f"| {name} | {', '.join(f'{key} {value}' for key, value in figures.items())} |"
            for name, figures in results.items()
        ),
        "",
    ]
    (folder / "results.md").write_text("\n".join(lines))
