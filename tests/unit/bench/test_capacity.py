"""The capacity model and the simulation that checks it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.capacity import (
    BUSY,
    FIGURES,
    SIZES,
    Costs,
    Line,
    fit,
    measured,
    most_players,
    need,
    read_costs,
    simulate,
    spread_of,
    table,
)
from common.config import BASE_DIR


def lines(server: float, redis: float, postgres: float, *, each: float = 0) -> dict[str, Line]:
    return {"server": Line(server, each), "redis": Line(redis, 0), "postgres": Line(postgres, 0)}


COSTS = Costs(
    lines(0.001, 0.0001, 0.00005),
    lines(0.002, 0.0002, 0.0001),
    server_kb_per_player=30,
    redis_kb_per_session=60,
    bytes_per_answer=20_000,
)


def test_ten_times_the_players_ask_for_ten_times_the_cores() -> None:
    few, many = need(30_000, COSTS), need(300_000, COSTS)
    assert many.cores == pytest.approx({part: 10 * cores for part, cores in few.cores.items()})
    assert many.gbit == pytest.approx(10 * few.gbit)


def test_a_class_that_is_spread_over_all_instances_asks_for_more_of_them() -> None:
    costs = replace(COSTS, answer=lines(0.002, 0.0002, 0.0001, each=0.0004))
    assert need(300_000, costs).instances > 2 * need(300_000, costs, cell=4).instances
    assert spread_of(1) == 1
    assert 25 < spread_of(100) < 30


def test_a_line_goes_through_the_costs() -> None:
    line = fit([(1, 2.0), (2, 3.0), (4, 5.0), (1, 2.0)])
    assert (line.at_none, line.each) == pytest.approx((1, 1))
    assert fit([(1, 3.0), (4, 1.0)]) == Line(2, 0)


def test_one_redis_needs_no_cluster_and_a_cluster_three_masters() -> None:
    assert need(1_000, COSTS).shards == 1
    assert need(120_000, COSTS).shards == 3


def test_an_instance_is_left_over_for_one_that_dies() -> None:
    assert need(1, COSTS).instances == 2


@pytest.mark.parametrize("players", [3_000, 30_000])
def test_servers_by_the_model_are_as_busy_in_the_simulation(players: int) -> None:
    asked = need(players, COSTS)
    found = simulate(asked, seconds=30)
    share = {"server": asked.cores["server"] / asked.instances, "postgres": asked.cores["postgres"] / asked.postgres}
    for part, expected in share.items():
        assert found.busiest[part] == pytest.approx(expected, rel=0.15)
    assert found.answers == pytest.approx(players, rel=0.05)
    assert found.busiest["server"] < BUSY * 1.15


def test_the_simulation_finds_a_plan_that_is_too_small() -> None:
    asked = need(30_000, COSTS)
    short = replace(asked, instances=max(1, asked.instances // 3), shards=1, postgres=1)
    assert simulate(short).p99_ms > 100 * simulate(asked).p99_ms


def test_costs_are_read_from_what_was_measured(tmp_path: Path) -> None:
    row = {
        **{f"{what}_{part}_ms": 0 for what in ("join", "answer") for part in ("server", "redis", "postgres")},
        "server_kb_per_player": 1,
        "redis_kb_per_session": 1,
        "bytes_per_answer": 1,
    }
    rows = [
        {"instances": 1, "shards": 1, **row, "answer_redis_ms": 250},
        {"instances": 1, "shards": 3, **row, "answer_redis_ms": 250, "redis_kb_per_session": 500},
    ]
    figures = tmp_path / "scaling.json"
    figures.write_text(json.dumps({"rows": rows}))
    costs = read_costs(figures)
    assert costs.answer["redis"].at(1) == 0.00025
    assert costs.redis_kb_per_session == 1
    assert most_players(costs) == 0


def test_the_document_has_the_figures_that_the_model_gives_now() -> None:
    text = (BASE_DIR / "docs" / "scaling.md").read_text()
    costs = read_costs(FIGURES)
    for line in (*measured(), *table(costs, SIZES[:2])):
        assert line in text, "run `make capacity`, and put its table into docs/scaling.md"
    assert f"{most_players(costs):,} players" in text
