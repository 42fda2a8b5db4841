//! Developer commands: `cargo xtask test [PART]` runs what CI runs, `cargo xtask bench AREA` compares with the peers.

mod bench;
mod python;
mod test;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Developer commands.
#[derive(Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything CI runs, with the time of each part.
    Test {
        /// One part alone: fmt, clippy, unit, doc, setup, notebooks or jupyter.
        part: Option<String>,
    },
    /// Ours beside the named peer in one run: medians and ratios. Reports missed bars, does not fail on them.
    Bench {
        /// What to measure: kernel.
        area: String,
        /// Rows of {name, ours, peer, unit, ratio, bar, holds}, for a program.
        #[arg(long)]
        json: Option<PathBuf>,
        /// How often each side is measured.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test { part } => test::run(part.as_deref()),
        Task::Bench { area, json, rounds } => bench::run(&area, json.as_deref(), rounds),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The workspace's root.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// Cargo, in the workspace's root.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The command under test, as the tests build it.
fn mlcourse() -> PathBuf {
    root().join("target/release/mlcourse")
}
