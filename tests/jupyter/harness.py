"""A kernel and its client, with words for what tests ask of them."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty

from jupyter_client.manager import KernelManager

# A cold compiler on a busy machine; what must be fast is measured where it matters.
PATIENCE = 120
KERNEL_NAME = "mlcourse"


# A constant that takes the compiler minutes.
SLOW_TO_COMPILE = """#[allow(long_running_const_eval)]
const SLOW: u64 = { let mut i = 0u64; while i < 1 << 40 { i += 1; } i };
println!("{}", SLOW);
"""


def wait_until(condition, what, timeout=PATIENCE):
    """Waits for a condition that nothing announces; returns what it returned."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain: {what}")
        time.sleep(0.005)


def plain(text):
    """Text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class Run:
    """What came of a cell: its reply and its messages in order."""

    def __init__(self, reply, messages):
        self.reply = reply["content"]
        self.messages = [message for message in messages if message["msg_type"] != "status"]

    def of(self, kind):
        return [message["content"] for message in self.messages if message["msg_type"] == kind]

    @property
    def status(self):
        return self.reply["status"]

    @property
    def stdout(self):
        return "".join(content["text"] for content in self.of("stream") if content["name"] == "stdout")

    @property
    def stderr(self):
        return "".join(content["text"] for content in self.of("stream") if content["name"] == "stderr")

    @property
    def result(self):
        results = self.of("execute_result")
        return results[0]["data"]["text/plain"] if results else None

    @property
    def traceback(self):
        return plain("\n".join(self.reply["traceback"]))

    def __repr__(self):
        return f"Run({self.reply}, {[(m['msg_type'], m['content']) for m in self.messages]})"


class Kernel:
    """A running kernel with one client."""

    def __init__(self, env=None, **settings):
        self.manager = KernelManager(kernel_name=KERNEL_NAME, **settings)
        self.manager.start_kernel(env={**os.environ, **(env or {})})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=not self.manager.is_alive())

    @property
    def pid(self):
        return self.manager.provisioner.process.pid

    def send(self, code, **options):
        """Starts a cell; returns its id."""
        return self.client.execute(code, **options)

    def run(self, code, timeout=PATIENCE, **options):
        """Runs a cell to its end, whatever that is."""
        return self.finish(self.send(code, **options), timeout)

    def ok(self, code, **options):
        """Runs a cell that must succeed."""
        run = self.run(code, **options)
        assert run.status == "ok", run
        return run

    def fails(self, code, **options):
        """Runs a cell that must fail: one error message, and an error reply that agrees with it."""
        run = self.run(code, **options)
        assert run.status == "error", run
        errors = run.of("error")
        assert len(errors) == 1, run
        assert errors[0]["ename"] == run.reply["ename"] and errors[0]["evalue"] == run.reply["evalue"]
        return run

    def finish(self, msg_id, timeout=PATIENCE, seen=()):
        messages = list(seen)
        while not (messages and is_idle(messages[-1])):
            messages.append(self.next_output(msg_id, timeout))
        return Run(self.reply(msg_id, timeout), messages)

    def next_output(self, msg_id, timeout=PATIENCE):
        """The next broadcast message of a cell."""
        return next_of(self.client.get_iopub_msg, msg_id, timeout)

    def outputs_until(self, msg_id, condition, timeout=PATIENCE):
        """The messages of a cell up to one that fits."""
        messages = []
        while not messages or not condition(messages[-1]):
            messages.append(self.next_output(msg_id, timeout))
            assert not is_idle(messages[-1]), messages
        return messages

    def reply(self, msg_id, timeout=PATIENCE):
        return next_of(self.client.get_shell_msg, msg_id, timeout)

    def control(self, kind, content=None, timeout=PATIENCE):
        """Sends a control request and waits for its reply."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        return next_of(self.client.get_control_msg, message["header"]["msg_id"], timeout)

    def interrupt(self):
        begin = time.monotonic()
        assert self.control("interrupt_request")["content"]["status"] == "ok"
        return time.monotonic() - begin

    def still_works(self):
        """Whether the next cell runs, and sees outputs only of its own."""
        assert self.ok("20 + 22").result == "42"


def next_of(receive, msg_id, timeout):
    deadline = time.monotonic() + timeout
    while True:
        try:
            message = receive(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise AssertionError(f"no message for {msg_id} within {timeout} s") from None
        if message["parent_header"].get("msg_id") == msg_id:
            return message


def is_idle(message):
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


def is_text(text):
    """A condition: the message carries this text on a stream."""
    return lambda message: message["msg_type"] == "stream" and text in message["content"]["text"]


def children():
    """All processes: their parent and state by id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # The name in parentheses may hold anything; what follows it does not.
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                found[int(folder.name)] = (int(parent), state)
    return found


def descendants(pid):
    """The processes below one, dead ones that nobody waited for left out."""
    processes = children()
    found, new = set(), {pid}
    while new:
        new = {child for child, (parent, state) in processes.items() if parent in new and state != "Z"} - found
        found |= new
    return found


def compilers(pid):
    """The compilers below a process that build a cell; rust-analyzer asks the compiler things too, and one waits for
    the next cell: as long as its parent holds the pipe that it reads."""
    found = set()
    for child in descendants(pid):
        with suppress(OSError):
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"rustc") and b"ctx" in words and not waits(child):
                found.add(child)
    return found


def waits(pid):
    """Whether a process reads a pipe that its parent may still write to."""
    parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
    pipe = os.readlink(f"/proc/{pid}/fd/0")
    if not pipe.startswith("pipe:"):
        return False
    for descriptor in Path(f"/proc/{parent}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(descriptor) == pipe:
                return True
    return False


def alive(pids):
    processes = children()
    return {pid for pid in pids if pid in processes and processes[pid][1] != "Z"}


def temporary_files():
    """What is in the temporary folder, without the connection files: those are the client's."""
    return {path for path in Path(os.environ["TMPDIR"]).iterdir() if path.suffix != ".json"}


def shared_memory():
    return set(Path("/dev/shm").iterdir())
