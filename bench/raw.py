"""The limit (b): a plain loop that writes the same bytes to each socket with one `send` each, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import selectors
import socket
import sys
import threading
import time

from sessions.fanout.sockets import Message

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_clients: list[socket.socket] = []


def _accept(listener: socket.socket) -> None:
    while True:
        client, _ = listener.accept()
        request = chunk = client.recv(4096)
        while chunk and b"\r\n\r\n" not in request:
            chunk = client.recv(4096)
            request += chunk
        if not chunk:
            continue  # the driver's look whether the port is open
        headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:] if b": " in line)
        key = {name.lower(): value for name, value in headers.items()}[b"sec-websocket-key"]
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
        client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        # As WebSocket servers have it; else the kernel merges frames, and two different things would be compared.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        _clients.append(client)


def _send_all(client: socket.socket, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        try:
            view = view[client.send(view) :]
        except BlockingIOError:
            with selectors.DefaultSelector() as selector:
                selector.register(client, selectors.EVENT_WRITE)
                selector.select()


def main() -> None:
    """Serve until stdin ends."""
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=4096)
    threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    for line in sys.stdin:
        command = json.loads(line)
        size = command["size"]
        frame = Message((b'{"type":"BENCH","payload":{"filler":"%b"}}' % (b"x" * size))[:size]).frame
        started = time.perf_counter()
        for _ in range(command["count"]):
            for client in _clients:
                _send_all(client, frame)
        print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()
