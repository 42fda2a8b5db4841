//! The protocol, spoken through real sockets to a scripted engine.

mod fixture;
mod robustness;

use fixture::{Fixture, cell, soon};
use serde_json::{Value, json};

fn kinds(outputs: &[(String, Value)]) -> Vec<&str> {
    outputs.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kernel_says_what_it_is_and_that_it_lives() {
    let mut kernel = Fixture::start().await;
    let info = kernel.ask("kernel_info_request", json!({})).await;
    assert_eq!(info["language_info"]["name"], "rust");
    assert_eq!(info["protocol_version"], "5.5");
    assert_eq!(
        kernel.control("kernel_info_request", json!({})).await["status"],
        "ok"
    );
    soon(kernel.heartbeat.single_heartbeat()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_counted_from_one_and_silent_ones_are_not() {
    let mut kernel = Fixture::start().await;
    for (extra, count, shown) in [
        (json!({}), 1, vec!["execute_input", "execute_result"]),
        (json!({ "silent": true }), 2, vec![]),
        (
            json!({ "store_history": false }),
            2,
            vec!["execute_input", "execute_result"],
        ),
        (json!({}), 2, vec!["execute_input", "execute_result"]),
    ] {
        let id = kernel.send("execute_request", cell("one", extra)).await;
        let (parent, reply) = kernel.reply().await;
        assert_eq!(
            (parent, reply["execution_count"].clone()),
            (id.clone(), json!(count))
        );
        assert_eq!(kinds(&kernel.outputs(&id).await), shown);
    }
    let history = kernel
        .ask(
            "history_request",
            json!({ "hist_access_type": "tail", "raw": true }),
        )
        .await;
    assert_eq!(history["history"], json!([[1, 1, "one"], [1, 2, "one"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn text_comes_in_order_and_apart_by_stream() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("print").await;
    let outputs = kernel.outputs(&id).await;
    let text = |name: &str| -> String {
        outputs
            .iter()
            .filter(|(_, content)| content["name"] == name)
            .filter_map(|(_, content)| content["text"].as_str())
            .collect()
    };
    assert_eq!(
        (text("stdout").as_str(), text("stderr").as_str()),
        ("ab\rc\n", "oops")
    );
    assert_eq!(outputs.last().unwrap().1["name"], "stderr");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_display_arrives_with_its_name() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("plots").await;
    let outputs = kernel.outputs(&id).await;
    assert_eq!(
        kinds(&outputs),
        [
            "execute_input",
            "display_data",
            "display_data",
            "update_display_data",
            "clear_output"
        ]
    );
    assert_eq!(outputs[1].1["data"]["image/svg+xml"], "<svg/>");
    assert_eq!(outputs[2].1["transient"]["display_id"], "live");
    assert_eq!(outputs[3].1["transient"]["display_id"], "live");
    assert_eq!(outputs[4].1["wait"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_one_error_and_an_error_reply() {
    let mut kernel = Fixture::start().await;
    for (code, name) in [("fail", "panic"), ("broken", "engine")] {
        let id = kernel.execute(code).await;
        let (_, reply) = kernel.reply().await;
        assert_eq!(
            (&reply["status"], &reply["ename"]),
            (&json!("error"), &json!(name))
        );
        let outputs = kernel.outputs(&id).await;
        assert_eq!(kinds(&outputs), ["execute_input", "error"]);
        assert_eq!(outputs[1].1["evalue"], reply["evalue"]);
        assert!(!outputs[1].1["traceback"].as_array().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_queued_behind_a_failure_are_aborted_unless_asked_otherwise() {
    let mut kernel = Fixture::start().await;
    for (stop, statuses) in [
        (true, ["error", "aborted", "aborted"]),
        (false, ["error", "ok", "ok"]),
    ] {
        let waiting = kernel
            .send(
                "execute_request",
                cell("wait", json!({ "stop_on_error": stop })),
            )
            .await;
        let queued = [kernel.execute("one").await, kernel.execute("two").await];
        // All three have arrived once a later message is answered.
        kernel
            .ask("is_complete_request", json!({ "code": "" }))
            .await;
        kernel.control("interrupt_request", json!({})).await;
        for (id, status) in [&waiting, &queued[0], &queued[1]].into_iter().zip(statuses) {
            let (parent, reply) = kernel.reply().await;
            assert_eq!((&parent, &reply["status"]), (id, &json!(status)));
        }
    }
    assert_eq!(kernel.engine.executed(), ["wait", "wait", "one", "two"]);
    assert_eq!(
        kernel
            .ask("execute_request", json!({ "code": "after" }))
            .await["status"],
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_text_do_not_wait_for_the_running_cell() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("wait").await;
    while kernel.output(&id).await.0 != "stream" {}
    let code = "é🦀 a.él";
    let reply = kernel
        .ask("complete_request", json!({ "code": code, "cursor_pos": 7 }))
        .await;
    assert_eq!(reply["matches"], json!(["élan"]));
    assert_eq!(
        (&reply["cursor_start"], &reply["cursor_end"]),
        (&json!(5), &json!(7))
    );
    let typed = &reply["metadata"]["_jupyter_types_experimental"][0];
    assert_eq!(typed["type"], "function");
    assert_eq!(typed["start"], 5);
    let reply = kernel
        .ask(
            "inspect_request",
            json!({ "code": code, "cursor_pos": 2, "detail_level": 0 }),
        )
        .await;
    assert_eq!(
        reply["data"],
        json!({ "text/plain": "é🦀", "text/markdown": "`é🦀`" })
    );
    let reply = kernel
        .ask("is_complete_request", json!({ "code": "fn f() {" }))
        .await;
    assert_eq!(reply, json!({ "status": "incomplete", "indent": "    " }));
    kernel.control("interrupt_request", json!({})).await;
    assert_eq!(kernel.reply().await.1["ename"], "interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_when_nothing_runs_does_not_reach_the_engine() {
    let mut kernel = Fixture::start().await;
    assert_eq!(
        kernel.control("interrupt_request", json!({})).await["status"],
        "ok"
    );
    let id = kernel.execute("wait").await;
    while kernel.output(&id).await.0 != "stream" {}
    kernel
        .ask("is_complete_request", json!({ "code": "" }))
        .await;
    assert_eq!(kernel.engine.executed(), ["wait"]);
    assert_eq!(
        kernel.control("interrupt_request", json!({})).await["status"],
        "ok"
    );
    assert_eq!(kernel.reply().await.1["ename"], "interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_reaches_the_page_and_its_answer_the_cell() {
    let mut kernel = Fixture::start().await;
    let id = kernel
        .send(
            "execute_request",
            cell("ask", json!({ "allow_stdin": true })),
        )
        .await;
    let question = soon(kernel.stdin.read()).await.unwrap();
    assert_eq!(question.parent_header.unwrap().msg_id, id);
    assert_eq!(
        serde_json::to_value(&question.content).unwrap(),
        json!({ "prompt": "name? ", "password": true })
    );
    kernel
        .stdin
        .send(fixture::request(
            "input_reply",
            json!({ "value": "Zoé", "status": "ok" }),
        ))
        .await
        .unwrap();
    assert_eq!(kernel.outputs(&id).await[1].1["text"], "answer: Zoé");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_can_answer_says_why() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("ask").await;
    let outputs = kernel.outputs(&id).await;
    assert!(
        outputs[1].1["text"]
            .as_str()
            .unwrap()
            .contains("allow_stdin"),
        "{outputs:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_a_payload_and_expressions_are_evaluated() {
    let mut kernel = Fixture::start().await;
    let reply = kernel.ask("execute_request", cell("page", json!({}))).await;
    assert_eq!(
        reply["payload"],
        json!([{ "source": "page", "data": { "text/plain": "a page" }, "start": 0 }])
    );
    let expressions = json!({ "user_expressions": { "good": "x", "bad": "fail" } });
    let reply = kernel
        .ask("execute_request", cell("one", expressions))
        .await;
    assert_eq!(reply["user_expressions"]["good"]["data"]["text/plain"], "X");
    assert_eq!(reply["user_expressions"]["bad"]["ename"], "panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_comms_and_an_opened_one_is_closed() {
    let mut kernel = Fixture::start().await;
    assert_eq!(
        kernel.ask("comm_info_request", json!({})).await["comms"],
        json!({})
    );
    let id = kernel
        .send(
            "comm_open",
            json!({ "comm_id": "c1", "target_name": "nobody", "data": {} }),
        )
        .await;
    let outputs = kernel.outputs(&id).await;
    assert_eq!(
        outputs,
        [(
            "comm_close".to_owned(),
            json!({ "comm_id": "c1", "data": {} })
        )]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_answers_then_ends_everything_even_with_a_cell_running() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("wait").await;
    while kernel.output(&id).await.0 != "stream" {}
    assert_eq!(
        kernel
            .control("shutdown_request", json!({ "restart": true }))
            .await["restart"],
        true
    );
    soon(kernel.server).await.unwrap();
    assert!(kernel.engine.ended());
}
