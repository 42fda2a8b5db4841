//! What a running cell and its host say to each other: a display, a result, cleared output, a question to the
//! reader, an error.
//!
//! User code runs in a process of its own. Its standard output and error are streams of bytes; everything richer
//! travels here, as small binary frames over one connection. Code that runs outside a notebook (a doctest, a script)
//! calls the same functions: with no host connected they fall back to standard output and input.
//!
//! ```
//! use mlcourse_protocol::{MimeBundle, display};
//!
//! let picture = MimeBundle::text("a red dot").with("image/svg+xml", "<svg><circle r='4' fill='red'/></svg>");
//! display(&picture); // in a notebook: the picture; here: its text
//! ```
//!
//! # The frames
//!
//! A frame is a little-endian `u32` length, then that many bytes: a tag and its fields, strings as a `u32` length and
//! UTF-8. [`FromCell`] goes from the cell to the host, [`ToCell`] back. Each frame of a cell is answered (by
//! [`ToCell::Done`] or [`ToCell::Input`]) before the cell goes on, so that what a cell prints and what it displays keep
//! their order although they travel on different descriptors.

mod bundle;
mod channel;
mod frame;

pub use bundle::MimeBundle;
pub use channel::{
    Channel, DisplayHandle, clear_output, connect, display, display_with_id, input, is_connected,
    report_error, send_result, update_display,
};
pub use frame::{CellFailure, FromCell, ToCell, read_frame, write_frame};

/// The environment variable that holds the path of the host's socket.
pub const CHANNEL_ENV: &str = "MLCOURSE_CHANNEL";
