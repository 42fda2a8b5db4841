//! Which column of a table of probabilities belongs to which label.

use super::numeric::contiguous;
use crate::{Error, Result, check};
use ndarray::{ArrayRef1, ArrayRef2};

/// The true class of each sample, as the column that stands for it.
pub(super) struct Columns {
    /// One column a sample.
    pub of: Vec<usize>,
    /// How many columns there are.
    pub n_classes: usize,
}

impl Columns {
    /// Columns are `classes`; else the labels that occur, ascending; else, when some do not occur, label j is column j.
    pub(super) fn new(
        y_true: &ArrayRef1<usize>,
        probabilities: &ArrayRef2<f64>,
        classes: Option<&[usize]>,
    ) -> Result<Self> {
        let (n_samples, n_classes) = probabilities.dim();
        check::same_length("y_true", y_true.len(), "probabilities", n_samples)?;
        check::table("probabilities", probabilities)?;
        let labels = contiguous(y_true);
        let occurring = || check::distinct(labels.iter().copied());
        let classes = match classes {
            Some(classes) if classes.len() != n_classes => {
                return Err(Error::parameter(
                    "classes",
                    format!("{n_classes} labels, one for each column of the probabilities"),
                    format!("{} labels", classes.len()),
                ));
            }
            Some(classes) => Some(classes.to_vec()),
            // The labels are the columns already: the usual case, in one pass.
            None if labels.iter().all(|&label| label < n_classes) => None,
            None => Some(occurring()),
        };
        let Some(classes) = classes else {
            return Ok(Self {
                of: labels.into_owned(),
                n_classes,
            });
        };
        let mut order: Vec<usize> = (0..classes.len()).collect();
        order.sort_by_key(|&column| classes[column]);
        let sorted: Vec<usize> = order.iter().map(|&column| classes[column]).collect();
        let of: Option<Vec<usize>> = (sorted.len() == n_classes)
            .then(|| {
                let column = |label| sorted.binary_search(label).ok().map(|place| order[place]);
                labels.iter().map(column).collect()
            })
            .flatten();
        match of {
            Some(of) => Ok(Self { of, n_classes }),
            None => Err(Error::parameter(
                "y_true",
                format!(
                    "labels that stand for the {n_classes} columns of the probabilities (name them with `classes` if \
                     they are not 0 to {})",
                    n_classes - 1
                ),
                format!("{:?}", occurring()),
            )),
        }
    }

    /// How many samples each class has, or how much they weigh.
    pub(super) fn support(&self, sample_weight: Option<&[f64]>) -> Vec<f64> {
        let mut support = vec![0.0; self.n_classes];
        for (sample, &class) in self.of.iter().enumerate() {
            support[class] += sample_weight.map_or(1.0, |weights| weights[sample]);
        }
        support
    }
}
