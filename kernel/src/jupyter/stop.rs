//! Why a kernel ends, and how everyone hears of it.

use super::log;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The wish to end, shared by everyone. Cheap to clone.
#[derive(Clone)]
pub(super) struct Stop {
    wish: Arc<watch::Sender<bool>>,
    /// The process that started this one, if it is to be watched.
    process: Option<Parent>,
}

#[derive(Clone, Copy)]
struct Parent(u32);

impl Stop {
    /// One that only messages express.
    pub(super) fn new() -> Self {
        Self {
            wish: Arc::new(watch::Sender::new(false)),
            process: None,
        }
    }

    /// One that signals to this process and the death of its parent express too. Make it early: a parent that is already
    /// gone cannot be seen to go.
    pub(super) fn from_process() -> Self {
        Self {
            process: Some(Parent(std::os::unix::process::parent_id())),
            ..Self::new()
        }
    }

    pub(super) fn ask(&self) {
        self.wish.send_replace(true);
    }

    pub(super) async fn asked(&self) {
        // Fails only when the sender is gone, and it is here.
        let _ = self.wish.subscribe().wait_for(|asked| *asked).await;
    }

    /// Listens to signals; `interrupt` is called at each SIGINT.
    pub(super) fn watch(&self, interrupt: impl Fn() + Send + 'static) {
        let Some(parent) = self.process else { return };
        tokio::spawn(parent_death(parent, self.clone()));
        for kind in [SignalKind::terminate(), SignalKind::hangup()] {
            let stop = self.clone();
            on_signal(kind, move || stop.ask());
        }
        on_signal(SignalKind::interrupt(), interrupt);
    }
}

fn on_signal(kind: SignalKind, act: impl Fn() + Send + 'static) {
    match signal(kind) {
        Ok(mut signals) => {
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    act();
                }
            });
        }
        Err(error) => log(format_args!("a signal cannot be listened to: {error}")),
    }
}

/// Asks to end once the process that started us is gone. Jupyter sets the variable for kernels that must not outlive it.
async fn parent_death(Parent(parent): Parent, stop: Stop) {
    if std::env::var_os("JPY_PARENT_PID").is_none() {
        return;
    }
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    stop.ask();
}
