//! Growing many trees, and averaging them.

use crate::random::Random;
use crate::tree::{
    ClassCriterion, ClassTrees, ClassWeight, Labelled, Learnable, NumberTrees, Ranks,
    RegressionCriterion, Settings, Space, Tree, at_least, balanced, normalised,
};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayRef2};
use rayon::prelude::*;

/// How many rows one task predicts.
const BLOCK: usize = 2048;

/// What the fields of a forest say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) trees: Settings,
    pub(crate) n_estimators: usize,
    pub(crate) bootstrap: bool,
    pub(crate) oob_score: bool,
    pub(crate) max_samples: Option<f64>,
    pub(crate) random_thresholds: bool,
    pub(crate) seed: u64,
}

/// Grown trees, and for each the rows that it has not seen, where that was asked for.
#[derive(Debug)]
pub(crate) struct Grown {
    pub(crate) trees: Vec<Tree>,
    unseen: Vec<Vec<bool>>,
}

impl Plan {
    /// Checks, and says how many rows each tree draws.
    fn draws(&self, n_samples: usize) -> Result<usize> {
        at_least("n_estimators", 1, self.n_estimators)?;
        if self.oob_score && !self.bootstrap {
            return Err(Error::parameter(
                "oob_score",
                "false without `bootstrap`, since every tree sees all samples then",
                true,
            ));
        }
        match self.max_samples {
            None => Ok(n_samples),
            Some(share) if self.bootstrap && share > 0.0 && share <= 1.0 => {
                Ok(((share * n_samples as f64).round() as usize).max(1))
            }
            Some(share) => Err(Error::parameter(
                "max_samples",
                "a fraction in (0, 1], with `bootstrap`",
                share,
            )),
        }
    }

    /// Grows tree after tree, each from its own stream. `tree` grows one from how often each row was drawn, or from all
    /// rows as they are.
    fn grow(
        &self,
        n_samples: usize,
        weight: Option<&[f64]>,
        tree: impl Fn(Option<&[u32]>, &mut Random, &mut Space) -> Tree + Sync,
    ) -> Result<Grown> {
        let draws = self.draws(n_samples)?;
        let cumulative = weight.map(cumulated);
        let one = |(space, counts): &mut (Space, Vec<u32>), index: u64| {
            let mut random = Random::stream(self.seed, index);
            if !self.bootstrap {
                return (tree(None, &mut random, space), Vec::new());
            }
            counts.clear();
            counts.resize(n_samples, 0);
            for _ in 0..draws {
                counts[draw(&mut random, n_samples, cumulative.as_deref())] += 1;
            }
            let unseen = if self.oob_score {
                counts.iter().map(|&count| count == 0).collect()
            } else {
                Vec::new()
            };
            (tree(Some(counts), &mut random, space), unseen)
        };
        let (trees, unseen) = (0..self.n_estimators as u64)
            .into_par_iter()
            .map_init(Default::default, one)
            .unzip();
        Ok(Grown { trees, unseen })
    }

    pub(crate) fn grow_classes(
        &self,
        data: &Labelled<'_>,
        criterion: ClassCriterion,
        class_weight: Option<&ClassWeight>,
    ) -> Result<Grown> {
        let ranks = Ranks::new(data.rows.x.view());
        let (y, n_classes) = (&*data.rows.y, data.classes.len());
        let mut trees = ClassTrees {
            ranks: &ranks,
            y,
            n_classes,
            criterion,
            limits: self.trees.limits(ranks.n_features())?,
            ccp_alpha: self.trees.ccp_alpha,
        };
        trees.limits.random_thresholds = self.random_thresholds;
        let total = self.weight_of_a_tree(&data.rows)?;
        trees.limits = trees
            .limits
            .min_weight(self.trees.min_weight_fraction_leaf, total);
        let subsample = class_weight == Some(&ClassWeight::BalancedSubsample);
        let ones = vec![1; y.len()];
        self.grow(
            y.len(),
            data.rows.weight.as_deref(),
            |counts, random, space| match (counts, &data.rows.weight) {
                (Some(counts), _) if subsample => {
                    let count = |row: usize| f64::from(counts[row]);
                    let rows = y.iter().enumerate();
                    let of = balanced(
                        n_classes,
                        rows.clone().map(|(row, &class)| (class, count(row))),
                    );
                    let weight: Vec<f64> = rows
                        .map(|(row, &class)| count(row) * of[class as usize])
                        .collect();
                    trees.weighted(&weight, random, space)
                }
                (Some(counts), _) => trees.counted(counts, random, space),
                (None, Some(weight)) => trees.weighted(weight, random, space),
                (None, None) => trees.counted(&ones, random, space),
            },
        )
    }

    pub(crate) fn grow_numbers(
        &self,
        rows: &Learnable<'_, f64>,
        criterion: RegressionCriterion,
    ) -> Result<Grown> {
        let ranks = Ranks::new(rows.x.view());
        let mut trees = NumberTrees {
            ranks: &ranks,
            y: &rows.y,
            criterion,
            limits: self.trees.limits(ranks.n_features())?,
            ccp_alpha: self.trees.ccp_alpha,
        };
        trees.limits.random_thresholds = self.random_thresholds;
        let total = self.weight_of_a_tree(rows)?;
        trees.limits = trees
            .limits
            .min_weight(self.trees.min_weight_fraction_leaf, total);
        self.grow(
            rows.y.len(),
            rows.weight.as_deref(),
            |counts, random, space| match counts {
                Some(counts) => trees.weighted(|row| f64::from(counts[row]), random, space),
                None => trees.weighted(|row| rows.weight_of(row), random, space),
            },
        )
    }

    fn weight_of_a_tree<T>(&self, rows: &Learnable<'_, T>) -> Result<f64> {
        Ok(if self.bootstrap {
            self.draws(rows.y.len())? as f64
        } else {
            rows.total_weight()
        })
    }
}

/// Σ w up to each row, itself included.
pub(crate) fn cumulated(weight: &[f64]) -> Vec<f64> {
    let sum = |sum: &mut f64, weight: &f64| {
        *sum += weight;
        Some(*sum)
    };
    weight.iter().scan(0.0, sum).collect()
}

/// A row, each as probable as its weight says.
pub(crate) fn draw(random: &mut Random, n_samples: usize, cumulative: Option<&[f64]>) -> usize {
    let Some(cumulative) = cumulative else {
        return random.below(n_samples);
    };
    let at = random.uniform() * cumulative[n_samples - 1];
    cumulative
        .partition_point(|&sum| sum <= at)
        .min(n_samples - 1)
}

/// The mean of the values that the trees give each row, shape (n_samples, n_outputs).
pub(crate) fn mean_values(trees: &[Tree], x: &ArrayRef2<f64>, n_outputs: usize) -> Array2<f64> {
    let mut sums = Array2::zeros((x.nrows(), n_outputs));
    add_values(trees, x, &mut sums);
    sums / trees.len() as f64
}

/// Adds the values of these trees, in their order, to the sums of each row.
pub(crate) fn add_values(trees: &[Tree], x: &ArrayRef2<f64>, sums: &mut Array2<f64>) {
    let n_outputs = sums.ncols();
    let x = x.as_standard_layout();
    let rows = x.as_slice().expect("the rows were made contiguous");
    let sums = sums.as_slice_mut().expect("a new array is contiguous");
    let block = |(rows, sums): (&[f64], &mut [f64])| {
        for tree in trees {
            tree.leaves(rows, |row, leaf| {
                let sums = &mut sums[row * n_outputs..(row + 1) * n_outputs];
                for (sum, value) in sums.iter_mut().zip(tree.value(leaf)) {
                    *sum += value;
                }
            });
        }
    };
    let width = x.ncols() * BLOCK;
    if rows.len() <= width {
        block((rows, sums));
    } else {
        rows.par_chunks(width)
            .zip(sums.par_chunks_mut(n_outputs * BLOCK))
            .for_each(block);
    }
}

/// The mean of the importances of the trees that split, as shares that add up to 1.
pub(crate) fn mean_importances(trees: &[Tree]) -> Array1<f64> {
    let mut sums = vec![0.0; trees.first().map_or(0, Tree::n_features)];
    for tree in trees.iter().filter(|tree| tree.node_count() > 1) {
        for (sum, share) in sums.iter_mut().zip(tree.importances()) {
            *sum += share;
        }
    }
    normalised(sums).into()
}

impl Grown {
    /// For each row the mean over the trees that have not seen it, shape (n_samples, n_outputs); NaN where all have.
    pub(crate) fn out_of_bag(&self, x: &ArrayRef2<f64>, n_outputs: usize) -> Array2<f64> {
        let means: Vec<f64> = (0..x.nrows())
            .into_par_iter()
            .flat_map_iter(|row| {
                let values = x.row(row).to_vec();
                let mut sums = vec![0.0; n_outputs];
                let mut n = 0.0;
                for (tree, unseen) in self.trees.iter().zip(&self.unseen) {
                    if unseen[row] {
                        n += 1.0;
                        for (sum, value) in sums.iter_mut().zip(tree.value(tree.leaf(&values))) {
                            *sum += value;
                        }
                    }
                }
                sums.into_iter().map(move |sum| sum / n)
            })
            .collect();
        Array2::from_shape_vec((x.nrows(), n_outputs), means).expect("one mean an output and row")
    }
}
