"""Frames that come in: whole text frames take a short way, and nobody can tell by what arrives."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from quizserver.server.protocol import FramesProtocol
from sessions.fanout.sockets import FrameSocket, Message, Socket, send_to_all, send_to_each

MOST = 1_000


class Wire(asyncio.Transport):
    """A transport that notes what was written, and queues when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.queued = b""
        self.full = False
        self.closed = False
        self.aborted = False
        self.reading = True
        #: Whether what comes is dropped, until the client has had a moment to read what was written.
        self.lingers = False
        self.protocol: Any = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.lingers = True

    @property
    def over(self) -> bool:
        """Whether nothing that comes is looked at any more."""
        return self.closed or self.lingers

    def write(self, data: Any) -> None:
        if not self.full:
            self.written += bytes(data)
            return
        first = not self.queued
        self.queued += bytes(data)
        if first:
            self.protocol.pause_writing()

    def take(self) -> None:
        """The client reads again."""
        self.full, self.written, self.queued = False, self.written + self.queued, b""
        self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return len(self.queued)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Plain(WebSocketsSansIOProtocol):
    """The library's own, to compare with."""


class Frames(FramesProtocol):
    """Ours, without a descriptor."""

    def connection_made(self, transport: Any) -> None:
        WebSocketsSansIOProtocol.connection_made(self, transport)
        self.transport.set_write_buffer_limits(high=0)


async def _told(kind: type[WebSocketsSansIOProtocol], chunks: list[bytes]) -> tuple[list[Any], bytes, bool]:
    """What an application is told of these bytes, what goes back, and whether the connection is closed."""
    told: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            event = await receive()
            told.append(event)
            if event["type"] == "websocket.disconnect":
                return

    config = Config(application, ws_max_size=MOST, ws_per_message_deflate=False, ws_ping_interval=None, log_config=None)
    config.load()
    protocol, wire = kind(config, ServerState(), {}, asyncio.get_running_loop()), Wire()
    wire.protocol = protocol
    protocol.connection_made(wire)
    client = ClientProtocol(parse_uri("ws://localhost/ws"))
    client.send_request(client.connect())
    protocol.data_received(b"".join(client.data_to_send()))
    for _ in range(5):
        await asyncio.sleep(0)
    handshake = len(wire.written)
    for chunk in chunks:
        if not wire.over:
            protocol.data_received(chunk)
        for _ in range(3):
            await asyncio.sleep(0)
    answered = wire.written[handshake:]
    protocol.connection_lost(None)
    for _ in range(5):
        await asyncio.sleep(0)
    return told, answered, wire.over


def _frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin=fin).serialize(mask=mask)


_TEXTS = st.one_of(st.text(max_size=20).map(str.encode), st.integers(100, 400).map(lambda size: b"x" * size))
_GOOD = st.one_of(
    _TEXTS.map(lambda data: _frame(Opcode.TEXT, data)),
    st.binary(max_size=20).map(lambda data: _frame(Opcode.BINARY, data)),
    st.binary(max_size=20).map(lambda data: _frame(Opcode.PING, data)),
    st.binary(max_size=20).map(lambda data: _frame(Opcode.PONG, data)),
    _TEXTS.map(
        lambda data: _frame(Opcode.TEXT, data, fin=False) + _frame(Opcode.PING, b"?") + _frame(Opcode.CONT, data)
    ),
)
_LAST = st.sampled_from(
    [
        b"",
        _frame(Opcode.TEXT, b"x" * (MOST + 1)),
        _frame(Opcode.TEXT, b"\xff\xfe"),
        _frame(Opcode.TEXT, b"begun", fin=False) + _frame(Opcode.TEXT, b"another"),
        _frame(Opcode.CONT, b"of nothing"),
        _frame(Opcode.TEXT, b"not masked", mask=False),
        _frame(Opcode.CLOSE, b"\x03\xe8") + _frame(Opcode.TEXT, b"after the end"),
        b"\xf1\x80\0\0\0\0",  # reserved bits
    ]
)


@given(frames=st.lists(_GOOD, max_size=6), last=_LAST, cuts=st.lists(st.integers(0, 3_000), max_size=6))
def test_however_the_bytes_are_cut_the_application_is_told_what_the_library_would_tell(
    frames: list[bytes], last: bytes, cuts: list[int]
) -> None:
    stream = b"".join(frames)
    # The library forgets what stands before a mistake in the same piece, so that the last frame begins a piece.
    edges = sorted({0, len(stream), len(stream + last), *(cut for cut in cuts if cut < len(stream + last))})
    chunks = [(stream + last)[begin:end] for begin, end in itertools.pairwise(edges)]
    assert asyncio.run(_told(Frames, chunks)) == asyncio.run(_told(Plain, chunks))


def test_a_frame_of_many_small_pieces_arrives() -> None:
    stream = _frame(Opcode.TEXT, b"first") + _frame(Opcode.TEXT, b"y" * 300)
    told, _, _ = asyncio.run(_told(Frames, [stream[index : index + 1] for index in range(len(stream))]))
    assert [event["text"] for event in told[:2]] == ["first", "y" * 300]


async def _connected() -> tuple[Frames, Wire, FrameSocket]:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config = Config(application, ws_per_message_deflate=False, ws_ping_interval=None, log_config=None)
    config.load()
    protocol, wire = Frames(config, ServerState(), {}, asyncio.get_running_loop()), Wire()
    wire.protocol = protocol
    protocol.connection_made(wire)
    client = ClientProtocol(parse_uri("ws://localhost/ws"))
    client.send_request(client.connect())
    protocol.data_received(b"".join(client.data_to_send()))
    for _ in range(5):
        await asyncio.sleep(0)
    wire.written = b""
    return protocol, wire, FrameSocket("server/1", protocol, outbox_bytes=100)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_while_the_transport_has_a_queue_nothing_goes_past_it(pipe: tuple[int, int]) -> None:
    async def play() -> None:
        protocol, wire, socket = await _connected()
        protocol.descriptor = pipe[1]
        socket.follow(pipe[1])
        send_to_all([socket], Message(b"past it"))
        assert os.read(pipe[0], 100) == b"\x81\x07past it"
        wire.full = True
        socket.buffer(b"queued ")
        send_to_all([socket], Message(b"behind it"))
        socket.send_own(b"own")
        assert (wire.written, wire.queued) == (b"", b"queued \x81\x09behind it\x81\x03own")
        wire.take()
        send_to_all([socket], Message(b"again"))
        assert os.read(pipe[0], 100) == b"\x81\x05again"

    asyncio.run(play())


def test_a_client_over_its_bound_is_closed_and_never_written_to_again(pipe: tuple[int, int]) -> None:
    async def play() -> None:
        protocol, wire, socket = await _connected()
        protocol.descriptor = pipe[1]
        socket.follow(pipe[1])
        wire.full = True
        socket.buffer(b"x" * 101)
        assert socket.closed
        wire.take()
        assert socket.descriptor == -1

    asyncio.run(play())


def test_after_the_connection_is_over_its_descriptor_is_not_used(pipe: tuple[int, int]) -> None:
    async def play() -> None:
        protocol, _wire, socket = await _connected()
        protocol.descriptor = pipe[1]
        socket.follow(pipe[1])
        protocol.connection_lost(None)
        assert socket.descriptor == -1

    asyncio.run(play())


@pytest.mark.parametrize(
    "last",
    # Named here: the mask makes each frame another one, and workers that run tests side by side must find the same.
    [_frame(Opcode.CLOSE, b"\x03\xe8"), _frame(Opcode.CONT, b"of nothing")],
    ids=["a close", "a frame the protocol forbids"],
)
def test_nothing_follows_a_close_frame(pipe: tuple[int, int], last: bytes) -> None:
    async def play() -> None:
        protocol, wire, socket = await _connected()
        protocol.descriptor = pipe[1]
        socket.follow(pipe[1])
        protocol.data_received(last)
        assert wire.over
        answered = wire.written
        # In the same turn of the loop, before the protocol is told that the connection is lost.
        send_to_all([socket], Message(b"too late"))
        socket.send_own(b"too late")
        protocol.resume_writing()
        assert socket.descriptor == -1
        assert wire.written == answered
        os.set_blocking(pipe[0], False)
        with pytest.raises(BlockingIOError):
            os.read(pipe[0], 100)

    asyncio.run(play())


def test_each_gets_the_message_with_an_end_of_its_own(pipe: tuple[int, int]) -> None:
    async def play() -> None:
        protocol, wire, behind = await _connected()
        protocol.descriptor = pipe[1]
        _, _, first = await _connected()
        _, _, second = await _connected()
        first.follow(pipe[1])
        second.follow(pipe[1])
        ends: dict[Socket, bytes] = {first: b'"a"}}', second: b'"longer"}}', behind: b'"later"}}'}
        send_to_each([first, behind, second], b'{"payload":{', ends.__getitem__)
        assert os.read(pipe[0], 200) == b'\x81\x11{"payload":{"a"}}\x81\x16{"payload":{"longer"}}'
        assert wire.written == b'\x81\x15{"payload":{"later"}}'
        before = Message(b"2", after=Message(b"1"))
        send_to_each([first, behind], b"3", ends.__getitem__, after=before)
        assert os.read(pipe[0], 200) == b'\x81\x011\x81\x012\x81\x063"a"}}'
        assert wire.written.endswith(b'\x81\x011\x81\x012\x81\x0a3"later"}}')

    asyncio.run(play())


# -- floods -----------------------------------------------------------------------------------------------------------
_EMPTY = {
    "pings": _frame(Opcode.PING, b""),
    "pongs": _frame(Opcode.PONG, b""),
    "continuations": _frame(Opcode.CONT, b"", fin=False),
    "texts": _frame(Opcode.TEXT, b""),
    "binaries": _frame(Opcode.BINARY, b""),
}
#: How each begins, and what it goes on with.
_FLOODS = {name: (b"", frame) for name, frame in _EMPTY.items()}
_FLOODS["continuations"] = (_frame(Opcode.TEXT, b"", fin=False), _EMPTY["continuations"])


def _close_code(written: bytes) -> int:
    """Of the close frame at the end of what was written, whose reason is text."""
    at = written.rindex(b"\x88")
    return int.from_bytes(written[at + 2 : at + 4], "big")


async def _flooded(kind: str, count: int) -> tuple[Frames, Wire]:
    """A connection after a flood."""
    protocol, wire, _ = await _connected()
    first, frame = _FLOODS[kind]
    protocol.data_received(first + frame * count)
    return protocol, wire


@pytest.mark.parametrize("closed_before", [False, True])
def test_a_flood_is_read_no_further_and_leaves_a_moment_for_the_close_frame(closed_before: bool) -> None:
    async def play() -> None:
        protocol, wire, _ = await _connected()
        if closed_before:
            protocol.close_frame(4029, "too many messages")
        protocol.data_received(_EMPTY["pings"] * 100_000)
        for _ in range(200):
            await asyncio.sleep(0)
        # Cut here, a client that is still sending would be told nothing: what it has not read is lost with a reset.
        assert protocol._ended
        assert not wire.closed
        assert not wire.reading
        assert _close_code(wire.written) == 4029

    asyncio.run(play())


@pytest.mark.parametrize("kind", _FLOODS)
def test_a_flood_of_frames_is_closed_and_what_waited_is_dropped(kind: str) -> None:
    async def play() -> None:
        protocol, wire = await _flooded(kind, 100_000)
        for _ in range(200):
            await asyncio.sleep(0)
        assert protocol.close_sent
        assert _close_code(wire.written) in (4029, 1009)
        assert protocol._held == b""
        written = len(wire.written)
        protocol._read_on()
        await asyncio.sleep(0)
        assert len(wire.written) == written

    asyncio.run(play())


@pytest.mark.parametrize("kind", ["pings", "pongs", "texts", "binaries"])
def test_so_many_frames_are_read_in_a_turn_and_the_rest_after_the_others_turn(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        protocol, _wire, _ = await _connected()
        seen = 0
        floods = protocol._floods

        def count(first: int) -> bool:
            nonlocal seen
            seen += 1
            return floods(first)

        monkeypatch.setattr(protocol, "_floods", count)
        protocol.data_received(_EMPTY[kind] * 100)
        turns = [seen]
        for _ in range(60):
            await asyncio.sleep(0)
            turns.append(seen)
        assert max(after - before for before, after in itertools.pairwise([0, *turns])) <= 32
        assert turns[-1] == 100
        assert not protocol.close_sent

    asyncio.run(play())


def test_a_message_in_very_many_pieces_closes_with_1009() -> None:
    async def play() -> None:
        protocol, wire = await _flooded("continuations", 100)
        for _ in range(20):
            await asyncio.sleep(0)
        assert _close_code(wire.written) == 1009
        assert protocol.broken == (1009, "too many fragments")

    asyncio.run(play())


def test_frames_sent_before_the_client_is_let_in_are_counted_and_read_afterwards() -> None:
    told: list[Any] = []
    let_in = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await let_in.wait()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] != "websocket.disconnect":
            told.append(event)

    async def play(count: int) -> tuple[Frames, Wire]:
        config = Config(application, ws_per_message_deflate=False, ws_ping_interval=None, log_config=None)
        config.load()
        protocol, wire = Frames(config, ServerState(), {}, asyncio.get_running_loop()), Wire()
        wire.protocol = protocol
        protocol.connection_made(wire)
        client = ClientProtocol(parse_uri("ws://localhost/ws"))
        client.send_request(client.connect())
        protocol.data_received(b"".join(client.data_to_send()))
        protocol.data_received(_frame(Opcode.TEXT, b"early") + _EMPTY["pings"] * count)
        await asyncio.sleep(0)
        assert told == []
        let_in.set()
        for _ in range(count // 8 + 10):
            await asyncio.sleep(0)
        return protocol, wire

    protocol, _ = asyncio.run(play(3))
    assert [event["text"] for event in told] == ["early"]
    assert not protocol.close_sent
    let_in, told = asyncio.Event(), []
    protocol, wire = asyncio.run(play(1_000))
    assert protocol.close_sent
    assert _close_code(wire.written) == 4029


def test_a_client_that_takes_no_answers_to_its_pings_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        protocol, wire, _ = await _connected()
        wire.full = True
        monkeypatch.setattr(wire, "get_write_buffer_size", lambda: 10_000_000)
        protocol.data_received(_EMPTY["pings"])
        assert protocol.close_sent

    asyncio.run(play())


_PING = b"\x89\x04abcd"


async def _pinged(answer: bytes) -> tuple[bool, Wire, FramesProtocol]:
    """Whether a client that sends this after a ping is there for the next one."""
    protocol, wire, _ = await _connected()
    protocol.ping_timeout = 25
    assert protocol.ping(_PING, b"abcd")
    assert wire.written == _PING
    if answer:
        protocol.data_received(answer)
    return protocol.ping(b"\x89\x04efgh", b"efgh"), wire, protocol


@pytest.mark.parametrize("cut", [1, 5, 10])
def test_a_client_that_answers_is_pinged_again(cut: int) -> None:
    async def play() -> None:
        pong = _frame(Opcode.PONG, b"abcd")
        there, wire, protocol = await _pinged(pong)
        assert there
        assert wire.written == _PING + b"\x89\x04efgh"
        # In two pieces it takes the library's way.
        later = _frame(Opcode.PONG, b"efgh")
        protocol.data_received(later[:cut])
        protocol.data_received(later[cut:])
        assert protocol.ping(_PING, b"abcd")

    asyncio.run(play())


# With names of their own: a frame is masked by chance, and processes that share the tests must call them alike.
@pytest.mark.parametrize(
    "answer",
    [b"", _frame(Opcode.PONG, b"abce"), _frame(Opcode.PONG, b""), _frame(Opcode.TEXT, b"")],
    ids=["nothing", "another's pong", "an empty pong", "a text"],
)
def test_a_client_that_does_not_answer_is_over_by_the_next_ping(answer: bytes) -> None:
    async def play() -> None:
        there, wire, protocol = await _pinged(answer)
        assert not there
        assert _close_code(wire.written[len(_PING) :]) == 1011
        assert wire.closed
        assert not protocol.ping(_PING, b"abcd")

    asyncio.run(play())
