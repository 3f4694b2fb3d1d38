import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { EventReader, EventSocket } from "../../../static/shared/stream.js";
import { Ways } from "../../../static/shared/ways.js";

const OPEN = 'event: open\ndata: {"connection":"c1"}\n\n';

test("events come out whole, however the stream is cut", () => {
  const text = `: padding\n\n${OPEN}event: message\ndata: {"type":"PONG"}\n\n: ping\n\n`;
  for (let size = 1; size <= text.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...reader.feed(text.slice(at, at + size)));
    assert.deepEqual(events, [
      { name: "open", data: '{"connection":"c1"}' },
      { name: "message", data: '{"type":"PONG"}' },
    ]);
  }
});

/** A server whose stream the test writes, and which answers messages with these statuses in turn. */
function serve(...statuses) {
  const posted = [];
  let stream;
  const start = (controller) => {
    stream = controller;
  };
  mock.method(globalThis, "fetch", async (url, { body }) => {
    if (body === undefined) {
      return new Response(new ReadableStream({ start }));
    }
    posted.push([url, body]);
    const status = statuses.shift() ?? 202;
    if (status === "lost") throw new TypeError("network");
    return new Response(null, { status });
  });
  return { posted, write: (text) => stream.enqueue(new TextEncoder().encode(text)), end: () => stream.close() };
}

async function opened() {
  const socket = new EventSocket("/ws/stream");
  const got = [];
  await new Promise((resolve) => setImmediate(resolve));
  socket.onmessage = ({ data }) => got.push(data);
  return { socket, got };
}

const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

afterEach(() => mock.restoreAll());

test("messages are sent one after the other, numbered from 1, and received as they come", async () => {
  const server = serve();
  const { socket, got } = await opened();
  server.write(OPEN);
  await settle();
  socket.send("a");
  socket.send("b");
  await settle();
  assert.deepEqual(server.posted, [
    ["/ws/stream/c1?n=1", "a"],
    ["/ws/stream/c1?n=2", "b"],
  ]);
  server.write("event: message\ndata: x\n\n");
  await settle();
  assert.deepEqual(got, ["x"]);
  socket.close();
});

test("a message whose reply was lost, or for which there was no room, is sent again under its number", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const server = serve("lost", 503, 429);
  const { socket } = await opened();
  server.write(OPEN);
  await settle();
  socket.send("a");
  for (let turn = 0; turn < 4; turn++) {
    await settle();
    mock.timers.tick(1_000);
  }
  await settle();
  assert.deepEqual(new Set(server.posted.map(([url]) => url)), new Set(["/ws/stream/c1?n=1"]));
  assert.equal(server.posted.length, 4);
  assert.equal(socket.readyState, 1);
  mock.timers.reset();
  socket.close();
});

test("a stream that the server no longer knows ends, as a lost WebSocket does", async () => {
  const server = serve(404);
  const { socket } = await opened();
  const codes = [];
  socket.onclose = ({ code }) => codes.push(code);
  server.write(OPEN);
  await settle();
  socket.send("a");
  await settle();
  assert.deepEqual(codes, [1006]);
});

test("a close has the server's code", async () => {
  const server = serve();
  const { socket } = await opened();
  const codes = [];
  socket.onclose = ({ code }) => codes.push(code);
  server.write(`${OPEN}event: close\ndata: {"code":4001,"reason":"elsewhere"}\n\n`);
  await settle();
  assert.deepEqual(codes, [4001]);
});

test("the stream is tried when no WebSocket ever got through, and later where one did", () => {
  const ways = new Ways();
  ways.failed("socket");
  assert.equal(ways.next(), "socket");
  ways.failed("socket");
  assert.equal(ways.next(), "stream");
  ways.worked("stream");
  assert.equal(ways.next(), "stream");
  ways.worked("socket");
  for (let failure = 0; failure < 3; failure++) ways.failed("socket");
  assert.equal(ways.next(), "socket");
  ways.failed("socket");
  assert.equal(ways.next(), "stream");
});

test("where both ways fail it is the server that is away, and a WebSocket is tried first when it is back", () => {
  const ways = new Ways();
  ways.failed("socket");
  ways.failed("socket");
  ways.failed("stream");
  assert.equal(ways.next(), "socket");
  assert.equal(ways.streaming, false);
});
