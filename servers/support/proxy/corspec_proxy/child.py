"""The process that serves one policy."""

import os
import signal
import socket
import subprocess
import time

READY_WITHIN = 18.0
STOPPED_WITHIN = 1.0


class Died(Exception):
    """It ended, or fell silent, before it served."""


class Child:
    """Ends with this program, however that ends: the kernel signals it when the thread that started it is gone,
    so the main thread has to start it."""

    def __init__(self, command, folder, environment, stop_signal):
        self.stop_signal = stop_signal
        self.output = folder / "output"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", stop_signal.name.removeprefix("SIG"), "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
            )

    def wait_until_ready(self, port, path):
        """Until a request gets through to the resource: a port may be open before there is a route."""
        deadline = time.monotonic() + READY_WITHIN
        answer = "no answer"
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Died(self.said() or f"it ended with {self.process.returncode}")
            try:
                answer = status_of(port, path)
            except OSError as error:
                answer = repr(error)
            if answer == "200":
                return
            time.sleep(0.01)
        raise Died(f"GET {path}: {answer} after {READY_WITHIN} s; {self.said()}")

    def said(self):
        return self.output.read_text(errors="replace").strip()[-2000:]

    def stop(self):
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def status_of(port, path):
    """No more of the answer is read than its status: what follows may be longer than any client takes."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        start = b""
        while len(start) < len("HTTP/1.1 200") and (more := connection.recv(64)):
            start += more
    return start[9:12].decode("latin-1") or "no answer"
