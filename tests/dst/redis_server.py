"""A Redis of one dictionary: the commands the server uses, its own Lua scripts, and what a Redis may do wrong."""

from __future__ import annotations

import copy
import fnmatch
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from lupa.lua51 import LuaRuntime, lua_type
from redis.exceptions import NoScriptError, OutOfMemoryError, ReadOnlyError, ResponseError

Value = Any
_lua: Any = LuaRuntime(register_eval=False, register_builtins=False)
_null: Any = _lua.execute("return {}")
#: The server a script is running on.
_at_work: list[SimulatedRedis] = []
#: Commands that were asked for and are not simulated.
missing: set[str] = set()


def _to_lua(value: Any) -> Any:
    if value is None:
        return False
    if isinstance(value, list):
        return _lua.table_from([_to_lua(each) for each in value])
    return value


def _from_lua(value: Any) -> Any:
    """What Redis makes of a script's reply."""
    if lua_type(value) == "table":
        result = []
        number = 1
        while (each := value[number]) is not None:
            result.append(_from_lua(each))
            number += 1
        return result
    if value is True:
        return 1
    if value is False:
        return None
    return math.trunc(value) if isinstance(value, float) else value


def _call(name: str, *arguments: Any) -> Any:
    return _to_lua(_at_work[-1].apply(name, [_text(each) for each in arguments]))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _decode(text: str) -> Any:
    def made(value: Any) -> Any:
        if value is None:
            return _null
        if isinstance(value, list):
            return _lua.table_from([made(each) for each in value])
        if isinstance(value, dict):
            return _lua.table_from({key: made(each) for key, each in value.items()})
        return value

    return made(json.loads(text))


def _encode(value: Any) -> str:
    def made(value: Any) -> Any:
        if lua_type(value) != "table":
            return value
        if value == _null:
            return None
        pairs = dict(value.items())
        if pairs and all(isinstance(key, int) for key in pairs):
            return [made(pairs[number]) for number in range(1, len(pairs) + 1)]
        return {str(key): made(each) for key, each in pairs.items()}

    return json.dumps(made(value), separators=(",", ":"), ensure_ascii=False)


_globals = _lua.globals()
_globals.redis = _lua.table_from({"call": _call})
_globals.cjson = _lua.table_from({"decode": _decode, "encode": _encode, "null": _null})


@cache
def _compiled(source: str) -> Any:
    return _lua.execute(f"return function(KEYS, ARGV) {source}\nend")


class SimulatedRedis:
    """One server. It does one command at a time, each at one moment."""

    def __init__(self, name: str, now: Callable[[], float], run_id: str) -> None:
        """:param now: the machine's Unix time in seconds."""
        self.name = name
        self.run_id = run_id
        self.up = True
        #: It hangs: what comes waits until it goes on.
        self.paused = False
        #: Says READONLY or OOM to whoever writes.
        self.refuses: type[Exception] | None = None
        self._now = now
        self._data: dict[str, Value] = {}
        self._expires: dict[str, int] = {}
        self._last_id = (0, 0)
        self._scripts: dict[str, str] = {}
        #: Brings a message to whoever subscribed; how many they are.
        self.publish: Callable[[str, str], int] = lambda channel, data: 0

    # -- what may happen to it ------------------------------------------------------------------------------------

    def snapshot(self) -> Any:
        """All it holds, as a file or a replica would have it."""
        return copy.deepcopy((self._data, self._expires, self._last_id))

    def restart(self, run_id: str, data: Any = None) -> None:
        """Another process on what the file has; without one it is empty."""
        self.run_id, self.up, self.paused, self.refuses = run_id, True, False, None
        self._scripts = {}
        self._data, self._expires, self._last_id = copy.deepcopy(data) if data else ({}, {}, (0, 0))

    def flush(self) -> None:
        """FLUSHALL: it forgets, and goes on under the same run id."""
        self._data.clear()
        self._expires.clear()

    def holds(self, pattern: str) -> bool:
        """Whether there are such keys."""
        return any(fnmatch.fnmatch(each, pattern) for each in self._data)

    def lose(self, pattern: str) -> None:
        """Some keys are gone, as after an eviction."""
        for key in [each for each in self._data if fnmatch.fnmatch(each, pattern)]:
            self._delete(key)

    # -- commands -------------------------------------------------------------------------------------------------

    def execute(self, words: Sequence[Any]) -> Any:
        """The reply to a command of a client. Raises what redis-py makes of an error."""
        name, *arguments = map(_text, words)
        return self.apply(name, arguments)

    def execute_all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The replies to commands that come at one moment; an error is among them."""
        replies: list[Any] = []
        queued: list[Any] | None = None
        for words in commands:
            name = _text(words[0]).upper()
            if name == "MULTI":
                queued = []
                replies.append("OK")
            elif name == "EXEC":
                replies.append(queued)
                queued = None
            else:
                try:
                    reply = self.execute(words)
                except ResponseError as error:
                    reply = error
                if queued is None:
                    replies.append(reply)
                else:
                    queued.append(reply)
                    replies.append("QUEUED")
        return replies

    def evaluate(self, source: str, keys: Sequence[Any], arguments: Sequence[Any]) -> Any:
        """Run a script."""
        if self.refuses is not None:
            raise self.refuses("command not allowed")
        _at_work.append(self)
        try:
            texts = [list(map(_text, each)) for each in (keys, arguments)]
            reply = _compiled(source)(*map(_lua.table_from, texts))
        finally:
            _at_work.pop()
        return _from_lua(reply)

    def apply(self, name: str, arguments: list[str]) -> Any:
        method = getattr(self, f"_{name.lower().replace(' ', '_')}", None)
        if method is None:
            missing.add(name)
            raise NotImplementedError(f"{name} is not simulated")
        if self.refuses is not None and name.upper() in _WRITES:
            raise self.refuses("command not allowed")
        return method(*arguments)

    def _ms(self) -> int:
        return int(self._now() * 1_000)

    def _value(self, key: str, kind: type) -> Any:
        at = self._expires.get(key)
        if at is not None and at <= self._ms():
            self._delete(key)
        value = self._data.get(key)
        if value is not None and type(value) is not kind:
            raise ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")
        return value

    def _made(self, key: str, kind: type) -> Any:
        value = self._value(key, kind)
        if value is None:
            value = self._data[key] = kind()
        return value

    def _delete(self, key: str) -> int:
        self._expires.pop(key, None)
        return int(self._data.pop(key, None) is not None)

    def _tidy(self, key: str) -> None:
        if not self._data.get(key):
            self._delete(key)

    def _publish(self, channel: str, data: str) -> int:
        return self.publish(channel, data)

    # scripts

    def _eval(self, source: str, count: str, *words: str) -> Any:
        return self.evaluate(source, words[: int(count)], words[int(count) :])

    def _script(self, what: str, source: str) -> str:
        assert what.upper() == "LOAD"
        sha = hashlib.sha1(source.encode()).hexdigest()
        self._scripts[sha] = source
        return sha

    def _script_load(self, source: str) -> str:
        return self._script("LOAD", source)

    def _evalsha(self, sha: str, *words: str) -> Any:
        if sha not in self._scripts:
            raise NoScriptError("No matching script.")
        return self._eval(self._scripts[sha], *words)

    # keys and strings

    def _time(self) -> list[str]:
        micros = round(self._now() * 1_000_000)
        return [str(micros // 1_000_000), str(micros % 1_000_000)]

    def _info(self, section: str = "") -> str:
        return f"# Server\r\nrun_id:{self.run_id}\r\nrole:master\r\n"

    def _ping(self) -> str:
        return "PONG"

    def _del(self, *keys: str) -> int:
        return sum(self._delete(key) for key in keys)

    _unlink = _del

    def _exists(self, *keys: str) -> int:
        return sum(self._live(key) for key in keys)

    def _live(self, key: str) -> bool:
        at = self._expires.get(key)
        if at is not None and at <= self._ms():
            self._delete(key)
        return key in self._data

    def _type(self, key: str) -> str:
        kinds: dict[Any, str] = {dict: "hash", _Sorted: "zset", set: "set", str: "string", _Stream: "stream"}
        return kinds[type(self._data[key])] if self._live(key) else "none"

    def _pexpireat(self, key: str, at: str) -> int:
        if not self._live(key):
            return 0
        self._expires[key] = int(float(at))
        return 1

    def _pexpire(self, key: str, ms: str) -> int:
        return self._pexpireat(key, str(self._ms() + int(float(ms))))

    def _ttl(self, key: str) -> int:
        return self._pttl(key) // 1_000

    def _pttl(self, key: str) -> int:
        if not self._live(key):
            return -2
        return self._expires[key] - self._ms() if key in self._expires else -1

    def _expire(self, key: str, seconds: str) -> int:
        return self._pexpireat(key, str(self._ms() + int(seconds) * 1_000))

    def _get(self, key: str) -> str | None:
        value: str | None = self._value(key, str)
        return value

    def _set(self, key: str, value: str, *options: str) -> str | None:
        words = [word.upper() for word in options]
        if ("NX" in words and self._live(key)) or ("XX" in words and not self._live(key)):
            return None
        self._delete(key)
        self._data[key] = value
        for word, factor in (("PX", 1), ("EX", 1_000)):
            if word in words:
                self._expires[key] = self._ms() + int(float(options[words.index(word) + 1])) * factor
        return "OK"

    def _incrby(self, key: str, by: str) -> int:
        value = int(self._get(key) or 0) + int(by)
        self._data[key] = str(value)
        return value

    def _incr(self, key: str) -> int:
        return self._incrby(key, "1")

    def _scan(self, cursor: str, *options: str) -> list[Any]:
        words = [word.upper() for word in options]
        pattern = options[words.index("MATCH") + 1] if "MATCH" in words else "*"
        # In Redis brackets of one sort alone are special, and braces are not; fnmatch has it the same way.
        return ["0", [key for key in list(self._data) if self._live(key) and fnmatch.fnmatchcase(key, pattern)]]

    # hashes

    def _hget(self, key: str, name: str) -> str | None:
        return (self._value(key, dict) or {}).get(name)

    def _hmget(self, key: str, *names: str) -> list[str | None]:
        value = self._value(key, dict) or {}
        return [value.get(name) for name in names]

    def _hset(self, key: str, *pairs: str) -> int:
        value = self._made(key, dict)
        before = len(value)
        value.update(zip(pairs[::2], pairs[1::2], strict=True))
        return len(value) - before

    def _hsetnx(self, key: str, name: str, value: str) -> int:
        return 0 if name in (self._value(key, dict) or {}) else self._hset(key, name, value)

    def _hdel(self, key: str, *names: str) -> int:
        value = self._value(key, dict) or {}
        gone = sum(value.pop(name, None) is not None for name in names)
        self._tidy(key)
        return gone

    def _hgetall(self, key: str) -> list[str]:
        return [word for pair in (self._value(key, dict) or {}).items() for word in pair]

    def _hvals(self, key: str) -> list[str]:
        return list((self._value(key, dict) or {}).values())

    def _hkeys(self, key: str) -> list[str]:
        return list(self._value(key, dict) or {})

    def _hlen(self, key: str) -> int:
        return len(self._value(key, dict) or {})

    def _hexists(self, key: str, name: str) -> int:
        return int(name in (self._value(key, dict) or {}))

    def _hincrby(self, key: str, name: str, by: str) -> int:
        value = self._made(key, dict)
        value[name] = str(int(value.get(name, 0)) + int(float(by)))
        return int(value[name])

    # sets

    def _sadd(self, key: str, *members: str) -> int:
        value = self._made(key, set)
        before = len(value)
        value.update(members)
        return len(value) - before

    def _srem(self, key: str, *members: str) -> int:
        value = self._value(key, set) or set()
        before = len(value)
        value.difference_update(members)
        gone = before - len(value)
        self._tidy(key)
        return gone

    def _smembers(self, key: str) -> list[str]:
        return sorted(self._value(key, set) or ())

    # sorted sets

    def _zadd(self, key: str, *pairs: str) -> int:
        value = self._made(key, _Sorted)
        before = len(value)
        for score, member in zip(pairs[::2], pairs[1::2], strict=True):
            value[member] = float(score)
        return len(value) - before

    def _zincrby(self, key: str, by: str, member: str) -> str:
        value = self._made(key, _Sorted)
        value[member] = value.get(member, 0.0) + float(by)
        return _text(value[member])

    def _zscore(self, key: str, member: str) -> str | None:
        score = (self._value(key, _Sorted) or {}).get(member)
        return None if score is None else _text(score)

    def _zcard(self, key: str) -> int:
        return len(self._value(key, _Sorted) or {})

    def _zcount(self, key: str, low: str, high: str) -> int:
        least, most = float(low.lstrip("(")), float(high.lstrip("("))
        return sum(
            (least < score if low[0] == "(" else least <= score) and (score < most if high[0] == "(" else score <= most)
            for score in (self._value(key, _Sorted) or {}).values()
        )

    def _zrevrank(self, key: str, member: str) -> int | None:
        members = [each for _, each in self._in_order(key)[::-1]]
        return members.index(member) if member in members else None

    def _zrem(self, key: str, *members: str) -> int:
        value = self._value(key, _Sorted) or _Sorted()
        gone = sum(value.pop(member, None) is not None for member in members)
        self._tidy(key)
        return gone

    def _in_order(self, key: str) -> list[tuple[float, str]]:
        return sorted((score, member) for member, score in (self._value(key, _Sorted) or {}).items())

    def _zrange(self, key: str, first: str, last: str, *options: str) -> list[str]:
        return _some(self._in_order(key), first, last, options)

    def _zrevrange(self, key: str, first: str, last: str, *options: str) -> list[str]:
        return _some(self._in_order(key)[::-1], first, last, options)

    def _zrangebyscore(self, key: str, low: str, high: str, *options: str) -> list[str]:
        found = [pair for pair in self._in_order(key) if float(low) <= pair[0] <= float(high)]
        words = [word.upper() for word in options]
        if "LIMIT" in words:
            offset, count = (int(float(word)) for word in options[words.index("LIMIT") + 1 :][:2])
            found = found[offset : offset + count]
        return _some(found, "0", "-1", options)

    def _zremrangebyscore(self, key: str, low: str, high: str) -> int:
        return self._zrem(key, *self._zrangebyscore(key, low, high))

    # streams

    def _xadd(self, key: str, *words: str) -> str:
        fields = list(words)
        most = None
        while fields[0] != "*":
            word = fields.pop(0)
            if word.isdigit():
                most = int(word)
        now = self._ms()
        self._last_id = max((now, 0), (self._last_id[0], self._last_id[1] + 1))
        entry = "{}-{}".format(*self._last_id)
        value = self._made(key, _Stream)
        value[entry] = fields[1:]
        while most is not None and len(value) > most:
            del value[next(iter(value))]
        return entry

    def _xdel(self, key: str, *entries: str) -> int:
        value = self._value(key, _Stream) or _Stream()
        return sum(value.pop(entry, None) is not None for entry in entries)

    def _xlen(self, key: str) -> int:
        return len(self._value(key, _Stream) or ())

    def _xrange(self, key: str, low: str, high: str, *options: str) -> list[Any]:
        count = int(options[1]) if options else _MOST
        value = self._value(key, _Stream) or {}
        lowest = _id(low.removeprefix("("), 0)
        found = [[entry, fields] for entry, fields in value.items() if lowest <= _id(entry) <= _id(high, _MOST)]
        if low.startswith("(") and found and _id(found[0][0]) == lowest:
            del found[0]
        return found[:count]

    def _xrevrange(self, key: str, high: str, low: str, *options: str) -> list[Any]:
        count = int(options[1]) if options else _MOST
        return self._xrange(key, low, high)[::-1][:count]


_MOST = 2**63
_WRITES = {
    *("SET", "DEL", "UNLINK", "HSET", "HSETNX", "HDEL", "HINCRBY", "SADD", "SREM", "ZADD", "ZINCRBY", "ZREM"),
    *("ZREMRANGEBYSCORE", "XADD", "XDEL", "PEXPIREAT", "EXPIRE", "PEXPIRE", "INCR", "INCRBY"),
}
READONLY, FULL = ReadOnlyError, OutOfMemoryError


class _Sorted(dict[str, float]):
    """A sorted set."""


class _Stream(dict[str, list[str]]):
    """A stream."""


def _some(pairs: list[tuple[float, str]], first: str, last: str, options: Sequence[str]) -> list[str]:
    start, end = int(float(first)), int(float(last))
    chosen = pairs[start : end + 1 if end >= 0 else len(pairs) + end + 1]
    if any(word.upper() == "WITHSCORES" for word in options):
        return [word for score, member in chosen for word in (member, _text(score))]
    return [member for _, member in chosen]


def _id(text: str, rest: int = 0) -> tuple[int, int]:
    if text in "-+":
        return (0, 0) if text == "-" else (_MOST, _MOST)
    milliseconds, _, number = text.partition("-")
    return int(milliseconds), int(number) if number else rest
