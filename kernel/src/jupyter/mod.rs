//! The Jupyter kernel: the protocol's side of a [`Session`](crate::Session).
//!
//! [`run`] is all that a command needs: it reads the connection file that Jupyter wrote, opens the five sockets, answers
//! until it is asked to end, and leaves nothing behind. [`kernelspec`] is the file that tells Jupyter how to start it.
//!
//! ```no_run
//! use mlcourse_kernel::{Lang, jupyter};
//! # fn main() -> Result<(), mlcourse_kernel::Error> {
//! jupyter::run("/run/user/1000/jupyter/kernel-1.json".as_ref(), Lang::from_env())?;
//! # Ok(())
//! # }
//! ```
//!
//! How a message travels: `wire` verifies its signature, `dispatch` answers it at once in a task of its own, except
//! cells, which wait for each other in `execute`. Everything shown goes through the one task of `iopub`. No file here
//! knows how a cell is compiled; that is behind the trait of `backend`.

mod backend;
mod connection;
mod dispatch;
mod execute;
mod history;
mod info;
mod iopub;
mod lookup;
mod output;
mod publisher;
mod server;
mod stdin;
mod stop;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod text;
mod wire;

use crate::{Error, Lang};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Runs a kernel until it is asked to end, by a message, a signal or the death of the process that started it.
///
/// # Errors
/// When the connection file cannot be used or a socket cannot be opened: the message says which and what to do.
pub fn run(connection_file: &Path, lang: Lang) -> Result<(), Error> {
    let stop = stop::Stop::from_process();
    let info = connection::read(connection_file, lang)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| Error::Io {
            context: "the kernel's threads could not be started".into(),
            source,
        })?;
    let result = runtime.block_on(async {
        let sockets = connection::bind(&info, connection_file, lang).await?;
        let backend = Arc::new(backend::SessionBackend::new(lang));
        let history = history::History::open(history::state_dir());
        server::serve(sockets, backend, history, lang, stop).await;
        connection::remove_sockets(&info);
        Ok(())
    });
    // A cell that does not want to end must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

/// The kernelspec: what Jupyter needs to know to start this kernel with the program `exe`.
pub fn kernelspec(exe: &Path, lang: Lang) -> Value {
    json!({
        "argv": [exe.to_string_lossy(), "kernel", "start", "--connection-file", "{connection_file}"],
        "display_name": "Rust (mlcourse)",
        "language": "rust",
        "interrupt_mode": "message",
        "env": { "MLCOURSE_LANG": lang.pick("en", "fr") },
        "metadata": { "debugger": false },
    })
}

/// Says something to whoever reads the kernel's log (Jupyter's terminal).
fn log(message: impl std::fmt::Display) {
    eprintln!("mlcourse kernel: {message}");
}

/// Locks a mutex; what is behind ours stays whole when a holder panics.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
