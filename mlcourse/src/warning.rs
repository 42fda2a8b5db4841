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

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many warnings the journal keeps: the oldest go first.
const JOURNAL_LENGTH: usize = 256;

static JOURNAL: Mutex<Vec<Warning>> = Mutex::new(Vec::new());

/// What a warning is about. By another name, since serde would only read a plain reference from text that never goes.
type Name = &'static str;

/// Something to know before trusting a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Warning {
    /// An iterative fit stopped before it converged.
    NotConverged {
        /// The estimator.
        #[serde(deserialize_with = "name")]
        estimator: Name,
        /// How many iterations it did.
        n_iter: usize,
        /// Why it stopped.
        reason: String,
    },
    /// Columns without any value were left out.
    EmptyFeatures {
        /// The estimator.
        #[serde(deserialize_with = "name")]
        estimator: Name,
        /// The columns, from 0.
        columns: Vec<usize>,
    },
    /// There are fewer different rows than clusters asked for.
    FewerClusters {
        /// How many clusters were asked for.
        asked: usize,
        /// How many hold a row.
        found: usize,
    },
    /// A ratio had the denominator 0 and counts as 0.
    ZeroDivision {
        /// The metric.
        #[serde(deserialize_with = "name")]
        metric: Name,
        /// The labels concerned; empty for a micro average.
        labels: Vec<usize>,
    },
    /// A metric has no value for these data, and is NaN.
    Undefined {
        /// The metric.
        #[serde(deserialize_with = "name")]
        metric: Name,
        /// Why it has none.
        #[serde(deserialize_with = "name")]
        reason: Name,
    },
    /// A row of probabilities does not add up to 1.
    NotProbabilities {
        /// The first such row, from 0.
        row: usize,
        /// Its sum.
        sum: f64,
    },
    /// A matrix is so close to a singular one that a result may have no correct digit.
    IllConditioned {
        /// What was called.
        #[serde(deserialize_with = "name")]
        operation: Name,
        /// An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁): 1 is best, 0 is singular.
        rcond: f64,
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
            Self::Undefined { metric, reason } => {
                write!(f, "{metric} is not defined here and is NaN: {reason}")
            }
            Self::NotProbabilities { row, sum } => write!(
                f,
                "the probabilities of row {row} (from 0) add up to {sum}, not to 1; pass what `predict_proba` gives"
            ),
            Self::IllConditioned { operation, rcond } => write!(
                f,
                "{operation}: the matrix is nearly singular (reciprocal condition number {rcond:.1e}), so the result may \
                 have no correct digit; remove columns that depend on others, scale, or use `least_squares`"
            ),
            Self::EmptyFeatures { estimator, columns } => write!(
                f,
                "{estimator} leaves out the columns {columns:?} (from 0), which hold no value to impute from; drop them, \
                 or set `keep_empty_features`"
            ),
            Self::FewerClusters { asked, found } => write!(
                f,
                "only {found} of {asked} clusters hold a row: there are fewer different rows than `n_clusters`; ask for \
                 fewer clusters"
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

/// A name read from a file, kept for the life of the process, once however often it is read.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = String::deserialize(deserializer)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return Ok(known);
    }
    let name: &'static str = name.leak();
    names.insert(name);
    Ok(name)
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
