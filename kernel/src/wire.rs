//! What a session and its engine say to each other: one JSON value a line, over one socket.

use crate::{Cell, Completions, Event, Inspection, Lang, Outcome};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The environment variable that turns this program into an engine; it holds the [`EngineOptions`].
pub(crate) const ENGINE_ENV: &str = "MLCOURSE_ENGINE";
/// The environment variable that turns this program into a stand-in for cargo; it holds the engine's socket.
pub(crate) const DRIVER_ENV: &str = "MLCOURSE_DRIVER";

/// What an engine is started with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EngineOptions {
    /// The session's private folder.
    pub folder: PathBuf,
    /// The template's folder.
    pub template: PathBuf,
    /// The language of messages.
    pub lang: Lang,
    /// The path that cells see.
    pub path: String,
    /// The folder for temporary files that cells see.
    pub temporary: Option<PathBuf>,
    /// Where to keep the compiled cells of the start, when the template is being made.
    pub record: bool,
}

/// From the session to the engine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Execute(Cell),
    Complete {
        id: u64,
        code: String,
        cursor: usize,
    },
    Inspect {
        id: u64,
        code: String,
        cursor: usize,
    },
    Interrupt,
    Answer(String),
    NoAnswer(String),
}

/// From the engine to the session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The engine is warm, or will never be.
    Ready(Result<(), String>),
    Event(Event),
    Executed(Outcome),
    Completed {
        id: u64,
        completions: Completions,
    },
    Inspected {
        id: u64,
        inspection: Option<Inspection>,
    },
}
