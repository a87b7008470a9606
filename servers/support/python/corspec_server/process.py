"""One process for each policy, for what can be configured once in a process."""

import asyncio
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

# Processes are forked from one that has imported the module of what they run, and that does nothing else.
_context = multiprocessing.get_context("forkserver")
# Before Python 3.13 that process does not hear of sys.path, and without a word imports nothing.
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)

# Processes are started and waited for in one thread, since to start one reaps those that have ended.
_processes = ThreadPoolExecutor(1)

Main = Callable[[Any, Callable[[int], None]], None]


class ProcessInstance:
    """A process that listens."""

    def __init__(self, process: multiprocessing.Process, alive: Connection, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._process = process
        self._alive = alive

    async def close(self) -> None:
        await _in_the_thread_of_processes(self._end)
        self._alive.close()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()


async def listen(main: Main, settings: Any) -> ProcessInstance:
    """Runs `main(settings, ready)` in a process of its own; it calls `ready(port)` once it listens there."""
    _context.set_forkserver_preload([main.__module__, "corspec_server.protocol"])
    ours, theirs = _context.Pipe()
    process = _context.Process(target=_live, args=(main, settings, theirs), daemon=True)
    await _in_the_thread_of_processes(process.start)
    theirs.close()
    said = await asyncio.to_thread(ours.recv)
    if isinstance(said, Exception):
        raise said
    return ProcessInstance(process, ours, said)


async def _in_the_thread_of_processes(do: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(_processes, do)


def _live(main: Main, settings: Any, parent: Connection) -> None:
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        main(settings, parent.send)
    except Exception as error:
        parent.send(error)
        raise


def _end_with(parent: Connection) -> None:
    """Ends this process when the other end of the pipe is closed, however the parent comes to its end."""
    try:
        parent.recv()
    except (EOFError, OSError):
        pass
    os._exit(0)
