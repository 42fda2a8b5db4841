use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{parameters, transformer};
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Rows that one task makes.
const CHUNK: usize = 1024;
/// More columns than this are taken for a mistake.
const MAX_OUTPUTS: usize = 1 << 24;

/// Adds the products of features, so that a linear model can bend: of x0 and x1 with degree 2, the features
/// 1, x0, x1, x0², x0·x1, x1².
///
/// Of n features with degree d there are C(n + d, d) products, the constant 1 included: the number explodes.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `degree` | 2 | the most factors of a product | \[0, ∞) |
/// | `min_degree` | 0 | the fewest, where there are any | \[0, `degree`\] |
/// | `interaction_only` | false | whether no feature may come twice in a product | |
/// | `include_bias` | true | whether to have the constant 1, the product of no factors | |
///
/// The columns come by degree, then in the order of their features: the order of scikit-learn.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let features = PolynomialFeatures::new().fit(&array![[2.0, 3.0]])?;
/// assert_eq!(features.transform(&array![[2.0, 3.0]])?, array![[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]]);
/// let names = features.feature_names_out(&["a".to_owned(), "b".to_owned()]);
/// assert_eq!(names, ["1", "a", "b", "a^2", "a b", "b^2"]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, glossary (*Feature Engineering*); scikit-learn, *PolynomialFeatures* (whose `degree` may be the pair
/// `(min_degree, degree)`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolynomialFeatures {
    degree: usize,
    min_degree: usize,
    interaction_only: bool,
    include_bias: bool,
}

impl Default for PolynomialFeatures {
    fn default() -> Self {
        Self {
            degree: 2,
            min_degree: 0,
            interaction_only: false,
            include_bias: true,
        }
    }
}

impl PolynomialFeatures {
    /// A step with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most factors of a product.
    #[must_use]
    pub fn degree(mut self, degree: usize) -> Self {
        self.degree = degree;
        self
    }

    /// The fewest factors of a product; the constant is there or not by `include_bias` alone.
    #[must_use]
    pub fn min_degree(mut self, min_degree: usize) -> Self {
        self.min_degree = min_degree;
        self
    }

    /// Whether no feature may come twice in a product.
    #[must_use]
    pub fn interaction_only(mut self, interaction_only: bool) -> Self {
        self.interaction_only = interaction_only;
        self
    }

    /// Whether to have the constant 1. Leave it out before a model with an intercept.
    #[must_use]
    pub fn include_bias(mut self, include_bias: bool) -> Self {
        self.include_bias = include_bias;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedPolynomialFeatures> {
        check::table("x", &x)?;
        if self.min_degree > self.degree {
            let range = format!("at most `degree`, {}", self.degree);
            return Err(Error::parameter("min_degree", range, self.min_degree));
        }
        if self.degree == 0 && !self.include_bias {
            let range = "1 or more, since without `include_bias` no feature would be left";
            return Err(Error::parameter("degree", range, self.degree));
        }
        self.check_size(x.ncols())?;
        let (products, powers) = self.products(x.ncols());
        if powers.is_empty() {
            // Interactions of more features than there are.
            let range = format!("at most {}, the number of features", x.ncols());
            return Err(Error::parameter("min_degree", range, self.min_degree));
        }
        Ok(FittedPolynomialFeatures {
            n_features: x.ncols(),
            products,
            powers,
            lineage: Lineage::default(),
        })
    }

    fn check_size(&self, n_features: usize) -> Result<()> {
        let mut products = 1_usize;
        let most = if self.interaction_only {
            self.degree.min(n_features)
        } else {
            self.degree
        };
        // C(n + d, d), or Σ C(n, k): either bounds the number from above.
        for factor in 1..=most {
            products = products.saturating_mul(n_features + factor) / factor;
            if products > MAX_OUTPUTS {
                let range = format!("so small that no more than {MAX_OUTPUTS} products are made");
                return Err(Error::parameter("degree", range, self.degree));
            }
        }
        Ok(())
    }

    /// All products up to the degree, each with what it is made of, and the factors of those that are kept.
    fn products(&self, n_features: usize) -> (Vec<Product>, Vec<Vec<(usize, usize)>>) {
        let mut products = Vec::new();
        let mut powers = Vec::new();
        if self.include_bias {
            powers.push(Vec::new());
        }
        // The products of one degree fewer: their place and factors, ascending.
        let mut shorter: Vec<(usize, Vec<usize>)> = Vec::new();
        for degree in 1..=self.degree {
            let mut longer = Vec::new();
            for feature in 0..n_features {
                let mut add = |rest: Option<usize>, factors: Vec<usize>| {
                    let is_output = degree >= self.min_degree;
                    if is_output {
                        powers.push(count(&factors));
                    }
                    longer.push((products.len(), factors));
                    products.push(Product {
                        feature,
                        rest,
                        is_output,
                    });
                };
                if degree == 1 {
                    add(None, vec![feature]);
                    continue;
                }
                for (place, factors) in &shorter {
                    let comes_after = if self.interaction_only {
                        factors[0] > feature
                    } else {
                        factors[0] >= feature
                    };
                    if comes_after {
                        add(Some(*place), [&[feature], &factors[..]].concat());
                    }
                }
            }
            shorter = longer;
        }
        (products, powers)
    }
}

/// Ascending features as (feature, how often).
fn count(factors: &[usize]) -> Vec<(usize, usize)> {
    factors
        .chunk_by(|a, b| a == b)
        .map(|same| (same[0], same.len()))
        .collect()
}

/// x_feature, times an earlier product.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Product {
    feature: usize,
    rest: Option<usize>,
    is_output: bool,
}

/// [`PolynomialFeatures`] that know their features. They show as a table of the products.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPolynomialFeatures {
    n_features: usize,
    products: Vec<Product>,
    /// For each output, its factors as (feature, power).
    powers: Vec<Vec<(usize, usize)>>,
    lineage: Lineage,
}

transformer!(PolynomialFeatures => FittedPolynomialFeatures);
parameters!(PolynomialFeatures {
    degree,
    min_degree,
    interaction_only,
    include_bias
});

impl FittedPolynomialFeatures {
    /// The products, shape (n_samples, n_output_features).
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("PolynomialFeatures::transform", self.n_features, &x)?;
        check::table("x", &x)?;
        let n_outputs = self.n_output_features();
        let mut output = Array2::zeros((x.nrows(), n_outputs));
        output
            .as_slice_mut()
            .expect("a new array is in standard layout")
            .par_chunks_mut(CHUNK * n_outputs)
            .enumerate()
            .for_each(|(chunk, output)| {
                let mut values = vec![0.0; self.products.len()];
                for (row, output) in output.chunks_exact_mut(n_outputs).enumerate() {
                    self.transform_row(x.row(chunk * CHUNK + row), &mut values, output);
                }
            });
        self.check_overflow(&output)?;
        Ok(output)
    }

    fn transform_row(
        &self,
        x: ndarray::ArrayView1<'_, f64>,
        values: &mut [f64],
        output: &mut [f64],
    ) {
        let has_bias = self.powers.first().is_some_and(Vec::is_empty);
        let mut output = output.iter_mut();
        if has_bias && let Some(bias) = output.next() {
            *bias = 1.0;
        }
        for (place, product) in self.products.iter().enumerate() {
            let value = x[product.feature] * product.rest.map_or(1.0, |rest| values[rest]);
            values[place] = value;
            if product.is_output
                && let Some(output) = output.next()
            {
                *output = value;
            }
        }
    }

    /// Products of finite numbers can be too large.
    fn check_overflow(&self, output: &Array2<f64>) -> Result<()> {
        let overflows =
            |row: &ndarray::ArrayView1<'_, f64>| row.iter().position(|value| !value.is_finite());
        let Some(column) = output.outer_iter().find_map(|row| overflows(&row)) else {
            return Ok(());
        };
        let column = self.powers[column]
            .first()
            .map_or(0, |(feature, _)| *feature);
        Err(Error::Overflow { what: "x", column })
    }

    /// How many products there are.
    pub fn n_output_features(&self) -> usize {
        self.powers.len()
    }

    /// The power of each feature in each product, shape (n_output_features, n_features).
    pub fn powers(&self) -> Array2<usize> {
        let mut powers = Array2::zeros((self.powers.len(), self.n_features));
        for (product, factors) in self.powers.iter().enumerate() {
            for &(feature, power) in factors {
                powers[[product, feature]] = power;
            }
        }
        powers
    }

    /// The names of the products, made of the names of the features: `1`, `x0`, `x0^2`, `x0 x1`.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        let name = |feature: usize| {
            names
                .get(feature)
                .map_or_else(|| format!("x{feature}"), String::clone)
        };
        let factor = |&(feature, power): &(usize, usize)| match power {
            1 => name(feature),
            _ => format!("{}^{power}", name(feature)),
        };
        self.powers
            .iter()
            .map(|factors| match factors.as_slice() {
                [] => "1".to_owned(),
                factors => factors.iter().map(factor).collect::<Vec<_>>().join(" "),
            })
            .collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["column", "product"]).caption(format!(
            "PolynomialFeatures: {} products of {} features",
            self.powers.len(),
            self.n_features
        ));
        for (column, name) in self.feature_names_out(&[]).into_iter().enumerate() {
            table.push(vec![column.into(), name.into()]);
        }
        table
    }
}

impl fmt::Display for FittedPolynomialFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedPolynomialFeatures {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
