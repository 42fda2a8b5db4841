//! Looking words up.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table from words to something. Its order is nobody's business: sort what comes out.
pub(crate) type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// Eight bytes at a time, multiplied and folded: words are short, and nobody attacks this table.
#[derive(Clone, Copy, Default)]
pub(crate) struct WordHasher(u64);

impl WordHasher {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<8>();
        for block in blocks {
            self.mix(u64::from_le_bytes(*block));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, _: u8) {
        // The end of a `str`: its length is in already.
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::Hash as _;

    #[test]
    fn words_that_differ_hash_differently() {
        let mut words: Vec<String> = (0..10_000).map(|n| format!("w{n}")).collect();
        words.extend(["", "a", "a\0", "aaaaaaaa", "aaaaaaaa\0"].map(String::from));
        let hashes: HashSet<u64> = words
            .iter()
            .map(|word| {
                let mut hasher = WordHasher::default();
                word.as_str().hash(&mut hasher);
                hasher.finish()
            })
            .collect();
        assert_eq!(hashes.len(), words.len());
    }
}
