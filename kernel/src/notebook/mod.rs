//! Notebook files: reads and writes them, runs them without Jupyter, compares outputs, makes a page of them.
//!
//! A [`Notebook`] is an nbformat 4 file with its unknown metadata kept. [`run`] gives its cells to a [`Session`] (or to
//! anything else that can [`Evaluate`] one) and stores what they show, by the rules of nbclient: a failing cell stops
//! the notebook unless its tag says that it should fail. [`compare`] says where two runs differ, and
//! [`html::page`] makes one self-contained page.
//!
//! ```
//! use mlcourse_kernel::notebook::Notebook;
//!
//! let text = r##"{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
//!     {"cell_type": "code", "id": "a", "metadata": {}, "source": ["1 + 1"], "outputs": [], "execution_count": null}
//! ]}"##;
//! let notebook = Notebook::parse(text)?;
//! assert_eq!(notebook.cells[0].source, "1 + 1");
//! assert_eq!(Notebook::parse(&notebook.to_json())?, notebook);
//! # Ok::<(), mlcourse_kernel::notebook::Invalid>(())
//! ```
//!
//! [`Session`]: crate::Session

mod compare;
mod file;
mod format;
pub mod html;
mod invalid;
mod outputs;
mod run;

pub use compare::{Difference, compare};
pub use file::write_atomically;
pub use format::{Cell, Code, Kind, Notebook, Output};
pub use invalid::Invalid;
pub use run::{Ended, Evaluate, Failure, Place, RunOptions, Step, run};
