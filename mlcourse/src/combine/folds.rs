//! Folds for answers that no model has learnt: scikit-learn's *KFold* and *StratifiedKFold* without shuffling.

use crate::{Error, Result};

/// The fold of each of n samples: the first n mod k folds hold one more.
pub(super) fn folds(n_samples: usize, n_folds: usize) -> Result<Vec<usize>> {
    check(n_folds, n_samples)?;
    let (size, larger) = (n_samples / n_folds, n_samples % n_folds);
    Ok((0..n_folds)
        .flat_map(|fold| vec![fold; size + usize::from(fold < larger)])
        .collect())
}

/// The fold of each sample, each fold with the classes in the proportions of all; `places` are the samples' classes.
pub(super) fn stratified(places: &[usize], n_classes: usize, n_folds: usize) -> Result<Vec<usize>> {
    check(n_folds, places.len())?;
    // Classes count in the order in which they appear.
    let mut order = Vec::new();
    for &place in places {
        if !order.contains(&place) {
            order.push(place);
        }
    }
    let count = |class: usize| places.iter().filter(|&&place| place == class).count();
    let sorted: Vec<usize> = order
        .iter()
        .flat_map(|&class| vec![class; count(class)])
        .collect();
    let mut allocation = vec![vec![0; n_folds]; n_classes];
    for (row, &class) in sorted.iter().enumerate() {
        allocation[class][row % n_folds] += 1;
    }
    let mut queues: Vec<std::vec::IntoIter<usize>> = allocation
        .iter()
        .map(|counts| {
            let folds = counts.iter().enumerate();
            folds
                .flat_map(|(fold, &count)| vec![fold; count])
                .collect::<Vec<_>>()
                .into_iter()
        })
        .collect();
    Ok(places
        .iter()
        .map(|&place| queues[place].next().unwrap_or(0))
        .collect())
}

fn check(n_folds: usize, n_samples: usize) -> Result<()> {
    if (2..=n_samples).contains(&n_folds) {
        return Ok(());
    }
    let expected = format!("2 to the number of samples, {n_samples}");
    Err(Error::parameter("cv", expected, n_folds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_scikit_learns() {
        assert_eq!(folds(7, 3), Ok(vec![0, 0, 0, 1, 1, 2, 2]));
        // StratifiedKFold(3) on [1, 0, 0, 1, 1, 0, 1, 1].
        assert_eq!(
            stratified(&[1, 0, 0, 1, 1, 0, 1, 1], 2, 3),
            Ok(vec![0, 0, 1, 0, 1, 2, 1, 2])
        );
        assert!(folds(3, 1).is_err() && folds(3, 4).is_err());
    }
}
