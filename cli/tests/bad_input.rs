//! What the command says, and how it exits, when it is given what it cannot use. No engine is needed.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The command in an empty home, in a language.
fn mlcourse(home: &Path, lang: &str) -> Command {
    let mut command = Command::cargo_bin("mlcourse").unwrap();
    for name in [
        "MLCOURSE_TEMPLATES",
        "JUPYTER_DATA_DIR",
        "XDG_DATA_HOME",
        "RUSTC",
        "LC_ALL",
        "LANG",
    ] {
        command.env_remove(name);
    }
    command
        .env("HOME", home)
        .env("MLCOURSE_HOME", home.join("data"))
        .env("MLCOURSE_LANG", lang)
        .current_dir(home);
    command
}

/// Runs it and returns its exit code, output and errors.
fn run(home: &TempDir, lang: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = mlcourse(home.path(), lang)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A home with one file in it.
fn home_with(name: &str, content: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(name), content).unwrap();
    home
}

fn notebook(metadata: &str) -> String {
    format!(r#"{{"nbformat": 4, "nbformat_minor": 5, "metadata": {metadata}, "cells": []}}"#)
}

#[test]
fn a_file_that_is_not_json_is_refused_with_its_name_and_line() {
    let home = home_with("a.ipynb", "{\n not json");
    let (code, _, said) = run(&home, "en", &["run", "a.ipynb"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("a.ipynb") && said.contains("line 2"),
        "{said}"
    );
    let (code, _, said) = run(&home, "fr", &["run", "a.ipynb"]);
    assert_eq!(code, 2);
    assert!(said.contains("erreur") && said.contains("carnet"), "{said}");
}

#[test]
fn a_notebook_of_format_3_is_refused_with_the_command_that_converts_it() {
    let home = home_with("old.ipynb", r#"{"nbformat": 3, "worksheets": []}"#);
    let (code, _, said) = run(&home, "en", &["run", "old.ipynb"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("format 4") && said.contains("nbconvert"),
        "{said}"
    );
}

#[test]
fn a_python_notebook_is_refused_by_name_of_its_language() {
    let home = home_with(
        "py.ipynb",
        &notebook(r#"{"kernelspec": {"name": "python3", "language": "python"}}"#),
    );
    let (code, _, said) = run(&home, "en", &["run", "py.ipynb"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("expected a Rust notebook, found one in python"),
        "{said}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&home, "en", &["run", "nowhere.ipynb"]);
    assert_eq!(code, 2);
    assert!(said.contains("nowhere.ipynb"), "{said}");
}

#[test]
fn the_last_bad_notebook_is_found_before_the_first_good_one_runs() {
    let home = home_with("good.ipynb", &notebook("{}"));
    fs::write(home.path().join("bad.ipynb"), "[]").unwrap();
    let (code, _, said) = run(&home, "en", &["run", "good.ipynb", "bad.ipynb"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("bad.ipynb") && !said.contains("good.ipynb"),
        "{said}"
    );
}

#[test]
fn two_notebooks_of_one_name_are_not_written_over_each_other() {
    let home = home_with("a.ipynb", &notebook("{}"));
    fs::create_dir(home.path().join("sub")).unwrap();
    fs::copy(home.path().join("a.ipynb"), home.path().join("sub/a.ipynb")).unwrap();
    let (code, _, said) = run(
        &home,
        "en",
        &["run", "--output", "out", "a.ipynb", "sub/a.ipynb"],
    );
    assert_eq!(code, 2);
    assert!(
        said.contains("same file") && !home.path().join("out").exists(),
        "{said}"
    );
}

#[test]
fn without_a_course_library_run_says_what_to_type() {
    let home = home_with("a.ipynb", &notebook("{}"));
    let (code, _, said) = run(&home, "en", &["run", "a.ipynb"]);
    assert_eq!(code, 2);
    assert!(said.contains("mlcourse setup"), "{said}");
}

#[test]
fn the_doctor_without_cargo_says_how_to_install_rust() {
    let home = tempfile::tempdir().unwrap();
    let output = mlcourse(home.path(), "en")
        .arg("doctor")
        .env("PATH", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for expected in [
        "✗ rustc, cargo",
        "https://rustup.rs",
        "✗ python3",
        "✗ cc",
        "mlcourse setup",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
}

#[test]
fn setup_without_a_compiler_fails_at_once_and_says_why() {
    let home = tempfile::tempdir().unwrap();
    let output = mlcourse(home.path(), "fr")
        .arg("setup")
        .env("PATH", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("https://rustup.rs") && said.contains("Installez Rust"),
        "{said}"
    );
}

#[test]
fn setup_where_nothing_can_be_written_names_the_variable_that_helps() {
    let home = home_with("file", "");
    let mut command = mlcourse(home.path(), "en");
    let output = command
        .arg("setup")
        .env("MLCOURSE_HOME", home.path().join("file/below"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("MLCOURSE_HOME"), "{said}");
}

#[test]
fn lab_on_a_path_that_is_not_there_fails_before_any_set_up() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&home, "en", &["lab", "nowhere"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("nowhere") && !home.path().join("data").exists(),
        "{said}"
    );
}

#[test]
fn an_unknown_language_and_an_unknown_command_are_usage_errors() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&home, "en", &["--lang", "de", "doctor"]);
    assert_eq!(code, 2);
    assert!(said.contains("fr, en"), "{said}");
    assert_eq!(run(&home, "en", &["frobnicate"]).0, 2);
    assert_eq!(run(&home, "en", &[]).0, 2);
}

#[test]
fn help_speaks_the_readers_language() {
    let home = tempfile::tempdir().unwrap();
    let (code, english, _) = run(&home, "en", &["--help"]);
    assert_eq!(code, 0);
    assert!(
        english.contains("Usage") && english.contains("what is missing"),
        "{english}"
    );
    let (_, french, _) = run(&home, "en", &["--lang", "fr", "--help"]);
    assert!(
        french.contains("Utilisation") && french.contains("ce qui manque"),
        "{french}"
    );
    let (_, french, _) = run(&home, "fr", &["run", "--help"]);
    assert!(french.contains("Comparer les sorties"), "{french}");
    let (_, french, _) = run(&home, "fr_CA.UTF-8", &["kernel", "install", "--help"]);
    assert!(french.contains("Pour tous les Jupyter"), "{french}");
}

#[test]
fn the_kernelspec_is_installed_for_a_user_or_below_a_prefix_and_removed_again() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, folder) in [
        (vec!["--user"], ".local/share/jupyter/kernels/mlcourse"),
        (
            vec!["--prefix", "env"],
            "env/share/jupyter/kernels/mlcourse",
        ),
    ] {
        if cfg!(target_os = "macos") && arguments == ["--user"] {
            continue;
        }
        let folder = home.path().join(folder);
        assert_eq!(
            run(
                &home,
                "en",
                &[&["kernel", "install"], &arguments[..]].concat()
            )
            .0,
            0
        );
        let spec = fs::read_to_string(folder.join("kernel.json")).unwrap();
        assert!(
            spec.contains("connection_file") && spec.contains("mlcourse"),
            "{spec}"
        );
        assert!(folder.join("logo-64x64.png").exists());
        assert_eq!(
            run(
                &home,
                "en",
                &[&["kernel", "uninstall"], &arguments[..]].concat()
            )
            .0,
            0
        );
        assert!(!folder.exists());
    }
}

#[test]
fn without_a_private_jupyterlab_the_kernel_asks_where_to_go() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&home, "en", &["kernel", "install"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("--user") && said.contains("mlcourse setup"),
        "{said}"
    );
    assert_eq!(
        run(
            &home,
            "en",
            &["kernel", "install", "--user", "--prefix", "x"]
        )
        .0,
        2
    );
}
