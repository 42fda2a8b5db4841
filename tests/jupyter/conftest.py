"""Points Jupyter at the kernel under test, in folders of its own, before any test starts one.

MLCOURSE_BIN is the program to test; the release build of this checkout by default.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

PROGRAM = Path(os.environ.get("MLCOURSE_BIN", HERE.parent.parent / "target/release/mlcourse")).resolve()

# Short: the paths of Unix sockets may have no more than 107 bytes.
_folder = Path(tempfile.mkdtemp(prefix="mlct"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)


def _install():
    spec = {
        "argv": [str(PROGRAM), "kernel", "start", "--connection-file", "{connection_file}"],
        "display_name": "Rust (mlcourse)",
        "language": "rust",
        "interrupt_mode": "message",
        "env": {"MLCOURSE_LANG": "en"},
        "metadata": {"debugger": False},
    }
    folder = _folder / "jupyter/kernels/mlcourse"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def _environment():
    os.environ["MLCOURSE_BIN"] = str(PROGRAM)
    os.environ["MLCOURSE_LANG"] = "en"
    os.environ["JUPYTER_PATH"] = str(_folder / "jupyter")
    for name, folder in [("XDG_STATE_HOME", "state"), ("JUPYTER_RUNTIME_DIR", "run"), ("TMPDIR", "tmp")]:
        (_folder / folder).mkdir()
        os.environ[name] = str(_folder / folder)
    tempfile.tempdir = None


if PROGRAM.exists():
    _install()
    _environment()


def pytest_collection_modifyitems():
    if not PROGRAM.exists():
        pytest.exit(f"{PROGRAM} does not exist: build it with `cargo build --release`, or set MLCOURSE_BIN", 2)


_shared = []


@pytest.fixture
def shared(request):
    """A kernel for many tests; one that a test has failed with is not used again."""
    from harness import Kernel

    if not _shared:
        _shared.append(Kernel())
    yield _shared[0]
    if request.node.failed:
        _shared.pop().close()


@pytest.fixture(scope="session", autouse=True)
def _close_shared():
    yield
    while _shared:
        _shared.pop().close()


@pytest.fixture
def kernel():
    """A kernel for one test."""
    from harness import Kernel

    with Kernel() as kernel:
        yield kernel


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Fails the conformance tests that skip themselves, and remembers what failed for the fixtures."""
    report = (yield).get_result()
    item.failed = report.failed
    if report.skipped and item.path.name == "test_conformance.py":
        report.outcome, report.longrepr = "failed", f"skipped: {report.longrepr}"
