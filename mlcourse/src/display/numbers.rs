//! Numbers as a reader wants them: the same decimals all the way down a column.

/// The most decimals that are shown.
const MAX_DECIMALS: usize = 4;

/// Formats numbers that stand together: as few decimals as they need, at least one, at most four; in scientific notation
/// when they are too large or all too small for that.
pub(crate) fn format_together(values: &[f64]) -> Vec<String> {
    let largest = values
        .iter()
        .filter(|value| value.is_finite())
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let scientific = largest >= 1e9 || (largest > 0.0 && largest < 1e-3);
    let decimals = decimals(values);
    values
        .iter()
        .map(|value| {
            if scientific && value.is_finite() && *value != 0.0 {
                format!("{value:.3e}")
            } else {
                format!("{value:.decimals$}")
            }
        })
        .collect()
}

fn decimals(values: &[f64]) -> usize {
    (1..MAX_DECIMALS)
        .find(|decimals| {
            let scale = 10_f64.powi(*decimals as i32);
            values
                .iter()
                .filter(|value| value.is_finite())
                .all(|value| {
                    let scaled = value * scale;
                    (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0)
                })
        })
        .unwrap_or(MAX_DECIMALS)
}

/// Formats what `Debug` wrote of an array's elements: numbers with a fraction together, all else as it is.
pub(crate) fn format_debugged(texts: Vec<String>) -> Vec<String> {
    let looks_float =
        |text: &String| text.contains(['.', 'e']) || text.contains("inf") || text.contains("NaN");
    if !texts.iter().any(looks_float) {
        return texts;
    }
    let numbers: Option<Vec<f64>> = texts.iter().map(|text| text.parse().ok()).collect();
    match numbers {
        Some(numbers) => format_together(&numbers),
        None => texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_share_as_few_decimals_as_they_need() {
        assert_eq!(format_together(&[5.0, 4.9]), ["5.0", "4.9"]);
        assert_eq!(format_together(&[0.25, 1.0]), ["0.25", "1.00"]);
        assert_eq!(format_together(&[1.0 / 3.0]), ["0.3333"]);
        assert_eq!(format_together(&[1e-8, 0.0]), ["1.000e-8", "0.0000"]);
        assert_eq!(format_together(&[f64::NAN, 2.0]), ["NaN", "2.0"]);
    }

    #[test]
    fn what_is_no_float_stays_as_it_is() {
        let texts = vec!["1".to_owned(), "20".to_owned()];
        assert_eq!(format_debugged(texts.clone()), texts);
        let texts = vec!["\"a.b\"".to_owned()];
        assert_eq!(format_debugged(texts.clone()), texts);
    }
}
