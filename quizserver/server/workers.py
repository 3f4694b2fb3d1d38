"""Several workers behind one port, each an instance of its own on a core of its own; they share sessions through Redis.

The parent holds the listening socket, so that no connection is refused while a worker is started again, and does
nothing else: what it is told by signal, it tells all workers. SIGTERM and SIGINT end them, each after its drain; SIGHUP
starts them again, one after the other. A worker that ends by itself is started again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from types import FrameType

from common.config import Config

logger = logging.getLogger(__name__)

#: Seconds from one start of a worker to the next, where it ends at once.
_PAUSE = 1.0
#: Seconds between two looks of the parent at its workers, and of a worker at its parent.
_LOOK = 0.2
_BACKLOG = 4096
#: How a worker is told its parent, to end when that was killed.
_PARENT = "QUIZ_PARENT"
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def listen(config: Config) -> socket.socket:
    """The socket that all workers accept from.

    :raises OSError: when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.bind, config.port))
    except OSError:
        listener.close()
        raise
    listener.listen(_BACKLOG)
    return listener


class Workers:
    """The workers of one port."""

    def __init__(self, count: int, listener: socket.socket) -> None:
        self._listener = listener
        #: By number; ``None`` for one that is to be started.
        self._running: list[subprocess.Popen[bytes] | None] = [None] * count
        self._started_at = [-_PAUSE] * count
        self._signals: list[int] = []
        self._ending = False
        #: Workers that are still to be started again (SIGHUP), and the process of the first of them once it was told.
        self._renewing: list[int] = []
        self._leaving: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Until a signal ends it and all workers have ended."""
        metrics = None if os.environ.get(_METRICS) else tempfile.mkdtemp(prefix="quiz-metrics-")
        before = {
            number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        try:
            while not self._ending or any(self._running):
                self._look(metrics or os.environ[_METRICS])
                time.sleep(_LOOK)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._tell(signal.SIGKILL)
            self._listener.close()
            if metrics:
                shutil.rmtree(metrics, ignore_errors=True)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signals.append(number)

    def _look(self, metrics: str) -> None:
        while self._signals:
            number = self._signals.pop(0)
            if number == signal.SIGHUP:
                self._renewing = list(range(len(self._running)))
            else:
                self._ending, self._renewing = True, []
                self._tell(number)
        for number, worker in enumerate(self._running):
            if worker is not None and worker.poll() is not None:
                self._running[number] = None
                if not self._ending and worker is not self._leaving:
                    logger.error("worker_ended", extra={"worker": number, "code": worker.returncode})
            due = time.monotonic() - self._started_at[number] >= _PAUSE
            if self._running[number] is None and due and not self._ending:
                self._start(number, metrics)
        self._renew()

    def _renew(self) -> None:
        """End the next worker that is to be started again, once there is another in the place of the one before."""
        if not self._renewing:
            return
        worker = self._running[self._renewing[0]]
        if worker is None:
            return
        if self._leaving is None:
            self._leaving = worker
            worker.terminate()
        elif worker is not self._leaving:
            self._leaving = None
            self._renewing.pop(0)

    def _start(self, number: int, metrics: str) -> None:
        self._started_at[number] = time.monotonic()
        descriptor = self._listener.fileno()
        self._running[number] = subprocess.Popen(  # noqa: S603 - the server itself
            [sys.executable, os.path.abspath(sys.argv[0]), "serve", "--descriptor", str(descriptor)],
            env={**os.environ, _METRICS: metrics, _PARENT: str(os.getpid())},
            pass_fds=[descriptor],
            # A Ctrl-C is told to them by the parent, like everything else.
            start_new_session=True,
        )

    def _tell(self, number: int) -> None:
        for worker in self._running:
            if worker is not None:
                with contextlib.suppress(ProcessLookupError):
                    worker.send_signal(number)


def end_with_parent() -> None:
    """In a worker: end when the parent was killed, which could not tell it."""
    parent = int(os.environ.get(_PARENT, "0"))
    if parent:
        threading.Thread(target=_watch, args=[parent], name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
