use super::kernel::{Gamma, Kernel, KernelFunction, Panels};
use super::smo::{self, Problem, Solution};
use crate::class_weight::ClassWeight;
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{Features, classifier, parameters};
use crate::warning::{self, Warning};
use crate::{Error, Result, check, simd};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Steps after which a fit gives up when `max_iter` is none.
pub(super) const MAX_STEPS: usize = 10_000_000;

/// Support vector classification: between two classes, the widest margin that few samples violate.
///
/// For labels y = ±1 it minimises ½ ‖w‖² + C Σ_i s_i max(0, 1 − y_i (wᵀφ(x_i) + b)), with s_i the sample's weight times
/// its class's. φ is only known by its [`Kernel`] K(x, z) = φ(x)ᵀφ(z): what is solved is the dual,
///
/// max over α of Σ α_i − ½ Σ_ij α_i α_j y_i y_j K(x_i, x_j), with 0 ≤ α_i ≤ C s_i and Σ α_i y_i = 0.
///
/// Samples with α > 0 are the support vectors; only they decide. More than two classes are compared in pairs, and each
/// pair votes.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `c` | 1.0 | C, the price of a violated margin: larger follows the samples more closely | (0, ∞) |
/// | `kernel` | `Rbf` | [`Kernel`] | |
/// | `degree` | 3 | d of the polynomial kernel | |
/// | `gamma` | `Scale` | γ: [`Gamma`] | \[0, ∞) |
/// | `coef0` | 0.0 | c₀ of the polynomial and the sigmoid kernel | |
/// | `class_weight` | none | how much each class counts: [`ClassWeight`] | |
/// | `tol` | 1e-3 | converged when the optimality conditions are violated by less | (0, ∞) |
/// | `max_iter` | none | the most steps of each pair of classes | |
/// | `cache_size` | 200.0 | megabytes for rows of each pair's kernel matrix | (0, ∞) |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let scaler = StandardScaler::new().fit(&train)?;
/// let model = SVC::new().fit(&scaler.transform(&train)?)?;
/// assert!(scaler.transform(&test)?.assess(&model)?.score() > 0.9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// `Balanced` class weights are by the sum of the sample weights of a class, so that a weight of two is the row twice;
/// scikit-learn's *SVC* counts rows there.
///
/// It has no probabilities: `predict_proba` is an error, [`decision_function`](FittedSVC::decision_function) tells how
/// sure it is.
///
/// Source: course, section 1.4 (*Classification*); scikit-learn, *SVC*; C.-C. Chang and C.-J. Lin, *LIBSVM*, 2011.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SVC {
    c: f64,
    kernel: Kernel,
    degree: usize,
    gamma: Gamma,
    coef0: f64,
    class_weight: ClassWeight,
    tol: f64,
    max_iter: Option<usize>,
    cache_size: f64,
}

impl Default for SVC {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: Kernel::Rbf,
            degree: 3,
            gamma: Gamma::Scale,
            coef0: 0.0,
            class_weight: ClassWeight::None,
            tol: 1e-3,
            max_iter: None,
            cache_size: 200.0,
        }
    }
}

impl SVC {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The price of a violated margin.
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// How similar two samples are.
    #[must_use]
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// The degree of the polynomial kernel.
    #[must_use]
    pub fn degree(mut self, degree: usize) -> Self {
        self.degree = degree;
        self
    }

    /// The γ of the kernel: a number, `Gamma::Scale` or `Gamma::Auto`.
    #[must_use]
    pub fn gamma(mut self, gamma: impl Into<Gamma>) -> Self {
        self.gamma = gamma.into();
        self
    }

    /// The constant of the polynomial and the sigmoid kernel.
    #[must_use]
    pub fn coef0(mut self, coef0: f64) -> Self {
        self.coef0 = coef0;
        self
    }

    /// How much each class counts.
    #[must_use]
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = class_weight;
        self
    }

    /// The violation that counts as none.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// The most steps of each pair of classes.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = Some(max_iter);
        self
    }

    /// Megabytes for rows of each pair's kernel matrix.
    #[must_use]
    pub fn cache_size(mut self, cache_size: f64) -> Self {
        self.cache_size = cache_size;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedSVC> {
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        for (name, value) in [
            ("c", self.c),
            ("tol", self.tol),
            ("cache_size", self.cache_size),
        ] {
            positive(name, value)?;
        }
        if !self.coef0.is_finite() {
            return Err(Error::parameter("coef0", "a finite number", self.coef0));
        }
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
            if let Some(rows) = check::counting_rows(Some(weights)) {
                let weights = weights.select(Axis(0), &rows);
                let (x, y) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
                let mut fitted = self.fit_rows(x.view(), y.view(), Some(weights.view()))?;
                fitted.support.iter_mut().for_each(|row| *row = rows[*row]);
                return Ok(fitted);
            }
        }
        let (classes, places) = check::classes_and_places(&y);
        if let [label] = *classes {
            return Err(Error::SingleClass {
                label,
                n_samples: y.len(),
            });
        }
        let weights = self
            .class_weight
            .sample_weights(&classes, &places, sample_weight)?;
        let function = KernelFunction {
            kernel: self.kernel,
            gamma: self.gamma.resolve(&x)?,
            degree: self.degree,
            coef0: self.coef0,
        };
        let standard = x.as_standard_layout();
        let data = Data {
            x: standard
                .as_slice()
                .expect("the standard layout is contiguous"),
            n_features: x.ncols(),
            rows: (0..classes.len())
                .map(|class| {
                    (0..places.len())
                        .filter(|&row| places[row] == class)
                        .collect()
                })
                .collect(),
            upper: (0..x.nrows())
                .map(|row| self.c * weights.as_ref().map_or(1.0, |weights| weights[row]))
                .collect(),
        };
        let pairs: Vec<(usize, usize)> = pairs(classes.len()).collect();
        let solutions: Vec<Solution> = pairs
            .par_iter()
            .map(|&(a, b)| self.solve_pair(&data, function, a, b))
            .collect();
        Ok(assemble(&data, function, classes, &solutions))
    }

    fn solve_pair(&self, data: &Data<'_>, kernel: KernelFunction, a: usize, b: usize) -> Solution {
        let rows = || data.rows[a].iter().chain(&data.rows[b]);
        let all: Vec<&[f64]> = rows().map(|&row| data.row(row)).collect();
        let panels = Panels::new(all.into_iter(), data.n_features);
        let signs: Vec<f64> = (0..panels.len())
            .map(|place| {
                if place < data.rows[a].len() {
                    1.0
                } else {
                    -1.0
                }
            })
            .collect();
        smo::solve(&Problem {
            panels: &panels,
            kernel,
            linear: signs.clone(),
            signs,
            upper: rows().map(|&row| data.upper[row]).collect(),
            tol: self.tol,
            max_iter: self.max_iter.unwrap_or(MAX_STEPS),
            cache_bytes: (self.cache_size * 1e6) as usize,
            n_features: data.n_features,
        })
    }
}

/// A number above 0.
pub(super) fn positive(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::parameter(name, "a number above 0", value))
}

/// The samples by class.
struct Data<'a> {
    x: &'a [f64],
    n_features: usize,
    /// The rows of each class.
    rows: Vec<Vec<usize>>,
    /// C of each row.
    upper: Vec<f64>,
}

impl<'a> Data<'a> {
    fn row(&self, row: usize) -> &'a [f64] {
        &self.x[row * self.n_features..(row + 1) * self.n_features]
    }
}

/// (0, 1), (0, 2), …, (1, 2), …
fn pairs(n_classes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n_classes).flat_map(move |a| (a + 1..n_classes).map(move |b| (a, b)))
}

/// Puts the pairs' solutions together as LIBSVM does: support vectors class by class, each with one coefficient for every
/// other class.
fn assemble(
    data: &Data<'_>,
    kernel: KernelFunction,
    classes: Vec<usize>,
    solutions: &[Solution],
) -> FittedSVC {
    let n_classes = classes.len();
    // β of each row against each other class.
    let mut beta: Vec<Vec<f64>> = vec![vec![0.0; n_classes - 1]; data.upper.len()];
    for ((a, b), solution) in pairs(n_classes).zip(solutions) {
        let (of_a, of_b) = solution.beta.split_at(data.rows[a].len());
        data.rows[a]
            .iter()
            .zip(of_a)
            .for_each(|(&row, &value)| beta[row][b - 1] = value);
        data.rows[b]
            .iter()
            .zip(of_b)
            .for_each(|(&row, &value)| beta[row][a] = value);
    }
    let by_class: Vec<Vec<usize>> = data
        .rows
        .iter()
        .map(|rows| {
            rows.iter()
                .copied()
                .filter(|&row| beta[row].iter().any(|&b| b != 0.0))
                .collect()
        })
        .collect();
    let support: Vec<usize> = by_class.concat();
    let rows: Vec<&[f64]> = support.iter().map(|&row| data.row(row)).collect();
    // Of two classes, a positive decision means the second.
    let sign = if n_classes == 2 { -1.0 } else { 1.0 };
    let mut warnings = Vec::new();
    let n_iter: Vec<usize> = solutions.iter().map(|solution| solution.n_iter).collect();
    if let Some(solution) = solutions.iter().find(|solution| !solution.converged) {
        let warning = Warning::NotConverged {
            estimator: "SVC",
            n_iter: solution.n_iter,
            reason: "all steps allowed are done".to_owned(),
        };
        warning::record(warning.clone());
        warnings.push(warning);
    }
    FittedSVC {
        n_features: data.n_features,
        kernel,
        n_support: by_class.iter().map(Vec::len).collect(),
        dual_coef: Array2::from_shape_fn((n_classes - 1, support.len()), |(other, place)| {
            sign * beta[support[place]][other]
        }),
        intercept: solutions
            .iter()
            .map(|solution| -sign * solution.rho)
            .collect(),
        panels: Panels::new(rows.into_iter(), data.n_features),
        support,
        classes,
        n_iter,
        warnings,
        lineage: Lineage::default(),
    }
}

/// An [`SVC`] that has learnt. It shows as a table of its support vectors by class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSVC {
    n_features: usize,
    kernel: KernelFunction,
    /// The support vectors.
    panels: Panels,
    support: Vec<usize>,
    n_support: Vec<usize>,
    dual_coef: Array2<f64>,
    intercept: Array1<f64>,
    classes: Vec<usize>,
    n_iter: Vec<usize>,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

classifier!(SVC => FittedSVC);
parameters!(SVC {
    c,
    kernel,
    degree,
    gamma,
    coef0,
    class_weight,
    tol,
    max_iter,
    cache_size
});

impl FittedSVC {
    /// The class with the most votes, the first of several.
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let decisions = self.pair_decisions("SVC::predict", &x)?;
        let n_classes = self.classes.len();
        Ok(decisions
            .outer_iter()
            .map(|decisions| {
                if n_classes == 2 {
                    return self.classes[usize::from(decisions[0] > 0.0)];
                }
                let mut votes = vec![0; n_classes];
                for ((a, b), &decision) in pairs(n_classes).zip(decisions) {
                    votes[if decision > 0.0 { a } else { b }] += 1;
                }
                let first =
                    (1..n_classes).fold(0, |best, k| if votes[k] > votes[best] { k } else { best });
                self.classes[first]
            })
            .collect())
    }

    /// It has none.
    fn proba_rows(&self, _: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        Err(Error::parameter(
            "predict_proba",
            "asked of a classifier that has probabilities, such as LogisticRegression; an SVC has `decision_function`",
            "asked of an SVC",
        ))
    }

    /// How sure the model is: for two classes shape (n_samples, 1), positive means the second; for more
    /// (n_samples, n_classes), the votes of each class, plus less than ½ by how clear they are.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        let pairwise = self.pair_decisions("SVC::decision_function", &x.rows()?)?;
        let n_classes = self.classes.len();
        if n_classes == 2 {
            return Ok(pairwise);
        }
        let mut scores = Array2::zeros((pairwise.nrows(), n_classes));
        for (decisions, mut scores) in pairwise.outer_iter().zip(scores.outer_iter_mut()) {
            let mut confidence = vec![0.0; n_classes];
            for ((a, b), &decision) in pairs(n_classes).zip(decisions) {
                confidence[a] += decision;
                confidence[b] -= decision;
                scores[if decision < 0.0 { b } else { a }] += 1.0;
            }
            for (score, confidence) in scores.iter_mut().zip(confidence) {
                *score += confidence / (3.0 * (f64::abs(confidence) + 1.0));
            }
        }
        Ok(scores)
    }

    /// The decision of each pair of classes (0, 1), (0, 2), …, (1, 2), …, shape (n_samples, n_pairs): positive means the
    /// first of the two; for two classes in all, the second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function_ovo(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.pair_decisions("SVC::decision_function_ovo", &x.rows()?)
    }

    fn pair_decisions(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.n_features, x)?;
        check::table("x", x)?;
        let starts: Vec<usize> = self
            .n_support
            .iter()
            .scan(0, |sum, &count| Some(std::mem::replace(sum, *sum + count)))
            .collect();
        let range = |class: usize| starts[class]..starts[class] + self.n_support[class];
        let coef = self.dual_coef.as_standard_layout();
        let n_vectors = self.support.len();
        let coef = coef.as_slice().expect("the standard layout is contiguous");
        let coef = |other: usize, class: usize| {
            let range = range(class);
            &coef[other * n_vectors + range.start..other * n_vectors + range.end]
        };
        let standard = x.as_standard_layout();
        let rows = standard
            .as_slice()
            .expect("the standard layout is contiguous");
        let mut decisions = vec![0.0; x.nrows() * self.intercept.len()];
        decisions
            .par_chunks_mut(self.intercept.len())
            .zip(rows.par_chunks(self.n_features))
            .with_min_len(16)
            .for_each_init(
                || vec![0.0; n_vectors],
                |kernels, (decisions, x)| {
                    self.kernel.against(x, &self.panels, kernels);
                    let all =
                        pairs(self.classes.len()).zip(decisions.iter_mut().zip(&self.intercept));
                    simd::wide!(|| {
                        for ((a, b), (decision, intercept)) in all {
                            *decision = simd::dot(&kernels[range(a)], coef(b - 1, a))
                                + simd::dot(&kernels[range(b)], coef(a, b))
                                + intercept;
                        }
                    });
                },
            );
        Ok(
            Array2::from_shape_vec((x.nrows(), self.intercept.len()), decisions)
                .expect("there is one decision for each sample and pair"),
        )
    }

    /// The rows that are support vectors, class by class.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    /// The support vectors, shape (n_support_vectors, n_features).
    pub fn support_vectors(&self) -> Array2<f64> {
        let mut vectors = Array2::zeros((self.support.len(), self.n_features));
        for (place, mut vector) in vectors.outer_iter_mut().enumerate() {
            let mut x = vec![0.0; self.n_features];
            self.panels.row(place, &mut x);
            vector.iter_mut().zip(x).for_each(|(to, x)| *to = x);
        }
        vectors
    }

    /// How many support vectors each class has.
    pub fn n_support(&self) -> &[usize] {
        &self.n_support
    }

    /// y α of each support vector against each other class, shape (n_classes − 1, n_support_vectors).
    pub fn dual_coef(&self) -> &Array2<f64> {
        &self.dual_coef
    }

    /// The intercept of each pair of classes.
    pub fn intercept(&self) -> &Array1<f64> {
        &self.intercept
    }

    /// The weights w of a linear kernel, shape (n_pairs, n_features); none for other kernels.
    pub fn coef(&self) -> Option<Array2<f64>> {
        if self.kernel.kernel != Kernel::Linear {
            return None;
        }
        let vectors = self.support_vectors();
        let n_classes = self.classes.len();
        let class_of: Vec<usize> = (0..n_classes)
            .flat_map(|class| vec![class; self.n_support[class]])
            .collect();
        let mut coef = Array2::zeros((self.intercept.len(), self.n_features));
        for ((a, b), mut coef) in pairs(n_classes).zip(coef.outer_iter_mut()) {
            for (place, vector) in vectors.outer_iter().enumerate() {
                if class_of[place] == a {
                    coef.scaled_add(self.dual_coef[[b - 1, place]], &vector);
                } else if class_of[place] == b {
                    coef.scaled_add(self.dual_coef[[a, place]], &vector);
                }
            }
        }
        Some(coef)
    }

    /// γ as a number.
    pub fn gamma(&self) -> f64 {
        self.kernel.gamma
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The number of steps of each pair of classes.
    pub fn n_iter(&self) -> &[usize] {
        &self.n_iter
    }

    /// What to know before trusting it: whether the fit did not converge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let mut caption = format!(
            "SVC, kernel {}, fitted on {} features: {} support vectors",
            self.kernel.kernel,
            self.n_features,
            self.support.len()
        );
        for warning in &self.warnings {
            caption += &format!("; warning: {warning}");
        }
        let mut table = Table::new(&["class", "support vectors"]).caption(caption);
        for (&label, &count) in self.classes.iter().zip(&self.n_support) {
            table.push(vec![label.into(), count.into()]);
        }
        table
    }
}

impl fmt::Display for FittedSVC {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedSVC {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
