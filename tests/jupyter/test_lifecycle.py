"""How kernels start and end, what they leave, and what they refuse."""

import json
import os
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest
import zmq
from harness import SLOW_TO_COMPILE, Kernel, alive, compilers, descendants, is_text, shared_memory, temporary_files, wait_until
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

PROGRAM = os.environ.get("MLCOURSE_BIN", "")


def start(connection_file, **options):
    """A kernel process without a manager."""
    return subprocess.Popen(
        [PROGRAM, "kernel", "start", "--connection-file", str(connection_file)],
        stderr=subprocess.PIPE, text=True, **options,
    )


def start_refused(file, content):
    """What a kernel says that cannot start."""
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    process = start(file)
    _, message = process.communicate(timeout=20)
    assert process.returncode == 2, message
    assert str(file) in message
    return message


@pytest.fixture
def connection(tmp_path):
    """A connection file with free ports, and its content."""
    path, content = write_connection_file(str(tmp_path / "kernel.json"))
    return Path(path), json.loads(Path(path).read_text())


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_kernel_info_is_answered_within_a_tenth_of_a_second_of_the_start(tmp_path):
    times = []
    for attempt in range(5):
        path, _ = write_connection_file(str(tmp_path / f"{attempt}.json"))
        info = json.loads(Path(path).read_text())
        session = Session(key=info["key"].encode())
        begin = time.monotonic()
        process = start(path)
        wait_until(lambda: listens(info["shell_port"]), "the shell socket", 20)
        shell = zmq.Context.instance().socket(zmq.DEALER)
        shell.connect(f"tcp://127.0.0.1:{info['shell_port']}")
        session.send(shell, "kernel_info_request", {})
        assert shell.poll(20_000)
        times.append(time.monotonic() - begin)
        _, reply = session.feed_identities(shell.recv_multipart())
        content = session.deserialize(reply)["content"]
        shell.close()
        process.terminate()
        process.communicate(timeout=20)
    assert min(times) < 0.1, times
    assert content["protocol_version"] >= "5.4" and content["supported_features"] == []
    assert content["language_info"]["codemirror_mode"] == "rust"
    assert content["language_info"]["mimetype"] == "text/rust"


def test_a_shutdown_leaves_no_process_and_no_folder():
    before = temporary_files()
    kernel = Kernel()
    kernel.ok("let x = 1;")
    kernel.send('println!("begun"); loop {}')
    processes = {kernel.pid} | descendants(kernel.pid)
    assert len(processes) > 1
    reply = kernel.control("shutdown_request", {"restart": False})
    assert reply["content"] == {"status": "ok", "restart": False}
    wait_until(lambda: not alive(processes), "all processes have ended", 20)
    assert temporary_files() == before
    kernel.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_leaves_no_process_and_no_folder(number):
    before = temporary_files()
    kernel = Kernel()
    kernel.ok("let x = 1;")
    processes = {kernel.pid} | descendants(kernel.pid)
    os.kill(kernel.pid, number)
    wait_until(lambda: not alive(processes), "all processes have ended", 20)
    assert temporary_files() == before
    kernel.close()


def test_a_kernel_ends_when_the_process_that_started_it_does(connection):
    path, info = connection
    script = (
        "import os, subprocess, sys\n"
        "os.environ['JPY_PARENT_PID'] = str(os.getpid())\n"
        f"child = subprocess.Popen([{PROGRAM!r}, 'kernel', 'start', '--connection-file', {str(path)!r}])\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(["python3", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    wait_until(lambda: listens(info["shell_port"]), "the kernel is there", 20)
    processes = {pid} | descendants(pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(processes), "all processes have ended", 20)


def test_a_killed_kernel_leaves_no_process():
    kernel = Kernel()
    kernel.ok("let x = 1;")
    below = descendants(kernel.pid)
    os.kill(kernel.pid, signal.SIGKILL)
    wait_until(lambda: not alive(below), "its processes have ended", 20)
    kernel.close()


def test_a_restart_begins_anew():
    with Kernel() as kernel:
        kernel.ok("let gone = 1;")
        kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=60)
        run = kernel.fails("gone")
        assert run.reply["execution_count"] == 1


def test_two_sessions_at_once_have_states_of_their_own():
    with Kernel() as one, Kernel() as two:
        one.ok("let x = 1;")
        two.ok('let x = "two";')
        assert one.ok("x").result == "1"
        assert two.ok("x").result == '"two"'


def test_fifty_sessions_leave_nothing():
    files, memory, processes = temporary_files(), shared_memory(), descendants(os.getpid())
    for number in range(50):
        with Kernel() as kernel:
            if number % 10 == 0:
                kernel.ok("1")
    wait_until(lambda: not alive(descendants(os.getpid()) - processes), "no process is left", 20)
    assert temporary_files() == files
    assert shared_memory() <= memory


def test_a_wrong_signature_is_dropped_and_never_executed(kernel, tmp_path):
    info = kernel.manager.get_connection_info()
    intruder = BlockingKernelClient()
    intruder.load_connection_info({**info, "key": b"another"})
    intruder.start_channels(hb=False)
    target = tmp_path / "written"
    intruder.execute(f'std::fs::write("{target}", "x").ok();')
    # The socket keeps the order: a well signed message of the same peer comes after it.
    intruder.session.key = info["key"]
    intruder.execute("1", silent=True)
    assert intruder.get_shell_msg(timeout=60)["content"]["status"] == "ok"
    intruder.stop_channels()
    assert not target.exists()
    kernel.still_works()


def test_what_is_no_message_is_dropped_and_the_kernel_lives(kernel):
    shell = kernel.client.shell_channel.socket
    session = kernel.client.session
    for frames in (
        [b"hello"],
        [b"<IDS|MSG>"],
        [b"<IDS|MSG>", b"", b"{}"],
        [b"<IDS|MSG>", b"00" * 32, b"{}", b"{}", b"{}", b"{}"],
    ):
        shell.send_multipart(frames)
    broken = [b"{", b"{}", b"{}", b"not json"]
    shell.send_multipart([b"<IDS|MSG>", session.sign(broken), *broken])
    kernel.still_works()


def test_an_unknown_type_and_a_wrong_content_get_error_replies(kernel):
    for kind, content in [("frobnicate_request", {}), ("complete_request", {"code": 5})]:
        message = kernel.client.session.msg(kind, content)
        kernel.client.shell_channel.send(message)
        assert kernel.reply(message["header"]["msg_id"])["content"]["status"] == "error"
    kernel.still_works()


@pytest.mark.parametrize("key", ["key", "ip", "shell_port", "signature_scheme", "transport"])
def test_a_missing_key_is_named(connection, key):
    path, info = connection
    del info[key]
    assert f"`{key}`" in start_refused(path, info)


@pytest.mark.parametrize(
    "key, value, expected",
    [("shell_port", "80", "port"), ("signature_scheme", "hmac-md5", "hmac-sha256"), ("key", 5, "string"),
     ("transport", "carrier pigeon", "tcp")],
)
def test_a_wrong_value_is_shown_with_what_was_expected(connection, key, value, expected):
    path, info = connection
    info[key] = value
    message = start_refused(path, info)
    assert f"`{key}`" in message and str(value) in message and expected in message


def test_a_file_that_is_no_json_is_refused(connection):
    path, _ = connection
    assert "JSON" in start_refused(path, "{ oops")


def test_a_missing_file_is_named(tmp_path):
    process = start(tmp_path / "nowhere.json")
    _, message = process.communicate(timeout=20)
    assert process.returncode == 2 and "nowhere.json" in message


def test_a_port_in_use_is_named(connection):
    path, info = connection
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        info["iopub_port"] = holder.getsockname()[1]
        message = start_refused(path, info)
    assert "iopub" in message and str(info["iopub_port"]) in message


def test_sockets_in_files_work_and_are_for_their_owner_alone(tmp_path):
    with Kernel(transport="ipc", ip=str(tmp_path / "k")) as kernel:
        assert kernel.ok("6 * 7").result == "42"
        sockets = list(tmp_path.iterdir())
        assert len(sockets) == 5
        for file in sockets:
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert not [file for file in tmp_path.iterdir() if file.is_socket()]


def test_the_compiler_s_children_end_with_a_shutdown_while_a_cell_compiles():
    before = temporary_files()
    kernel = Kernel()
    kernel.ok("1")
    kernel.send(SLOW_TO_COMPILE)
    wait_until(lambda: compilers(kernel.pid), "the compiler is at work", 30)
    processes = {kernel.pid} | descendants(kernel.pid)
    kernel.control("shutdown_request", {"restart": False})
    wait_until(lambda: not alive(processes), "all processes have ended", 20)
    assert temporary_files() == before
    kernel.close()


def test_a_cell_that_runs_does_not_hold_a_shutdown():
    kernel = Kernel()
    cell = kernel.send('println!("begun"); std::thread::sleep(std::time::Duration::from_secs(600));')
    kernel.outputs_until(cell, is_text("begun"))
    begin = time.monotonic()
    kernel.control("shutdown_request", {"restart": False})
    wait_until(lambda: not alive({kernel.pid}), "the kernel has ended", 10)
    assert time.monotonic() - begin < 5
    kernel.close()
