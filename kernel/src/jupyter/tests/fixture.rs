//! A scripted engine, a kernel on it, and a client that talks to it through real sockets.

use crate::jupyter::{backend::Backend, connection, history::History, lock, server, stop::Stop};
use crate::{
    Cell, CellError, Completeness, Completion, Completions, Error, Event, Inspection, Lang,
    MimeBundle, Outcome,
};
use jupyter_protocol::JupyterMessage;
use jupyter_protocol::connection_info::{ConnectionInfo, Transport};
use jupyter_zmq_client::{
    ClientControlConnection, ClientHeartbeatConnection, ClientIoPubConnection,
    ClientShellConnection, ClientStdinConnection, create_client_control_connection,
    create_client_heartbeat_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity,
    peer_identity_for_session, wait_for_iopub_welcome,
};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// An engine whose cells are words: `print`, `fail`, `wait` (for an interrupt), `ask`, `page`, `plots`, `png`, `code X`.
#[derive(Default)]
pub(super) struct Scripted {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    interrupted: bool,
    answer: Option<String>,
    executed: Vec<String>,
    ended: bool,
}

impl Scripted {
    pub(super) fn executed(&self) -> Vec<String> {
        lock(&self.state).executed.clone()
    }

    pub(super) fn ended(&self) -> bool {
        lock(&self.state).ended
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn wait<T>(&self, mut ready: impl FnMut(&mut State) -> Option<T>) -> T {
        let mut state = lock(&self.state);
        loop {
            if let Some(value) = ready(&mut state) {
                return value;
            }
            state = self.changed.wait_timeout(state, PATIENCE).unwrap().0;
        }
    }
}

fn failed(name: &str) -> Outcome {
    let message = format!("{name}, as asked");
    Outcome::Failed(CellError {
        name: name.into(),
        traceback: vec![message.clone()],
        message,
        line: Some(1),
    })
}

fn display(data: MimeBundle, id: Option<&str>, update: bool) -> Event {
    Event::Display {
        data,
        id: id.map(str::to_owned),
        update,
    }
}

impl Backend for Scripted {
    fn warm(&self) -> Result<(), Error> {
        Ok(())
    }

    fn execute(&self, cell: &Cell, on_event: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        self.set(|state| state.executed.push(cell.code.clone()));
        match cell.code.as_str() {
            "print" => {
                for piece in ["a", "b\r", "c\n"] {
                    on_event(Event::Stdout(piece.into()));
                }
                on_event(Event::Stderr("oops".into()));
            }
            "fail" => return Ok(failed("panic")),
            "broken" => return Err(Error::Message("the engine is gone".into())),
            "wait" => {
                on_event(Event::Stdout("running".into()));
                self.wait(|state| std::mem::take(&mut state.interrupted).then_some(()));
                return Ok(failed("interrupted"));
            }
            "ask" => {
                on_event(Event::Input {
                    prompt: "name? ".into(),
                    password: true,
                });
                on_event(Event::Stdout(self.wait(|state| state.answer.take())));
            }
            "page" => return Ok(Outcome::Page(MimeBundle::text("a page"))),
            "plots" => {
                on_event(display(
                    MimeBundle::text("1").with("image/svg+xml", "<svg/>"),
                    None,
                    false,
                ));
                on_event(display(MimeBundle::text("2"), Some("live"), false));
                on_event(display(MimeBundle::text("3"), Some("live"), true));
                on_event(Event::ClearOutput { wait: true });
            }
            "png" => on_event(display(
                MimeBundle::new().with("image/png", "A".repeat(7 << 20)),
                None,
                false,
            )),
            code => on_event(Event::Result(MimeBundle::text(code.to_uppercase()))),
        }
        Ok(Outcome::Done)
    }

    fn complete(&self, code: &str, cursor: usize) -> Result<Completions, Error> {
        let start = code[..cursor]
            .rfind(|c: char| !c.is_alphanumeric())
            .map_or(0, |at| at + 1);
        let item = Completion {
            text: "élan".into(),
            kind: "function".into(),
            label: "fn élan()".into(),
        };
        Ok(Completions {
            items: vec![item],
            start,
            end: cursor,
        })
    }

    fn inspect(&self, code: &str, cursor: usize) -> Result<Option<Inspection>, Error> {
        let inspection = Inspection {
            markdown: format!("`{}`", &code[..cursor]),
            plain: code[..cursor].into(),
        };
        Ok((cursor > 0).then_some(inspection))
    }

    fn completeness(&self, code: &str) -> Completeness {
        if code.ends_with('{') {
            Completeness::Incomplete("    ".into())
        } else {
            Completeness::Complete
        }
    }

    fn interrupt(&self) {
        self.set(|state| state.interrupted = true);
    }

    fn answer(&self, text: &str) {
        self.set(|state| state.answer = Some(format!("answer: {text}")));
    }

    fn no_answer(&self, why: &str) {
        self.set(|state| state.answer = Some(format!("no answer: {why}")));
    }

    fn shutdown(&self) {
        self.set(|state| state.ended = true);
    }
}

/// A kernel on a scripted engine, and a client of it.
pub(super) struct Fixture {
    pub(super) engine: Arc<Scripted>,
    pub(super) info: ConnectionInfo,
    pub(super) server: tokio::task::JoinHandle<()>,
    pub(super) shell: ClientShellConnection,
    pub(super) control: ClientControlConnection,
    pub(super) stdin: ClientStdinConnection,
    pub(super) iopub: ClientIoPubConnection,
    pub(super) heartbeat: ClientHeartbeatConnection,
}

/// A TCP connection on free ports.
pub(super) fn tcp() -> ConnectionInfo {
    let listeners: Vec<_> = (0..5)
        .map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let ports: Vec<_> = listeners
        .iter()
        .map(|listener| listener.local_addr().unwrap().port())
        .collect();
    info(Transport::TCP, "127.0.0.1", &ports)
}

/// A connection through files in a folder.
pub(super) fn ipc(dir: &std::path::Path) -> ConnectionInfo {
    info(
        Transport::IPC,
        &dir.join("kernel-ipc").to_string_lossy(),
        &[1, 2, 3, 4, 5],
    )
}

fn info(transport: Transport, ip: &str, ports: &[u16]) -> ConnectionInfo {
    ConnectionInfo {
        ip: ip.into(),
        transport,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: "a secret".into(),
        signature_scheme: "hmac-sha256".into(),
        kernel_name: None,
    }
}

impl Fixture {
    pub(super) async fn start() -> Self {
        Self::start_on(tcp()).await
    }

    pub(super) async fn start_on(info: ConnectionInfo) -> Self {
        let engine = Arc::new(Scripted::default());
        let sockets = connection::bind(&info, "test.json".as_ref(), Lang::En)
            .await
            .unwrap();
        let backend: Arc<dyn Backend> = engine.clone();
        let server = tokio::spawn(server::serve(
            sockets,
            backend,
            History::open(None),
            Lang::En,
            Stop::new(),
        ));
        let session = uuid::Uuid::new_v4().to_string();
        let identity = peer_identity_for_session(&session).unwrap();
        let shell = create_client_shell_connection_with_identity(&info, &session, identity.clone())
            .await
            .unwrap();
        let stdin = create_client_stdin_connection_with_identity(&info, &session, identity)
            .await
            .unwrap();
        let control = create_client_control_connection(&info, &session)
            .await
            .unwrap();
        let mut iopub = create_client_iopub_connection(&info, "", &session)
            .await
            .unwrap();
        let heartbeat = create_client_heartbeat_connection(&info).await.unwrap();
        assert_eq!(
            wait_for_iopub_welcome(&mut iopub, PATIENCE)
                .await
                .unwrap()
                .as_deref(),
            Some("")
        );
        Self {
            engine,
            info,
            server,
            shell,
            control,
            stdin,
            iopub,
            heartbeat,
        }
    }

    /// Sends a request on the shell socket; returns its id.
    pub(super) async fn send(&mut self, kind: &str, content: Value) -> String {
        let message = request(kind, content);
        let id = message.header.msg_id.clone();
        self.shell.send(message).await.unwrap();
        id
    }

    pub(super) async fn execute(&mut self, code: &str) -> String {
        self.send("execute_request", cell(code, json!({}))).await
    }

    /// The next reply on the shell socket: the id it answers and its content.
    pub(super) async fn reply(&mut self) -> (String, Value) {
        answer(soon(self.shell.read()).await.unwrap())
    }

    /// Sends a request and waits for its reply.
    pub(super) async fn ask(&mut self, kind: &str, content: Value) -> Value {
        let id = self.send(kind, content).await;
        let (parent, content) = self.reply().await;
        assert_eq!(parent, id);
        content
    }

    /// Sends a request on the control socket and waits for its reply.
    pub(super) async fn control(&mut self, kind: &str, content: Value) -> Value {
        self.control.send(request(kind, content)).await.unwrap();
        answer(soon(self.control.read()).await.unwrap()).1
    }

    /// The broadcast messages of a request up to its idle, without busy and idle.
    pub(super) async fn outputs(&mut self, id: &str) -> Vec<(String, Value)> {
        let mut outputs = Vec::new();
        loop {
            let (kind, content) = self.output(id).await;
            if content["execution_state"] == "idle" {
                return outputs;
            }
            if kind != "status" {
                outputs.push((kind, content));
            }
        }
    }

    /// The next broadcast message of a request.
    pub(super) async fn output(&mut self, id: &str) -> (String, Value) {
        loop {
            let message = soon(self.iopub.read()).await.unwrap();
            if message
                .parent_header
                .as_ref()
                .is_some_and(|header| header.msg_id == id)
            {
                return (
                    message.header.msg_type.clone(),
                    serde_json::to_value(&message.content).unwrap(),
                );
            }
        }
    }
}

pub(super) fn request(kind: &str, content: Value) -> JupyterMessage {
    crate::jupyter::wire::bare(kind, content, None)
}

/// The content of an execute request.
pub(super) fn cell(code: &str, extra: Value) -> Value {
    let mut content = json!({ "code": code });
    content
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    content
}

fn answer(message: JupyterMessage) -> (String, Value) {
    let content = serde_json::to_value(&message.content).unwrap();
    (message.parent_header.unwrap().msg_id, content)
}

pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("nothing came in time")
}
