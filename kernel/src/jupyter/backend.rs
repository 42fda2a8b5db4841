//! What the protocol needs of an engine.

use super::lock;
use crate::{
    Cell, Completeness, Completions, Error, Event, Inspection, Lang, Outcome, Session,
    SessionControl, SessionOptions,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the end of a session waits for requests that still use it.
const PATIENCE: Duration = Duration::from_millis(1000);

/// An engine as the protocol sees it: blocking calls, from any thread.
pub(super) trait Backend: Send + Sync + 'static {
    /// Gets ready for the first request, so that it does not have to wait.
    fn warm(&self) -> Result<(), Error>;
    fn execute(&self, cell: &Cell, on_event: &mut dyn FnMut(Event)) -> Result<Outcome, Error>;
    fn complete(&self, code: &str, cursor: usize) -> Result<Completions, Error>;
    fn inspect(&self, code: &str, cursor: usize) -> Result<Option<Inspection>, Error>;
    fn completeness(&self, code: &str) -> Completeness {
        Completeness::of(code)
    }
    fn interrupt(&self);
    fn answer(&self, text: &str);
    fn no_answer(&self, why: &str);
    /// Ends every process and removes every file of the engine.
    fn shutdown(&self);
}

/// A [`Session`] that is started on the first need, and again if that failed: the reader may have run `mlcourse setup`
/// in between.
pub(super) struct SessionBackend {
    lang: Lang,
    session: Mutex<Slot>,
}

enum Slot {
    Waiting,
    Running(Arc<Session>),
    Ended,
}

impl SessionBackend {
    pub(super) fn new(lang: Lang) -> Self {
        Self {
            lang,
            session: Mutex::new(Slot::Waiting),
        }
    }

    fn session(&self) -> Result<Arc<Session>, Error> {
        let mut slot = lock(&self.session);
        match &*slot {
            Slot::Running(session) => Ok(Arc::clone(session)),
            Slot::Ended => Err(Error::Message("the kernel is shutting down".into())),
            Slot::Waiting => {
                let mut options = SessionOptions::find()?;
                options.lang = self.lang;
                let session = Arc::new(Session::start(options)?);
                *slot = Slot::Running(Arc::clone(&session));
                Ok(session)
            }
        }
    }

    /// Leaves a session whose engine is gone: the next cell starts another one, without the variables.
    fn give_up(&self, session: &Arc<Session>) {
        let mut slot = lock(&self.session);
        if matches!(&*slot, Slot::Running(running) if Arc::ptr_eq(running, session)) {
            *slot = Slot::Waiting;
        }
    }

    /// The running session's control; none is needed before there is one.
    fn control(&self) -> Option<SessionControl> {
        match &*lock(&self.session) {
            Slot::Running(session) => Some(session.control()),
            Slot::Waiting | Slot::Ended => None,
        }
    }
}

impl Backend for SessionBackend {
    fn warm(&self) -> Result<(), Error> {
        self.session().map(drop)
    }

    fn execute(&self, cell: &Cell, on_event: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        let session = self.session()?;
        let outcome = session.execute(cell, on_event);
        if outcome.is_err() {
            self.give_up(&session);
        }
        outcome
    }

    fn complete(&self, code: &str, cursor: usize) -> Result<Completions, Error> {
        self.session()?.complete(code, cursor)
    }

    fn inspect(&self, code: &str, cursor: usize) -> Result<Option<Inspection>, Error> {
        self.session()?.inspect(code, cursor)
    }

    fn interrupt(&self) {
        if let Some(control) = self.control() {
            control.interrupt();
        }
    }

    fn answer(&self, text: &str) {
        if let Some(control) = self.control() {
            control.answer(text);
        }
    }

    fn no_answer(&self, why: &str) {
        if let Some(control) = self.control() {
            control.no_answer(why);
        }
    }

    fn shutdown(&self) {
        let slot = std::mem::replace(&mut *lock(&self.session), Slot::Ended);
        let Slot::Running(mut session) = slot else {
            return;
        };
        // A request that is being answered still holds the session; it is about to return.
        let begin = Instant::now();
        loop {
            match Arc::try_unwrap(session) {
                Ok(session) => return session.shutdown(),
                // Its processes end with ours.
                Err(_) if begin.elapsed() > PATIENCE => return,
                Err(held) => session = held,
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
