//! What a reader of the classification notebook does and sees.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, labels, strings, table};
use mlcourse::Error;
use mlcourse::prelude::*;

#[test]
fn the_irises_are_scikit_learns() {
    let (iris, theirs) = (datasets::iris(), file("iris"));
    assert_eq!(iris.features(), table(&theirs["features"]));
    assert_eq!(iris.labels().unwrap(), labels(&theirs["target"]));
    assert_eq!(iris.feature_names(), strings(&theirs["feature_names"]));
    assert_eq!(iris.target_names(), strings(&theirs["target_names"]));
    let error = iris.column("petal").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("sepal length (cm), sepal width (cm)"),
        "{error}"
    );
}

#[test]
fn the_data_shows_as_a_table_of_its_first_rows() {
    let bundle = datasets::iris().bundle();
    let text = bundle.get("text/plain").unwrap();
    assert_eq!(text.lines().count(), 7, "{text}");
    assert!(text.ends_with(
        "iris: 150 samples × 4 features; classes: setosa 50, versicolor 50, virginica 50"
    ));
    let html = bundle.get("text/html").unwrap();
    assert!(
        html.contains("petal width (cm)</th>") && !html.contains("<script"),
        "{html}"
    );
}

#[test]
fn the_course_of_the_notebook_leads_to_a_good_model() -> Result<(), Error> {
    let iris = datasets::iris();
    let (x_train, x_test, y_train, y_test) = TrainTestSplit::new(0.2)
        .stratify(iris.labels()?)
        .seed(42)
        .split(iris.features(), iris.labels()?)?;
    let scaler = StandardScaler::new().fit(&x_train)?;
    let x_train_scaled = scaler.transform(&x_train)?;
    let x_test_scaled = scaler.transform(&x_test)?;
    let model = LogisticRegression::new().fit((&x_train_scaled, &y_train))?;
    let y_pred = model.predict(&x_test_scaled)?;
    assert!(accuracy(&y_test, &y_pred)? >= 0.9);
    assert!(model.warnings().is_empty());

    // What its last section asks the reader to find.
    let weak = LogisticRegression::new()
        .c(0.01)
        .fit((&x_train_scaled, &y_train))?;
    assert!(weak.coef().mapv(f64::abs).sum() < 0.5 * model.coef().mapv(f64::abs).sum());
    let unscaled = LogisticRegression::new().fit((&x_train, &y_train))?;
    assert!(unscaled.n_iter() > 3 * model.n_iter());

    let petals = x_test.slice(s![.., 2..]).to_owned();
    let error = model.predict(&petals).unwrap_err();
    assert!(
        error.to_string().contains("expects 4 features (columns)"),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_scatter_plot_shows_every_point_and_says_what_it_shows() -> Result<(), Error> {
    let iris = datasets::iris();
    let picture = plot::scatter(
        &iris.column("petal length (cm)")?,
        &iris.column("petal width (cm)")?,
    )?
    .color_by(iris.labels().unwrap(), iris.target_names())?
    .title("<Iris> & \"others\"")
    .x_label("petal length (cm)")
    .y_label("petal width (cm)");
    let svg = picture.svg();
    assert!(svg.starts_with("<svg ") && svg.contains("viewBox="));
    // 50 points and the legend's, fill and edge each.
    assert_eq!(svg.matches("<circle").count(), 2 * 51);
    assert!(svg.contains("&lt;Iris&gt; &amp; &quot;others&quot;"));
    assert_eq!(
        picture.to_string(),
        "Scatter plot “<Iris> & \"others\"”: 150 points in 3 groups (setosa 50, versicolor 50, virginica 50), petal \
         length (cm) from 1 to 6.9, petal width (cm) from 0.1 to 2.5."
    );
    let bundle = picture.bundle();
    assert_eq!(bundle.get("image/svg+xml"), Some(svg.as_str()));
    Ok(())
}

#[test]
fn a_plot_is_saved_where_it_can_be() -> Result<(), Error> {
    let picture = plot::scatter(&array![1.0], &array![2.0])?.size(300, 200);
    let path = std::env::temp_dir().join(format!("mlcourse-plot-{}.svg", std::process::id()));
    picture.save(&path)?;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), picture.svg());
    std::fs::remove_file(&path).unwrap();
    let error = picture.save("/no/such/folder/plot.svg").unwrap_err();
    assert!(
        error.to_string().contains("check that the folder exists"),
        "{error}"
    );
    Ok(())
}

#[test]
fn every_plot_draws_at_every_size() -> Result<(), Error> {
    let values = array![1.0, -1e300, 1e300, 0.0];
    let matrix = confusion_matrix(&Array1::from_iter(0..60), &Array1::from_elem(60, 3))?;
    for (width, height) in [(0, 0), (300, 4000), (9999, 120)] {
        let pictures = [
            plot::scatter(&values, &values)?.color_by(
                &array![0, 1, 2, 3],
                &["a", "b", "c", "ü".repeat(99).as_str()],
            )?,
            plot::confusion_matrix(&matrix),
        ];
        for picture in pictures {
            let svg = picture.title(&"t".repeat(500)).size(width, height).svg();
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"));
        }
    }
    Ok(())
}

#[test]
fn points_that_cannot_be_drawn_are_an_error() {
    assert!(plot::scatter(&array![1.0, f64::NAN], &array![1.0, 2.0]).is_err());
    assert!(plot::scatter(&array![1.0], &array![1.0, 2.0]).is_err());
    assert!(plot::scatter(&array![], &array![]).is_err());
    let picture = plot::scatter(&array![1.0], &array![1.0]).unwrap();
    assert!(
        picture
            .clone()
            .color_by(&array![0, 1], &["a", "b"])
            .is_err()
    );
    assert!(picture.color_by(&array![1], &["a"]).is_err());
}
