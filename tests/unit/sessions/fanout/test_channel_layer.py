"""A layer that may be away, and to which nothing is sent that nobody else takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest_asyncio

from sessions.fanout import channel_layer
from sessions.fanout.channel_layer import FailsafeLayer


class Medium:
    """What joins several processes: a Channels layer for each, and the way to publish."""

    def __init__(self) -> None:
        self.members: dict[str, list[InnerLayer]] = {}
        self.published: list[str] = []

    async def publish(self, group: str, message: Mapping[str, Any]) -> int:
        self.published.append(message["type"])
        members = self.members.get(group, [])
        for member in members:
            member.queue.put_nowait(message)
        return len(members)


class InnerLayer:
    """The Channels layer of one process."""

    def __init__(self, medium: Medium) -> None:
        self.medium = medium
        self.queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def new_channel(self, prefix: str) -> str:
        return prefix

    async def receive(self, channel: str) -> Mapping[str, Any]:
        return await self.queue.get()

    async def group_add(self, group: str, channel: str) -> None:
        self.medium.members.setdefault(group, []).append(self)

    async def group_discard(self, group: str, channel: str) -> None:
        self.medium.members[group].remove(self)


async def process(medium: Medium) -> FailsafeLayer:
    layer = FailsafeLayer(InnerLayer(medium), lambda: True, medium.publish)
    await layer.new_channel("hub")
    await settle()
    return layer


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest_asyncio.fixture
async def medium() -> AsyncIterator[Medium]:
    yield Medium()


async def test_our_own_members_hear_it_once(medium: Medium) -> None:
    here, there = await process(medium), await process(medium)
    for layer in (here, there):
        await layer.group_add("g", "hub")
    await here.group_send("g", {"type": "event"})
    await settle()
    assert [layer._queue.qsize() for layer in (here, there)] == [1, 1]
    await here.close()
    await there.close()


async def test_what_may_be_lost_is_not_published_while_nobody_else_is_there(medium: Medium) -> None:
    here = await process(medium)
    await here.group_add("g", "hub")
    await settle()
    medium.published.clear()
    await here.group_send("g", {"type": "board"})
    await here.group_send("g", {"type": "event"})
    assert medium.published == ["event"]
    await here.close()


async def test_whoever_comes_in_is_told_from_then_on(medium: Medium) -> None:
    here = await process(medium)
    await here.group_add("g", "hub")
    await settle()
    there = await process(medium)
    await there.group_add("g", "hub")
    await settle()
    await here.group_send("g", {"type": "board"})
    await settle()
    assert (await there.receive("hub"))["type"] == "board"
    await here.close()
    await there.close()


async def test_one_process_that_is_reached_and_is_not_this_one_is_company(medium: Medium) -> None:
    here, there = await process(medium), await process(medium)
    await there.group_add("g", "hub")
    await here.group_add("g", "hub")
    # The subscription of this process broke without a word: it reaches one process, the other one.
    medium.members["g"].remove(here._inner)
    await here.group_send("g", {"type": "event"})
    await settle()
    medium.published.clear()
    await here.group_send("g", {"type": "board"})
    assert medium.published == ["board"]
    await here.close()
    await there.close()


async def test_that_nobody_was_there_is_soon_forgotten(medium: Medium) -> None:
    company = channel_layer.Company()
    company.published("g", 1, 1)
    company.echoed("g", 1)
    assert company.alone("g")
    company._alone_until["g"] -= channel_layer._ALONE_SECONDS
    assert not company.alone("g")
