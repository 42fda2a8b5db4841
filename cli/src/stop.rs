//! Ctrl-C, and a polite request to end: the command finishes what must not be left half done, then ends.

use anyhow::Context as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

type Action = Box<dyn Fn() + Send>;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static ACTION: Mutex<Option<Action>> = Mutex::new(None);

/// From now on ctrl-C asks; a second one insists.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            std::process::exit(2);
        }
        if let Some(action) = &*ACTION.lock().unwrap_or_else(PoisonError::into_inner) {
            action();
        }
    })
    .context("signals cannot be received")
}

/// Whether somebody asked the command to end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// What to do when somebody asks, until the guard is dropped.
pub fn then(action: impl Fn() + Send + 'static) -> Guard {
    *ACTION.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(action));
    Guard(())
}

/// Takes the action back when dropped.
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        *ACTION.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
