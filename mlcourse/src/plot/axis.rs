//! Round numbers along an axis.

/// An axis: the range it covers and where its ticks stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
    /// What the numbers at the ticks are multiplied by, to stand beside the label; mostly nothing.
    pub factor: String,
}

impl Axis {
    /// An axis around values, with 5 % of air on both sides and about `n_ticks` ticks at multiples of 1, 2, 2.5 or 5 times
    /// a power of ten.
    pub(super) fn around(values: &[f64], n_ticks: usize) -> Self {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Halves first: the difference of two finite numbers may be infinite.
        let mut air = 0.1 * (most / 2.0 - least / 2.0);
        if air <= f64::EPSILON * least.abs().max(most.abs()) {
            air = if least == 0.0 { 1.0 } else { 0.1 * least.abs() };
        }
        let low = (least - air).max(-1e300);
        let high = (most + air).min(1e300);
        let step = round_step((high / 2.0 - low / 2.0) * 2.0 / n_ticks as f64);
        let power = common_power(low.abs().max(high.abs()));
        let unit = 10_f64.powi(power);
        let decimals = (0..6)
            .find(|decimals| {
                let scaled = step / unit * 10_f64.powi(*decimals);
                (scaled - scaled.round()).abs() < 1e-6 * scaled
            })
            .unwrap_or(6) as usize;
        let first = (low / step).ceil();
        let ticks = (0..=2 * n_ticks + 2)
            .map(|tick| (first + tick as f64) * step)
            .take_while(|&tick| tick <= high)
            .map(|tick| (tick, number(tick / unit, decimals)))
            .collect();
        Self {
            low,
            high,
            ticks,
            factor: if power == 0 {
                String::new()
            } else {
                format!("×10{}", superscript(power))
            },
        }
    }

    /// An axis label with what its numbers are multiplied by.
    pub(super) fn label(&self, label: &str) -> String {
        if self.factor.is_empty() {
            label.to_owned()
        } else {
            format!("{label}  [{}]", self.factor)
        }
    }

    /// Where a value stands, from 0 (the low end) to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        ((value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)).clamp(0.0, 1.0)
    }
}

fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let rounded = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= step * 0.999_999);
    rounded.unwrap_or(10.0) * power
}

/// The power of ten to take out of numbers up to this large: none while they are short as they are.
fn common_power(largest: f64) -> i32 {
    if (1e-3..1e5).contains(&largest) {
        0
    } else {
        // Below 10⁻³⁰⁷ a power of ten is no longer a normal number.
        (largest.log10().floor() as i32).max(-300)
    }
}

fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        None => text,
        Some(digits) if digits.chars().all(|digit| "0.".contains(digit)) => digits.to_owned(),
        // A minus sign as wide as a digit.
        Some(digits) => format!("−{digits}"),
    }
}

fn superscript(power: i32) -> String {
    let raised = |digit| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + digit as u32 - '4' as u32).unwrap_or(digit),
        _ => '⁰',
    };
    power.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64]) -> Vec<String> {
        Axis::around(values, 8)
            .ticks
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(ticks(&[1.0, 6.9]), ["1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!(ticks(&[-1.0, 1.0]), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    }

    #[test]
    fn long_numbers_share_a_power_of_ten() {
        let axis = Axis::around(&[-1e6, 1e6], 4);
        assert_eq!(axis.label("x"), "x  [×10⁶]");
        assert_eq!(axis.ticks[0].1, "−1");
        assert_eq!(Axis::around(&[0.0, 4e-15], 4).factor, "×10⁻¹⁵");
    }

    #[test]
    fn every_finite_range_has_an_axis() {
        for values in [
            [0.0, 0.0],
            [5.0, 5.0],
            [-1e308, 1e308],
            [1e-300, 2e-300],
            [1.0, 1.0 + 1e-15],
        ] {
            let axis = Axis::around(&values, 6);
            assert!(axis.low < axis.high && axis.ticks.len() < 20, "{axis:?}");
            assert!((0.0..=1.0).contains(&axis.place(values[0])), "{axis:?}");
        }
    }
}
