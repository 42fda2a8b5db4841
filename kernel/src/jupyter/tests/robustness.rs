//! What a kernel must survive.

use super::fixture::{Fixture, cell, ipc, request, soon, tcp};
use crate::Lang;
use crate::jupyter::connection;
use jupyter_protocol::connection_info::ConnectionInfo;
use jupyter_zmq_client::{
    create_client_iopub_connection, create_client_shell_connection_with_identity,
};
use serde_json::json;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use zeromq::{SocketSend as _, ZmqMessage};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_wrong_signature_is_never_executed() {
    let mut kernel = Fixture::start().await;
    let wrong = ConnectionInfo {
        key: "another".into(),
        ..kernel.info.clone()
    };
    let identity = jupyter_zmq_client::peer_identity_for_session("intruder").unwrap();
    let mut intruder = create_client_shell_connection_with_identity(&wrong, "intruder", identity)
        .await
        .unwrap();
    for _ in 0..3 {
        intruder
            .send(request("execute_request", cell("intruder", json!({}))))
            .await
            .unwrap();
    }
    // The intruder's messages are read before this later one of its connection, well signed.
    intruder.mac = kernel.shell.mac.clone();
    intruder
        .send(request("execute_request", cell("welcome", json!({}))))
        .await
        .unwrap();
    soon(intruder.read()).await.unwrap();
    assert_eq!(kernel.engine.executed(), ["welcome"]);
    assert_eq!(
        kernel.ask("execute_request", cell("mine", json!({}))).await["status"],
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_dropped_and_the_kernel_lives() {
    let mut kernel = Fixture::start().await;
    let junk: [&[&[u8]]; 5] = [
        &[b"hello"],
        &[b"<IDS|MSG>"],
        &[b"<IDS|MSG>", b"", b"{}"],
        &[b"<IDS|MSG>", b"zz", b"{}", b"{}", b"{}", b"{}"],
        &[b"<IDS|MSG>", b"", b"not json", b"{", b"}", b"\xff"],
    ];
    for frames in junk {
        let mut message = ZmqMessage::from(frames[0].to_vec());
        for frame in &frames[1..] {
            message.push_back(frame.to_vec().into());
        }
        kernel.shell.socket.send(message).await.unwrap();
    }
    assert_eq!(
        kernel.ask("kernel_info_request", json!({})).await["status"],
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_message_with_a_wrong_content_gets_an_error_reply() {
    let mut kernel = Fixture::start().await;
    for kind in ["execute_request", "complete_request", "inspect_request"] {
        let reply = kernel.ask(kind, json!({ "code": 1 })).await;
        assert_eq!(
            (&reply["status"], &reply["ename"]),
            (&json!("error"), &json!("MalformedMessage")),
            "{kind}"
        );
    }
    assert_eq!(
        kernel.ask("execute_request", cell("one", json!({}))).await["execution_count"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_message_gets_an_error_reply_and_the_kernel_lives() {
    let mut kernel = Fixture::start().await;
    assert_eq!(
        kernel.ask("frobnicate_request", json!({})).await["ename"],
        "UnknownMessage"
    );
    kernel.send("frobnicate", json!({})).await;
    assert_eq!(
        kernel.ask("kernel_info_request", json!({})).await["status"],
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_big_picture_arrives_whole() {
    let mut kernel = Fixture::start().await;
    let id = kernel.execute("png").await;
    let outputs = kernel.outputs(&id).await;
    assert_eq!(
        outputs[1].1["data"]["image/png"].as_str().unwrap().len(),
        7 << 20
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_read_does_not_stop_the_others() {
    let mut kernel = Fixture::start().await;
    let _silent = create_client_iopub_connection(&kernel.info, "", "silent")
        .await
        .unwrap();
    // More than sockets and queues hold.
    for _ in 0..16 {
        let id = kernel.execute("png").await;
        assert_eq!(kernel.outputs(&id).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_in_files_are_for_their_owner_and_replace_stale_ones() {
    let dir = tempfile::tempdir().unwrap();
    let info = ipc(dir.path());
    drop(std::os::unix::net::UnixListener::bind(format!("{}-1", info.ip)).unwrap());
    let mut kernel = Fixture::start_on(info.clone()).await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let meta = entry.unwrap().metadata().unwrap();
        assert!(meta.file_type().is_socket());
        assert_eq!(meta.permissions().mode() & 0o077, 0);
    }
    assert_eq!(
        kernel.ask("execute_request", cell("one", json!({}))).await["status"],
        "ok"
    );
    let in_use = connection::bind(&info, "k.json".as_ref(), Lang::En)
        .await
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(in_use.contains("hb_port"), "{in_use}");
    connection::remove_sockets(&info);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_with_its_file() {
    let info = tcp();
    let _holder = std::net::TcpListener::bind(("127.0.0.1", info.iopub_port)).unwrap();
    let error = connection::bind(&info, "k.json".as_ref(), Lang::En)
        .await
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`iopub_port`") && error.contains("k.json") && error.contains("in use"),
        "{error}"
    );
}
