//! The socket under iopub: ZeroMQ's XPUB, with a queue of its own for each subscriber.
//!
//! The library's XPUB waits for the slowest subscriber, so one page that does not read (a suspended console, a script
//! that polls replies only) stops the outputs of all, and then the cell. Here it is cut off after a while; ZeroMQ clients
//! connect again by themselves. The wire format is [ZMTP 3.0](https://rfc.zeromq.org/spec/23/), without security.

use super::lock;
use jupyter_protocol::connection_info::{ConnectionInfo, Transport};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeromq::{SocketSend, ZmqMessage, ZmqResult};

/// How long a subscriber may not read before it is cut off.
const STALLED: Duration = Duration::from_secs(5);
/// Messages that may wait for one subscriber.
const QUEUE: usize = 64;
/// So much is written at once; a subscriber that takes this in time is slow, not stalled.
const CHUNK: usize = 64 * 1024;
/// A subscriber has nothing longer to say.
const LONGEST_FRAME: u64 = 64 * 1024;

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// A message's bytes, shared by the subscribers.
type Encoded = Arc<Vec<u8>>;

/// A bound XPUB socket.
pub(super) struct Publisher {
    subscribers: Subscribers,
    subscriptions: mpsc::UnboundedReceiver<String>,
    accepting: JoinHandle<()>,
}

type Subscribers = Arc<Mutex<Vec<Arc<Subscriber>>>>;

struct Subscriber {
    topics: Mutex<Vec<Vec<u8>>>,
    queue: Mutex<Option<mpsc::Sender<Encoded>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

impl Publisher {
    /// Binds the iopub socket of a connection.
    pub(super) async fn bind(info: &ConnectionInfo) -> io::Result<Self> {
        let (ip, port) = (&info.ip, info.iopub_port);
        let listener = match info.transport {
            Transport::TCP => Listener::Tcp(TcpListener::bind(format!("{ip}:{port}")).await?),
            Transport::IPC => Listener::Unix(UnixListener::bind(format!("{ip}-{port}"))?),
        };
        let subscribers = Subscribers::default();
        let (events, subscriptions) = mpsc::unbounded_channel();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&subscribers), events));
        Ok(Self {
            subscribers,
            subscriptions,
            accepting,
        })
    }

    /// The next topic that somebody subscribes to.
    pub(super) async fn subscription(&mut self) -> String {
        match self.subscriptions.recv().await {
            Some(topic) => topic,
            // The accepting task, which holds the other end, lasts as long as we do.
            None => std::future::pending().await,
        }
    }

    /// Sends what is queued and takes no more.
    pub(super) async fn close(&mut self) {
        self.accepting.abort();
        let subscribers = std::mem::take(&mut *lock(&self.subscribers));
        for subscriber in subscribers {
            drop(lock(&subscriber.queue).take());
            let writer = lock(&subscriber.writer).take();
            if let Some(writer) = writer {
                let _ = writer.await;
            }
        }
    }

    async fn publish(&self, message: &ZmqMessage) {
        let Some(topic) = message.get(0) else { return };
        let encoded = Arc::new(encode(message));
        let subscribers = lock(&self.subscribers).clone();
        for subscriber in subscribers
            .iter()
            .filter(|subscriber| subscriber.wants(topic))
        {
            let queue = lock(&subscriber.queue).clone();
            if let Some(queue) = queue {
                // Fails for one that has left.
                let _ = queue.send(Arc::clone(&encoded)).await;
            }
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl SocketSend for Publisher {
    fn send<'s, 'f>(
        &'s mut self,
        message: ZmqMessage,
    ) -> Pin<Box<dyn Future<Output = ZmqResult<()>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            self.publish(&message).await;
            Ok(())
        })
    }
}

impl Subscriber {
    fn wants(&self, topic: &[u8]) -> bool {
        lock(&self.topics)
            .iter()
            .any(|prefix| topic.starts_with(prefix))
    }

    /// Takes a subscription (1) or its end (0); returns a new topic.
    fn hear(&self, message: &[u8]) -> Option<String> {
        let (&sign, topic) = message.split_first()?;
        let mut topics = lock(&self.topics);
        match sign {
            1 => {
                topics.push(topic.to_vec());
                Some(String::from_utf8_lossy(topic).into_owned())
            }
            0 => {
                if let Some(at) = topics.iter().position(|known| known == topic) {
                    topics.remove(at);
                }
                None
            }
            _ => None,
        }
    }
}

impl Listener {
    async fn accept(&self) -> io::Result<(Reader, Writer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let (reader, writer) = stream.into_split();
                Ok((Box::new(reader), Box::new(writer)))
            }
            Self::Unix(listener) => {
                let (reader, writer) = listener.accept().await?.0.into_split();
                Ok((Box::new(reader), Box::new(writer)))
            }
        }
    }
}

async fn accept(
    listener: Listener,
    subscribers: Subscribers,
    events: mpsc::UnboundedSender<String>,
) {
    loop {
        match listener.accept().await {
            Ok((reader, writer)) => {
                tokio::spawn(serve(
                    reader,
                    writer,
                    Arc::clone(&subscribers),
                    events.clone(),
                ));
            }
            // Out of descriptors, most likely: others close theirs.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Listens to one subscriber until it leaves or is cut off.
async fn serve(
    mut reader: Reader,
    mut writer: Writer,
    subscribers: Subscribers,
    events: mpsc::UnboundedSender<String>,
) {
    if !matches!(
        timeout(STALLED, greet(&mut reader, &mut writer)).await,
        Ok(Ok(()))
    ) {
        return;
    }
    let (queue, messages) = mpsc::channel(QUEUE);
    let (left, mut has_left) = mpsc::channel::<()>(1);
    let subscriber = Arc::new(Subscriber {
        topics: Mutex::default(),
        queue: Mutex::new(Some(queue)),
        writer: Mutex::new(Some(tokio::spawn(write(writer, messages, left)))),
    });
    lock(&subscribers).push(Arc::clone(&subscriber));
    loop {
        let frame = tokio::select! {
            frame = read_frame(&mut reader) => frame,
            _ = has_left.recv() => break,
        };
        let Ok((flags, body)) = frame else { break };
        if flags & COMMAND == 0
            && let Some(topic) = subscriber.hear(&body)
        {
            // The receiver ends only with the kernel.
            let _ = events.send(topic);
        }
    }
    lock(&subscribers).retain(|other| !Arc::ptr_eq(other, &subscriber));
    lock(&subscriber.queue).take();
}

/// Writes a subscriber's messages until it leaves, or does not read for too long; `_left` tells, by being dropped.
async fn write(mut writer: Writer, mut messages: mpsc::Receiver<Encoded>, _left: mpsc::Sender<()>) {
    while let Some(message) = messages.recv().await {
        for chunk in message.chunks(CHUNK) {
            if !matches!(timeout(STALLED, writer.write_all(chunk)).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}

/// Both sides say who they are: a greeting, then a command.
async fn greet(reader: &mut Reader, writer: &mut Writer) -> io::Result<()> {
    let mut greeting = [0; 64];
    (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
    greeting[12..16].copy_from_slice(b"NULL");
    writer.write_all(&greeting).await?;
    let mut theirs = [0; 64];
    reader.read_exact(&mut theirs).await?;
    if theirs[0] != 0xff || theirs[10] < 3 || &theirs[12..17] != b"NULL\0" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let ready = b"\x05READY\x0bSocket-Type\0\0\0\x04XPUB";
    writer.write_all(&[COMMAND, ready.len() as u8]).await?;
    writer.write_all(ready).await?;
    let (flags, _) = read_frame(reader).await?;
    if flags & COMMAND == 0 {
        Err(io::ErrorKind::InvalidData.into())
    } else {
        Ok(())
    }
}

async fn read_frame(reader: &mut Reader) -> io::Result<(u8, Vec<u8>)> {
    let flags = reader.read_u8().await?;
    let length = if flags & LONG == 0 {
        u64::from(reader.read_u8().await?)
    } else {
        reader.read_u64().await?
    };
    if length > LONGEST_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length as usize];
    reader.read_exact(&mut body).await?;
    Ok((flags, body))
}

fn encode(message: &ZmqMessage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.iter().map(|frame| frame.len() + 9).sum());
    for (index, frame) in message.iter().enumerate() {
        let more = if index + 1 < message.len() { MORE } else { 0 };
        match u8::try_from(frame.len()) {
            Ok(length) => bytes.extend([more, length]),
            Err(_) => {
                bytes.push(more | LONG);
                bytes.extend((frame.len() as u64).to_be_bytes());
            }
        }
        bytes.extend_from_slice(frame);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_a_flag_a_length_and_their_bytes() {
        let mut message = ZmqMessage::from(b"ab".to_vec());
        message.push_back(vec![7; 300].into());
        let bytes = encode(&message);
        assert_eq!(bytes[..4], [MORE, 2, b'a', b'b']);
        assert_eq!(bytes[4..13], [LONG, 0, 0, 0, 0, 0, 0, 1, 44]);
        assert_eq!(bytes.len(), 13 + 300);
    }
}
