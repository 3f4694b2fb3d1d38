"""Turns the figures of a run into docs/performance/results.json, results.md and three plots."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
Results = dict[str, Figures]

STORES = ("embedded", "Valkey and PostgreSQL")
#: Left out of the tables: it is in the plot.
_PLOTTED = {"each_mb"}


def _figure(results: Results, scenario: str, name: str) -> float | None:
    value = results.get(scenario, {}).get(name)
    return float(value) if isinstance(value, int | float) else None


def _share(results: Results, group: str, other: str) -> tuple[float, float] | None:
    """The server beside another way of a broadcast: by processor time, and by messages a second."""
    own, beside = (results.get(f"{group} {each}", {}) for each in ("server", other))
    if not all(each.get("cpu_us_each") and each.get("per_second") for each in (own, beside)):
        return None
    return beside["cpu_us_each"] / own["cpu_us_each"], own["per_second"] / beside["per_second"]


def _times(results: Results) -> float | None:
    """How many times as long the P99 is with some clients stalled."""
    calm, slow = (_figure(results, f"slow readers {each}", "p99_ms") for each in ("none", "1 %"))
    return slow / calm if calm and slow else None


def ratios(results: Results) -> list[str]:
    """The comparisons within the run, as lines."""
    lines = []
    for group in dict.fromkeys(" ".join(name.split()[:2]) for name in results if name.startswith("broadcast")):
        for other, says, form in (("raw", "of the raw limit", ".0%"), ("naive", "times the naive way", ".0f")):
            share = _share(results, group, other)
            if share:
                cost, speed = (format(each, form) for each in share)
                lines.append(f"- {group}: {cost} {says} by processor time, {speed} by messages a second.")
    for name, own in results.items():
        naive = results.get(f"{name} naive", {})
        if own.get("kb_per_socket") and naive.get("kb_per_socket"):
            lines.append(f"- {name}: {own['kb_per_socket']} KB for each, {naive['kb_per_socket']} KB the naive way.")
        if own.get("joins_per_second") and naive.get("joins_per_second"):
            lines.append(
                f"- {name}: {own['joins_per_second']:,} a second, with a token, a place and a row in the database for "
                f"each; {naive['joins_per_second']:,} the naive way, which keeps none of these."
            )
    own, naive = (results.get(f"answers 200 {each}", {}) for each in ("embedded", "naive"))
    if own.get("p99_ms") and naive.get("p99_ms"):
        lines.append(
            f"- answers 200: P99 {own['p99_ms']} ms, {naive['p99_ms']} ms the naive way; the processor takes "
            f"{own['cpu_us_each']} us for each with its leaderboards, {naive['cpu_us_each']} us the naive way."
        )
    for name, own in results.items():
        group = " ".join(name.split()[:4])
        naive = results.get(f"{group} naive", {})
        if not name.startswith("classes") or name.endswith("naive") or not (own.get("p99_ms") and naive.get("p99_ms")):
            continue
        lines.append(
            f"- {name}: answers' P99 {own['p99_ms']} ms ({naive['p99_ms']} the naive way), "
            f"{own['joins_per_second']:,} joins a second ({naive['joins_per_second']:,}), "
            f"everybody back after {own['last_back_s']} s ({naive['last_back_s']})."
        )
    times = _times(results)
    if times:
        lines.append(f"- 1 % of clients stalled: the others' P99 is {times:.2f} times as long.")
    most = max((f["players"] for n, f in results.items() if n.startswith("answers") and "players" in f), default=0)
    fan_out = _figure(results, f"answers {most} embedded", "question_last_client_ms")
    limit = _figure(results, f"broadcast {most} raw", "per_second")
    if fan_out and limit:
        lines.append(
            f"- question to {most}: the last client has it {fan_out:.0f} ms after the first; "
            f"the raw limit takes {most / limit * 1_000:.0f} ms for a broadcast to as many."
        )
    return lines


def aims(results: Results) -> list[str]:
    """Each aim beside what was measured, as lines of a table."""
    most = max((f["players"] for n, f in results.items() if n.startswith("answers") and "players" in f), default=0)

    def below(bound: float) -> Callable[[float], bool]:
        return lambda value: value <= bound

    def above(bound: float) -> Callable[[float], bool]:
        return lambda value: value >= bound

    rows: list[_Row] = []
    for count in (1_000, most):
        for other, aim, bound in (("raw", "85 % of the raw limit", 0.85), ("naive", "30 times the naive way", 30.0)):
            share = _share(results, f"broadcast {count}", other)
            rows.append((f"broadcast to {count}", aim, share[1] if share else None, above(bound)))
    for store in STORES:
        scenario = f"answers {most} {store}"
        rows += [
            (f"{scenario}, within 2 s: P99, ms", "100", _figure(results, scenario, "p99_ms"), below(100)),
            (f"{scenario}: acknowledged", "all", _figure(results, scenario, "acknowledged"), above(most)),
            (f"capacity, {store}: answers a second", "10000",
             _figure(results, f"capacity {most} {store}", "per_second"), above(10_000)),
        ]  # fmt: skip
    rows += [
        (f"memory, {most} joined: MB", "350", _figure(results, f"idle {most}", "rss_mb"), below(350)),
        (f"memory, {most} joined: KB each", "30", _figure(results, f"idle {most}", "kb_per_socket"), below(30)),
        ("idle, 1000 joined: % of a core", "1", _figure(results, "idle 1000", "idle_cpu_percent"), below(1)),
        ("joins a second", "2400", _figure(results, f"join storm {most}", "joins_per_second"), above(2_400)),
        ("join: P99, ms", "200", _figure(results, f"join storm {most}", "p99_ms"), below(200)),
        (f"question to {most}: last client, ms", "200",
         _figure(results, f"answers {most} embedded", "question_last_client_ms"), below(200)),
        ("slow readers: the others' P99, times as long", "1.1", _times(results), below(1.1)),
        ("slow readers: stalled ones closed", "all", _figure(results, "slow readers 1 %", "closed_as_slow"),
         above(_figure(results, "slow readers 1 %", "stalled") or 0)),
    ]  # fmt: skip
    rows += _aims_of_classes(results, below, above)
    return [
        f"| {name} | {aim} | {'not measured' if value is None else f'{value:,.2f}'.rstrip('0').rstrip('.')} "
        f"| {'' if value is None else 'yes' if reached(value) else 'no'} |"
        for name, aim, value, reached in rows
    ]


_Test = Callable[[float], Callable[[float], bool]]
_Row = tuple[str, str, float | None, Callable[[float], bool]]


def _aims_of_classes(results: Results, below: _Test, above: _Test) -> list[_Row]:
    """The aims for many sessions."""
    rows: list[_Row] = []

    def aim(says: str, scenario: str, name: str, test: _Test, bound: float) -> None:
        rows.append((says, f"{bound:g}", _figure(results, scenario, name), test(bound)))

    for store, cpu, back in ((STORES[0], 1.0, 2.5), (STORES[1], 1.2, 3.0)):
        scenario = f"classes 100 x 30 {store}"
        aim(f"{scenario}: answers within 2 s, P99, ms", scenario, "p99_ms", below, 40)
        aim(f"{scenario}: server's processor time for the answers, s", scenario, "answers_server_cpu_s", below, cpu)
        aim(f"{scenario}: joins a second, connection included", scenario, "joins_per_second", above, 2_400)
        aim(f"{scenario}: idle, % of a core", scenario, "idle_cpu_percent", below, 1)
        aim(f"{scenario}: dropped and back over 2 s, the last after, s", scenario, "last_back_s", below, back)
    scenario = f"classes 300 x 30 {STORES[1]}"
    aim(f"{scenario}: answers within 2 s, P99, ms", scenario, "p99_ms", below, 100)
    aim(f"{scenario}: joins a second, connection included", scenario, "joins_per_second", above, 2_400)
    aim(f"{scenario}: idle, % of a core", scenario, "idle_cpu_percent", below, 3)
    aim(f"{scenario}: dropped and back over 2 s, the last after, s", scenario, "last_back_s", below, 5)
    for store in STORES:
        aim(
            f"kill -9 of 500 x 10 {store}: the last back after the start, s",
            f"kill -9 of 500 x 10 {store}",
            "last_back_s",
            below,
            4,
        )
    scenario = "Redis restarted under 100 classes of 10 and 1900 lobbies"
    aim(f"{scenario}: longest time without an acknowledgement, s", scenario, "longest_gap_s", below, 2)
    scenario = "join storm 9500 into an active session"
    for each in (scenario, f"{scenario}, {STORES[1]}"):
        aim(f"{each}: joins a second", each, "joins_per_second", above, 2_400)
        aim(f"{each}: P99, ms", each, "p99_ms", below, 100)
    return rows


def _plots(folder: Path, results: Results) -> list[str]:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    # Text stays text, and the files are the same for the same figures.
    plt.rcParams.update({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 10})

    def save(figure: Any, name: str) -> str:
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
        return name

    names = []
    figure, axes = plt.subplots(figsize=(6.4, 3.4))
    for store in STORES:
        rows = [
            (figures["players"], figures["p50_ms"], figures["p99_ms"])
            for name, figures in results.items()
            if name.startswith("answers") and name.endswith(store) and "p99_ms" in figures
        ]
        if rows:
            axes.plot([row[0] for row in rows], [row[2] for row in rows], marker="o", label=f"P99, {store}")
            axes.plot([row[0] for row in rows], [row[1] for row in rows], marker=".", ls=":", label=f"P50, {store}")
    axes.set(xlabel="players who answer within 2 s", ylabel="answer to score, ms", ylim=(0, None))
    if axes.lines:
        axes.legend(frameon=False)
        names.append(save(figure, "answers.svg"))
    bars = {name.removeprefix("broadcast "): f for name, f in results.items() if name.startswith("broadcast")}
    if bars:
        figure, axes = plt.subplots(figsize=(6.4, 2.8))
        axes.barh(list(bars), [entry.get("per_second", 0) for entry in bars.values()])
        axes.set(xlabel="messages a second that reached the clients (logarithmic)", xscale="log")
        axes.invert_yaxis()
        names.append(save(figure, "broadcast.svg"))
    sizes: list[float] = next((f["each_mb"] for f in results.values() if f.get("each_mb")), [])
    if sizes:
        figure, axes = plt.subplots(figsize=(6.4, 2.8))
        axes.plot(range(1, len(sizes) + 1), sizes)
        axes.set(xlabel="sessions played, one after the other", ylabel="memory of the server, MB", ylim=(0, None))
        names.append(save(figure, "soak.svg"))
    return names


def _tables(results: Results) -> list[str]:
    """A table for each kind of scenario, with the figures its scenarios have in common as columns."""
    lines: list[str] = []
    for kind in dict.fromkeys(name.split()[0] for name in results):
        rows = {name: figures for name, figures in results.items() if name.split()[0] == kind}
        columns = [each for each in dict.fromkeys(k for f in rows.values() for k in f) if each not in _PLOTTED]
        lines += [f"| {' | '.join(['scenario', *columns])} |", f"|{'---|' * (len(columns) + 1)}"]
        for name, figures in rows.items():
            lines.append(f"| {' | '.join([name, *(str(figures.get(column, '')) for column in columns)])} |")
        lines.append("")
    return lines


def write(folder: Path, about: dict[str, str], results: Results) -> None:
    """Write everything."""
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(json.dumps({"machine": about, "results": results}, indent=1) + "\n")
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
        "## Aims",
        "",
        "| figure | aim | measured | reached |",
        "|---|---|---|---|",
        *aims(results),
        "",
        *(f"![{name.removesuffix('.svg')}]({name})" for name in _plots(folder, results)),
        "",
        "## Figures",
        "",
        *_tables(results),
    ]
    (folder / "results.md").write_text("\n".join(lines))
