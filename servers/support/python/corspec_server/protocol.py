"""The server protocol: one JSON object a line, over stdin and stdout."""

import asyncio
import json
import os
import platform
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn, Protocol

from corspec_server.policy import Policy, Refused, Unsupported


class Instance(Protocol):
    """A server that enforces one policy."""

    url: str

    async def close(self) -> None:
        """Comes back once nothing listens there any more."""


Serve = Callable[[Policy | None], Awaitable[Instance]]


def run(serve: Serve, *, framework: str, middleware: str, issues: str) -> NoReturn:
    """Speaks the protocol until stdin ends. `framework` and `middleware` are distributions that are installed.

    The event loop has a thread of its own, for HTTP servers would take the signals of the main thread.
    """
    write = _take_stdout()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    session = _Session(_hello(framework, middleware, issues), serve, write)
    for line in sys.stdin.buffer:
        loop.call_soon_threadsafe(session.receive, line)
    asyncio.run_coroutine_threadsafe(_nothing(), loop).result()
    # What still listens ends with the process; to wait for idle threads would only take time.
    os._exit(0)


def _hello(framework: str, middleware: str, issues: str) -> dict:
    # Each of the two stands on a line of its own in the description of the folder.
    described = dict(line.split(": ", 1) for line in Path("server.yaml").read_text().splitlines() if ": " in line)
    return {
        "protocol": 1,
        "name": described["name"],
        "language": "python",
        "framework": f"{framework} {version(framework)}",
        "middleware": f"{middleware} {version(middleware)}",
        "runtime": f"{platform.python_implementation().lower()} {platform.python_version()}",
        "homepage": described["homepage"],
        "issues": issues,
        "lacks": [],
    }


async def _nothing() -> None:
    """Done when all that was scheduled before it is done."""


def _take_stdout() -> Callable[[dict], None]:
    """Keeps stdout for the protocol: what a framework prints goes to stderr."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def write(message: dict) -> None:
        output.write(json.dumps(message).encode() + b"\n")
        output.flush()

    return write


class _Session:
    """The policies of one conversation."""

    def __init__(self, hello: dict, serve: Serve, write: Callable[[dict], None]) -> None:
        self._hello = hello
        self._serve = serve
        self._write = write
        self._set_ups: dict[int, asyncio.Task[Instance | None]] = {}
        self._drops: dict[int, asyncio.Task[None]] = {}

    def receive(self, line: bytes) -> None:
        if not line.strip():
            return
        body = None
        try:
            [(kind, body)] = json.loads(line).items()
            if kind != "hello" and type(body["seq"]) is not int:
                raise ValueError("a seq is an integer")
            match kind:
                case "hello":
                    self._write({"hello": self._hello})
                case "serve":
                    self._set_up(body["seq"], body["policy"])
                case "drop":
                    self._drop(body["seq"])
                case _:
                    raise ValueError(f"no message is called {kind!r}")
        except Exception as error:
            seq = body.get("seq") if isinstance(body, dict) else None
            if type(seq) is int:
                self._answer("failed", seq, message=f"{type(error).__name__}: {error}")
            else:
                print(f"not a message of the server protocol: {error}: {line!r}", file=sys.stderr)

    def _set_up(self, seq: int, policy: object) -> None:
        if seq in self._set_ups:
            raise ValueError("this seq is in use")
        self._set_ups[seq] = asyncio.create_task(self._try_to_serve(seq, policy))

    async def _try_to_serve(self, seq: int, policy: object) -> Instance | None:
        try:
            instance = await self._serve(None if policy is None else Policy.parse(policy))
        except Unsupported as unsupported:
            issue = {"issue": unsupported.issue} if unsupported.issue else {}
            self._answer("unsupported", seq, reason=str(unsupported), **issue)
        except Refused as refused:
            self._answer("refused", seq, reason=str(refused))
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            self._answer("failed", seq, message=f"{type(error).__name__}: {error}")
        else:
            self._answer("ready", seq, url=instance.url)
            return instance
        if seq not in self._drops:
            del self._set_ups[seq]
        return None

    def _drop(self, seq: int) -> None:
        if seq not in self._set_ups:
            raise ValueError("nothing is served under this seq")
        if seq in self._drops:
            raise ValueError("this seq is being dropped already")
        self._drops[seq] = asyncio.create_task(self._close(seq))

    async def _close(self, seq: int) -> None:
        """A drop that came before the answer to its `serve` is obeyed after it."""
        instance = await self._set_ups[seq]
        try:
            if instance:
                await instance.close()
        except Exception as error:
            traceback.print_exc()
            self._answer("failed", seq, message=f"{type(error).__name__}: {error}")
        else:
            self._answer("dropped", seq)
        del self._set_ups[seq], self._drops[seq]

    def _answer(self, kind: str, seq: int, **fields: str) -> None:
        self._write({kind: {"seq": seq, **fields}})
