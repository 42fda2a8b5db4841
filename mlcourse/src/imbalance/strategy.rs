use crate::estimator::Parameter;
use crate::estimator::value::Value;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which classes are resampled, and to what size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum SamplingStrategy {
    /// `NotMajority` when rows are added, `NotMinority` when they are dropped.
    #[default]
    Auto,
    /// The smallest class alone (when rows are added).
    Minority,
    /// The largest class alone (when rows are dropped).
    Majority,
    /// All but the smallest.
    NotMinority,
    /// All but the largest.
    NotMajority,
    /// All.
    All,
    /// For two classes: smaller / larger afterwards.
    Ratio(f64),
    /// The size of each class afterwards: (class, size). Others stay.
    Counts(Vec<(usize, usize)>),
}

impl SamplingStrategy {
    fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Auto => "auto",
            Self::Minority => "minority",
            Self::Majority => "majority",
            Self::NotMinority => "not minority",
            Self::NotMajority => "not majority",
            Self::All => "all",
            Self::Ratio(_) | Self::Counts(_) => return None,
        })
    }

    /// How many rows to add to each class that is resampled.
    pub(super) fn to_add(&self, counts: &[(usize, usize)]) -> Result<Vec<(usize, usize)>> {
        let (smallest, largest) = extremes(counts);
        let most = counts[largest].1;
        let fill = |chosen: &dyn Fn(usize) -> bool| -> Vec<(usize, usize)> {
            let classes = counts
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen(*place));
            classes
                .map(|(_, (class, count))| (*class, most - count))
                .collect()
        };
        match self {
            Self::Auto | Self::NotMajority => Ok(fill(&|place| place != largest)),
            Self::Minority => Ok(fill(&|place| place == smallest)),
            Self::NotMinority => Ok(fill(&|place| place != smallest)),
            Self::All => Ok(fill(&|_| true)),
            Self::Majority => Err(Error::parameter(
                "sampling_strategy",
                "one that adds rows",
                "majority",
            )),
            Self::Ratio(ratio) => {
                check_ratio(*ratio, counts)?;
                let wanted = (most as f64 * ratio) as usize;
                let (class, count) = counts[1 - largest];
                if wanted <= count {
                    return Err(Error::parameter(
                        "sampling_strategy",
                        format!("above the ratio that there is, {count}/{most}"),
                        ratio,
                    ));
                }
                Ok(vec![(class, wanted - count)])
            }
            Self::Counts(sizes) => resized(sizes, counts, |size, count| {
                size.checked_sub(count)
                    .ok_or("at least the size that there is")
            }),
        }
    }

    /// How many rows to keep of each class that is resampled.
    pub(super) fn to_keep(
        &self,
        counts: &[(usize, usize)],
        replacement: bool,
    ) -> Result<Vec<(usize, usize)>> {
        let (smallest, largest) = extremes(counts);
        let least = counts[smallest].1;
        let cut = |chosen: &dyn Fn(usize) -> bool| -> Vec<(usize, usize)> {
            let classes = counts
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen(*place));
            classes.map(|(_, (class, _))| (*class, least)).collect()
        };
        match self {
            Self::Auto | Self::NotMinority => Ok(cut(&|place| place != smallest)),
            Self::Majority => Ok(cut(&|place| place == largest)),
            Self::NotMajority => Ok(cut(&|place| place != largest)),
            Self::All => Ok(cut(&|_| true)),
            Self::Minority => Err(Error::parameter(
                "sampling_strategy",
                "one that drops rows",
                "minority",
            )),
            Self::Ratio(ratio) => {
                check_ratio(*ratio, counts)?;
                let wanted = (least as f64 / ratio) as usize;
                let (class, count) = counts[1 - smallest];
                if wanted > count {
                    return Err(Error::parameter(
                        "sampling_strategy",
                        format!("at least the ratio that there is, {least}/{count}"),
                        ratio,
                    ));
                }
                Ok(vec![(class, wanted)])
            }
            Self::Counts(sizes) => resized(sizes, counts, |size, count| {
                if size <= count || replacement {
                    Ok(size)
                } else {
                    Err("at most the size that there is")
                }
            }),
        }
    }
}

/// The places of the smallest and the largest class; of equal ones the first.
fn extremes(counts: &[(usize, usize)]) -> (usize, usize) {
    let (mut smallest, mut largest) = (0, 0);
    for (place, (_, count)) in counts.iter().enumerate() {
        if *count < counts[smallest].1 {
            smallest = place;
        }
        if *count > counts[largest].1 {
            largest = place;
        }
    }
    // All alike: two classes still have a smaller and a larger.
    if counts.len() == 2 && smallest == largest {
        smallest = 1 - largest;
    }
    (smallest, largest)
}

fn check_ratio(ratio: f64, counts: &[(usize, usize)]) -> Result<()> {
    if !(0.0 < ratio && ratio <= 1.0) {
        return Err(Error::parameter(
            "sampling_strategy",
            "a ratio above 0, up to 1",
            ratio,
        ));
    }
    if counts.len() != 2 {
        return Err(Error::parameter(
            "sampling_strategy",
            "a list of sizes where there are more than two classes",
            format!("the ratio {ratio} for {} classes", counts.len()),
        ));
    }
    Ok(())
}

fn resized(
    sizes: &[(usize, usize)],
    counts: &[(usize, usize)],
    rows: impl Fn(usize, usize) -> std::result::Result<usize, &'static str>,
) -> Result<Vec<(usize, usize)>> {
    let of_class = |&(class, size): &(usize, usize)| {
        let found = counts.iter().find(|(known, _)| *known == class);
        let Some(&(_, count)) = found else {
            let known: Vec<String> = counts.iter().map(|(class, _)| class.to_string()).collect();
            return Err(Error::UnknownName {
                what: "class",
                name: class.to_string(),
                known: known.join(", "),
            });
        };
        let rows = rows(size, count).map_err(|expected| {
            Error::parameter(
                "sampling_strategy",
                expected,
                format!("{size} for class {class} of {count} rows"),
            )
        })?;
        Ok((class, rows))
    };
    let mut all: Vec<(usize, usize)> = sizes.iter().map(of_class).collect::<Result<_>>()?;
    all.sort_unstable();
    Ok(all)
}

impl Value for SamplingStrategy {
    fn expected() -> String {
        "a ratio, sizes as `0: 50, 1: 50`, or one of auto, minority, majority, not minority, not majority, all".into()
    }

    fn to_parameter(&self) -> Parameter {
        match self {
            Self::Ratio(ratio) => Parameter::Float(*ratio),
            Self::Counts(sizes) => {
                let text: Vec<String> = sizes
                    .iter()
                    .map(|(class, size)| format!("{class}: {size}"))
                    .collect();
                Parameter::Text(text.join(", "))
            }
            other => Parameter::Text(other.word().unwrap_or_default().to_owned()),
        }
    }

    fn from_parameter(value: &Parameter) -> Option<Self> {
        let text = match value {
            Parameter::Float(ratio) => return Some(Self::Ratio(*ratio)),
            Parameter::Text(text) => text,
            _ => return None,
        };
        let words = [
            Self::Auto,
            Self::Minority,
            Self::Majority,
            Self::NotMinority,
            Self::NotMajority,
            Self::All,
        ];
        if let Some(strategy) = words
            .into_iter()
            .find(|strategy| strategy.word() == Some(text))
        {
            return Some(strategy);
        }
        let pair = |pair: &str| {
            let (class, size) = pair.split_once(':')?;
            Some((class.trim().parse().ok()?, size.trim().parse().ok()?))
        };
        text.split(',')
            .map(pair)
            .collect::<Option<_>>()
            .map(Self::Counts)
    }
}
