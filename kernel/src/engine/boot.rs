//! The first cells of every session, compiled once with the template.

use crate::template::Template;
use crate::{Cell, Error, Lang, Session, SessionOptions};

/// What every session evaluates before the reader's first cell: the prelude, and a `?` so that evcxr allows it.
pub(super) const CELLS: [&str; 2] = [
    "use mlcourse::prelude::*;",
    "let __mlc_start: Result<(), String> = Ok(()); __mlc_start?;",
];

/// Starts a session once, which keeps what it compiles with the template.
pub(crate) fn warm(template: &Template) -> Result<(), Error> {
    let mut options = SessionOptions::with_template(template.clone(), Lang::En);
    options.record = true;
    let session = Session::start(options)?;
    session.execute(&Cell::new("()", 1), &mut |_| ())?;
    session.shutdown();
    Ok(())
}
