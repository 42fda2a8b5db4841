//! Runs a notebook's cells in order.

use super::format::{Cell, Code, Kind, Notebook};
use super::outputs::Recorder;
use crate::{CellError, Error, Event, Outcome, Session};
use serde_json::json;
use std::time::{Duration, Instant};

/// Anything that evaluates cells: a [`Session`], or a stand-in in tests.
pub trait Evaluate {
    /// Evaluates a cell; see [`Session::execute`].
    ///
    /// # Errors
    /// When the engine itself failed.
    fn evaluate(
        &self,
        cell: &crate::Cell,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error>;
}

impl Evaluate for Session {
    fn evaluate(
        &self,
        cell: &crate::Cell,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error> {
        self.execute(cell, on_event)
    }
}

/// How to run a notebook.
#[derive(Clone, Copy, Default)]
pub struct RunOptions<'a> {
    /// Whether to go on after a failing cell.
    pub allow_errors: bool,
    /// Asked before and after each cell: whether somebody wants the run to end.
    pub stop: Option<&'a dyn Fn() -> bool>,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its position among all cells of the notebook, from 1.
    pub cell: usize,
    /// The number it ran under, as in `In [3]`.
    pub count: u32,
    /// How many cells are to be run in all.
    pub total: usize,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A cell begins.
    Begin(Place),
    /// It ended, after this time.
    End(Place, Duration),
}

/// A cell that failed and ended the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub place: Place,
    /// Why.
    pub error: CellError,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every cell was run.
    Done,
    /// At a failing cell. Its error is stored; later cells have no output.
    Failed(Failure),
    /// Because `stop` said so.
    Stopped,
}

/// Runs all code cells and stores what they show in the notebook.
///
/// As nbclient does: blank cells and those tagged `skip-execution` are left alone (the latter keep their outputs), one
/// tagged `raises-exception` may fail.
///
/// # Errors
/// When the engine failed, which says nothing about the notebook.
pub fn run(
    notebook: &mut Notebook,
    engine: &dyn Evaluate,
    options: RunOptions<'_>,
    on_step: &mut dyn FnMut(Step),
) -> Result<Ended, Error> {
    let cells: Vec<usize> = (0..notebook.cells.len())
        .filter(|&index| is_run(&notebook.cells[index]))
        .collect();
    clear(notebook);
    let stopped = || options.stop.is_some_and(|stop| stop());
    for (done, &index) in cells.iter().enumerate() {
        if stopped() {
            return Ok(Ended::Stopped);
        }
        let count = u32::try_from(done + 1).unwrap_or(u32::MAX);
        let place = Place {
            cell: index + 1,
            count,
            total: cells.len(),
        };
        on_step(Step::Begin(place));
        let began = Instant::now();
        let error = run_cell(notebook, engine, index, count)?;
        if stopped() {
            return Ok(Ended::Stopped);
        }
        on_step(Step::End(place, began.elapsed()));
        if let Some(error) = error
            && !options.allow_errors
            && !may_fail(&notebook.cells[index])
        {
            return Ok(Ended::Failed(Failure { place, error }));
        }
    }
    name_kernel(notebook);
    Ok(Ended::Done)
}

fn run_cell(
    notebook: &mut Notebook,
    engine: &dyn Evaluate,
    index: usize,
    count: u32,
) -> Result<Option<CellError>, Error> {
    let cell = crate::Cell::new(notebook.cells[index].source.clone(), count);
    let mut recorder = Recorder::new(notebook, index, count);
    let outcome = engine.evaluate(&cell, &mut |event| recorder.event(event))?;
    Ok(match outcome {
        Outcome::Failed(error) => {
            recorder.error(&error);
            Some(error)
        }
        // A page for the reader has no place in a file: Jupyter stores none either.
        Outcome::Done | Outcome::Page(_) => None,
    })
}

fn is_skipped(cell: &Cell) -> bool {
    cell.has_tag("skip-execution")
}

fn is_run(cell: &Cell) -> bool {
    matches!(cell.kind, Kind::Code(_)) && !is_skipped(cell) && !cell.source.trim().is_empty()
}

fn may_fail(cell: &Cell) -> bool {
    cell.has_tag("raises-exception")
}

/// Old outputs must not stand beside new ones when a run ends early.
fn clear(notebook: &mut Notebook) {
    for cell in notebook.cells.iter_mut().filter(|cell| !is_skipped(cell)) {
        if let Kind::Code(code) = &mut cell.kind {
            *code = Code::default();
        }
    }
}

/// A notebook that says nothing opens with our kernel from now on.
fn name_kernel(notebook: &mut Notebook) {
    notebook.metadata.entry("kernelspec").or_insert_with(
        || json!({ "display_name": "Rust (mlcourse)", "language": "rust", "name": "mlcourse" }),
    );
    notebook.metadata.entry("language_info").or_insert_with(
        || json!({ "file_extension": ".rs", "mimetype": "text/rust", "name": "rust" }),
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Output;
    use super::*;
    use std::cell::Cell as Shared;

    /// Shows the source as text; sources that begin with `fail` fail.
    struct Echo;

    impl Evaluate for Echo {
        fn evaluate(
            &self,
            cell: &crate::Cell,
            on_event: &mut dyn FnMut(Event),
        ) -> Result<Outcome, Error> {
            on_event(Event::Stdout(cell.code.clone()));
            if !cell.code.starts_with("fail") {
                return Ok(Outcome::Done);
            }
            let (name, message) = ("panic".to_owned(), "no".to_owned());
            Ok(Outcome::Failed(CellError {
                name,
                message,
                traceback: vec!["no".into()],
                line: Some(2),
            }))
        }
    }

    fn code(source: &str, tag: &str) -> String {
        format!(
            r#"{{"cell_type": "code", "metadata": {{"tags": ["{tag}"]}}, "source": "{source}",
                "execution_count": 9, "outputs": [{{"output_type": "stream", "name": "stdout", "text": "old"}}]}}"#
        )
    }

    fn notebook(cells: &[String]) -> Notebook {
        let text = format!(
            r#"{{"nbformat": 4, "metadata": {{}}, "cells": [{}]}}"#,
            cells.join(",")
        );
        Notebook::parse(&text).unwrap()
    }

    fn outputs(notebook: &Notebook, index: usize) -> (&Option<u32>, &[Output]) {
        let Kind::Code(code) = &notebook.cells[index].kind else {
            panic!("code")
        };
        (&code.count, &code.outputs)
    }

    fn run_all(notebook: &mut Notebook, options: RunOptions<'_>) -> Ended {
        run(notebook, &Echo, options, &mut |_| {}).unwrap()
    }

    #[test]
    fn cells_are_numbered_from_one_and_blank_ones_are_not_run() {
        let mut book = notebook(&[code("a", ""), code("  ", ""), code("b", "")]);
        let mut begun = Vec::new();
        let ended = run(&mut book, &Echo, RunOptions::default(), &mut |step| {
            if let Step::Begin(place) = step {
                begun.push((place.cell, place.count, place.total));
            }
        });
        assert_eq!(ended.unwrap(), Ended::Done);
        assert_eq!(begun, [(1, 1, 2), (3, 2, 2)]);
        assert_eq!(outputs(&book, 1), (&None, &[][..]));
        assert_eq!(book.language().as_deref(), Some("rust"));
    }

    #[test]
    fn a_failing_cell_ends_the_run_and_later_cells_keep_no_old_output() {
        let mut book = notebook(&[code("a", ""), code("fail", ""), code("b", "")]);
        let Ended::Failed(failure) = run_all(&mut book, RunOptions::default()) else {
            panic!("it fails")
        };
        assert_eq!((failure.place.cell, failure.error.line), (2, Some(2)));
        assert!(matches!(
            outputs(&book, 1).1,
            [Output::Stream { .. }, Output::Error { .. }]
        ));
        assert_eq!(outputs(&book, 2), (&None, &[][..]));
    }

    #[test]
    fn a_cell_that_should_fail_may_fail_or_not() {
        let mut book = notebook(&[
            code("fail", "raises-exception"),
            code("fine", "raises-exception"),
        ]);
        assert_eq!(run_all(&mut book, RunOptions::default()), Ended::Done);
        assert!(matches!(outputs(&book, 0).1, [_, Output::Error { .. }]));
    }

    #[test]
    fn errors_can_be_allowed_everywhere() {
        let mut book = notebook(&[code("fail", ""), code("b", "")]);
        let options = RunOptions {
            allow_errors: true,
            ..Default::default()
        };
        assert_eq!(run_all(&mut book, options), Ended::Done);
        assert_eq!(outputs(&book, 1).0, &Some(2));
    }

    #[test]
    fn a_skipped_cell_keeps_its_number_and_output() {
        let mut book = notebook(&[code("fail", "skip-execution"), code("b", "")]);
        let before = book.cells[0].clone();
        assert_eq!(run_all(&mut book, RunOptions::default()), Ended::Done);
        assert_eq!(book.cells[0], before);
        assert_eq!(outputs(&book, 1).0, &Some(1));
    }

    #[test]
    fn a_run_that_is_stopped_does_not_pass_for_a_failure() {
        let mut book = notebook(&[
            code("a", ""),
            code("fail", "raises-exception"),
            code("b", ""),
        ]);
        let asked = Shared::new(0);
        let stop = || asked.replace(asked.get() + 1) >= 3;
        let options = RunOptions {
            stop: Some(&stop),
            ..Default::default()
        };
        assert_eq!(run_all(&mut book, options), Ended::Stopped);
    }
}
