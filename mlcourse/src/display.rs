//! How values show in a notebook: text everywhere, tables and pictures where a page can show them.
//!
//! A type that implements [`Display`] shows richly as the last expression of a cell and through [`display()`]. Every
//! other type shows by `Debug`. In a terminal or a doctest the same calls print the text.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! struct Dice(u8);
//!
//! impl Display for Dice {
//!     fn bundle(&self) -> MimeBundle {
//!         MimeBundle::text(format!("⚀ {}", self.0)).with("text/html", format!("<b>{}</b>", self.0))
//!     }
//! }
//!
//! display(&Dice(3));
//! ```

mod array;
pub(crate) mod grid;
mod numbers;
mod table;

pub use mlcourse_protocol::{DisplayHandle, MimeBundle};
use std::fmt::Debug;
pub use table::{Cell, Table};

/// A value that shows richly in a notebook.
pub trait Display {
    /// The value in every format it has; `text/plain` always among them.
    fn bundle(&self) -> MimeBundle;
}

/// Shows a value under the cell, now: a cell can show several.
pub fn display(value: &(impl Display + ?Sized)) {
    mlcourse_protocol::display(&value.bundle());
}

/// Shows a value under a name; the handle replaces it later.
pub fn display_as(id: &str, value: &(impl Display + ?Sized)) -> DisplayHandle {
    mlcourse_protocol::display_with_id(id, &value.bundle())
}

/// Removes the cell's output so far, once the next output comes.
pub fn clear_output() {
    mlcourse_protocol::clear_output(true);
}

/// Asks the reader a question and waits for the answer.
///
/// # Errors
/// When nobody can answer, as in a notebook that runs without a reader.
pub fn input(prompt: &str) -> std::io::Result<String> {
    mlcourse_protocol::input(prompt, false)
}

impl Display for MimeBundle {
    fn bundle(&self) -> MimeBundle {
        self.clone()
    }
}

/// How a cell shows its last expression when its type implements [`Display`]. The kernel calls it.
pub trait Show {
    /// Sends the value as the cell's result.
    fn evcxr_display(&self);
}

impl<T: Display + ?Sized> Show for T {
    fn evcxr_display(&self) {
        mlcourse_protocol::send_result(&self.bundle());
    }
}

impl Show for () {
    fn evcxr_display(&self) {}
}

/// How a cell shows its last expression when its type has no [`Display`]: by `Debug`. The kernel calls it on a
/// reference, one step later than [`Show`] in the compiler's search, so that the richer one wins.
pub trait DebugShow {
    /// Sends the value as the cell's result.
    fn evcxr_display(&self);
}

impl<T: Debug + ?Sized> DebugShow for &T {
    fn evcxr_display(&self) {
        mlcourse_protocol::send_result(&MimeBundle::text(format!("{self:?}")));
    }
}
