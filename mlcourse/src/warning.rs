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
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many warnings the journal keeps: the oldest go first.
const JOURNAL_LENGTH: usize = 256;

static JOURNAL: Mutex<Vec<Warning>> = Mutex::new(Vec::new());

/// By this name serde does not ask for a text that lives as long.
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

/// A name from a file. Names are few, so that each is kept for as long as the process runs.
fn name<'de, D: Deserializer<'de>>(from: D) -> Result<&'static str, D::Error> {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let name = String::deserialize(from)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(match names.iter().find(|known| **known == name) {
        Some(known) => known,
        None => {
            let name: &'static str = name.leak();
            names.push(name);
            name
        }
    })
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
