//! The data of the shared benchmarks, bit by bit: a SplitMix64 counter stream and Irwin-Hall normals.

/// Word number `index` of a seed's stream.
pub fn word(seed: u64, index: u64) -> u64 {
    let step = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut z = seed.wrapping_mul(0xD1B5_4A32_D192_ED03).wrapping_add(step);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Uniform number `index`, in [0, 1).
pub fn uniform(seed: u64, index: u64) -> f64 {
    (word(seed, index) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Normal number `index`.
pub fn normal(seed: u64, index: u64) -> f64 {
    let u = |part| uniform(seed, 4 * index + part);
    (((u(0) + u(1)) + u(2)) + u(3) - 2.0) * 1.732_050_807_568_877_2
}
