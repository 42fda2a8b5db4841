//! Naive Bayes: the theorem of section 1.2 with features that are independent within a class,
//! P(k | x) ∝ P(k) · Π_j P(x_j | k).

mod gaussian;
mod moments;
mod multinomial;

pub use gaussian::{FittedGaussianNB, GaussianNB};
pub use multinomial::{FittedMultinomialNB, MultinomialNB};

use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix1, Ix2, Zip};

/// Rows that count, by the place of their class.
struct Labelled<'a> {
    x: CowArray<'a, f64, Ix2>,
    /// The place of each row's class in `classes`.
    places: Vec<usize>,
    classes: Vec<usize>,
    weights: Option<CowArray<'a, f64, Ix1>>,
}

impl<'a> Labelled<'a> {
    /// Leaves out the rows of weight 0, as if they were not there.
    fn new(
        x: ArrayView2<'a, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'a, f64>>,
    ) -> Result<Self> {
        check::same_length("x", x.nrows(), "y", y.len())?;
        if x.is_empty() {
            check::table("x", &x)?;
        }
        let kept: Option<Vec<usize>> = match &sample_weight {
            Some(weights) => {
                check::sample_weight(weights, x.nrows())?;
                weights.iter().any(|&weight| weight == 0.0).then(|| {
                    (0..weights.len())
                        .filter(|&row| weights[row] > 0.0)
                        .collect()
                })
            }
            None => None,
        };
        let (x, y, weights) = match kept {
            None => (
                if x.is_standard_layout() {
                    x.into()
                } else {
                    x.as_standard_layout().into_owned().into()
                },
                y.to_vec(),
                sample_weight.map(CowArray::from),
            ),
            Some(rows) => (
                CowArray::from(x.select(Axis(0), &rows)),
                rows.iter().map(|&row| y[row]).collect(),
                sample_weight.map(|weights| CowArray::from(weights.select(Axis(0), &rows))),
            ),
        };
        let classes = check::distinct(y.iter().copied());
        let places = places(&y, &classes);
        Ok(Self {
            x,
            places,
            classes,
            weights,
        })
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// How much each class counts in all, shape (n_classes).
    fn class_count(&self) -> Array1<f64> {
        let mut counts = Array1::zeros(self.classes.len());
        for (row, &place) in self.places.iter().enumerate() {
            counts[place] += self.weight(row);
        }
        counts
    }
}

fn places(y: &[usize], classes: &[usize]) -> Vec<usize> {
    let mut small = vec![
        0;
        classes
            .iter()
            .copied()
            .filter(|&class| class < check::SMALL_LABEL)
            .max()
            .map_or(0, |class| class + 1)
    ];
    for (place, &class) in classes.iter().enumerate() {
        if let Some(known) = small.get_mut(class) {
            *known = place;
        }
    }
    y.iter()
        .map(|&label| match small.get(label) {
            Some(&place) => place,
            None => classes.partition_point(|&class| class < label),
        })
        .collect()
}

/// Class probabilities given by hand: one a class, none negative, adding up to 1.
fn check_priors(name: &'static str, priors: &[f64], n_classes: usize) -> Result<()> {
    let complaint = |found: String| {
        Err(Error::parameter(
            name,
            format!("{n_classes} probabilities, one for each class of `y`, that add up to 1"),
            found,
        ))
    };
    if priors.len() != n_classes {
        return complaint(format!("{} of them", priors.len()));
    }
    if let Some(prior) = priors.iter().find(|prior| !(0.0..=1.0).contains(*prior)) {
        return complaint(format!("{prior} among them"));
    }
    let total: f64 = priors.iter().sum();
    if (total - 1.0).abs() > 1e-8 {
        return complaint(format!("a list that adds up to {total}"));
    }
    Ok(())
}

/// The class of the largest entry of each row, the first of equal ones. A row that no class can produce goes by the
/// priors.
fn most_likely(joint: &Array2<f64>, log_prior: &Array1<f64>, classes: &[usize]) -> Array1<usize> {
    let first_largest = |row: ArrayView1<'_, f64>| {
        (1..row.len()).fold(
            0,
            |best, class| if row[class] > row[best] { class } else { best },
        )
    };
    joint
        .outer_iter()
        .map(|row| {
            let best = first_largest(row);
            let possible = row[best] > f64::NEG_INFINITY;
            classes[if possible {
                best
            } else {
                first_largest(log_prior.view())
            }]
        })
        .collect()
}

/// ln P(k | x) from ln P(k, x): each row less the logarithm of its sum of exponentials. A row that no class can produce
/// gets the priors.
fn normalise(joint: &mut Array2<f64>, log_prior: &Array1<f64>) {
    for mut row in joint.outer_iter_mut() {
        let most = row.fold(f64::NEG_INFINITY, |most, &value| most.max(value));
        if most == f64::NEG_INFINITY {
            row.assign(log_prior);
            continue;
        }
        let sum: f64 = row.iter().map(|&value| (value - most).exp()).sum();
        let log_sum = most + sum.ln();
        Zip::from(&mut row).for_each(|value| *value -= log_sum);
    }
}
