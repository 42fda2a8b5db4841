//! The scores of numbers; with weights, those that are means.

use super::Scorer;
use crate::metrics::{
    explained_variance, max_error, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, median_absolute_error, r2_score, root_mean_squared_error,
};
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1, Zip};

pub(super) fn score(
    scorer: Scorer,
    truth: &ArrayRef1<f64>,
    answer: &ArrayRef1<f64>,
    sample_weight: Option<&ArrayRef1<f64>>,
) -> Result<f64> {
    if let Some(weights) = sample_weight {
        return weighted(scorer, truth, answer, weights);
    }
    match scorer {
        Scorer::ExplainedVariance => explained_variance(truth, answer),
        Scorer::NegMeanSquaredError => Ok(-mean_squared_error(truth, answer)?),
        Scorer::NegRootMeanSquaredError => Ok(-root_mean_squared_error(truth, answer)?),
        Scorer::NegMeanSquaredLogError => {
            let (truth, answer) = logarithms(truth, answer)?;
            Ok(-mean_squared_error(&truth, &answer)?)
        }
        Scorer::NegRootMeanSquaredLogError => {
            let (truth, answer) = logarithms(truth, answer)?;
            Ok(-root_mean_squared_error(&truth, &answer)?)
        }
        Scorer::NegMeanAbsoluteError => Ok(-mean_absolute_error(truth, answer)?),
        Scorer::NegMeanAbsolutePercentageError => {
            Ok(-mean_absolute_percentage_error(truth, answer)?)
        }
        Scorer::NegMedianAbsoluteError => Ok(-median_absolute_error(truth, answer)?),
        Scorer::NegMaxError => Ok(-max_error(truth, answer)?),
        _ => r2_score(truth, answer),
    }
}

fn weighted(
    scorer: Scorer,
    truth: &ArrayRef1<f64>,
    answer: &ArrayRef1<f64>,
    weights: &ArrayRef1<f64>,
) -> Result<f64> {
    // Lengths and values are checked as without weights.
    let plain = || score(scorer, truth, answer, None);
    let mean = |values: &Array1<f64>| values.dot(weights) / weights.sum();
    let squares = |truth: &ArrayRef1<f64>, answer: &ArrayRef1<f64>| {
        Zip::from(truth)
            .and(answer)
            .map_collect(|y, p| (y - p) * (y - p))
    };
    let share = |residual: f64, total: f64| match (residual, total) {
        (0.0, _) => 1.0,
        (_, 0.0) => 0.0,
        _ => 1.0 - residual / total,
    };
    match scorer {
        Scorer::R2 => {
            plain()?;
            let around = Array1::from_elem(truth.len(), mean(&truth.to_owned()));
            Ok(share(
                mean(&squares(truth, answer)),
                mean(&squares(truth, &around)),
            ))
        }
        Scorer::ExplainedVariance => {
            plain()?;
            let errors = Zip::from(truth).and(answer).map_collect(|y, p| y - p);
            let around = |values: &Array1<f64>| {
                let centre = Array1::from_elem(values.len(), mean(values));
                mean(&squares(values, &centre))
            };
            Ok(share(around(&errors), around(&truth.to_owned())))
        }
        Scorer::NegMeanSquaredError | Scorer::NegRootMeanSquaredError => {
            plain()?;
            Ok(signed(scorer, mean(&squares(truth, answer))))
        }
        Scorer::NegMeanSquaredLogError | Scorer::NegRootMeanSquaredLogError => {
            let (truth, answer) = logarithms(truth, answer)?;
            Ok(signed(scorer, mean(&squares(&truth, &answer))))
        }
        Scorer::NegMeanAbsoluteError => {
            plain()?;
            let errors = Zip::from(truth)
                .and(answer)
                .map_collect(|y, p| (y - p).abs());
            Ok(-mean(&errors))
        }
        Scorer::NegMeanAbsolutePercentageError => {
            plain()?;
            let shares = Zip::from(truth)
                .and(answer)
                .map_collect(|y, p| (y - p).abs() / y.abs().max(f64::EPSILON));
            Ok(-mean(&shares))
        }
        _ => Err(scorer.no_weights()),
    }
}

/// The negative of a mean square, or of its root.
fn signed(scorer: Scorer, mean_square: f64) -> f64 {
    match scorer {
        Scorer::NegRootMeanSquaredError | Scorer::NegRootMeanSquaredLogError => -mean_square.sqrt(),
        _ => -mean_square,
    }
}

/// ln(1 + y) of both.
fn logarithms(
    truth: &ArrayRef1<f64>,
    answer: &ArrayRef1<f64>,
) -> Result<(Array1<f64>, Array1<f64>)> {
    check::same_length("y_true", truth.len(), "y_pred", answer.len())?;
    check::column("y_true", truth)?;
    check::column("y_pred", answer)?;
    for (name, values) in [("y_true", truth), ("y_pred", answer)] {
        if let Some(value) = values.iter().find(|&&value| value <= -1.0) {
            return Err(Error::parameter(
                name,
                "above −1 for a logarithmic error",
                value,
            ));
        }
    }
    Ok((truth.mapv(f64::ln_1p), answer.mapv(f64::ln_1p)))
}
