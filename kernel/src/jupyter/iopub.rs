//! What is broadcast to all pages. One task owns the socket: sending waits for slow subscribers, and nobody else should.

use super::log;
use super::publisher::Publisher;
use super::wire::{Request, bare};
use jupyter_protocol::JupyterMessage;
use jupyter_zmq_client::Connection;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// How many outputs may wait for slow subscribers before the cell that makes them does.
const ROOM: usize = 64;

/// The iopub socket, with the key that signs its messages.
pub(super) type IopubConnection = Connection<Publisher>;

/// A handle to the broadcast socket. Cheap to clone.
#[derive(Clone)]
pub(super) struct Iopub {
    queue: mpsc::UnboundedSender<Item>,
    room: Arc<Semaphore>,
}

enum Item {
    Message(Box<JupyterMessage>, Option<OwnedSemaphorePermit>),
    Close(oneshot::Sender<()>),
}

impl Iopub {
    pub(super) fn start(connection: IopubConnection) -> Self {
        let (queue, items) = mpsc::unbounded_channel();
        tokio::spawn(broadcast(connection, items));
        Self {
            queue,
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }

    /// Sends without waiting: for the few and small messages.
    pub(super) fn send(&self, parent: &Request, kind: &str, content: Value) {
        let _ = self.queue.send(Item::Message(
            Box::new(topic(parent.child(kind, content))),
            None,
        ));
    }

    /// Sends an output, once there is room for it.
    pub(super) async fn output(&self, parent: &Request, kind: &str, content: Value) {
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        let _ = self.queue.send(Item::Message(
            Box::new(topic(parent.child(kind, content))),
            room,
        ));
    }

    pub(super) fn busy(&self, parent: &Request) {
        self.send(parent, "status", json!({ "execution_state": "busy" }));
    }

    pub(super) fn idle(&self, parent: &Request) {
        self.send(parent, "status", json!({ "execution_state": "idle" }));
    }

    /// Sends everything so far, and nothing after it.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        let _ = self.queue.send(Item::Close(done));
        let _ = closed.await;
    }
}

/// The first frame is what subscribers filter on; a parent's route has no business there.
fn topic(mut message: JupyterMessage) -> JupyterMessage {
    message.zmq_identities = vec![message.header.msg_type.clone().into()];
    message
}

async fn broadcast(mut connection: IopubConnection, mut items: mpsc::UnboundedReceiver<Item>) {
    loop {
        tokio::select! {
            item = items.recv() => match item {
                Some(Item::Message(message, _room)) => publish(&mut connection, *message).await,
                Some(Item::Close(done)) => {
                    connection.socket.close().await;
                    let _ = done.send(());
                    break;
                }
                None => break,
            },
            name = connection.socket.subscription() => {
                let mut welcome = bare("iopub_welcome", json!({ "subscription": name }), None);
                // Subscribers get what begins with their subscription; here that must hold.
                welcome.zmq_identities = vec![name.into()];
                publish(&mut connection, welcome).await;
            }
        }
    }
}

async fn publish(connection: &mut IopubConnection, message: JupyterMessage) {
    let kind = message.header.msg_type.clone();
    if let Err(error) = connection.send(message).await {
        log(format_args!("iopub: {kind} could not be sent: {error}"));
    }
}
