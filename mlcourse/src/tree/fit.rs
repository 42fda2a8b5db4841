//! Trees on ranked data: what single trees and ensembles share.

use super::classes::{Classes, Counted, Entropy, Gini, Labels, Weighted};
use super::criterion::{ClassCriterion, RegressionCriterion};
use super::grow::{Limits, grow};
use super::nodes::Tree;
use super::numbers::{Distances, Squares};
use super::prune::prune;
use super::ranks::Ranks;
use super::search::Space;
use crate::random::Random;

/// Grows classification trees on the same rows.
#[derive(Debug)]
pub(crate) struct ClassTrees<'a> {
    pub(crate) ranks: &'a Ranks,
    pub(crate) y: &'a [u32],
    pub(crate) n_classes: usize,
    pub(crate) criterion: ClassCriterion,
    pub(crate) limits: Limits,
    pub(crate) ccp_alpha: f64,
}

impl ClassTrees<'_> {
    /// A tree of the rows that count, some number of times each.
    pub(crate) fn counted(&self, counts: &[u32], random: &mut Random, space: &mut Space) -> Tree {
        space.take_rows(|row| counts[row] > 0, counts.len());
        let largest = counts.iter().copied().max().unwrap_or(0) as usize;
        if largest >= Counted::LIMIT || self.n_classes >= Counted::LIMIT {
            let weights = counts.iter().map(|&count| f64::from(count));
            return self.labelled(Weighted::new(self.y, weights), 0, random, space);
        }
        let total = counts.iter().map(|&count| count as usize).sum();
        let labels = Counted::new(self.y, counts.iter().copied());
        self.labelled(labels, total, random, space)
    }

    /// A tree of the rows that weigh something.
    pub(crate) fn weighted(&self, weight: &[f64], random: &mut Random, space: &mut Space) -> Tree {
        space.take_rows(|row| weight[row] > 0.0, weight.len());
        let labels = Weighted::new(self.y, weight.iter().copied());
        self.labelled(labels, 0, random, space)
    }

    fn labelled<L: Labels>(
        &self,
        labels: L,
        largest_count: usize,
        random: &mut Random,
        space: &mut Space,
    ) -> Tree {
        let (ranks, limits, n_classes) = (self.ranks, &self.limits, self.n_classes);
        let tree = match self.criterion {
            ClassCriterion::Gini => {
                let mut classes = Classes::new(labels, Gini, n_classes);
                grow(&mut classes, ranks, limits, random, space)
            }
            ClassCriterion::Entropy | ClassCriterion::LogLoss => {
                let entropy = Entropy::new(largest_count);
                let mut classes = Classes::new(labels, entropy, n_classes);
                grow(&mut classes, ranks, limits, random, space)
            }
        };
        prune(tree, self.ccp_alpha)
    }
}

/// Grows regression trees on the same rows.
#[derive(Debug)]
pub(crate) struct NumberTrees<'a> {
    pub(crate) ranks: &'a Ranks,
    pub(crate) y: &'a [f64],
    pub(crate) criterion: RegressionCriterion,
    pub(crate) limits: Limits,
    pub(crate) ccp_alpha: f64,
}

impl NumberTrees<'_> {
    /// A tree of the rows that weigh something.
    pub(crate) fn weighted(
        &self,
        weight: impl Fn(usize) -> f64,
        random: &mut Random,
        space: &mut Space,
    ) -> Tree {
        space.take_rows(|row| weight(row) > 0.0, self.y.len());
        let tree = match self.criterion {
            RegressionCriterion::SquaredError | RegressionCriterion::FriedmanMse => {
                let mut squares = Squares::new(self.y, weight);
                grow(&mut squares, self.ranks, &self.limits, random, space)
            }
            RegressionCriterion::AbsoluteError => {
                let mut distances = Distances::new(self.y, weight);
                grow(&mut distances, self.ranks, &self.limits, random, space)
            }
        };
        prune(tree, self.ccp_alpha)
    }
}

impl Space {
    /// The rows to grow a tree of.
    pub(crate) fn take_rows(&mut self, counts: impl Fn(usize) -> bool, n_samples: usize) {
        self.rows.clear();
        self.rows
            .extend((0..n_samples as u32).filter(|&row| counts(row as usize)));
    }
}
