//! Evaluates the cells of a Rust notebook, with the course's library already in scope.
//!
//! One [`Session`] evaluates cells; the Jupyter kernel, the notebook runner, the book and the grader are its clients.
//!
//! ```no_run
//! use mlcourse_kernel::{Cell, Event, Outcome, Session, SessionOptions};
//!
//! # fn main() -> Result<(), mlcourse_kernel::Error> {
//! let session = Session::start(SessionOptions::find()?)?;
//! let outcome = session.execute(&Cell::new("let x = array![1.0, 2.0]; x.sum()", 1), &mut |event| {
//!     if let Event::Result(value) = event {
//!         println!("{}", value.get("text/plain").unwrap_or_default()); // 3
//!     }
//! })?;
//! assert!(matches!(outcome, Outcome::Done));
//! # Ok(())
//! # }
//! ```

mod engine;
mod error;
mod lang;
mod session;
mod shim;
mod syntax;
mod wire;

pub use error::Error;
pub use lang::Lang;
pub use mlcourse_protocol::MimeBundle;
pub use session::{
    Cell, CellError, Completeness, Completion, Completions, Event, Inspection, Outcome, Session,
    SessionControl, SessionOptions,
};

pub mod jupyter;
pub mod notebook;
pub mod template;

/// Lets this program be what its sessions start it as: an engine, or a stand-in for a tool. Call it first in `main`.
///
/// Returns at once, unless the program was started as one of them; then it runs as that and ends.
pub fn hook() {
    let status = if let Some(tool) = shim::requested() {
        shim::run(tool)
    } else if let Some(options) = engine::requested() {
        engine::run(options)
    } else {
        return;
    };
    std::process::exit(status);
}
