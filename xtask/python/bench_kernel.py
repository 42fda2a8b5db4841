"""Drives our kernel and the stock evcxr_jupyter with the same client, alternating; prints medians and ratios.

Called by `cargo xtask bench kernel`, which builds both. A repetition counts only if other processes used little of the
machine meanwhile (`quiet`): on a shared machine times lie otherwise.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from queue import Empty

from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

PATIENCE = 300
TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()
BUSY = 0.08


# --- the machine ----------------------------------------------------------------------------------------------------


def processes():
    """Parent and used processor time of every process."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        found[int(folder.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    return found


def tree(root):
    """A process and all below it."""
    table = processes()
    members, grew = {root}, True
    while grew:
        more = {pid for pid, (parent, _) in table.items() if parent in members} - members
        members |= more
        grew = bool(more)
    return members


def machine_busy():
    fields = [int(word) for word in open("/proc/stat").readline().split()[1:9]]
    return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) / TICKS


def own_busy():
    table = processes()
    return sum(table[pid][1] for pid in tree(os.getpid()) if pid in table)


def wait_quiet(seconds=30):
    """Waits until others leave the machine alone, at most so long."""
    deadline = time.time() + seconds
    while time.time() < deadline:
        busy, own = machine_busy(), own_busy()
        time.sleep(0.25)
        if (machine_busy() - busy) - (own_busy() - own) < 0.25 * CORES * BUSY:
            return True
    return False


def memory(root):
    """The proportional memory of a process and all below it, in MiB."""
    total = 0
    for pid in tree(root):
        try:
            for line in open(f"/proc/{pid}/smaps_rollup"):
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


def disk(folder):
    """What a folder holds, in MiB; a link counts as a link."""
    return sum(path.lstat().st_size for path in Path(folder).rglob("*") if not path.is_dir() or path.is_symlink()) / 2**20


# --- a kernel -------------------------------------------------------------------------------------------------------


class Kernel:
    """A kernel process and its client; times begin when the process does."""

    def __init__(self, argv, env):
        self.folder = tempfile.mkdtemp(prefix="bench")
        self.file = os.path.join(self.folder, "connection.json")
        write_connection_file(self.file)
        argv = [word.replace("{connection_file}", self.file) for word in argv]
        self.tmp = os.path.join(self.folder, "tmp")
        os.mkdir(self.tmp)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv, env={**os.environ, "TMPDIR": self.tmp, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # A client that connects too early waits a tenth of a second before it tries again, on either side.
        self.until_listening(json.loads(Path(self.file).read_text())["shell_port"])
        self.client = BlockingKernelClient(connection_file=self.file)
        self.client.load_connection_file()
        self.client.start_channels()

    def until_listening(self, port):
        """Waits until the kernel listens, without touching its socket."""
        wanted, deadline = f":{port:04X} 00000000:0000 0A", time.perf_counter() + PATIENCE
        while wanted not in Path("/proc/net/tcp").read_text():
            if time.perf_counter() > deadline or self.process.poll() is not None:
                raise RuntimeError("the kernel never listened")
            time.sleep(0.001)

    def until_info(self):
        """Seconds from the launch to the first kernel_info reply."""
        self.client.kernel_info()
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            try:
                message = self.client.get_shell_msg(timeout=1)
            except Empty:
                self.client.kernel_info()
                continue
            if message["msg_type"] == "kernel_info_reply":
                return time.perf_counter() - self.started
        raise RuntimeError("the kernel never answered")

    def run(self, code):
        """Seconds until the cell's reply; fails when the cell does."""
        start = time.perf_counter()
        identity = self.client.execute(code)
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == identity:
                break
        seconds = time.perf_counter() - start
        if message["content"]["status"] != "ok":
            raise RuntimeError(f"{code!r} failed: {message['content']}")
        return seconds

    def errors(self):
        """Error messages so far: the stock kernel replies ok to failures."""
        found = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except Empty:
                return found
            if message["msg_type"] == "error":
                found.append("\n".join(message["content"]["traceback"]))

    def close(self):
        self.client.shutdown()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.client.stop_channels()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def kernel(side):
    running = Kernel(side["argv"], side["env"])
    try:
        yield running
    finally:
        running.close()


# --- what is measured -----------------------------------------------------------------------------------------------

CELLS = {
    # `{n}` makes each repetition a cell that nobody has compiled before.
    "cell: let": "let x{n} = array![{n}.0, 2.0, 3.0];",
    "cell: expression": "datasets::iris().features().sum() + {n}.0",
    "cell: function": "fn area{n}(r: f64) -> f64 {{ std::f64::consts::PI * r * r + {n}.0 }}\nlet a{n} = area{n}(2.0);",
    "cell: plot": (
        'let iris{n} = datasets::iris();\nlet p{n} = plot::scatter(&iris{n}.column("petal length (cm)").unwrap(), '
        '&iris{n}.column("petal width (cm)").unwrap()).unwrap().title("{n}");\np{n}'
    ),
}
FIRST = "datasets::iris().features().sum()"


def session(side, round_number, counters):
    """One life of a kernel; the measures by name."""
    measures = {}
    wait_quiet()
    with kernel(side) as running:
        measures["launch to kernel_info"] = running.until_info()
        if side["prepare"]:
            running.run(side["prepare"])
        running.run(FIRST)
        measures["launch to first result"] = time.perf_counter() - running.started
        for name, code in CELLS.items():
            times = []
            for _ in range(counters["repetitions"]):
                counters["n"] += 1
                times.append(running.run(code.format(n=counters["n"])))
            measures[name] = statistics.median(times)
        if side["settle"]:
            # The memory of a session whose completion is loaded, as the stock kernel's always is.
            running.client.complete("datasets::ir", 12, reply=True, timeout=PATIENCE)
        measures["memory (PSS)"] = memory(running.process.pid)
        measures["disk of a session"] = disk(side["disk"] or running.tmp)
        measures["add a crate"] = running.run(side["dep"])
        same = running.run("tiny_stats::total(&(tiny_stats::twos() + array![1.0, 1.0]))")
        measures["cell: with that crate"] = same
        errors = running.errors()
        if errors:
            raise RuntimeError(f"{side['name']}: {errors[0]}")
    return measures


ROWS = [
    # name, unit, bar on ours (None: on the ratio), bar on the ratio peer/ours
    ("launch to kernel_info", "s", 0.1, None),
    ("launch to first result", "s", None, 4.0),
    ("cell: let", "s", None, 3.0),
    ("cell: expression", "s", None, 3.0),
    ("cell: function", "s", None, 3.0),
    ("cell: plot", "s", None, 3.0),
    ("memory (PSS)", "MiB", None, 1.0),
    ("disk of a session", "MiB", 20.0, None),
    ("add a crate", "s", None, None),
    ("cell: with that crate", "s", None, None),
]


def tiny_crate(folder):
    """A crate that takes and gives arrays of the session's ndarray."""
    source = Path(folder, "tiny-stats/src")
    source.mkdir(parents=True, exist_ok=True)
    (source.parent / "Cargo.toml").write_text(
        '[package]\nname = "tiny-stats"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\nndarray = "0.17"\n\n[workspace]\n'
    )
    (source / "lib.rs").write_text(
        "pub fn total(x: &ndarray::Array1<f64>) -> f64 { x.sum() }\n"
        "pub fn twos() -> ndarray::Array1<f64> { ndarray::array![2.0, 2.0] }\n"
    )
    return source.parent


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "stock", "library", "work", "home"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    crate = tiny_crate(arguments.work)
    # Outside of our workspace, or cargo takes the stock kernel's package for a member of it.
    warm = Path(tempfile.gettempdir(), "mlcourse-bench-stock")
    dep = f':dep tiny-stats = {{ path = "{crate}" }}'
    ours = {
        "name": "ours",
        "argv": [arguments.ours, "kernel", "start", "--connection-file", "{connection_file}"],
        "env": {"MLCOURSE_HOME": arguments.home, "MLCOURSE_LANG": "en"},
        "prepare": None,
        "dep": dep,
        "settle": True,
        "disk": None,
    }
    stock = {
        "name": "stock",
        "argv": [arguments.stock, "--control_file", "{connection_file}"],
        "env": {"EVCXR_TMPDIR": str(warm)},
        "prepare": f':dep mlcourse = {{ path = "{arguments.library}" }}\nuse mlcourse::prelude::*;\nuse mlcourse::{{datasets, plot}};',
        "dep": f":dep ndarray = \"0.17\"\n{dep}",
        "settle": False,
        "disk": str(warm),
    }
    counters = {"n": 0, "repetitions": 5}
    warm.mkdir(parents=True, exist_ok=True)
    print("warming both kernels (the stock one compiles mlcourse once)…", flush=True)
    for side in (stock, ours):
        measures = session(side, 0, counters)
        print(f"  {side['name']}: {measures['launch to first result']:.1f} s to the first result", flush=True)
    samples = {"ours": [], "stock": []}
    for number in range(1, arguments.rounds + 1):
        for side in (ours, stock) if number % 2 else (stock, ours):
            samples[side["name"]].append(session(side, number, counters))
        print(f"round {number} of {arguments.rounds} done", flush=True)
    report(samples, arguments.json)


def report(samples, json_file):
    rows = []
    print(f"\n{'':26} {'ours':>10} {'stock':>10} {'stock/ours':>11}   bar")
    for name, unit, bar, ratio_bar in ROWS:
        mine, peer = (statistics.median(one[name] for one in samples[side]) for side in ("ours", "stock"))
        ratio = peer / mine if mine else float("inf")
        if bar is not None:
            holds, wanted = mine <= bar, f"ours ≤ {bar} {unit}"
        elif ratio_bar is not None:
            holds, wanted = ratio >= ratio_bar, f"ratio ≥ {ratio_bar}"
        else:
            holds, wanted = None, ""
        mark = {True: "holds", False: "MISSED", None: ""}[holds]
        print(f"{name:26} {mine:>7.3f} {unit:<3}{peer:>7.3f} {unit:<3}{ratio:>9.1f}   {wanted} {mark}")
        rows.append(
            {"name": name, "ours": mine, "peer": peer, "unit": unit, "ratio": ratio, "bar": bar or ratio_bar, "holds": holds}
        )
    if json_file:
        Path(json_file).write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
