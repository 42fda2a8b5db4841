//! The crate's own source of randomness: the same seed gives the same numbers on every platform and in every version.
//!
//! The stream is ChaCha with 8 rounds (D. J. Bernstein, *ChaCha, a variant of Salsa20*, 2008). Its 256-bit key is the
//! seed in 8 little-endian bytes, then zeros; nonce and counter start at 0. Numbers below a bound come from 64-bit words
//! by Lemire's multiplication with rejection (*Fast random integer generation in an interval*, 2019).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The stream of one of many parts that each draw for themselves: restart, tree, pair of classes.
    pub(crate) fn stream(seed: u64, part: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&part.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A uniform number in 0..bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        let rejected = bound.wrapping_neg() % bound.max(1);
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= rejected {
                return (product >> 64) as usize;
            }
        }
    }

    /// Fisher and Yates: from the last place down, swap with a uniform place at or before it.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_these_numbers_for_ever() {
        let mut random = Random::seeded(42);
        let mut order: Vec<usize> = (0..10).collect();
        random.shuffle(&mut order);
        // From references/chacha8_shuffle.py.
        assert_eq!(order, [7, 6, 5, 1, 0, 4, 8, 9, 2, 3]);
    }

    #[test]
    fn every_order_of_three_comes_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            let mut order = [0, 1, 2];
            Random::seeded(seed).shuffle(&mut order);
            *counts.entry(order).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|count| (900..1100).contains(count)),
            "{counts:?}"
        );
    }
}
