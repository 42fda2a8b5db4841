//! Gradient boosting with exact splits.

use super::loss::{Loss, weight_at};
use crate::model_selection::TrainTestSplit;
use crate::random::Random;
use crate::tree::{
    Limits, Ranks, Settings, Space, Squares, Tree, at_least, grow, normalised, not_negative, prune,
};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayRef2, Axis, CowArray, Ix2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many rows one task predicts.
const BLOCK: usize = 1024;
/// The stream of what is random beside the trees.
const DRAWS: u64 = 1 << 40;

/// What the fields of a boosting model say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) trees: Settings,
    pub(crate) n_estimators: usize,
    pub(crate) learning_rate: f64,
    pub(crate) subsample: f64,
    pub(crate) validation_fraction: f64,
    pub(crate) n_iter_no_change: Option<usize>,
    pub(crate) tol: f64,
    pub(crate) seed: u64,
}

/// Rows to boost on: classes are numbers 0, 1, ….
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) x: CowArray<'a, f64, Ix2>,
    pub(crate) y: Vec<f64>,
    pub(crate) weight: Option<Vec<f64>>,
}

/// The sum of a start and of many trees, shrunk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Boosted {
    pub(crate) start: Vec<f64>,
    /// Stage by stage, one for each output.
    pub(crate) trees: Vec<Tree>,
    pub(crate) learning_rate: f64,
    pub(crate) train_score: Vec<f64>,
    pub(crate) oob_improvement: Vec<f64>,
}

impl Rows<'_> {
    fn select(&self, rows: &[usize]) -> Rows<'static> {
        Rows {
            x: self.x.select(Axis(0), rows).into(),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            weight: self
                .weight
                .as_ref()
                .map(|weight| rows.iter().map(|&row| weight[row]).collect()),
        }
    }
}

/// Rows to learn from and rows to validate with; of classes, each gives its share.
pub(crate) fn split(
    y: &[f64],
    fraction: f64,
    classes: bool,
    seed: u64,
) -> Result<(Vec<usize>, Vec<usize>)> {
    if !(fraction > 0.0 && fraction < 1.0) {
        let expected = "a fraction in (0, 1)";
        return Err(Error::parameter("validation_fraction", expected, fraction));
    }
    let mut split = TrainTestSplit::new(fraction).seed(seed);
    if classes {
        let labels: Array1<usize> = y.iter().map(|&class| class as usize).collect();
        split = split.stratify(&labels);
    }
    split.split_indices(y.len())
}

impl Plan {
    fn check(&self) -> Result<()> {
        at_least("n_estimators", 1, self.n_estimators)?;
        at_least("n_iter_no_change", 1, self.n_iter_no_change.unwrap_or(1))?;
        not_negative("learning_rate", self.learning_rate)?;
        not_negative("tol", self.tol)?;
        if self.subsample > 0.0 && self.subsample <= 1.0 {
            return Ok(());
        }
        Err(Error::parameter(
            "subsample",
            "a fraction in (0, 1]",
            self.subsample,
        ))
    }

    /// Boosts; `classes` says whether the rows have classes.
    pub(crate) fn boost(&self, loss: Loss, rows: Rows<'_>, classes: bool) -> Result<Boosted> {
        self.check()?;
        let limits = self.trees.limits(rows.x.ncols())?;
        let Some(patience) = self.n_iter_no_change else {
            return Ok(Stages::new(self, loss, &rows, limits).run(None));
        };
        let (training, validation) = split(&rows.y, self.validation_fraction, classes, self.seed)?;
        let (training, validation) = (rows.select(&training), rows.select(&validation));
        let mut stages = Stages::new(self, loss, &training, limits);
        Ok(stages.run(Some((&validation, patience))))
    }
}

/// Boosting on its way.
struct Stages<'a, 'x> {
    plan: &'a Plan,
    loss: Loss,
    rows: &'a Rows<'x>,
    ranks: Ranks,
    limits: Limits,
    random: Random,
    raw: Vec<f64>,
    gradients: Vec<f64>,
    /// Whether each row is in the draw of the stage.
    drawn: Vec<bool>,
    outputs: Vec<Output>,
    boosted: Boosted,
}

/// An output's number, its memory, its slopes and its raw scores.
type Task<'a> = (usize, ((&'a mut Output, &'a [f64]), &'a mut [f64]));

/// What growing the trees of one output needs again and again.
struct Output {
    space: Space,
    squares: Squares,
    leaves: Vec<u32>,
}

impl<'a, 'x> Stages<'a, 'x> {
    fn new(plan: &'a Plan, loss: Loss, rows: &'a Rows<'x>, limits: Limits) -> Self {
        let n = rows.y.len();
        let start = loss.start(&rows.y, rows.weight.as_deref());
        let output = || Output {
            space: Space::default(),
            squares: Squares::new(&rows.y, |_| 1.0),
            leaves: vec![0; n],
        };
        Self {
            plan,
            loss,
            rows,
            ranks: Ranks::new(rows.x.view()),
            limits,
            random: Random::stream(plan.seed, DRAWS),
            raw: start.iter().flat_map(|&start| vec![start; n]).collect(),
            gradients: vec![0.0; start.len() * n],
            drawn: vec![true; n],
            outputs: start.iter().map(|_| output()).collect(),
            boosted: Boosted {
                start,
                trees: Vec::new(),
                learning_rate: plan.learning_rate,
                train_score: Vec::new(),
                oob_improvement: Vec::new(),
            },
        }
    }

    fn run(&mut self, validation: Option<(&Rows<'_>, usize)>) -> Boosted {
        let n_outputs = self.loss.n_outputs();
        let mut patience = validation.map(|(rows, patience)| {
            let n = rows.y.len();
            let raw: Vec<f64> = self
                .boosted
                .start
                .iter()
                .flat_map(|&start| vec![start; n])
                .collect();
            (rows, raw, vec![f64::INFINITY; patience])
        });
        let mut last_unseen = None;
        for stage in 0..self.plan.n_estimators {
            if self.plan.subsample < 1.0 {
                self.draw();
            }
            let draws = self.plan.subsample < 1.0;
            let before = last_unseen.or_else(|| draws.then(|| self.score(f64::INFINITY, false)));
            let delta = self.stage(stage);
            self.boosted.train_score.push(self.score(delta, true));
            if let Some(before) = before {
                let now = self.score(delta, false);
                self.boosted.oob_improvement.push(before - now);
                last_unseen = Some(now);
            }
            if let Some((rows, raw, recent)) = &mut patience {
                let n = rows.y.len();
                let newest = &self.boosted.trees[stage * n_outputs..];
                for (tree, raw) in newest.iter().zip(raw.chunks_mut(n)) {
                    add(tree, &rows.x, self.plan.learning_rate, raw);
                }
                let loss = self
                    .loss
                    .mean(&rows.y, raw, delta, rows.weight.as_deref(), &|_| true);
                if !recent.iter().any(|&before| loss + self.plan.tol < before) {
                    break;
                }
                let place = stage % recent.len();
                recent[place] = loss;
            }
        }
        self.boosted.clone()
    }

    /// Draws rows without putting them back.
    fn draw(&mut self) {
        let n = self.drawn.len();
        let mut missing = ((self.plan.subsample * n as f64) as usize).max(1);
        for row in 0..n {
            self.drawn[row] = self.random.below(n - row) < missing;
            missing -= usize::from(self.drawn[row]);
        }
    }

    /// The mean loss of the rows that were drawn, or of the others.
    fn score(&self, delta: f64, drawn: bool) -> f64 {
        let kept = |row: usize| self.drawn[row] == drawn;
        let weight = self.rows.weight.as_deref();
        self.loss
            .mean(&self.rows.y, &self.raw, delta, weight, &kept)
    }

    /// Adds one tree for each output.
    fn stage(&mut self, stage: usize) -> f64 {
        let (n, n_outputs) = (self.rows.y.len(), self.loss.n_outputs());
        let weight = self.rows.weight.as_deref();
        let delta = self.loss.delta(&self.rows.y, &self.raw, weight);
        self.loss
            .negative_gradients(&self.rows.y, &self.raw, delta, &mut self.gradients);
        let (rows, drawn, plan) = (self.rows, &self.drawn, self.plan);
        let kept = |row: &usize| drawn[*row];
        let total: f64 = (0..n).filter(kept).map(|row| weight_at(weight, row)).sum();
        let step = Step {
            loss: self.loss,
            ranks: &self.ranks,
            limits: self
                .limits
                .min_weight(plan.trees.min_weight_fraction_leaf, total),
            drawn,
            rows,
            delta,
            learning_rate: plan.learning_rate,
            ccp_alpha: plan.trees.ccp_alpha,
        };
        let one = |(index, ((output, gradients), raw)): Task<'_>| {
            let mut random = Random::stream(plan.seed, (stage * n_outputs + index) as u64);
            step.tree(index, output, gradients, raw, &mut random)
        };
        let trees: Vec<Tree> = self
            .outputs
            .par_iter_mut()
            .zip(self.gradients.par_chunks(n))
            .zip(self.raw.par_chunks_mut(n))
            .enumerate()
            .map(one)
            .collect();
        self.boosted.trees.extend(trees);
        delta
    }
}

/// What the trees of one stage share.
struct Step<'a, 'x> {
    loss: Loss,
    ranks: &'a Ranks,
    limits: Limits,
    drawn: &'a [bool],
    rows: &'a Rows<'x>,
    delta: f64,
    learning_rate: f64,
    ccp_alpha: f64,
}

impl Step<'_, '_> {
    fn tree(
        &self,
        index: usize,
        output: &mut Output,
        gradients: &[f64],
        raw: &mut [f64],
        random: &mut Random,
    ) -> Tree {
        let Output {
            space,
            squares,
            leaves,
        } = output;
        let weight = |row: usize| {
            if self.drawn[row] {
                weight_at(self.rows.weight.as_deref(), row)
            } else {
                0.0
            }
        };
        space.take_rows(|row| self.drawn[row], gradients.len());
        squares.set(gradients, weight);
        let tree = grow(squares, self.ranks, &self.limits, random, space);
        let mut tree = prune(tree, self.ccp_alpha);
        let x = self.rows.x.as_standard_layout();
        let x = x.as_slice().expect("the rows were made contiguous");
        tree.leaves(x, |row, leaf| leaves[row] = leaf as u32);
        if self.loss.newton() {
            self.newton(&mut tree, index, gradients, leaves, &weight);
        } else if self.loss != Loss::Squared {
            self.line_search(&mut tree, raw, leaves);
        }
        for (raw, &leaf) in raw.iter_mut().zip(leaves.iter()) {
            *raw += self.learning_rate * tree.value(leaf as usize)[0];
        }
        tree
    }

    fn newton(
        &self,
        tree: &mut Tree,
        index: usize,
        gradients: &[f64],
        leaves: &[u32],
        weight: &impl Fn(usize) -> f64,
    ) {
        let mut sums = vec![(0.0, 0.0); tree.node_count()];
        for (row, (&slope, &leaf)) in gradients.iter().zip(leaves).enumerate() {
            let y = match self.loss {
                Loss::Multinomial(_) => f64::from(u8::from(self.rows.y[row] == index as f64)),
                _ => self.rows.y[row],
            };
            let (slopes, curvatures) = &mut sums[leaf as usize];
            *slopes += weight(row) * slope;
            *curvatures += weight(row) * self.loss.curvature(y, slope);
        }
        for (node, (slopes, curvatures)) in sums.into_iter().enumerate() {
            if tree.is_leaf(node) {
                tree.values_mut()[node] = self.loss.newton_step(slopes, curvatures);
            }
        }
    }

    fn line_search(&self, tree: &mut Tree, raw: &[f64], leaves: &[u32]) {
        let mut residuals = vec![Vec::new(); tree.node_count()];
        let mut weights = vec![Vec::new(); tree.node_count()];
        for (row, &leaf) in leaves
            .iter()
            .enumerate()
            .filter(|(row, _)| self.drawn[*row])
        {
            residuals[leaf as usize].push(self.rows.y[row] - raw[row]);
            if let Some(weight) = &self.rows.weight {
                weights[leaf as usize].push(weight[row]);
            }
        }
        for (node, (residuals, weights)) in residuals.into_iter().zip(weights).enumerate() {
            if tree.is_leaf(node) && !residuals.is_empty() {
                let weights = self.rows.weight.as_ref().map(|_| &*weights);
                tree.values_mut()[node] = self.loss.leaf(residuals, weights, self.delta);
            }
        }
    }
}

/// Adds a tree's shrunk values to raw scores.
fn add(tree: &Tree, x: &ArrayRef2<f64>, learning_rate: f64, raw: &mut [f64]) {
    let x = x.as_standard_layout();
    let rows = x.as_slice().expect("the rows were made contiguous");
    tree.leaves(rows, |row, leaf| {
        raw[row] += learning_rate * tree.value(leaf)[0]
    });
}

impl Boosted {
    pub(crate) fn n_features(&self) -> usize {
        self.trees[0].n_features()
    }

    pub(crate) fn n_stages(&self) -> usize {
        self.trees.len() / self.start.len()
    }

    /// The raw scores after all stages, shape (n_samples, n_outputs).
    pub(crate) fn raw(&self, x: &ArrayRef2<f64>) -> Array2<f64> {
        self.raw_after(x, &[self.n_stages()]).remove(0)
    }

    /// The raw scores after some numbers of stages, ascending.
    pub(crate) fn raw_after(&self, x: &ArrayRef2<f64>, stages: &[usize]) -> Vec<Array2<f64>> {
        let n_outputs = self.start.len();
        let mut raw =
            Array2::from_shape_fn((x.nrows(), n_outputs), |(_, output)| self.start[output]);
        let x = x.as_standard_layout();
        let rows = x.as_slice().expect("the rows were made contiguous");
        let mut done = 0;
        let mut after = Vec::new();
        for &stage in stages {
            let trees = &self.trees[done * n_outputs..stage * n_outputs];
            let block = |(rows, raw): (&[f64], &mut [f64])| {
                for (place, tree) in trees.iter().enumerate() {
                    let output = place % n_outputs;
                    tree.leaves(rows, |row, leaf| {
                        raw[row * n_outputs + output] += self.learning_rate * tree.value(leaf)[0];
                    });
                }
            };
            let scores = raw.as_slice_mut().expect("a new array is contiguous");
            rows.par_chunks(BLOCK * x.ncols())
                .zip(scores.par_chunks_mut(BLOCK * n_outputs))
                .for_each(block);
            done = stage;
            after.push(raw.clone());
        }
        after
    }

    /// The mean decrease of the impurity over the trees that split, as shares.
    pub(crate) fn importances(&self) -> Array1<f64> {
        let mut sums = vec![0.0; self.n_features()];
        for tree in self.trees.iter().filter(|tree| tree.node_count() > 1) {
            for (sum, decrease) in sums.iter_mut().zip(tree.decreases()) {
                *sum += decrease;
            }
        }
        normalised(sums).into()
    }
}
