//! The broadcast socket. One task owns it: sending waits for every subscriber, and nobody else should.

use super::log;
use super::wire::{Request, bare};
use jupyter_protocol::JupyterMessage;
use jupyter_zmq_client::{KernelIoPubXPubConnection, SubscriptionEvent};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// How many outputs may wait for slow subscribers before the cell that makes them does.
const ROOM: usize = 64;

/// A handle to the broadcast socket. Cheap to clone.
#[derive(Clone)]
pub(super) struct Iopub {
    queue: mpsc::UnboundedSender<Item>,
    room: Arc<Semaphore>,
}

enum Item {
    Message(Box<JupyterMessage>, Option<OwnedSemaphorePermit>),
    Flushed(oneshot::Sender<()>),
}

impl Iopub {
    pub(super) fn start(connection: KernelIoPubXPubConnection) -> Self {
        let (queue, items) = mpsc::unbounded_channel();
        tokio::spawn(broadcast(connection, items));
        Self { queue, room: Arc::new(Semaphore::new(ROOM)) }
    }

    /// Sends without waiting: for the few and small messages.
    pub(super) fn send(&self, parent: &Request, kind: &str, content: Value) {
        let _ = self.queue.send(Item::Message(Box::new(topic(parent.child(kind, content))), None));
    }

    /// Sends an output, once there is room for it.
    pub(super) async fn output(&self, parent: &Request, kind: &str, content: Value) {
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        let _ = self.queue.send(Item::Message(Box::new(topic(parent.child(kind, content))), room));
    }

    pub(super) fn busy(&self, parent: &Request) {
        self.send(parent, "status", json!({ "execution_state": "busy" }));
    }

    pub(super) fn idle(&self, parent: &Request) {
        self.send(parent, "status", json!({ "execution_state": "idle" }));
    }

    /// Waits until everything so far has been sent.
    pub(super) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        let _ = self.queue.send(Item::Flushed(done));
        let _ = flushed.await;
    }
}

/// The first frame is what subscribers filter on; a parent's route has no business there.
fn topic(mut message: JupyterMessage) -> JupyterMessage {
    message.zmq_identities = vec![message.header.msg_type.clone().into()];
    message
}

async fn broadcast(mut connection: KernelIoPubXPubConnection, mut items: mpsc::UnboundedReceiver<Item>) {
    loop {
        tokio::select! {
            item = items.recv() => match item {
                Some(Item::Message(message, _room)) => publish(&mut connection, *message).await,
                Some(Item::Flushed(done)) => { let _ = done.send(()); }
                None => break,
            },
            event = connection.recv_subscription() => match event {
                Ok(SubscriptionEvent::Subscribe(name)) => {
                    let mut welcome = bare("iopub_welcome", json!({ "subscription": name }), None);
                    // Subscribers get what begins with their subscription; here that must hold.
                    welcome.zmq_identities = vec![name.into()];
                    publish(&mut connection, welcome).await;
                }
                Ok(SubscriptionEvent::Unsubscribe(_)) => {}
                // A subscriber that left in the middle of a word; the others stay.
                Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
            },
        }
    }
}

async fn publish(connection: &mut KernelIoPubXPubConnection, message: JupyterMessage) {
    let kind = message.header.msg_type.clone();
    if let Err(error) = connection.send(message).await {
        log(format_args!("iopub: {kind} could not be sent: {error}"));
    }
}
