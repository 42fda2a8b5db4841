"""What cells show and say, through a real client."""

import base64
import time

import pytest
from harness import Kernel, is_text, plain


def test_a_cell_is_counted_from_one_and_silent_ones_are_not(kernel):
    assert kernel.ok("1").reply["execution_count"] == 1
    silent = kernel.run('println!("x"); 2', silent=True)
    assert silent.status == "ok" and not silent.messages
    assert kernel.ok("3", store_history=False).result == "3"
    assert kernel.ok("4").reply["execution_count"] == 2


def test_variables_and_functions_stay_from_cell_to_cell(shared):
    shared.ok("let kept = array![1.0, 2.0]; fn twice(x: f64) -> f64 { 2.0 * x }")
    assert shared.ok("twice(kept.sum())").result.startswith("6")


def test_a_panic_is_an_error_that_names_message_and_line(shared):
    run = shared.fails('let fine = 1;\n\npanic!("the model {} diverged", fine);')
    assert "the model 1 diverged" in run.reply["evalue"]
    assert "3" in run.traceback and "src/lib.rs" not in run.traceback
    shared.still_works()


def test_a_failed_question_mark_is_an_error_that_names_message_and_line(shared):
    run = shared.fails('let good = "1".parse::<i32>()?;\nlet bad = "one".parse::<i32>()?;')
    assert "invalid digit" in run.reply["evalue"]
    assert "src/lib.rs" not in run.traceback
    shared.still_works()


def test_a_compile_error_shows_the_cell_and_no_generated_code(shared):
    run = shared.fails("let a = 1;\nlet b: i32 = String::new();")
    assert run.reply["ename"] == "E0308"
    assert "String::new()" in run.traceback and "expected `i32`" in run.traceback
    for generated in ("evcxr", "run_user_code", "src/lib.rs", "__mlc"):
        assert generated not in run.traceback
    assert not run.of("stream")


def test_several_compile_errors_are_one_message(shared):
    run = shared.fails("let c: i32 = true; let d: bool = 1;")
    assert "let c: i32 = true" in run.traceback


def test_a_variable_moved_in_an_earlier_cell_is_named_with_that_cell(kernel):
    kernel.ok("let data = vec![1, 2, 3];")
    kernel.ok("let moved = data;")
    run = kernel.fails("data.len()")
    assert "data" in run.traceback and "2" in run.traceback
    assert "attribute macro" not in run.traceback
    assert any(word in run.traceback.lower() for word in ("moved", "cell 2", "[2]")), run.traceback


def test_two_plots_in_one_cell_are_two_displays(shared):
    run = shared.ok(
        'display(&MimeBundle::text("one").with("image/svg+xml", "<svg>1</svg>"));\n'
        'display(&MimeBundle::text("two").with("image/svg+xml", "<svg>2</svg>"));'
    )
    shown = [content["data"]["image/svg+xml"] for content in run.of("display_data")]
    assert shown == ["<svg>1</svg>", "<svg>2</svg>"]


def test_a_display_can_be_replaced_by_its_name(shared):
    run = shared.ok(
        'let live = display_as("epoch", &MimeBundle::text("epoch 1"));\nlive.update(&MimeBundle::text("epoch 2"));'
    )
    first, second = run.of("display_data")[0], run.of("update_display_data")[0]
    assert first["transient"]["display_id"] == second["transient"]["display_id"] == "epoch"
    assert second["data"]["text/plain"] == "epoch 2"


def test_displays_prints_and_clear_output_keep_their_order(shared):
    run = shared.ok(
        'println!("a"); display(&MimeBundle::text("b")); eprintln!("c"); clear_output(); println!("d"); 5'
    )
    kinds = [message["msg_type"] for message in run.messages]
    assert kinds.index("display_data") < kinds.index("clear_output") < kinds.index("execute_result"), kinds
    texts = [m["content"].get("text", "-").strip() for m in run.messages if m["msg_type"] in ("stream", "clear_output")]
    assert texts.index("a") < texts.index("-") < texts.index("d"), texts


def test_a_partial_line_arrives_before_the_cell_ends(shared):
    cell = shared.send(
        'print!("50 %\\r"); std::io::Write::flush(&mut std::io::stdout())?; '
        'std::thread::sleep(std::time::Duration::from_secs(60)); print!("never");'
    )
    seen = shared.outputs_until(cell, is_text("50 %\r"))
    shared.interrupt()
    run = shared.finish(cell, seen=seen)
    assert run.status == "error" and "never" not in run.stdout


def test_five_megabytes_of_output_arrive_whole(shared):
    run = shared.ok('for i in 0..50_000 { println!("{i:099}"); }')
    assert len(run.stdout) == 5_000_000
    assert run.stdout.splitlines() == [f"{i:099}" for i in range(50_000)]


def test_a_picture_of_five_megabytes_arrives_whole(shared):
    run = shared.ok('display(&MimeBundle::new().with_bytes("image/png", &vec![7u8; 5_000_000]));')
    assert base64.b64decode(run.of("display_data")[0]["data"]["image/png"]) == b"\x07" * 5_000_000


def test_bytes_that_are_no_text_are_replaced_and_harm_nothing(shared):
    run = shared.ok(r'use std::io::Write; std::io::stdout().write_all(b"a\xff\xfeb\n")?; println!("é");')
    assert run.stdout.startswith("a") and run.stdout.endswith("b\né\n")
    shared.still_works()


@pytest.mark.parametrize(
    "marker",
    ["EVCXR_EXECUTION_COMPLETE", "EVCXR_BEGIN_CONTENT text/plain", "EVCXR_END_CONTENT", "EVCXR_PANIC_NOTIFICATION",
     "EVCXR_VARIABLE_CHANGED_TYPE:kept"],
)
def test_a_line_that_looks_like_the_engine_s_is_only_text(shared, marker):
    run = shared.ok(f'println!("{marker}"); eprintln!("{marker}"); 7')
    assert run.stdout == f"{marker}\n" and run.stderr == f"{marker}\n" and run.result == "7"
    shared.still_works()


def test_an_empty_cell_and_a_comment_are_fine(shared):
    shared.ok("")
    shared.ok("// nothing")
    shared.still_works()


def test_cells_behind_a_failure_are_aborted(shared):
    first = shared.send('panic!("stop")')
    rest = [shared.send("1"), shared.send("2")]
    assert shared.reply(first)["content"]["status"] == "error"
    assert [shared.reply(cell)["content"]["status"] for cell in rest] == ["aborted", "aborted"]
    shared.still_works()


def test_cells_behind_a_failure_run_when_that_is_asked(shared):
    first = shared.send('panic!("go on")', stop_on_error=False)
    second = shared.send("6 * 7")
    assert shared.reply(first)["content"]["status"] == "error"
    assert shared.finish(second).result == "42"


def test_busy_and_idle_frame_every_request(shared):
    cell = shared.send("1")
    shared.reply(cell)
    states = [shared.next_output(cell)]
    while states[-1]["content"].get("execution_state") != "idle":
        states.append(shared.next_output(cell))
    assert states[0]["content"] == {"execution_state": "busy"}
    assert states[1]["msg_type"] == "execute_input"


def test_completion_counts_characters_and_names_what_it_found(shared):
    shared.ok("let été = vec![1, 2];")
    code = 'let s = "🦀é"; été.le'
    content = shared.reply(shared.client.complete(code))["content"]
    assert "len" in [match.removesuffix("()") for match in content["matches"]], content
    assert content["cursor_start"] == len(code) - 2 and content["cursor_end"] == len(code)
    typed = content["metadata"]["_jupyter_types_experimental"]
    assert {"text", "type", "start", "end", "signature"} <= typed[0].keys()


def test_completion_and_inspection_answer_while_a_cell_runs(shared):
    cell = shared.send('println!("begun"); loop { std::thread::sleep(std::time::Duration::from_millis(10)); }')
    seen = shared.outputs_until(cell, is_text("begun"))
    assert shared.reply(shared.client.complete("std::collections::HashM"), 30)["content"]["matches"]
    assert shared.reply(shared.client.inspect("Vec"), 30)["content"]["found"]
    shared.interrupt()
    assert shared.finish(cell, seen=seen).status == "error"


def test_inspection_has_markdown_and_text(shared):
    data = shared.reply(shared.client.inspect("Vec", 3))["content"]["data"]
    assert "Vec" in data["text/markdown"] and "Vec" in data["text/plain"]
    nothing = shared.reply(shared.client.inspect("", 0))["content"]
    assert nothing["status"] == "ok" and not nothing["found"]


def test_expressions_beside_a_cell_are_evaluated(shared):
    run = shared.ok("let beside = 3;", user_expressions={"good": "beside + 1", "bad": "no_such_thing"})
    good, bad = run.reply["user_expressions"]["good"], run.reply["user_expressions"]["bad"]
    assert good["data"]["text/plain"] == "4" and bad["status"] == "error"


def test_the_page_of_a_type_is_for_the_pager(shared):
    payload = shared.ok(":doc Vec").reply["payload"]
    assert [(page["source"], page["start"]) for page in payload] == [("page", 0)]
    assert "Vec" in payload[0]["data"]["text/plain"]


def test_an_answer_reaches_the_cell(shared):
    cell = shared.send('let name = input("name? ")?; println!("hello {name}");', allow_stdin=True)
    question = shared.client.get_stdin_msg(timeout=60)
    assert question["content"] == {"prompt": "name? ", "password": False}
    assert question["parent_header"]["msg_id"] == cell
    shared.client.input("Zoé")
    assert shared.finish(cell).stdout == "hello Zoé\n"


def test_a_question_that_nobody_can_answer_is_an_error_with_the_reason(shared):
    run = shared.fails('let name = input("name? ")?;', allow_stdin=False)
    assert "allow_stdin" in run.reply["evalue"] or "input" in run.reply["evalue"]
    shared.still_works()


def test_a_question_can_be_interrupted(shared):
    cell = shared.send('let name = input("name? ")?;', allow_stdin=True)
    shared.client.get_stdin_msg(timeout=60)
    shared.interrupt()
    assert shared.finish(cell, 30).status == "error"
    shared.still_works()


def test_there_are_no_comms_and_one_that_is_opened_is_closed(shared):
    assert shared.reply(shared.client.comm_info())["content"] == {"status": "ok", "comms": {}}
    message = shared.client.session.msg("comm_open", {"comm_id": "c", "target_name": "nobody", "data": {}})
    shared.client.shell_channel.send(message)
    shared.outputs_until(message["header"]["msg_id"], lambda m: m["msg_type"] == "comm_close")


def test_commands_list_variables_and_help(shared):
    shared.ok("let weight_of_the_model = 1.5f64;")
    run = shared.ok(":vars")
    shown = plain(str([m["content"] for m in run.messages]))
    assert "weight_of_the_model" in shown and "f64" in shown
    run = shared.ok(":help")
    assert ":dep" in str([m["content"] for m in run.messages] + [run.reply])


def test_a_local_crate_can_be_added_and_shares_the_session_s_types(kernel, tmp_path):
    version = kernel.ok("mlcourse::ndarray::Array1::<f64>::zeros(1).len()")
    assert version.result == "1"
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "mine"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\nndarray = "0.17"\n'
    )
    (tmp_path / "src/lib.rs").write_text("pub fn total(x: &ndarray::Array1<f64>) -> f64 { x.sum() }\n")
    kernel.ok("let before = array![1.0, 2.5];")
    kernel.ok(f':dep mine = {{ path = "{tmp_path}" }}', timeout=300)
    assert kernel.ok("mine::total(&before)").result == "3.5"


def test_history_is_searched_and_kept_for_the_next_session():
    with Kernel() as first:
        first.ok('println!("findme 1");')
        first.ok("6 * 8")
    with Kernel() as second:
        second.ok('println!("findme 2");')
        history = second.reply(second.client.history(hist_access_type="search", pattern="*findme*"))["content"]["history"]
        assert [entry[2] for entry in history][-2:] == ['println!("findme 1");', 'println!("findme 2");']
        assert history[-2][0] < history[-1][0]
        tail = second.reply(second.client.history(hist_access_type="tail", n=2, output=True))["content"]["history"]
        assert [entry[2] for entry in tail] == [["6 * 8", "48"], ['println!("findme 2");', None]]
        before = second.reply(second.client.history(hist_access_type="range", session=-1, start=1))["content"]["history"]
        assert [entry[1:] for entry in before] == [[1, 'println!("findme 1");'], [2, "6 * 8"]]


def test_a_kernel_works_where_its_history_cannot_be_written():
    with Kernel(env={"XDG_STATE_HOME": "/proc/nowhere"}) as kernel:
        kernel.ok("let unsaved = 1;")
        tail = kernel.reply(kernel.client.history(hist_access_type="tail", n=1))["content"]["history"]
        assert tail[0][2] == "let unsaved = 1;"


def test_a_message_is_answered_at_once_even_when_the_page_is_busy(shared):
    shared.ok("1")
    begin = time.monotonic()
    for _ in range(50):
        shared.reply(shared.client.is_complete("let x = 1;"))
    assert (time.monotonic() - begin) / 50 < 0.05
