"""Cells that end badly: a clear error, and the next cell works."""

import os
import signal

import pytest
from harness import SLOW_TO_COMPILE, compilers, is_text, wait_until

FORK = 'unsafe extern "C" { fn fork() -> i32; }\n'

FATAL = {
    "exits": "std::process::exit(0)",
    "aborts": "std::process::abort()",
    "writes through a null pointer": "unsafe { std::ptr::null_mut::<i32>().write_volatile(1) }",
    "overflows its stack": "fn deep(n: u64) -> u64 { if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n + 1)) } }\n"
    "deep(1)",
}


@pytest.mark.parametrize("what", FATAL)
def test_a_cell_that_kills_its_process_is_an_error_and_the_next_one_works(kernel, what):
    run = kernel.fails(f'println!("before");\n{FATAL[what]};' if what != "overflows its stack" else FATAL[what])
    assert run.reply["evalue"].strip(), run
    kernel.still_works()


def test_functions_stay_after_a_crash(kernel):
    kernel.ok("fn twice(x: i32) -> i32 { 2 * x }")
    kernel.fails("std::process::exit(3)")
    assert kernel.ok("twice(21)").result == "42"


def test_a_fork_does_not_speak_for_its_parent(kernel):
    run = kernel.run(
        FORK + "let pid = unsafe { fork() };\n"
        'if pid == 0 { println!("child"); std::process::exit(0) }\nprintln!("parent");'
    )
    assert run.status == "ok" and "parent" in run.stdout, run
    kernel.still_works()


def test_a_fork_that_stays_does_not_keep_the_cell(kernel):
    run = kernel.run(
        FORK + "let pid = unsafe { fork() };\n"
        "if pid == 0 { loop { std::thread::sleep(std::time::Duration::from_secs(1)) } }\n"
        'println!("parent");',
        timeout=60,
    )
    assert run.status == "ok" and "parent" in run.stdout, run
    kernel.still_works()


def test_a_thread_that_outlives_its_cell_prints_later_and_harms_nothing(kernel):
    kernel.ok(
        'static GO: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);\n'
        "std::thread::spawn(|| { while !GO.load(std::sync::atomic::Ordering::SeqCst) { std::thread::yield_now() } "
        'println!("late") });'
    )
    cell = kernel.send("GO.store(true, std::sync::atomic::Ordering::SeqCst); "
                       "std::thread::sleep(std::time::Duration::from_millis(300)); 1")
    run = kernel.finish(cell)
    assert run.status in ("ok", "error")
    kernel.still_works()


def test_a_panic_in_another_thread_does_not_end_the_kernel(kernel):
    run = kernel.run('std::thread::spawn(|| panic!("elsewhere")).join().is_err()')
    assert run.status in ("ok", "error") and "elsewhere" in str(run)
    kernel.still_works()


def test_a_kernel_survives_two_crashes_in_a_row(kernel):
    for _ in range(2):
        kernel.fails("std::process::abort()")
    kernel.still_works()


INTERRUPTED = {
    "busy loop": 'println!("begun");\nlet mut n = 0u64; loop { n = std::hint::black_box(n + 1); }',
    "sleep": 'println!("begun");\nstd::thread::sleep(std::time::Duration::from_secs(600));',
}


@pytest.mark.parametrize("what", INTERRUPTED)
def test_an_interrupt_stops_the_cell_at_once(kernel, what):
    cell = kernel.send(INTERRUPTED[what])
    seen = kernel.outputs_until(cell, is_text("begun"))
    assert kernel.interrupt() < 1
    run = kernel.finish(cell, 20, seen=seen)
    assert run.status == "error" and run.reply["ename"] == "interrupted", run
    kernel.still_works()


def test_an_interrupt_stops_the_compiler(kernel):
    kernel.ok("1")
    cell = kernel.send(SLOW_TO_COMPILE)
    seen = kernel.outputs_until(cell, lambda message: message["msg_type"] == "execute_input")
    wait_until(lambda: compilers(kernel.pid), "the compiler is at work", 30)
    assert kernel.interrupt() < 1
    run = kernel.finish(cell, 10, seen=seen)
    assert run.status == "error" and run.reply["ename"] == "interrupted", run
    assert not compilers(kernel.pid)
    kernel.still_works()


def test_an_interrupt_when_nothing_runs_changes_nothing(kernel):
    kernel.ok("let kept = 41;")
    kernel.interrupt()
    assert kernel.ok("kept + 1").result == "42"


def test_a_signal_to_the_kernel_is_an_interrupt(kernel):
    cell = kernel.send(INTERRUPTED["sleep"])
    seen = kernel.outputs_until(cell, is_text("begun"))
    os.kill(kernel.pid, signal.SIGINT)
    assert kernel.finish(cell, 20, seen=seen).status == "error"
    kernel.still_works()
    wait_until(kernel.manager.is_alive, "the kernel lives", 5)
