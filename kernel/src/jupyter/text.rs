//! Positions in a cell: the protocol counts code points, the engine counts bytes.

/// The byte offset of a position in code points; the end for one that is past it.
pub(super) fn byte_offset(code: &str, points: usize) -> usize {
    code.char_indices()
        .nth(points)
        .map_or(code.len(), |(offset, _)| offset)
}

/// The position in code points of a byte offset, rounded up to a whole code point.
pub(super) fn point_offset(code: &str, bytes: usize) -> usize {
    code.char_indices()
        .take_while(|(offset, _)| *offset < bytes)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_the_way_there_and_back() {
        let code = "let é = \"🦀\"; é.";
        for points in 0..=code.chars().count() {
            assert_eq!(point_offset(code, byte_offset(code, points)), points);
        }
    }

    #[test]
    fn a_position_past_the_end_is_the_end() {
        assert_eq!(byte_offset("é", 9), 2);
        assert_eq!(point_offset("é", 9), 1);
        assert_eq!(byte_offset("", 0), 0);
    }
}
