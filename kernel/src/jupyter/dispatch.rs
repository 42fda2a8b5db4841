//! Who answers which message.

use super::backend::Backend;
use super::execute::Job;
use super::history::{History, Query};
use super::iopub::Iopub;
use super::stdin::Stdin;
use super::stop::Stop;
use super::wire::{Replies, Request};
use super::{info, lock, log, lookup};
use crate::Lang;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// What the tasks of a kernel share.
pub(super) struct Kernel {
    pub(super) lang: Lang,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) iopub: Iopub,
    pub(super) stdin: Stdin,
    pub(super) history: Arc<History>,
    pub(super) stop: Stop,
    /// The cells that wait.
    pub(super) queue: mpsc::UnboundedSender<Job>,
    /// The request of the cell that runs.
    pub(super) executing: Mutex<Option<Request>>,
}

#[derive(Deserialize)]
struct Shutdown {
    #[serde(default)]
    restart: bool,
}

#[derive(Deserialize)]
struct CommOpen {
    comm_id: String,
}

impl Kernel {
    /// Takes a request from the shell or control socket. Cells queue; everything else is answered at once, beside them.
    pub(super) fn take(self: &Arc<Self>, request: Request, replies: &Replies) {
        if request.kind() == "execute_request" {
            // The executor ends only with the kernel.
            let _ = self.queue.send(Job {
                request,
                replies: replies.clone(),
            });
        } else {
            tokio::spawn(Arc::clone(self).answer(request, replies.clone()));
        }
    }

    async fn answer(self: Arc<Self>, request: Request, replies: Replies) {
        self.iopub.busy(&request);
        if let Some(content) = self.content_for(&request).await {
            replies.reply(&request, content);
        }
        self.iopub.idle(&request);
        if request.kind() == "shutdown_request" {
            self.stop.ask();
        } else if let Some(cell) = &*lock(&self.executing) {
            // Pages show the last state they heard, and a cell still runs.
            self.iopub.busy(cell);
        }
    }

    /// The reply's content; none for messages that want no reply.
    async fn content_for(&self, request: &Request) -> Option<Value> {
        match request.kind() {
            "kernel_info_request" => Some(info::kernel_info(self.lang)),
            "complete_request" => Some(self.ask(request, lookup::complete).await),
            "inspect_request" => Some(self.ask(request, lookup::inspect).await),
            "is_complete_request" => Some(self.ask(request, lookup::is_complete).await),
            "history_request" => Some(self.history(request).await),
            "comm_info_request" => Some(json!({ "status": "ok", "comms": {} })),
            "interrupt_request" => {
                self.interrupt().await;
                Some(json!({ "status": "ok" }))
            }
            "shutdown_request" => Some(self.shutdown(request)),
            "comm_open" => {
                self.close_comm(request);
                None
            }
            // To comms that were never opened.
            "comm_msg" | "comm_close" => None,
            other => {
                log(format_args!(
                    "a message of the unknown type `{other}` was ignored"
                ));
                Some(error(
                    "UnknownMessage",
                    &format!("this kernel does not know the message type `{other}`"),
                ))
            }
        }
    }

    /// Asks the engine in a thread of its own.
    async fn ask<T, F>(&self, request: &Request, look_up: F) -> Value
    where
        T: DeserializeOwned + Send + 'static,
        F: FnOnce(&T, &dyn Backend) -> Value + Send + 'static,
    {
        let question: T = match request.content() {
            Ok(question) => question,
            Err(error) => return malformed(request, &error),
        };
        let backend = Arc::clone(&self.backend);
        let answer = tokio::task::spawn_blocking(move || look_up(&question, &*backend)).await;
        answer.unwrap_or_else(|panic| error("engine", &panic.to_string()))
    }

    async fn history(&self, request: &Request) -> Value {
        let query: Query = match request.content() {
            Ok(query) => query,
            Err(error) => return malformed(request, &error),
        };
        let history = Arc::clone(&self.history);
        let found = tokio::task::spawn_blocking(move || history.find(&query)).await;
        json!({ "status": "ok", "history": found.unwrap_or_default() })
    }

    /// Stops the running cell, if one runs: an engine that is idle keeps its variables.
    pub(super) async fn interrupt(&self) {
        if lock(&self.executing).is_some() {
            let backend = Arc::clone(&self.backend);
            let _ = tokio::task::spawn_blocking(move || backend.interrupt()).await;
        }
    }

    /// Announces the end to every page; [`Kernel::answer`] asks for it once the reply is on its way.
    fn shutdown(&self, request: &Request) -> Value {
        let restart = request
            .content::<Shutdown>()
            .is_ok_and(|content| content.restart);
        let content = json!({ "status": "ok", "restart": restart });
        self.iopub.send(request, "shutdown_reply", content.clone());
        content
    }

    /// No cell listens to comms: whoever opens one is told that it is closed.
    fn close_comm(&self, request: &Request) {
        if let Ok(CommOpen { comm_id }) = request.content() {
            self.iopub.send(
                request,
                "comm_close",
                json!({ "comm_id": comm_id, "data": {} }),
            );
        }
    }
}

/// The answer to a message whose content is not what its type asks for.
pub(super) fn malformed(request: &Request, why: &serde_json::Error) -> Value {
    let message = format!(
        "the content of this `{}` cannot be read: {why}",
        request.kind()
    );
    log(&message);
    error("MalformedMessage", &message)
}

fn error(name: &str, message: &str) -> Value {
    json!({ "status": "error", "ename": name, "evalue": message, "traceback": [message] })
}
