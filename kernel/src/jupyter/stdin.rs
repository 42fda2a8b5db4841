//! Questions that a cell asks the reader.

use super::backend::Backend;
use super::lock;
use super::wire::Request;
use crate::Lang;
use jupyter_zmq_client::RouterSendConnection;
use serde::Deserialize;
use serde_json::json;
use std::sync::{Arc, Mutex};

/// The stdin socket, and the one question that may be open.
pub(super) struct Stdin {
    lang: Lang,
    connection: tokio::sync::Mutex<RouterSendConnection>,
    open: Mutex<Option<Question>>,
}

struct Question {
    id: String,
    route: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct InputReply {
    #[serde(default)]
    value: String,
    status: Option<String>,
}

impl Stdin {
    pub(super) fn new(connection: RouterSendConnection, lang: Lang) -> Self {
        Self {
            lang,
            connection: tokio::sync::Mutex::new(connection),
            open: Mutex::new(None),
        }
    }

    /// Asks the sender of `request`, or tells the engine why nobody can be asked.
    pub(super) async fn ask(
        &self,
        request: &Request,
        allowed: bool,
        prompt: String,
        password: bool,
        to: &Arc<dyn Backend>,
    ) {
        if !allowed {
            return refuse(
                to,
                self.lang
                    .pick(
                        "this page does not take input (the cell was run with allow_stdin = false)",
                        "cette page n'accepte pas de saisie (la cellule a été lancée avec allow_stdin = false)",
                    )
                    .to_owned(),
            );
        }
        let message = request.child(
            "input_request",
            json!({ "prompt": prompt, "password": password }),
        );
        *lock(&self.open) = Some(Question {
            id: message.header.msg_id.clone(),
            route: request.route().map(<[u8]>::to_vec),
        });
        if let Err(error) = self.connection.lock().await.send(message).await {
            *lock(&self.open) = None;
            refuse(
                to,
                self.lang.pick(
                    format!("the question did not reach the page: {error}"),
                    format!("la question n'a pas atteint la page : {error}"),
                ),
            );
        }
    }

    /// Passes an answer on, if it is to the open question.
    pub(super) fn answered(&self, reply: &Request, to: &Arc<dyn Backend>) {
        let Ok(InputReply { value, status }) = reply.content() else {
            return;
        };
        let mut open = lock(&self.open);
        let fits = open.as_ref().is_some_and(|question| {
            // Clients may leave the parent out (jupyter_client does); who they are they cannot.
            reply.parent_id().is_none_or(|id| id == question.id)
                && (question.route.is_none() || question.route.as_deref() == reply.route())
        });
        if !fits {
            return;
        }
        *open = None;
        if status.is_some_and(|status| status != "ok") {
            return refuse(
                to,
                self.lang
                    .pick("the page did not answer", "la page n'a pas répondu")
                    .to_owned(),
            );
        }
        let to = Arc::clone(to);
        tokio::task::spawn_blocking(move || to.answer(&value));
    }

    /// Forgets the open question: the cell that asked has ended.
    pub(super) fn forget(&self) {
        *lock(&self.open) = None;
    }
}

fn refuse(to: &Arc<dyn Backend>, why: String) {
    let to = Arc::clone(to);
    tokio::task::spawn_blocking(move || to.no_answer(&why));
}
