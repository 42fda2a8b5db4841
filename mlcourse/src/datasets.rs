//! Data to learn with, embedded in the crate: nothing is downloaded.

use crate::dataset::{Dataset, Whole};
use ndarray::Array2;

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
pub fn iris() -> Dataset<Whole> {
    parse("iris", include_str!("../data/iris.csv"))
        .expect("the embedded file is well formed: a test reads it")
}

/// Reads a table whose last column is the class by name; classes are numbered as they appear.
fn parse(name: &'static str, csv: &str) -> Option<Dataset<Whole>> {
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
    let features = Array2::from_shape_vec((target.len(), feature_names.len()), values).ok()?;
    Dataset::classification(name, features, &feature_names, target.into(), &target_names).ok()
}
