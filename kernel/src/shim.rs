//! This program in the place of `cargo`, `rustc` and `rustup` on the path of an engine.
//!
//! evcxr starts them by name. The stand-in passes what it was asked to the engine that it runs under, which answers
//! from what it knows (one compiler call, no cargo) or says to run the real tool.

use crate::wire::DRIVER_ENV;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tools that are stood in for.
pub(crate) const TOOLS: [&str; 3] = ["cargo", "rustc", "rustup"];

/// What the stand-in was asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub tool: String,
    pub arguments: Vec<String>,
    pub folder: PathBuf,
    /// Where evcxr wants the path of the compiled cell.
    pub result_file: Option<PathBuf>,
}

/// What it shall do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// Print this and end.
    Say {
        status: u8,
        stdout: String,
        stderr: String,
    },
    /// Become the real tool.
    Run(PathBuf),
}

impl Answer {
    pub fn success(stdout: impl Into<String>) -> Self {
        Self::Say {
            status: 0,
            stdout: stdout.into(),
            stderr: String::new(),
        }
    }

    pub fn failure(stderr: impl Into<String>) -> Self {
        Self::Say {
            status: 101,
            stdout: String::new(),
            stderr: stderr.into(),
        }
    }
}

/// The tool's name, if this program was started as one of them under an engine.
pub(crate) fn requested() -> Option<String> {
    std::env::var_os(DRIVER_ENV)?;
    let started_as = std::env::args_os().next()?;
    let name = Path::new(&started_as).file_name()?.to_str()?;
    TOOLS.contains(&name).then(|| name.to_owned())
}

/// Does what the engine says.
pub(crate) fn run(tool: String) -> i32 {
    match ask(tool) {
        Ok(Answer::Say {
            status,
            stdout,
            stderr,
        }) => {
            // A reader that is gone does not need the answer.
            let _ = std::io::stdout().write_all(stdout.as_bytes());
            let _ = std::io::stderr().write_all(stderr.as_bytes());
            i32::from(status)
        }
        Ok(Answer::Run(program)) => {
            let error = Command::new(&program)
                .args(std::env::args_os().skip(1))
                .env_remove(DRIVER_ENV)
                .exec();
            eprintln!("{} cannot be run: {error}", program.display());
            101
        }
        Err(error) => {
            eprintln!("the engine of this notebook does not answer: {error}");
            101
        }
    }
}

fn ask(tool: String) -> std::io::Result<Answer> {
    let socket = std::env::var_os(DRIVER_ENV).unwrap_or_default();
    let mut stream = UnixStream::connect(socket)?;
    let asked = Asked {
        tool,
        arguments: std::env::args().skip(1).collect(),
        folder: std::env::current_dir()?,
        result_file: std::env::var_os("EVCXR_EXECUTION_SO_PATH").map(PathBuf::from),
    };
    let mut line = serde_json::to_string(&asked)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
