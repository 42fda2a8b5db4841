//! Sorting records by rank: whole numbers with a known range need no comparisons.

/// Up to this many records, comparing is faster than counting digits.
const SMALL: usize = 96;
/// Up to this many, inserting one by one is.
const TINY: usize = 24;
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;

/// Sorts by the upper half, records of equal rank as they stand or ascending. All ranks are in low..=high; `spare` is as
/// long as `records`.
pub(crate) fn by_rank(records: &mut Vec<u64>, spare: &mut Vec<u64>, low: u32, high: u32) {
    if records.len() <= TINY {
        insert(records);
    } else if records.len() <= SMALL {
        records.sort_unstable();
    } else {
        let bits = u32::BITS - (high - low).leading_zeros();
        spare.resize(records.len(), 0);
        for digit in 0..bits.div_ceil(DIGIT) {
            pass(records, spare, low, digit * DIGIT);
            std::mem::swap(records, spare);
        }
    }
}

fn insert(records: &mut [u64]) {
    for end in 1..records.len() {
        let record = records[end];
        let mut place = end;
        while place > 0 && records[place - 1] > record {
            records[place] = records[place - 1];
            place -= 1;
        }
        records[place] = record;
    }
}

/// Moves records by one digit of their rank above the lowest, keeping the order of equal digits.
fn pass(records: &[u64], sorted: &mut [u64], low: u32, shift: u32) {
    let digit = |record: u64| (((record >> 32) as u32 - low) >> shift) as usize % BUCKETS;
    let mut places = [0_u32; BUCKETS];
    for &record in records {
        places[digit(record)] += 1;
    }
    let mut start = 0;
    for place in &mut places {
        start += std::mem::replace(place, start);
    }
    for &record in records {
        let place = &mut places[digit(record)];
        sorted[*place as usize] = record;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn every_size_is_sorted_by_rank_and_keeps_ascending_rows() {
        let mut random = Random::seeded(3);
        for n in [0, 1, 2, 23, 24, 25, 95, 97, 500, 3000] {
            for distinct in [1, 5, 300, 100_000] {
                let mut records: Vec<u64> = (0..n)
                    .map(|row| (1000 + random.below(distinct) as u64) << 32 | row)
                    .collect();
                let mut expected = records.clone();
                expected.sort_unstable();
                by_rank(
                    &mut records,
                    &mut Vec::new(),
                    1000,
                    1000 + distinct as u32 - 1,
                );
                assert_eq!(records, expected, "{n} {distinct}");
            }
        }
    }
}
