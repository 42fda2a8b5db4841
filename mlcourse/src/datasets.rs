//! Data to learn with, embedded in the crate: nothing is downloaded.

use crate::display::{Cell, Display, MimeBundle, Table};
use crate::model_selection::{Split, TrainTestSplit};
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::fmt;

/// How many rows a data set shows of itself.
const HEAD: usize = 5;

/// A table of features with one class per row.
///
/// It shows as its first rows and a line on its size and classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    name: &'static str,
    features: Array2<f64>,
    target: Array1<usize>,
    feature_names: Vec<String>,
    target_names: Vec<String>,
}

impl Dataset {
    /// The features, shape (n_samples, n_features).
    pub fn features(&self) -> &Array2<f64> {
        &self.features
    }

    /// The class of each sample, shape (n_samples); class `k` is named `target_names()[k]`.
    pub fn target(&self) -> &Array1<usize> {
        &self.target
    }

    /// The name of each column, with its unit.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The name of each class.
    pub fn target_names(&self) -> &[String] {
        &self.target_names
    }

    /// One feature of all samples, by its name, shape (n_samples).
    ///
    /// ```
    /// let iris = mlcourse::datasets::iris();
    /// assert_eq!(iris.column("petal width (cm)")?[0], 0.2);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] when no column has this name.
    pub fn column(&self, name: &str) -> Result<Array1<f64>> {
        match self.feature_names.iter().position(|known| known == name) {
            Some(column) => Ok(self.features.column(column).to_owned()),
            None => Err(Error::UnknownName {
                what: "column",
                name: name.to_owned(),
                known: self.feature_names.join(", "),
            }),
        }
    }

    /// Splits features and target into `(x_train, x_test, y_train, y_test)`, each class in proportion.
    ///
    /// The same as [`TrainTestSplit::new(test_size)`](TrainTestSplit), stratified on the target.
    ///
    /// ```
    /// let iris = mlcourse::datasets::iris();
    /// let (x_train, x_test, y_train, y_test) = iris.train_test_split(0.2, 42)?;
    /// assert_eq!((x_train.nrows(), x_test.nrows()), (120, 30));
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`TrainTestSplit::split`].
    pub fn train_test_split(&self, test_size: f64, seed: u64) -> Result<Split> {
        TrainTestSplit::new(test_size)
            .seed(seed)
            .stratify(&self.target)
            .split(&self.features, &self.target)
    }

    /// The first rows as a table, the class by its name in the last column.
    pub fn head(&self, n_rows: usize) -> Table {
        let mut columns = self.feature_names.clone();
        columns.push("class".to_owned());
        let mut table = Table::new(&columns).caption(self.caption());
        for (row, &class) in self.features.outer_iter().zip(&self.target).take(n_rows) {
            let mut cells: Vec<Cell> = row.iter().map(|&value| value.into()).collect();
            cells.push(self.target_names.get(class).map_or(Cell::Empty, Cell::from));
            table.push(cells);
        }
        table
    }

    fn caption(&self) -> String {
        let classes: Vec<String> = self
            .target_names
            .iter()
            .enumerate()
            .map(|(class, name)| {
                let count = self.target.iter().filter(|&&label| label == class).count();
                format!("{name} {count}")
            })
            .collect();
        format!(
            "{}: {} samples × {} features; classes: {}",
            self.name,
            self.features.nrows(),
            self.features.ncols(),
            classes.join(", ")
        )
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(HEAD).fmt(f)
    }
}

impl Display for Dataset {
    fn bundle(&self) -> MimeBundle {
        self.head(HEAD).bundle()
    }
}

/// Fisher's irises: 150 flowers of three species, sepals and petals measured in centimetres.
///
/// The 150 rows are those of scikit-learn's `load_iris` (R. A. Fisher, *The use of multiple measurements in taxonomic
/// problems*, 1936; UCI Machine Learning Repository, CC BY 4.0), 50 of each class: setosa, versicolor, virginica.
///
/// ```
/// let iris = mlcourse::datasets::iris();
/// assert_eq!(iris.features().dim(), (150, 4));
/// assert_eq!(iris.target_names(), ["setosa", "versicolor", "virginica"]);
/// println!("{iris}");
/// ```
pub fn iris() -> Dataset {
    parse("iris", include_str!("../data/iris.csv"))
        .expect("the embedded file is well formed: a test reads it")
}

/// Reads a table whose last column is the class by name; classes are numbered as they appear.
fn parse(name: &'static str, csv: &str) -> Option<Dataset> {
    let mut lines = csv.lines();
    let mut feature_names: Vec<String> = lines.next()?.split(',').map(str::to_owned).collect();
    feature_names.pop()?;
    let mut values = Vec::new();
    let mut target = Vec::new();
    let mut target_names: Vec<String> = Vec::new();
    for line in lines {
        let (numbers, class) = line.rsplit_once(',')?;
        for number in numbers.split(',') {
            values.push(number.parse().ok()?);
        }
        let known = target_names.iter().position(|known| known == class);
        target.push(known.unwrap_or_else(|| {
            target_names.push(class.to_owned());
            target_names.len() - 1
        }));
    }
    Some(Dataset {
        name,
        features: Array2::from_shape_vec((target.len(), feature_names.len()), values).ok()?,
        target: target.into(),
        feature_names,
        target_names,
    })
}
