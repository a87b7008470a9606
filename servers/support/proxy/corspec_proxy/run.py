"""The server protocol: JSON Lines on stdin and stdout."""

import json
import queue
import sys
import tempfile
import threading
from pathlib import Path

from .child import Child, Died
from .policy import BadPolicy, Policy
from .port import Port
from .product import Place, Refused, Unsupported
from .upstream import Upstream

END = object()


def run(product):
    """Serves until stdin ends. Children belong to the thread that starts them, so the main thread does."""
    Driver(product).run()


class Served:
    """One policy: its process, the resource behind it, and its files."""

    def __init__(self, product, policy):
        self.folder = tempfile.TemporaryDirectory(prefix=f"corspec-{product.name}-")
        self.port = Port()
        self.upstream = None if product.has_resource_of_its_own else Upstream()
        self.child = None
        folder = Path(self.folder.name)
        # Workers that gave up the rights of their master keep what they buffer here.
        folder.chmod(0o755)
        place = Place(folder, self.port.number, self.upstream and self.upstream.port)
        try:
            command = product.command(policy, place)
            self.child = Child(command, folder, product.environment(place), product.stop_signal)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.child:
            self.child.stop()
        if self.upstream:
            self.upstream.close()
        self.port.close()
        self.folder.cleanup()


class Driver:
    def __init__(self, product):
        self.product = product
        self.messages = queue.SimpleQueue()
        self.writing = threading.Lock()
        self.served = {}

    def run(self):
        threading.Thread(target=self.read, daemon=True).start()
        while (line := self.messages.get()) is not END:
            self.handle(line)
        stopping = [threading.Thread(target=served.stop) for served in list(self.served.values())]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()

    def read(self):
        for line in sys.stdin.buffer:
            self.messages.put(line)
        self.messages.put(END)

    def write(self, kind, **content):
        with self.writing:
            sys.stdout.write(json.dumps({kind: content}) + "\n")
            sys.stdout.flush()

    def handle(self, line):
        try:
            ((kind, content),) = json.loads(line).items()
        except (ValueError, AttributeError):
            print(f"not understood: {line!r}", file=sys.stderr)
            return
        if kind == "hello":
            self.write("hello", **self.product.hello())
            return
        seq = content.get("seq") if isinstance(content, dict) else None
        if isinstance(seq, bool) or not isinstance(seq, int):
            print(f"no seq: {line!r}", file=sys.stderr)
        elif kind == "serve":
            self.serve(seq, content)
        elif kind == "drop":
            threading.Thread(target=self.drop, args=(seq,)).start()
        else:
            self.write("failed", seq=seq, message=f"unknown message {kind}")

    def serve(self, seq, content):
        try:
            if "policy" not in content:
                raise BadPolicy("there is no policy")
            given = content["policy"]
            if unknown := Policy.unknown_fields(given):
                raise Unsupported("unknown to this server: " + ", ".join(unknown))
            if seq in self.served:
                raise BadPolicy("that seq is in use")
            if given is None and not self.product.has_quick_start:
                raise Unsupported("without a configuration the product does nothing about CORS")
            policy = None if given is None else Policy.parse(given)
            served = Served(self.product, policy)
        except Unsupported as reason:
            self.write("unsupported", seq=seq, reason=str(reason), **({"issue": reason.issue} if reason.issue else {}))
        except Refused as reason:
            self.write("refused", seq=seq, reason=str(reason))
        except Exception as error:
            self.write("failed", seq=seq, message=str(error) or repr(error))
        else:
            self.served[seq] = served
            threading.Thread(target=self.announce, args=(seq, served)).start()

    def announce(self, seq, served):
        try:
            served.child.wait_until_ready(served.port.number, self.product.ready_path)
        except Died as died:
            self.served.pop(seq, None)
            served.stop()
            refusal = self.product.refusal(str(died))
            if refusal:
                self.write("refused", seq=seq, reason=refusal)
            else:
                self.write("failed", seq=seq, message=str(died))
        else:
            self.write("ready", seq=seq, url=f"http://127.0.0.1:{served.port.number}")

    def drop(self, seq):
        served = self.served.pop(seq, None)
        if served is None:
            self.write("failed", seq=seq, message="no policy has that seq")
            return
        served.stop()
        self.write("dropped", seq=seq)
