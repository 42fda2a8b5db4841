//! Gradient boosting on bins: what both models share.

use super::bins::{Cuts, binned, cuts};
use super::boosting::split;
use super::hist_tree::{Grower, HistSpace, HistTree, Limits, N_BINS, Slopes};
use super::loss::{Loss, weight_at};
use crate::random::Random;
use crate::tree::{at_least, normalised, not_negative};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, Axis, CowArray, Ix2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many rows one task predicts.
const BLOCK: usize = 1024;
/// From this many samples on, it stops early by itself.
const EARLY_FROM: usize = 10_000;
/// The bin of what is missing.
const MISSING: u8 = (N_BINS - 1) as u8;

/// What the fields of a model say.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) learning_rate: f64,
    pub(crate) max_iter: usize,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_leaf: usize,
    pub(crate) l2_regularization: f64,
    pub(crate) max_features: f64,
    pub(crate) max_bins: usize,
    pub(crate) categorical_features: &'a [usize],
    pub(crate) early_stopping: Option<bool>,
    pub(crate) validation_fraction: f64,
    pub(crate) n_iter_no_change: usize,
    pub(crate) tol: f64,
    pub(crate) seed: u64,
}

/// Rows to boost on: classes are numbers 0, 1, …; features may be missing.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) x: CowArray<'a, f64, Ix2>,
    pub(crate) y: Vec<f64>,
    pub(crate) weight: Option<Vec<f64>>,
}

/// The sum of a start and of many trees, whose values are shrunk already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Boosted {
    start: Vec<f64>,
    cuts: Vec<Cuts>,
    /// Iteration by iteration, one for each output.
    trees: Vec<HistTree>,
    pub(crate) train_score: Vec<f64>,
    pub(crate) validation_score: Vec<f64>,
}

/// Features that are finite or missing (NaN).
pub(crate) fn finite_or_missing(x: &ArrayRef2<f64>) -> Result<()> {
    if x.is_empty() {
        return check::table("x", x);
    }
    match x.indexed_iter().find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::NotFinite {
            what: "x",
            row,
            column,
            value,
        }),
    }
}

impl Rows<'_> {
    fn select(&self, rows: &[usize]) -> Rows<'static> {
        let weight = self.weight.as_ref();
        Rows {
            x: self.x.select(Axis(0), rows).into(),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            weight: weight.map(|weight| rows.iter().map(|&row| weight[row]).collect()),
        }
    }
}

impl Plan<'_> {
    fn check(&self, n_features: usize) -> Result<Limits> {
        at_least("max_iter", 1, self.max_iter)?;
        at_least("max_leaf_nodes", 2, self.max_leaf_nodes.unwrap_or(2))?;
        at_least("max_depth", 1, self.max_depth.unwrap_or(1))?;
        at_least("min_samples_leaf", 1, self.min_samples_leaf)?;
        at_least("n_iter_no_change", 1, self.n_iter_no_change)?;
        not_negative("learning_rate", self.learning_rate)?;
        not_negative("l2_regularization", self.l2_regularization)?;
        not_negative("tol", self.tol)?;
        if !(self.max_features > 0.0 && self.max_features <= 1.0) {
            return Err(Error::parameter(
                "max_features",
                "a fraction in (0, 1]",
                self.max_features,
            ));
        }
        if !(2..N_BINS).contains(&self.max_bins) {
            return Err(Error::parameter(
                "max_bins",
                "a whole number in [2, 255]",
                self.max_bins,
            ));
        }
        if let Some(column) = self
            .categorical_features
            .iter()
            .find(|column| **column >= n_features)
        {
            let expected = format!("columns from 0 to {}", n_features - 1);
            return Err(Error::parameter("categorical_features", expected, column));
        }
        Ok(Limits {
            max_leaf_nodes: self.max_leaf_nodes.unwrap_or(usize::MAX),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_leaf: self.min_samples_leaf,
            l2_regularization: self.l2_regularization,
            max_features: self.max_features,
        })
    }

    /// Boosts; `classes` says whether the rows have classes.
    pub(crate) fn boost(&self, loss: Loss, rows: Rows<'_>, classes: bool) -> Result<Boosted> {
        let limits = self.check(rows.x.ncols())?;
        if !self.early_stopping.unwrap_or(rows.y.len() > EARLY_FROM) {
            return self.iterate(loss, &rows, None, limits);
        }
        let (training, validation) = split(&rows.y, self.validation_fraction, classes, self.seed)?;
        let (training, validation) = (rows.select(&training), rows.select(&validation));
        self.iterate(loss, &training, Some(&validation), limits)
    }

    fn iterate(
        &self,
        loss: Loss,
        rows: &Rows<'_>,
        validation: Option<&Rows<'_>>,
        limits: Limits,
    ) -> Result<Boosted> {
        let weight = rows.weight.as_deref();
        let cuts = cuts(
            &rows.x,
            weight,
            self.max_bins,
            self.categorical_features,
            self.seed,
        )?;
        let binned = binned(&rows.x, &cuts, MISSING);
        let start = loss.start(&rows.y, weight);
        let raw_of = |n: usize| {
            start
                .iter()
                .flat_map(|&start| vec![start; n])
                .collect::<Vec<f64>>()
        };
        let (n, n_outputs) = (rows.y.len(), start.len());
        let mut raw = raw_of(n);
        let mut judge = validation.map(|rows| (rows, raw_of(rows.y.len())));
        let mut boosted = Boosted {
            start,
            cuts,
            trees: Vec::new(),
            train_score: Vec::new(),
            validation_score: Vec::new(),
        };
        let mut outputs: Vec<Output> = (0..n_outputs).map(|_| Output::default()).collect();
        let mut slopes = vec![0.0; raw.len()];
        boosted.judge(loss, &raw, rows, judge.as_ref());
        for iteration in 0..self.max_iter {
            loss.negative_gradients(&rows.y, &raw, f64::INFINITY, &mut slopes);
            let one = |(index, ((output, slopes), raw)): Task<'_>| {
                output.differentiate(loss, rows, index, slopes);
                let part = (iteration * n_outputs + index) as u64;
                let grower = Grower {
                    binned: &binned,
                    cuts: &boosted.cuts,
                    slopes: Slopes {
                        gradients: &output.gradients,
                        hessians: output.varies.then_some(&*output.hessians),
                    },
                    limits,
                    missing_bin: usize::from(MISSING),
                    random: Random::stream(self.seed, part),
                    space: &mut output.space,
                };
                let mut tree = grower.grow();
                self.finish(loss, &mut tree, rows, raw, &output.space);
                tree
            };
            let trees: Vec<HistTree> = outputs
                .par_iter_mut()
                .zip(slopes.par_chunks(n))
                .zip(raw.par_chunks_mut(n))
                .enumerate()
                .map(one)
                .collect();
            if let Some((rows, raw)) = &mut judge {
                for (tree, raw) in trees.iter().zip(raw.chunks_mut(rows.y.len())) {
                    for (raw, row) in raw.iter_mut().zip(rows.x.outer_iter()) {
                        *raw += tree.value(row.as_slice().unwrap_or(&row.to_vec()), &boosted.cuts);
                    }
                }
            }
            boosted.trees.extend(trees);
            boosted.judge(loss, &raw, rows, judge.as_ref());
            if judge.is_some() && self.enough(&boosted.validation_score) {
                break;
            }
        }
        Ok(boosted)
    }

    /// Shrinks the leaves, and adds them to the raw scores.
    fn finish(
        &self,
        loss: Loss,
        tree: &mut HistTree,
        rows: &Rows<'_>,
        raw: &mut [f64],
        space: &HistSpace,
    ) {
        for &(node, start, end) in &space.leaves {
            let of_leaf = &space.rows[start..end];
            let value = &mut tree.nodes[node].value;
            if matches!(loss, Loss::Absolute | Loss::Quantile(_)) {
                let share = if let Loss::Quantile(share) = loss {
                    share
                } else {
                    0.5
                };
                let residual = |&row: &u32| rows.y[row as usize] - raw[row as usize];
                let residuals: Vec<f64> = of_leaf.iter().map(residual).collect();
                let of_row = |weight: &Vec<f64>| -> Vec<f64> {
                    of_leaf.iter().map(|&row| weight[row as usize]).collect()
                };
                let weights = rows.weight.as_ref().map(of_row);
                *value = super::loss::quantile(&residuals, weights.as_deref(), share);
            }
            *value *= self.learning_rate;
            for &row in of_leaf {
                raw[row as usize] += *value;
            }
        }
    }

    /// Whether the last scores are no better than the one before them.
    fn enough(&self, scores: &[f64]) -> bool {
        let Some(reference) = scores.len().checked_sub(self.n_iter_no_change + 1) else {
            return false;
        };
        let bar = scores[reference] + self.tol;
        !scores[reference + 1..].iter().any(|&score| score > bar)
    }
}

/// An output's number, its memory, its slopes and its raw scores.
type Task<'a> = (usize, ((&'a mut Output, &'a [f64]), &'a mut [f64]));

/// What growing the trees of one output needs again and again.
#[derive(Debug, Default)]
struct Output {
    gradients: Vec<f32>,
    hessians: Vec<f32>,
    /// Whether the curvatures are not all 1.
    varies: bool,
    space: HistSpace,
}

impl Output {
    fn differentiate(&mut self, loss: Loss, rows: &Rows<'_>, index: usize, slopes: &[f64]) {
        let weight = rows.weight.as_deref();
        self.varies = weight.is_some() || loss.newton();
        self.gradients.clear();
        let weighted = |(row, slope): (usize, &f64)| (-slope * weight_at(weight, row)) as f32;
        self.gradients
            .extend(slopes.iter().enumerate().map(weighted));
        self.hessians.clear();
        if self.varies {
            let curvature = |(row, &slope): (usize, &f64)| {
                let y = match loss {
                    Loss::Multinomial(_) => f64::from(u8::from(rows.y[row] == index as f64)),
                    _ => rows.y[row],
                };
                (loss.curvature(y, slope) * weight_at(weight, row)) as f32
            };
            self.hessians
                .extend(slopes.iter().enumerate().map(curvature));
        }
    }
}

impl Boosted {
    /// Scores the model as it is: minus the mean loss, as scikit-learn counts it.
    fn judge(
        &mut self,
        loss: Loss,
        raw: &[f64],
        rows: &Rows<'_>,
        judge: Option<&(&Rows<'_>, Vec<f64>)>,
    ) {
        let factor = match loss {
            Loss::Squared | Loss::Binary => 0.5,
            _ => 1.0,
        };
        let score = |rows: &Rows<'_>, raw: &[f64]| {
            -factor
                * loss.mean(&rows.y, raw, f64::INFINITY, rows.weight.as_deref(), &|_| {
                    true
                })
        };
        self.train_score.push(score(rows, raw));
        if let Some((rows, raw)) = judge {
            self.validation_score.push(score(rows, raw));
        }
    }

    pub(crate) fn n_features(&self) -> usize {
        self.cuts.len()
    }

    pub(crate) fn n_iter(&self) -> usize {
        self.trees.len() / self.start.len()
    }

    pub(crate) fn n_leaves(&self) -> usize {
        let leaves = |tree: &HistTree| {
            (0..tree.nodes.len())
                .filter(|&node| tree.is_leaf(node))
                .count()
        };
        self.trees.iter().map(leaves).sum()
    }

    /// The raw scores, shape (n_samples, n_outputs).
    pub(crate) fn raw(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.n_features(), x)?;
        finite_or_missing(x)?;
        let n_outputs = self.start.len();
        let mut raw =
            Array2::from_shape_fn((x.nrows(), n_outputs), |(_, output)| self.start[output]);
        let x = x.as_standard_layout();
        let rows = x.as_slice().expect("the rows were made contiguous");
        let scores = raw.as_slice_mut().expect("a new array is contiguous");
        let block = |(rows, raw): (&[f64], &mut [f64])| {
            for (place, tree) in self.trees.iter().enumerate() {
                let output = place % n_outputs;
                for (row, raw) in rows.chunks(x.ncols()).zip(raw.chunks_mut(n_outputs)) {
                    raw[output] += tree.value(row, &self.cuts);
                }
            }
        };
        rows.par_chunks(BLOCK * x.ncols())
            .zip(scores.par_chunks_mut(BLOCK * n_outputs))
            .for_each(block);
        Ok(raw)
    }

    /// The gains of each feature's splits, as shares.
    pub(crate) fn importances(&self) -> Array1<f64> {
        let mut gains = vec![0.0; self.n_features()];
        for tree in &self.trees {
            for (node, at) in tree.nodes.iter().enumerate() {
                if !tree.is_leaf(node) {
                    gains[at.feature as usize] += at.gain;
                }
            }
        }
        normalised(gains).into()
    }
}
