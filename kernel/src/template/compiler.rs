use super::Missing;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// An installed Rust compiler, by its real files rather than rustup's stand-ins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compiler {
    /// `rustc`.
    pub rustc: PathBuf,
    /// `cargo`.
    pub cargo: PathBuf,
    /// The compiler's own libraries.
    pub sysroot: PathBuf,
    /// What it compiles for.
    pub host: String,
    /// What `rustc -vV` says first: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub version: String,
    /// The program's size and time, to notice an update.
    stamp: (u64, u64),
}

impl Compiler {
    /// The compiler that `RUSTC` names or that is on the path.
    ///
    /// # Errors
    /// When there is none or it does not answer.
    pub fn find() -> Result<Self, Missing> {
        let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let sysroot = PathBuf::from(ask(Path::new(&program), &["--print", "sysroot"])?);
        let beside =
            |tool: &str| Some(sysroot.join("bin").join(tool)).filter(|path| path.is_file());
        let rustc = beside("rustc").unwrap_or_else(|| program.into());
        let cargo = beside("cargo")
            .or_else(|| find_on_path("cargo"))
            .ok_or_else(|| Missing::NoCompiler("rustc is there, cargo is not".into()))?;
        let verbose = ask(&rustc, &["-vV"])?;
        let host = verbose
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or_else(|| Missing::NoCompiler(format!("`{} -vV` names no host", rustc.display())))?
            .to_owned();
        let version = verbose.lines().next().unwrap_or_default().to_owned();
        let stamp = stamp(&rustc)
            .ok_or_else(|| Missing::NoCompiler(format!("{} is gone", rustc.display())))?;
        Ok(Self {
            rustc,
            cargo,
            sysroot,
            host,
            version,
            stamp,
        })
    }

    /// Whether the compiler is the one that was found then.
    pub(super) fn check_unchanged(&self) -> Result<(), Missing> {
        if stamp(&self.rustc) == Some(self.stamp) {
            return Ok(());
        }
        let found = Self::find()?;
        if found.version == self.version && found.rustc == self.rustc {
            return Ok(());
        }
        Err(Missing::Stale {
            built_for: self.version.clone(),
            found: found.version,
        })
    }

    /// Where the standard library's shared object lies.
    pub(crate) fn library_folder(&self) -> PathBuf {
        self.sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("lib")
    }

    /// The sources of the standard library that rust-analyzer can read, if they are installed.
    pub fn rust_src(&self) -> Option<PathBuf> {
        let named = std::env::var_os("RUST_SRC_PATH").map(PathBuf::from);
        [
            named,
            Some(self.sysroot.join("lib/rustlib/src/rust/library")),
        ]
        .into_iter()
        .flatten()
        .find(|path| path.join("core/src/lib.rs").is_file())
    }
}

/// What this machine's processor can do, as the system says it; empty where it does not.
pub(super) fn processor() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .unwrap_or_default()
        .lines()
        .find(|line| line.starts_with("flags") || line.starts_with("Features"))
        .map(|line| super::hex(&Sha256::digest(line)))
        .unwrap_or_default()
}

/// The size and the time of a file.
fn stamp(file: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(file).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((metadata.len(), modified.as_secs()))
}

fn ask(program: &Path, arguments: &[&str]) -> Result<String, Missing> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| {
            Missing::NoCompiler(format!("`{}` cannot be run: {error}", program.display()))
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Missing::NoCompiler(format!(
            "`{} {}` says: {}",
            program.display(),
            arguments.join(" "),
            said.trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program on the path.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
