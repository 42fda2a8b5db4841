//! Inner loops, compiled for the widest vectors that the processor of the reader has.
//!
//! `wide!` runs a closure in a version compiled for AVX2 where there is AVX2. The loops in it are written lane by lane
//! and without fused multiply-add, so that the numbers are the same to the last bit on every processor.

/// Sums are kept in this many lanes, then added in this order: the same result at every vector width.
const LANES: usize = 8;

/// `wide!(|| work)` runs `work`, whose loops may use all vector instructions that the processor has. What it calls must be
/// `#[inline(always)]` to be compiled so.
///
/// It writes the work twice, so that each copy has one caller and is compiled into it, with its vector instructions.
macro_rules! wide {
    (|| $work:expr) => {{
        #[cfg(target_arch = "x86_64")]
        {
            match pulp::x86::V3::try_new() {
                Some(vectors) => pulp::Simd::vectorize(vectors, || $work),
                None => $crate::simd::call(|| $work),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            pulp::Arch::new().dispatch(|| $work)
        }
    }};
}

pub(crate) use wide;

/// Runs `work` with the instructions that every processor has.
#[cfg(target_arch = "x86_64")]
pub(crate) fn call<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[inline(always)]
fn add_lanes(lanes: [f64; LANES]) -> f64 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
        + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

/// Σ a_i b_i.
#[inline(always)]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    add_lanes(lanes) + rest
}

/// Σ a_i.
#[inline(always)]
pub(crate) fn sum(a: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a, rest) = a.as_chunks::<LANES>();
    for a in a {
        for lane in 0..LANES {
            lanes[lane] += a[lane];
        }
    }
    add_lanes(lanes) + rest.iter().sum::<f64>()
}

/// Σ (a_i − b_i)².
#[inline(always)]
pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            let apart = a[lane] - b[lane];
            lanes[lane] += apart * apart;
        }
    }
    let rest: f64 = a_rest
        .iter()
        .zip(b_rest)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    add_lanes(lanes) + rest
}

/// to_i += factor · a_i.
#[inline(always)]
pub(crate) fn add_scaled(to: &mut [f64], factor: f64, a: &[f64]) {
    for (to, a) in to.iter_mut().zip(a) {
        *to += factor * a;
    }
}

/// e^x to the last bit but one, without a branch. Below −708 it is 0, above 709 it is e^709.
///
/// x = k ln 2 + r with |r| ≤ ½ ln 2; e^x = 2^k e^r, and e^r is its Taylor polynomial of degree 13.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    /// Adding it rounds to a whole number, which then stands in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let inside = x.clamp(-708.0, 709.0);
    let rounded = inside * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (inside - k * LN_2_HIGH) - k * LN_2_LOW;
    let mut tail = 1.0 / 6_227_020_800.0;
    tail = tail * r + 1.0 / 479_001_600.0;
    tail = tail * r + 1.0 / 39_916_800.0;
    tail = tail * r + 1.0 / 3_628_800.0;
    tail = tail * r + 1.0 / 362_880.0;
    tail = tail * r + 1.0 / 40_320.0;
    tail = tail * r + 1.0 / 5_040.0;
    tail = tail * r + 1.0 / 720.0;
    tail = tail * r + 1.0 / 120.0;
    tail = tail * r + 1.0 / 24.0;
    tail = tail * r + 1.0 / 6.0;
    tail = tail * r + 0.5;
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52));
    let exp = (1.0 + (r + r * r * tail)) * scale;
    if x < -708.0 { 0.0 } else { exp }
}

/// Writes the transpose of `rows` (n_rows × n_columns, row by row) into `columns`, `stride` numbers a column.
#[inline(always)]
pub(crate) fn transpose(rows: &[f64], n_columns: usize, columns: &mut [f64], stride: usize) {
    for (row, values) in rows.chunks_exact(n_columns).enumerate() {
        for (column, value) in values.iter().enumerate() {
            columns[column * stride + row] = *value;
        }
    }
}

/// A matrix row by row, the starts of two rows `stride` numbers apart.
///
/// faer 0.24.4's own `from_row_major_slice_with_stride_mut` takes the stride for that of columns, and writes out of the
/// slice; the columns of the transpose are rows without that.
pub(crate) fn rows_mut(
    values: &mut [f64],
    n_rows: usize,
    n_columns: usize,
    stride: usize,
) -> faer::MatMut<'_, f64> {
    faer::MatMut::from_column_major_slice_with_stride_mut(values, n_columns, n_rows, stride)
        .transpose_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_the_last_bit_but_one() {
        for place in -7_080_000..7_090_000 {
            let x = f64::from(place) * 1e-4 + 1e-5;
            let (fast, exact) = (wide!(|| exp(x)), x.exp());
            assert!((fast / exact - 1.0).abs() <= 3e-16, "{x}: {fast} {exact}");
        }
        assert_eq!((exp(-1e4), exp(0.0)), (0.0, 1.0));
        assert!(exp(f64::NAN).is_nan() && exp(1e4).is_finite());
    }

    #[test]
    fn sums_are_the_same_with_and_without_vectors() {
        let a: Vec<f64> = (0..37).map(|place| f64::from(place).sin()).collect();
        let b: Vec<f64> = (0..37).map(|place| f64::from(place).cos()).collect();
        assert_eq!(dot(&a, &b), wide!(|| dot(&a, &b)));
        let naive: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
        assert!((squared_distance(&a, &b) - naive).abs() < 1e-13);
        assert!((sum(&a) - a.iter().sum::<f64>()).abs() < 1e-14);
    }
}
