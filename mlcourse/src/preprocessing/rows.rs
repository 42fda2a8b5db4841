//! Work on a table in chunks of rows, or column by column. Chunks depend on the shape alone and are combined in their
//! order, so results have the same bits at any number of threads.

use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView2, s};
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

/// The numbers of a chunk: 128 KiB, so that a second pass over them finds them in the cache.
const CHUNK: usize = 1 << 14;
/// Columns that are gathered at once: the numbers of a cache line.
const COLUMNS: usize = 8;

fn rows_per_chunk(n_columns: usize) -> usize {
    (CHUNK / n_columns.max(1)).max(16)
}

/// The numbers of some rows, one row after the other.
fn chunk<'a>(x: &'a ArrayView2<'_, f64>, start: usize, end: usize) -> Cow<'a, [f64]> {
    let n_columns = x.ncols();
    match x.as_slice() {
        Some(values) => Cow::Borrowed(&values[start * n_columns..end * n_columns]),
        None => Cow::Owned(x.slice(s![start..end, ..]).iter().copied().collect()),
    }
}

/// Whether a number is NaN or infinite: its exponent is all ones, and one more carries into the sign.
pub(crate) fn any_not_finite(values: &[f64]) -> bool {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    const ONE: u64 = 0x0010_0000_0000_0000;
    let seen = values.iter().fold(0, |seen, value| {
        seen | (value.to_bits() & EXPONENT).wrapping_add(ONE)
    });
    seen >> 63 != 0
}

/// [`check::table`] on all cores.
pub(crate) fn check_finite(x: &ArrayView2<'_, f64>) -> Result<()> {
    if x.is_empty() || fold_chunks(x, any_not_finite).contains(&true) {
        check::table("x", x)?;
    }
    Ok(())
}

/// What `of` makes of each chunk of rows, in their order.
pub(crate) fn fold_chunks<T, F>(x: &ArrayView2<'_, f64>, of: F) -> Vec<T>
where
    T: Send,
    F: Fn(&[f64]) -> T + Sync,
{
    fold_chunks_at(x, |_, rows| of(rows))
}

/// [`fold_chunks`], where `of` is told the first row of the chunk.
pub(crate) fn fold_chunks_at<T, F>(x: &ArrayView2<'_, f64>, of: F) -> Vec<T>
where
    T: Send,
    F: Fn(usize, &[f64]) -> T + Sync,
{
    let size = rows_per_chunk(x.ncols());
    let n_rows = x.nrows();
    if n_rows <= size {
        return vec![of(0, &chunk(x, 0, n_rows))];
    }
    (0..n_rows.div_ceil(size))
        .into_par_iter()
        .map(|place| {
            let start = place * size;
            of(start, &chunk(x, start, (start + size).min(n_rows)))
        })
        .collect()
}

/// A table of `n_out` columns whose rows `change` makes of those of `x`, a chunk at a time.
pub(crate) fn map_chunks<F>(x: &ArrayView2<'_, f64>, n_out: usize, change: F) -> Array2<f64>
where
    F: Fn(&[f64], &mut [f64]) + Sync,
{
    let n_rows = x.nrows();
    let mut out = Array2::zeros((n_rows, n_out));
    if n_out == 0 || n_rows == 0 {
        return out;
    }
    let size = rows_per_chunk(x.ncols().max(n_out));
    let values = out.as_slice_mut().expect("a new array is contiguous");
    if n_rows <= size {
        change(&chunk(x, 0, n_rows), values);
    } else {
        values
            .par_chunks_mut(size * n_out)
            .enumerate()
            .for_each(|(place, out)| {
                let start = place * size;
                change(&chunk(x, start, start + out.len() / n_out), out);
            });
    }
    out
}

/// [`map_chunks`], or an error when `x` is empty or not finite. The check rides along: the numbers are in the cache.
pub(crate) fn map_finite<F>(x: &ArrayView2<'_, f64>, n_out: usize, change: F) -> Result<Array2<f64>>
where
    F: Fn(&[f64], &mut [f64]) + Sync,
{
    if x.is_empty() {
        check::table("x", x)?;
    }
    let not_finite = AtomicBool::new(false);
    let out = map_chunks(x, n_out, |rows, out| {
        if any_not_finite(rows) {
            not_finite.store(true, Ordering::Relaxed);
        }
        change(rows, out);
    });
    if not_finite.into_inner() {
        check::table("x", x)?;
    }
    Ok(out)
}

/// (x − shift) / scale, column by column.
pub(crate) fn shift_and_divide(
    x: &ArrayView2<'_, f64>,
    shift: &Array1<f64>,
    scale: &Array1<f64>,
) -> Result<Array2<f64>> {
    map_rows(x, shift, scale, |value, shift, scale| {
        (value - shift) / scale
    })
}

/// x · factor + offset, column by column.
pub(crate) fn multiply_and_add(
    x: &ArrayView2<'_, f64>,
    factor: &Array1<f64>,
    offset: &Array1<f64>,
) -> Result<Array2<f64>> {
    map_rows(x, factor, offset, |value, factor, offset| {
        value * factor + offset
    })
}

/// Each number changed with the two numbers that its column has.
pub(crate) fn map_rows<F>(
    x: &ArrayView2<'_, f64>,
    first: &Array1<f64>,
    second: &Array1<f64>,
    change: F,
) -> Result<Array2<f64>>
where
    F: Fn(f64, f64, f64) -> f64 + Sync,
{
    let (first, second) = (first.to_vec(), second.to_vec());
    let n_columns = x.ncols();
    map_finite(x, n_columns, |rows, out| {
        let pairs = rows
            .chunks_exact(n_columns)
            .zip(out.chunks_exact_mut(n_columns));
        for (row, out) in pairs {
            let columns = first.iter().zip(&second);
            for ((out, &value), (&first, &second)) in out.iter_mut().zip(row).zip(columns) {
                *out = change(value, first, second);
            }
        }
    })
}

/// What `of` makes of each column, with a copy of its numbers to sort or change.
pub(crate) fn map_columns<T, F>(x: &ArrayView2<'_, f64>, of: F) -> Vec<T>
where
    T: Send,
    F: Fn(usize, &mut Vec<f64>) -> T + Sync,
{
    let n_columns = x.ncols();
    let block = |first: usize| -> Vec<T> {
        let last = (first + COLUMNS).min(n_columns);
        let mut columns = vec![Vec::with_capacity(x.nrows()); last - first];
        for row in x.slice(s![.., first..last]).outer_iter() {
            for (column, &value) in columns.iter_mut().zip(&row) {
                column.push(value);
            }
        }
        let each = |(place, column): (usize, &mut Vec<f64>)| of(first + place, column);
        if x.len() < CHUNK {
            columns.iter_mut().enumerate().map(each).collect()
        } else {
            columns.par_iter_mut().enumerate().map(each).collect()
        }
    };
    let starts = 0..n_columns.div_ceil(COLUMNS);
    let blocks: Vec<Vec<T>> = if x.len() < CHUNK {
        starts.map(|place| block(place * COLUMNS)).collect()
    } else {
        starts
            .into_par_iter()
            .map(|place| block(place * COLUMNS))
            .collect()
    };
    blocks.into_iter().flatten().collect()
}

/// Mean and population variance of each column.
///
/// Each chunk finds its own mean and the squares around it, corrected for rounding; chunks are joined by the formula of
/// Chan, Golub and LeVeque (1983).
pub(crate) fn moments(x: &ArrayView2<'_, f64>) -> Result<(Array1<f64>, Array1<f64>)> {
    if x.is_empty() {
        check::table("x", x)?;
    }
    let n_columns = x.ncols();
    let chunks = fold_chunks(x, |rows| chunk_moments(rows, n_columns));
    let n_samples = x.nrows() as f64;
    let mut mean = vec![0.0; n_columns];
    for chunk in &chunks {
        for (mean, sum) in mean.iter_mut().zip(&chunk.sum) {
            *mean += sum;
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= n_samples);
    let mut var = vec![0.0; n_columns];
    for chunk in &chunks {
        let columns = chunk.sum.iter().zip(&chunk.squares);
        for ((var, mean), (sum, squares)) in var.iter_mut().zip(&mean).zip(columns) {
            let distance = sum / chunk.n_rows - mean;
            *var += squares + chunk.n_rows * distance * distance;
        }
    }
    var.iter_mut().for_each(|var| *var /= n_samples);
    match (0..n_columns).find(|&column| !(mean[column].is_finite() && var[column].is_finite())) {
        Some(column) => {
            check::table("x", x)?;
            Err(Error::Overflow { what: "x", column })
        }
        None => Ok((mean.into(), var.into())),
    }
}

struct ChunkMoments {
    n_rows: f64,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

fn chunk_moments(rows: &[f64], n_columns: usize) -> ChunkMoments {
    let n_rows = (rows.len() / n_columns) as f64;
    let mut sum = vec![0.0; n_columns];
    for row in rows.chunks_exact(n_columns) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let mean: Vec<f64> = sum.iter().map(|sum| sum / n_rows).collect();
    let mut squares = vec![0.0; n_columns];
    let mut rest = vec![0.0; n_columns];
    for row in rows.chunks_exact(n_columns) {
        let sums = squares.iter_mut().zip(&mut rest);
        for ((value, mean), (squares, rest)) in row.iter().zip(&mean).zip(sums) {
            let distance = value - mean;
            *squares += distance * distance;
            *rest += distance;
        }
    }
    for (squares, rest) in squares.iter_mut().zip(&rest) {
        *squares -= rest * rest / n_rows;
    }
    ChunkMoments {
        n_rows,
        sum,
        squares,
    }
}

/// Whether the variance is no more than what rounding makes of a constant column (scikit-learn's bound).
pub(crate) fn is_constant(mean: f64, var: f64, n_samples: usize) -> bool {
    let n_samples = n_samples as f64;
    var <= n_samples * f64::EPSILON * var + (n_samples * mean * f64::EPSILON).powi(2)
}

/// A scale to divide by: 1 where it is 0 but for rounding (scikit-learn's bound).
pub(crate) fn nonzero_scale(scale: f64) -> f64 {
    if scale < 10.0 * f64::EPSILON {
        1.0
    } else {
        scale
    }
}

/// The least and the greatest number of each column.
pub(crate) fn extremes(x: &ArrayView2<'_, f64>) -> Result<(Array1<f64>, Array1<f64>)> {
    if x.is_empty() {
        check::table("x", x)?;
    }
    let n_columns = x.ncols();
    let chunks = fold_chunks(x, |rows| {
        let mut least = vec![f64::INFINITY; n_columns];
        let mut most = vec![f64::NEG_INFINITY; n_columns];
        for row in rows.chunks_exact(n_columns) {
            widen(&mut least, &mut most, row, row);
        }
        (least, most, any_not_finite(rows))
    });
    if chunks.iter().any(|(_, _, not_finite)| *not_finite) {
        check::table("x", x)?;
    }
    let mut least = vec![f64::INFINITY; n_columns];
    let mut most = vec![f64::NEG_INFINITY; n_columns];
    for (low, high, _) in &chunks {
        widen(&mut least, &mut most, low, high);
    }
    Ok((least.into(), most.into()))
}

fn widen(least: &mut [f64], most: &mut [f64], low: &[f64], high: &[f64]) {
    let bounds = least.iter_mut().zip(most);
    for ((least, most), (&low, &high)) in bounds.zip(low.iter().zip(high)) {
        *least = if low < *least { low } else { *least };
        *most = if high > *most { high } else { *most };
    }
}

/// The quantiles at `at` (each from 0 to 1, ascending) of numbers in any order, interpolated linearly as NumPy does.
/// The numbers are reordered.
pub(crate) fn quantiles(values: &mut [f64], at: &[f64]) -> Vec<f64> {
    let last = values.len().saturating_sub(1);
    let sorted = at.len() > 8;
    if sorted {
        values.sort_unstable_by(f64::total_cmp);
    }
    // Left of `from` stands nothing that a later quantile needs.
    let mut from = 0;
    at.iter()
        .map(|at| {
            let place = at * last as f64;
            let index = (place.floor() as usize).min(last);
            if !sorted {
                values[from..].select_nth_unstable_by(index - from, f64::total_cmp);
                from = index;
            }
            let low = values[index];
            let part = place - index as f64;
            if part == 0.0 {
                return low;
            }
            let high = if sorted {
                values[index + 1]
            } else {
                least(&values[index + 1..])
            };
            between(low, high, part)
        })
        .collect()
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The number at `part` of the way, from the nearer end.
fn between(low: f64, high: f64, part: f64) -> f64 {
    if part < 0.5 {
        low + (high - low) * part
    } else {
        high - (high - low) * (1.0 - part)
    }
}

/// The median of numbers in any order, which are reordered; NaN of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    let n_values = values.len();
    if n_values == 0 {
        return f64::NAN;
    }
    let (below, &mut middle, _) = values.select_nth_unstable_by(n_values / 2, f64::total_cmp);
    if n_values % 2 == 1 {
        return middle;
    }
    let below = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Halves first: the sum of two large numbers overflows.
    let mean = (below + middle) / 2.0;
    if mean.is_finite() {
        mean
    } else {
        below / 2.0 + middle / 2.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::{Axis, array};

    fn numbers(n_rows: usize, n_columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
            ((row * 7919 + column * 104_729) % 1009) as f64 / 7.0 - 50.0
        })
    }

    #[test]
    fn chunked_moments_are_the_formulas() {
        let x = numbers(20_011, 3);
        let (mean, var) = moments(&x.view()).unwrap();
        let naive = x.mean_axis(Axis(0)).unwrap();
        assert!((&mean - &naive).iter().all(|error| error.abs() < 1e-11));
        let naive = x.var_axis(Axis(0), 0.0);
        assert!(
            (&var / &naive - 1.0)
                .iter()
                .all(|error| error.abs() < 1e-12)
        );
    }

    #[test]
    fn tables_in_column_order_give_the_same_bits() {
        let x = numbers(5000, 4);
        let turned = x.t().to_owned();
        assert_eq!(moments(&x.view()).unwrap(), moments(&turned.t()).unwrap());
        assert_eq!(extremes(&x.view()).unwrap(), extremes(&turned.t()).unwrap());
        let halves =
            |x: &ArrayView2<'_, f64>| map_chunks(x, 4, |rows, out| out.copy_from_slice(rows));
        assert_eq!(halves(&x.view()), halves(&turned.t()));
    }

    #[test]
    fn numbers_that_are_not_finite_are_seen() {
        for value in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(any_not_finite(&[0.0, value, 1.0]));
        }
        assert!(!any_not_finite(&[0.0, -0.0, f64::MAX, f64::MIN, 5e-324]));
    }

    #[test]
    fn quantiles_by_selection_are_those_of_the_sorted_numbers() {
        let values: Vec<f64> = numbers(101, 1).into_iter().collect();
        let at = [0.0, 0.1, 0.25, 0.333, 0.5, 0.75, 0.999, 1.0];
        let many: Vec<f64> = at.iter().flat_map(|&at| [at, at]).collect();
        let few = quantiles(&mut values.clone(), &at);
        let sorted = quantiles(&mut values.clone(), &many);
        for (place, value) in few.iter().enumerate() {
            assert_eq!(*value, sorted[2 * place]);
        }
        assert_eq!(few[4], median(&mut values.clone()));
        assert_eq!(quantiles(&mut [1.0, 2.0], &[0.25, 0.5]), [1.25, 1.5]);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn columns_come_in_their_order() {
        let x = numbers(2000, 19);
        let firsts = map_columns(&x.view(), |column, values| (column, values[1]));
        let expected: Vec<(usize, f64)> = (0..19).map(|column| (column, x[[1, column]])).collect();
        assert_eq!(firsts, expected);
        assert!(map_columns(&array![[1.0]].view(), |_, values| values.len()) == [1]);
    }
}
