//! The Python environment that tests and measurements use, under `target/`.

use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An environment with what a pinned list names; made when it is not there or the list has changed.
pub fn environment(root: &Path, name: &str, list: &Path) -> anyhow::Result<PathBuf> {
    let folder = root.join("target").join(name);
    let python = folder.join("bin/python");
    let wanted = std::fs::read_to_string(list)
        .with_context(|| format!("{} cannot be read", list.display()))?;
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder)
        .status();
    if !made
        .context("python3 cannot be run; install Python 3")?
        .success()
    {
        bail!("python3 makes no environment; on Debian and Ubuntu: apt-get install python3-venv");
    }
    let installed = Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(list)
        .status()
        .context("pip cannot be run")?;
    if !installed.success() {
        bail!("pip could not install {}", list.display());
    }
    std::fs::write(&stamp, wanted)
        .with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(python)
}
