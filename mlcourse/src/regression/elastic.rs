//! What Lasso, ElasticNet and their paths share.

use super::centred::Centred;
use super::descent::{ColumnProblem, Descent, GramProblem, Penalty, Rules, Sweep, descend};
use super::line::Line;
use super::moments::{Moments, Samples};
use crate::estimator::choice;
use crate::random::Random;
use crate::warning::{self, Warning};
use crate::{Error, Result};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// In which order coordinate descent visits the coefficients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// One after the other, again and again.
    #[default]
    Cyclic,
    /// At random, by the seed.
    Random,
}

choice!(Selection {
    Cyclic = "cyclic",
    Random = "random"
});

/// How strong the penalty is: by scikit-learn's α or by the course's λ = 2nα.
#[derive(Clone, Copy)]
pub(super) enum Strength {
    Alpha(f64),
    Lambda(f64),
}

impl Strength {
    /// λ wins where it is set.
    pub(super) fn of(alpha: f64, lambda: Option<f64>) -> Result<Self> {
        let (name, value) = lambda.map_or(("alpha", alpha), |lambda| ("lambda", lambda));
        if !(value >= 0.0 && value.is_finite()) {
            return Err(Error::parameter(name, "finite, 0 or more", value));
        }
        Ok(lambda.map_or(Self::Alpha(alpha), Self::Lambda))
    }

    fn alpha(self, weight: f64) -> f64 {
        match self {
            Self::Alpha(alpha) => alpha,
            Self::Lambda(lambda) => lambda / (2.0 * weight),
        }
    }
}

/// How to descend.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub l1_ratio: f64,
    pub fit_intercept: bool,
    pub precompute: Option<bool>,
    pub max_iter: usize,
    pub tol: f64,
    pub positive: bool,
    pub selection: Selection,
    pub seed: u64,
}

impl Settings {
    pub(super) fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return Err(Error::parameter("l1_ratio", "in [0, 1]", self.l1_ratio));
        }
        if !(self.tol >= 0.0 && self.tol.is_finite()) {
            return Err(Error::parameter("tol", "finite, 0 or more", self.tol));
        }
        if self.max_iter == 0 {
            return Err(Error::parameter("max_iter", "1 or more", self.max_iter));
        }
        Ok(())
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            max_iter: self.max_iter,
            tol: self.tol,
            random: (self.selection == Selection::Random).then(|| Random::seeded(self.seed)),
        }
    }

    fn penalty(&self, alpha: f64, weight: f64) -> Penalty {
        Penalty {
            l1: alpha * self.l1_ratio * weight,
            l2: alpha * (1.0 - self.l1_ratio) * weight,
            positive: self.positive,
        }
    }
}

/// Data in the form in which a step of the descent is cheapest.
pub(super) enum Reduced {
    Tall(Moments),
    Wide(Centred),
}

impl Reduced {
    pub(super) fn of(samples: &Samples<'_>, settings: &Settings) -> Result<Self> {
        let tall = samples.len() > samples.n_features();
        if settings.precompute.unwrap_or(tall) {
            Moments::of(samples, settings.fit_intercept).map(Self::Tall)
        } else {
            Centred::of(samples, settings.fit_intercept).map(Self::Wide)
        }
    }

    pub(super) fn n_features(&self) -> usize {
        match self {
            Self::Tall(moments) => moments.n_features(),
            Self::Wide(centred) => centred.n_features(),
        }
    }

    pub(super) fn weight(&self) -> f64 {
        match self {
            Self::Tall(moments) => moments.weight,
            Self::Wide(centred) => centred.weight,
        }
    }

    /// Xᵀy.
    pub(super) fn correlations(&self) -> Vec<f64> {
        match self {
            Self::Tall(moments) => moments.xy.clone(),
            Self::Wide(centred) => centred.products(&centred.y),
        }
    }

    pub(super) fn intercept(&self, coef: &Array1<f64>) -> f64 {
        match self {
            Self::Tall(moments) => moments.intercept(coef),
            Self::Wide(centred) => centred.intercept(coef),
        }
    }

    /// Descends from `coef`, in place.
    pub(super) fn descend(
        &self,
        coef: &mut [f64],
        alpha: f64,
        settings: &Settings,
        rules: &mut Rules,
    ) -> Descent {
        let penalty = settings.penalty(alpha, self.weight());
        match self {
            Self::Tall(moments) => {
                descend(&mut GramProblem::new(moments, coef), coef, &penalty, rules)
            }
            Self::Wide(centred) => descend(
                &mut ColumnProblem::new(centred, coef),
                coef,
                &penalty,
                rules,
            ),
        }
        .per_sample(self.weight())
    }
}

/// What a fitted Lasso or ElasticNet keeps of its descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub alpha: f64,
    pub n_samples: usize,
    pub dual_gap: f64,
    pub n_iter: usize,
    pub history: Vec<Sweep>,
    pub warnings: Vec<Warning>,
}

pub(super) fn fit(
    estimator: &'static str,
    samples: &Samples<'_>,
    strength: Strength,
    settings: &Settings,
) -> Result<(Line, Record)> {
    settings.check()?;
    let reduced = Reduced::of(samples, settings)?;
    let alpha = strength.alpha(reduced.weight());
    fit_reduced(estimator, samples, &reduced, alpha, settings)
}

/// Fits samples that are reduced already.
pub(super) fn fit_reduced(
    estimator: &'static str,
    samples: &Samples<'_>,
    reduced: &Reduced,
    alpha: f64,
    settings: &Settings,
) -> Result<(Line, Record)> {
    let mut coef = vec![0.0; samples.n_features()];
    let descent = reduced.descend(&mut coef, alpha, settings, &mut settings.rules());
    let coef = Array1::from(coef);
    if !coef.sum().is_finite() {
        return Err(samples.not_finite(Some(0)));
    }
    let warnings = Vec::from_iter(not_converged(estimator, &descent));
    Ok((
        Line {
            intercept: reduced.intercept(&coef),
            coef,
        },
        Record {
            alpha,
            n_samples: samples.len(),
            dual_gap: descent.gap,
            n_iter: descent.n_iter,
            history: descent.history,
            warnings,
        },
    ))
}

/// The warning that a descent deserves, recorded.
pub(super) fn not_converged(estimator: &'static str, descent: &Descent) -> Option<Warning> {
    if descent.converged() {
        return None;
    }
    let warning = Warning::NotConverged {
        estimator,
        n_iter: descent.n_iter,
        reason: format!(
            "the duality gap is {:.3e}, above {:.3e}",
            descent.gap, descent.target
        ),
    };
    warning::record(warning.clone());
    Some(warning)
}

/// The accessors and the table of a model with a `line`, a `record` and a `lineage`.
macro_rules! elastic_accessors {
    ($fitted:ident, $model:literal) => {
        impl $fitted {
            /// α, also where λ was given.
            pub fn alpha(&self) -> f64 {
                self.record.alpha
            }

            /// How many coefficients are not 0.
            pub fn n_nonzero(&self) -> usize {
                self.line.coef.iter().filter(|coef| **coef != 0.0).count()
            }

            /// How many passes over the coefficients the fit took.
            pub fn n_iter(&self) -> usize {
                self.record.n_iter
            }

            /// How far the objective may still be above its minimum: the duality gap at the end.
            pub fn dual_gap(&self) -> f64 {
                self.record.dual_gap
            }

            /// What each pass did, in order.
            pub fn history(&self) -> &[super::Sweep] {
                &self.record.history
            }

            /// What to know before trusting it: whether the fit did not converge.
            pub fn warnings(&self) -> &[crate::warning::Warning] {
                &self.record.warnings
            }

            fn table(&self) -> crate::display::Table {
                let mut caption = format!(
                    "{} with alpha {} fitted on {} samples × {} features: {} coefficients are not 0; duality gap {:.1e} \
                     after {} iterations",
                    $model,
                    self.record.alpha,
                    self.record.n_samples,
                    self.line.coef.len(),
                    self.n_nonzero(),
                    self.record.dual_gap,
                    self.record.n_iter
                );
                for warning in &self.record.warnings {
                    caption += &format!("; warning: {warning}");
                }
                self.line.table(caption)
            }
        }
    };
}

pub(super) use elastic_accessors;
