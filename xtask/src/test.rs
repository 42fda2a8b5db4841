//! Everything CI runs.
//!
//! All of it uses the release profile: rust-analyzer's crates, most of the work, are then compiled once, for the tests
//! and for the command that they drive.

use crate::{cargo, mlcourse, python, root};
use anyhow::{Context as _, bail};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// A part: its name, what it shows, how it runs.
type Part = (&'static str, &'static str, fn() -> anyhow::Result<Command>);

const PARTS: [Part; 7] = [
    ("fmt", "the sources are formatted", format),
    ("clippy", "the linter finds nothing", clippy),
    ("unit", "unit and integration tests", unit),
    ("doc", "examples in the documentation", doc),
    ("setup", "the command sets up what it needs", setup),
    ("notebooks", "the notebooks run to their end", notebooks),
    (
        "jupyter",
        "the Jupyter kernel, by Jupyter's own tests and ours",
        jupyter,
    ),
];

/// Runs one part, or all until one fails.
pub fn run(wanted: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(name) = wanted.filter(|name| PARTS.iter().all(|(part, ..)| part != name)) {
        let names: Vec<&str> = PARTS.iter().map(|(part, ..)| *part).collect();
        bail!(
            "there is no part {name:?}; the parts are {}",
            names.join(", ")
        );
    }
    let mut times = Vec::new();
    let mut failed = None;
    for (name, what, command) in PARTS
        .iter()
        .filter(|(part, ..)| wanted.is_none_or(|name| name == *part))
    {
        println!("\n=== {name}: {what}");
        let start = Instant::now();
        let status = command()?
            .status()
            .with_context(|| format!("the part {name} cannot be run"))?;
        times.push((name, start.elapsed()));
        if !status.success() {
            failed = Some(name);
            break;
        }
    }
    println!("\n=== time by part");
    for (name, time) in &times {
        println!("{name:>10} {:>7.1} s", time.as_secs_f64());
    }
    println!(
        "{:>10} {:>7.1} s",
        "all",
        times
            .iter()
            .map(|(_, time)| *time)
            .sum::<Duration>()
            .as_secs_f64()
    );
    match failed {
        Some(name) => {
            println!("failed: {name}");
            Ok(ExitCode::FAILURE)
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

fn format() -> anyhow::Result<Command> {
    let mut command = cargo();
    command.args(["fmt", "--all", "--check"]);
    Ok(command)
}

fn clippy() -> anyhow::Result<Command> {
    let mut command = cargo();
    command.args([
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]);
    Ok(command)
}

fn unit() -> anyhow::Result<Command> {
    let mut command = cargo();
    command.args([
        "test",
        "--release",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--examples",
    ]);
    Ok(command)
}

fn doc() -> anyhow::Result<Command> {
    let mut command = cargo();
    command.args(["test", "--release", "--workspace", "--doc"]);
    Ok(command)
}

/// The command, in a home of its own under `target/`.
fn command_under_test() -> Command {
    let mut command = Command::new(mlcourse());
    command
        .current_dir(root())
        .env("MLCOURSE_HOME", root().join("target/home"));
    command
}

fn setup() -> anyhow::Result<Command> {
    let mut command = command_under_test();
    command.arg("setup");
    Ok(command)
}

fn notebooks() -> anyhow::Result<Command> {
    let mut notebooks: Vec<_> = std::fs::read_dir(root().join("notebooks"))
        .context("the notebooks are missing")?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ipynb"))
        .collect();
    notebooks.sort();
    let mut command = command_under_test();
    command
        .arg("run")
        .args(notebooks)
        .arg("--output")
        .arg(root().join("target/notebooks"));
    Ok(command)
}

fn jupyter() -> anyhow::Result<Command> {
    let tests = root().join("tests/jupyter");
    let python = python::environment(&root(), "python-tests", &tests.join("requirements.txt"))?;
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-q", "--durations=5"])
        .current_dir(&tests)
        .env("MLCOURSE_BIN", mlcourse())
        .env("MLCOURSE_HOME", root().join("target/home"));
    Ok(command)
}
