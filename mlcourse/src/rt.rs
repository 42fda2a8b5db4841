//! What the process that runs cells, and the code that the kernel generates around a cell, call. Not for users.

use mlcourse_protocol::CellFailure;
pub use mlcourse_protocol::{CHANNEL_ENV, MimeBundle, connect};
use std::cell::RefCell;
use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::panic::{Location, PanicHookInfo};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::ThreadId;

/// The line to the engine, out of the reader's way.
static CONTROL: Mutex<Option<File>> = Mutex::new(None);
/// The thread that runs cells.
static CELL_THREAD: OnceLock<ThreadId> = OnceLock::new();

thread_local! {
    static LAST_PANIC: RefCell<Option<CellFailure>> = const { RefCell::new(None) };
}

/// Prepares this process to run cells on the calling thread.
pub fn start(control: File) {
    *CONTROL.lock().unwrap_or_else(PoisonError::into_inner) = Some(control);
    CELL_THREAD.get_or_init(|| std::thread::current().id());
    let printing = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if CELL_THREAD.get() == Some(&std::thread::current().id()) {
            LAST_PANIC.set(Some(failure_of(info)));
        } else {
            printing(info);
        }
    }));
}

fn failure_of(info: &PanicHookInfo) -> CellFailure {
    let (file, line, column) = info.location().map_or_else(Default::default, |place| {
        (place.file().to_owned(), place.line(), place.column())
    });
    CellFailure {
        kind: "panic".into(),
        message: info
            .payload_as_str()
            .unwrap_or("a value that is no text")
            .to_owned(),
        file,
        line,
        column,
        // Names only: addresses change from run to run.
        backtrace: std::backtrace::Backtrace::force_capture().to_string(),
    }
}

/// Tells the engine that the cell panicked.
pub fn cell_panicked() {
    let failure = LAST_PANIC.take().unwrap_or_else(|| CellFailure {
        kind: "panic".into(),
        message: "the cell panicked".into(),
        ..CellFailure::default()
    });
    mlcourse_protocol::report_error(failure);
    control_line("EVCXR_PANIC_NOTIFICATION");
}

/// Tells the engine that a `?` of the cell met an error.
#[track_caller]
pub fn cell_failed(error: &dyn Display) {
    let place = Location::caller();
    mlcourse_protocol::report_error(CellFailure {
        kind: "error".into(),
        message: error.to_string(),
        file: place.file().to_owned(),
        line: place.line(),
        column: place.column(),
        backtrace: String::new(),
    });
    control_line("EVCXR_ERROR_OCCURRED");
}

/// Tells the engine that the cell could not be loaded, so that nothing of it has run.
pub fn cell_not_loaded(problem: &str) {
    mlcourse_protocol::report_error(CellFailure {
        kind: "error".into(),
        message: problem.to_owned(),
        ..CellFailure::default()
    });
    control_line("EVCXR_PANIC_NOTIFICATION");
}

/// Sends a line of evcxr's protocol.
pub fn control_line(line: &str) {
    if let Some(control) = CONTROL
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_mut()
    {
        // Without an engine there is nobody left to tell.
        let _ = writeln!(control, "{line}");
    }
}

/// Sends text as the cell's result.
pub fn send_text(text: &str) {
    mlcourse_protocol::send_result(&MimeBundle::text(text));
}

/// Passes a value through, so that the compiler's dump names its type beside the number.
#[inline(never)]
pub fn typed<const SLOT: usize, T>(value: T) -> T {
    value
}
