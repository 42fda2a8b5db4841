//! Messages as they come in and go out: verified, and with the right headers.

use super::log;
use jupyter_protocol::{Header, JupyterMessage, UnknownMessage};
use jupyter_zmq_client::{
    Connection, RawMessage, RouterRecvConnection, RouterSendConnection, RuntimeError,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use zeromq::{RouterRecvHalf, SocketRecv as _};

/// The protocol that this kernel speaks.
pub(super) const PROTOCOL_VERSION: &str = "5.5";

/// Of the messages that were dropped, every so many is logged: a peer with a wrong key must not fill a disk.
const LOG_EVERY: usize = 100;

/// A message whose signature has been verified. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Request(Arc<Incoming>);

#[derive(Debug)]
struct Incoming {
    /// Header and identities, as replies need them; its content stays empty.
    message: JupyterMessage,
    content: Value,
}

impl Request {
    fn parse(raw: RawMessage) -> Result<Self, RuntimeError> {
        // Not through the crate's typed messages: they refuse what clients leave out (jupyter_client's history requests).
        let header: Header = serde_json::from_slice(&raw.jparts[0])?;
        let content = serde_json::from_slice(&raw.jparts[3])?;
        let mut message = bare(&header.msg_type, Value::Object(Map::new()), None);
        message.parent_header = serde_json::from_slice(&raw.jparts[1]).ok();
        message.header = header;
        message.zmq_identities = raw.zmq_identities;
        Ok(Self(Arc::new(Incoming { message, content })))
    }

    /// The message's type: `execute_request`.
    pub(super) fn kind(&self) -> &str {
        &self.0.message.header.msg_type
    }

    /// The type of the answer: `execute_reply`. None for what wants no answer.
    pub(super) fn reply_kind(&self) -> Option<String> {
        self.kind()
            .strip_suffix("_request")
            .map(|name| format!("{name}_reply"))
    }

    /// What the message says, as far as `T` asks for it.
    pub(super) fn content<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.0.content)
    }

    /// The id of the message that this one answers.
    pub(super) fn parent_id(&self) -> Option<&str> {
        self.0
            .message
            .parent_header
            .as_ref()
            .map(|header| header.msg_id.as_str())
    }

    /// The route back to the sender: the same on the shell and the stdin sockets.
    pub(super) fn route(&self) -> Option<&[u8]> {
        self.0.message.zmq_identities.first().map(AsRef::as_ref)
    }

    /// A message that this one caused, addressed to its sender.
    pub(super) fn child(&self, kind: &str, content: Value) -> JupyterMessage {
        bare(kind, content, Some(&self.0.message))
    }
}

/// A message with any content: the crate's types lack newer fields (`supported_features`).
pub(super) fn bare(kind: &str, content: Value, parent: Option<&JupyterMessage>) -> JupyterMessage {
    let mut message = JupyterMessage::new(
        UnknownMessage {
            msg_type: kind.to_owned(),
            content,
        },
        parent,
    );
    message.header.version = PROTOCOL_VERSION.to_owned();
    message.header.username = "mlcourse".to_owned();
    message
}

/// The receiving side of a socket: yields what is well signed and well formed, counts and drops the rest.
pub(super) struct Receiver {
    connection: Connection<RouterRecvHalf>,
    name: &'static str,
    dropped: usize,
}

impl Receiver {
    pub(super) fn new(connection: RouterRecvConnection, name: &'static str) -> Self {
        Self {
            connection,
            name,
            dropped: 0,
        }
    }

    pub(super) async fn next(&mut self) -> Request {
        loop {
            match self.connection.socket.recv().await {
                Ok(frames) => match RawMessage::from_multipart(frames, &self.connection.mac)
                    .and_then(Request::parse)
                {
                    Ok(request) => return request,
                    Err(why) => self.drop_message(&why),
                },
                Err(error) => {
                    log(format_args!("{}: {error}", self.name));
                    // Whatever it is, do not spin on it.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn drop_message(&mut self, why: &RuntimeError) {
        self.dropped += 1;
        if self.dropped % LOG_EVERY == 1 {
            let why = match why {
                RuntimeError::VerifyError(_) | RuntimeError::DecodeError(_) => {
                    "its signature does not fit the connection file's key".to_owned()
                }
                other => other.to_string(),
            };
            log(format_args!(
                "{}: a message was dropped ({} so far): {why}",
                self.name, self.dropped
            ));
        }
    }
}

/// The sending side of a socket. Cheap to clone; never waits.
#[derive(Clone)]
pub(super) struct Replies(mpsc::UnboundedSender<JupyterMessage>);

impl Replies {
    pub(super) fn new(mut connection: RouterSendConnection, name: &'static str) -> Self {
        let (sender, mut queue) = mpsc::unbounded_channel::<JupyterMessage>();
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                let kind = message.header.msg_type.clone();
                if let Err(error) = connection.send(message).await {
                    log(format_args!("{name}: {kind} could not be sent: {error}"));
                }
            }
        });
        Self(sender)
    }

    /// Answers a request; nothing happens for what wants no answer.
    pub(super) fn reply(&self, request: &Request, content: Value) {
        if let Some(kind) = request.reply_kind() {
            // The writer ends only with the kernel.
            let _ = self.0.send(request.child(&kind, content));
        }
    }
}
