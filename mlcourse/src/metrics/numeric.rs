//! Sums and slices that several metrics need.

use ndarray::ArrayRef1;
use std::borrow::Cow;

/// The values one after the other: those of the array, or a copy if it jumps over some.
pub(super) fn contiguous<T: Copy>(array: &ArrayRef1<T>) -> Cow<'_, [T]> {
    match array.as_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(array.to_vec()),
    }
}

/// The sum in NumPy's order, so that a report shows NumPy's last digit: pairwise, eight sums side by side.
pub(super) fn sum(values: &[f64]) -> f64 {
    match values.len() {
        ..8 => values.iter().sum(),
        8..=128 => {
            let blocks = values.chunks_exact(8);
            let rest = blocks.remainder();
            let mut lanes = [0.0; 8];
            for block in blocks {
                for (lane, value) in lanes.iter_mut().zip(block) {
                    *lane += value;
                }
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
            rest.iter().fold(total, |total, value| total + value)
        }
        len => {
            let half = len / 2 - len / 2 % 8;
            sum(&values[..half]) + sum(&values[half..])
        }
    }
}

/// The mean, or the mean by weights, of what is a number: NaN counts as not there. NaN when nothing is.
pub(super) fn nan_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let kept: Vec<usize> = (0..values.len())
        .filter(|&place| !values[place].is_nan())
        .collect();
    if kept.is_empty() {
        return f64::NAN;
    }
    let plain = || {
        let values: Vec<f64> = kept.iter().map(|&place| values[place]).collect();
        sum(&values) / kept.len() as f64
    };
    let Some(weights) = weights else {
        return plain();
    };
    let weights: Vec<f64> = kept.iter().map(|&place| weights[place]).collect();
    let total = sum(&weights);
    if total == 0.0 {
        return plain();
    }
    let products: Vec<f64> = kept
        .iter()
        .zip(&weights)
        .map(|(&place, weight)| values[place] * weight)
        .collect();
    sum(&products) / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_any_order_up_to_rounding() {
        for len in [0, 1, 7, 8, 9, 128, 129, 1000] {
            let values: Vec<f64> = (0..len).map(|i| f64::from(i) * 0.1).collect();
            let naive: f64 = values.iter().sum();
            assert!((sum(&values) - naive).abs() <= 1e-9, "{len}");
        }
    }

    #[test]
    fn a_mean_leaves_out_what_is_no_number() {
        assert_eq!(nan_mean(&[1.0, f64::NAN, 3.0], None), 2.0);
        assert_eq!(nan_mean(&[1.0, f64::NAN, 3.0], Some(&[1.0, 9.0, 3.0])), 2.5);
        assert_eq!(nan_mean(&[1.0, 3.0], Some(&[0.0, 0.0])), 2.0);
        assert!(nan_mean(&[f64::NAN], None).is_nan());
    }
}
