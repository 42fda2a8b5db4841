//! What a result should be read with: a fit that did not converge, a ratio without a denominator.
//!
//! A warning is a value. What is fitted or reported keeps its own (`model.warnings()`), and all of them also stand in
//! one journal of the process, oldest first, which [`take`] empties: so a plain number such as
//! [`f1_score`](crate::metrics::f1_score) can warn too, and a notebook can show under a cell what that cell recorded.
//! Nothing is printed here.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! mlcourse::warning::take();
//! let score = precision(&array![0, 1], &array![0, 0], Average::Binary)?;
//! assert_eq!(score, 0.0);
//! let warnings = mlcourse::warning::take();
//! assert!(warnings[0].to_string().contains("precision"));
//! # Ok::<(), mlcourse::Error>(())
//! ```

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many warnings the journal keeps: the oldest go first.
const JOURNAL_LENGTH: usize = 256;

static JOURNAL: Mutex<Vec<Warning>> = Mutex::new(Vec::new());

/// Something to know before trusting a result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// An iterative fit stopped before it converged.
    NotConverged {
        /// The estimator.
        estimator: &'static str,
        /// How many iterations it did.
        n_iter: usize,
        /// Why it stopped.
        reason: String,
    },
    /// Columns without any value were left out.
    EmptyFeatures {
        /// The estimator.
        estimator: &'static str,
        /// The columns, from 0.
        columns: Vec<usize>,
    },
    /// A ratio had the denominator 0 and counts as 0.
    ZeroDivision {
        /// The metric.
        metric: &'static str,
        /// The labels concerned; empty for a micro average.
        labels: Vec<usize>,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConverged {
                estimator,
                n_iter,
                reason,
            } => write!(
                f,
                "{estimator} stopped after {n_iter} iterations before it converged ({reason}); standardise the features \
                 or raise `max_iter`"
            ),
            Self::EmptyFeatures { estimator, columns } => write!(
                f,
                "{estimator} leaves out the columns {columns:?} (from 0), which hold no value to impute from; drop them, \
                 or set `keep_empty_features`"
            ),
            Self::ZeroDivision { metric, labels } => {
                let without = match *metric {
                    "precision" => "no sample is predicted as such",
                    "recall" => "no true sample is such",
                    _ => "no sample is such, true or predicted",
                };
                write!(f, "{metric} is 0/0 and counts as 0")?;
                match labels.as_slice() {
                    [] => write!(f, ": {without}"),
                    [label] => write!(f, " for class {label}: {without}"),
                    _ => write!(f, " for the classes {labels:?}: {without}"),
                }
            }
        }
    }
}

fn journal() -> MutexGuard<'static, Vec<Warning>> {
    // A panic while the lock is held leaves complete warnings only.
    JOURNAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a warning into the journal; one that stands there already is not repeated.
pub fn record(warning: Warning) {
    let mut journal = journal();
    if !journal.contains(&warning) {
        if journal.len() == JOURNAL_LENGTH {
            journal.remove(0);
        }
        journal.push(warning);
    }
}

/// Takes all warnings out of the journal, oldest first.
pub fn take() -> Vec<Warning> {
    std::mem::take(&mut *journal())
}
