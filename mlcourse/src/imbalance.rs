//! Classes of unequal size: drawing, repeating or making up rows so that they balance.
//!
//! A model that sees 99 rows of one class and one of the other does well by never naming the other. Resampling changes
//! what it learns from:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let x = array![[0.0], [1.0], [2.0], [3.0], [10.0], [11.0]];
//! let y = array![0, 0, 0, 0, 1, 1];
//! let balanced = RandomOverSampler::new().fit_resample((&x, &y))?;
//! assert_eq!(balanced.counts(), [(0, 4), (1, 4)]);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! | step | does | when |
//! |---|---|---|
//! | [`RandomUnderSampler`] | drops rows of the larger classes | there are more rows than one needs |
//! | [`RandomOverSampler`] | repeats rows of the smaller classes | there are few |
//! | [`SMOTE`] | makes up rows between neighbours of a smaller class | features are numbers between which one can go |
//!
//! **Training rows only.** The test set shall look like the world, where one class is rare; and a row repeated or made up
//! from a row of the test set would be known in advance. So these steps take what may be learnt from — arrays or a training
//! set — and in cross-validation belong inside each fold; [`Resampled::sources`] says which rows each row comes from.
//!
//! Often there is something simpler: a weight for each class, or another threshold for the probability. And whatever was
//! done, probabilities learnt from balanced data are those of a balanced world.
//!
//! Source: course, section 4.2 (*99 % d'accuracy*); imbalanced-learn.

mod random_samplers;
mod smote;
mod strategy;

pub use random_samplers::{RandomOverSampler, RandomUnderSampler};
pub use smote::SMOTE;
pub use strategy::SamplingStrategy;

use crate::display::Table;
use crate::shown::shown;
use crate::{Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// Resampled rows, and where each comes from. It shows as a table of class sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    x: Array2<f64>,
    y: Array1<usize>,
    sources: Vec<Source>,
    before: Vec<(usize, usize)>,
}

/// Where a resampled row comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// It is a row of the original table.
    Row(usize),
    /// It lies between two: `row` + `step` · (`neighbor` − `row`).
    Between {
        /// The row that it starts from.
        row: usize,
        /// The row that it goes towards.
        neighbor: usize,
        /// How far it goes, from 0 to 1.
        step: f64,
    },
}

impl Source {
    /// The original rows, one or two.
    pub fn rows(&self) -> Vec<usize> {
        match *self {
            Self::Row(row) => vec![row],
            Self::Between { row, neighbor, .. } => vec![row, neighbor],
        }
    }
}

impl Resampled {
    /// The rows that sources describe.
    fn of(x: &ArrayView2<'_, f64>, y: &ArrayView1<'_, usize>, sources: Vec<Source>) -> Self {
        let mut values = Array2::zeros((sources.len(), x.ncols()));
        for (mut out, source) in values.axis_iter_mut(Axis(0)).zip(&sources) {
            match *source {
                Source::Row(row) => out.assign(&x.row(row)),
                Source::Between {
                    row,
                    neighbor,
                    step,
                } => {
                    let (start, end) = (x.row(row), x.row(neighbor));
                    for ((out, start), end) in out.iter_mut().zip(start).zip(end) {
                        *out = start + step * (end - start);
                    }
                }
            }
        }
        let labels = sources.iter().map(|source| y[source.rows()[0]]).collect();
        Self {
            x: values,
            y: labels,
            sources,
            before: counts(y),
        }
    }

    /// The features, shape (n_resampled, n_features).
    pub fn x(&self) -> &Array2<f64> {
        &self.x
    }

    /// The labels, shape (n_resampled).
    pub fn y(&self) -> &Array1<usize> {
        &self.y
    }

    /// Features and labels, to keep.
    pub fn into_parts(self) -> (Array2<f64>, Array1<usize>) {
        (self.x, self.y)
    }

    /// Where each row comes from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Each class and its size, ascending by class.
    pub fn counts(&self) -> Vec<(usize, usize)> {
        counts(&self.y.view())
    }

    fn table(&self) -> Table {
        let after = self.counts();
        let mut table = Table::new(&["class", "before", "after"]).caption(format!(
            "{} rows from {}",
            self.y.len(),
            self.before.iter().map(|(_, count)| count).sum::<usize>()
        ));
        for &(class, before) in &self.before {
            let after = after.iter().find(|(other, _)| *other == class);
            let after = after.map_or(0, |(_, count)| *count);
            table.push(vec![class.into(), before.into(), after.into()]);
        }
        table
    }
}

shown!(Resampled);

/// Each class and its size, ascending by class.
fn counts(y: &ArrayView1<'_, usize>) -> Vec<(usize, usize)> {
    let classes = check::distinct(y.iter().copied());
    let mut counts = vec![0; classes.len()];
    for label in y {
        counts[classes.partition_point(|class| class < label)] += 1;
    }
    classes.into_iter().zip(counts).collect()
}

/// The rows of a class.
fn rows_of(y: &ArrayView1<'_, usize>, class: usize) -> Vec<usize> {
    (0..y.len()).filter(|&row| y[row] == class).collect()
}

fn check_rows(x: &ArrayView2<'_, f64>, y: &ArrayView1<'_, usize>) -> Result<()> {
    check::table("x", x)?;
    check::same_length("x", x.nrows(), "y", y.len())?;
    let classes = counts(y);
    match classes.as_slice() {
        [(label, n_samples)] => Err(crate::Error::SingleClass {
            label: *label,
            n_samples: *n_samples,
        }),
        _ => Ok(()),
    }
}
