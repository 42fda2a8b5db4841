//! The life of a kernel: its tasks, and their end.

use super::backend::Backend;
use super::connection::Sockets;
use super::dispatch::Kernel;
use super::history::History;
use super::iopub::Iopub;
use super::stdin::Stdin;
use super::stop::Stop;
use super::wire::{Receiver, Replies};
use super::{execute, log};
use crate::Lang;
use jupyter_zmq_client::{KernelHeartbeatConnection, KernelShellConnection};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use zeromq::{SocketRecv as _, SocketSend as _};

/// How long a running cell may take to end when the kernel does. Jupyter sends a signal after 2.5 seconds.
const GRACE: Duration = Duration::from_millis(1500);

/// Answers until the kernel is asked to stop.
pub(super) async fn serve(
    sockets: Sockets,
    backend: Arc<dyn Backend>,
    history: History,
    lang: Lang,
    stop: Stop,
) {
    tokio::spawn(echo(sockets.heartbeat));
    let (stdin_sender, stdin_receiver) = sockets.stdin.split();
    let (queue, jobs) = mpsc::unbounded_channel();
    let kernel = Arc::new(Kernel {
        lang,
        backend,
        iopub: Iopub::start(sockets.iopub),
        stdin: Stdin::new(stdin_sender, lang),
        history: Arc::new(history),
        stop: stop.clone(),
        queue,
        executing: Mutex::new(None),
    });
    answer(&kernel, sockets.shell, "shell");
    answer(&kernel, sockets.control, "control");
    listen_to_answers(&kernel, Receiver::new(stdin_receiver, "stdin"));
    listen_to_signals(&kernel);
    warm(&kernel);
    let executor = tokio::spawn(execute::run(Arc::clone(&kernel), jobs));
    stop.asked().await;
    end(&kernel, executor).await;
}

fn answer(kernel: &Arc<Kernel>, connection: KernelShellConnection, name: &'static str) {
    let (sender, receiver) = connection.split();
    let (kernel, replies, mut requests) = (
        Arc::clone(kernel),
        Replies::new(sender, name),
        Receiver::new(receiver, name),
    );
    tokio::spawn(async move {
        loop {
            let request = requests.next().await;
            kernel.take(request, &replies);
        }
    });
}

fn listen_to_answers(kernel: &Arc<Kernel>, mut answers: Receiver) {
    let kernel = Arc::clone(kernel);
    tokio::spawn(async move {
        loop {
            let reply = answers.next().await;
            kernel.stdin.answered(&reply, &kernel.backend);
        }
    });
}

fn listen_to_signals(kernel: &Arc<Kernel>) {
    let interrupted = Arc::clone(kernel);
    kernel.stop.watch(move || {
        let kernel = Arc::clone(&interrupted);
        tokio::spawn(async move { kernel.interrupt().await });
    });
}

/// Starts the engine beside the sockets, so that the first questions about the kernel do not wait for it.
fn warm(kernel: &Arc<Kernel>) {
    let backend = Arc::clone(&kernel.backend);
    tokio::task::spawn_blocking(move || {
        // The first cell says it again, to the reader.
        if let Err(error) = backend.warm() {
            log(error);
        }
    });
}

async fn echo(mut heartbeat: KernelHeartbeatConnection) {
    loop {
        match heartbeat.socket.recv().await {
            Ok(message) => drop(heartbeat.socket.send(message).await),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Stops the running cell, then the engine, and lets the last messages out.
async fn end(kernel: &Arc<Kernel>, executor: tokio::task::JoinHandle<()>) {
    let stopped = async {
        kernel.interrupt().await;
        executor.await
    };
    if timeout(GRACE, stopped).await.is_err() {
        log("the running cell did not end in time");
    }
    let (backend, history) = (Arc::clone(&kernel.backend), Arc::clone(&kernel.history));
    let shutdown = tokio::task::spawn_blocking(move || {
        backend.shutdown();
        history.close();
    });
    if timeout(GRACE, shutdown).await.is_err() {
        log("the engine did not end in time");
    }
    let _ = timeout(Duration::from_millis(500), kernel.iopub.close()).await;
    // Replies are written by the library's own tasks, which cannot be waited for.
    tokio::time::sleep(Duration::from_millis(20)).await;
}
