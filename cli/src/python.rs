//! The private Python environment with JupyterLab in it, apart from everything else that is installed.

use crate::disk;
use crate::process::{self, Ended};
use crate::report::{Done, Step};
use anyhow::{Context as _, bail};
use mlcourse_kernel::{Lang, notebook::write_atomically, template::data_folder};
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every package, with its version and its hashes.
const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

/// The file that makes an environment complete; it is written last.
const COMPLETE: &str = "mlcourse-complete";

/// No news, no hints of updates: both ask the network, and the versions are ours to choose.
const OVERRIDES: &str = r#"{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}"#;

/// What it takes on disk, with what pip unpacks on the way.
const NEEDED: u64 = 400_000_000;

const OLDEST: (u32, u32) = (3, 10);

/// An environment, there or not.
pub struct Environment {
    /// Its folder, named after the list of packages.
    pub root: PathBuf,
}

impl Environment {
    /// The environment of this program's list of packages.
    pub fn of_this_user() -> Self {
        let hash: String = Sha256::digest(REQUIREMENTS)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            root: data_folder().join(format!("python-{hash}")),
        }
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.root.join("bin/python")
    }

    /// A program in it.
    pub fn command(&self, module: &str) -> Command {
        let mut command = Command::new(self.python());
        // A PYTHONPATH of the user's would put other packages before ours.
        command
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONHOME")
            .args(["-s", "-m", module]);
        command
    }

    /// Whether it is whole and its interpreter still runs (a system's update may have removed it).
    pub fn is_ready(&self) -> bool {
        self.root.join(COMPLETE).is_file()
            && process::ask(Command::new(self.python()).arg("--version")).is_some()
    }

    /// The version of JupyterLab in it.
    pub fn jupyterlab_version() -> &'static str {
        let pinned = REQUIREMENTS
            .lines()
            .find_map(|line| line.strip_prefix("jupyterlab=="));
        pinned.map_or("?", |version| version.trim_end_matches([' ', '\\']))
    }

    /// Makes it, or finds that it is there.
    pub fn make(&self, step: &Step, lang: Lang) -> anyhow::Result<Done> {
        let what = format!("JupyterLab {}", Self::jupyterlab_version());
        if self.is_ready() {
            return Ok(Done::Present(what));
        }
        let python = find_python(lang)?;
        if disk::free(&self.root).is_some_and(|free| free < NEEDED) {
            bail!(disk_full(lang));
        }
        let _ = fs::remove_dir_all(&self.root);
        fs::create_dir_all(&self.root).with_context(|| cannot_make(&self.root, lang))?;
        step.announce(lang.pick(
            "downloading JupyterLab, about 60 MB",
            "téléchargement de JupyterLab, environ 60 Mo",
        ));
        let arguments = [OsStr::new("-m"), OsStr::new("venv"), self.root.as_os_str()];
        carry_out(Command::new(python).args(arguments), lang)?;
        let list = self.root.join("requirements.txt");
        write_atomically(&list, REQUIREMENTS.as_bytes())?;
        let mut install = self.command("pip");
        // The list is whole: nothing is resolved, nothing is built, nothing comes that is not on it.
        install.args([
            "install",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
            "--no-input",
            "--quiet",
        ]);
        install
            .args([
                "--disable-pip-version-check",
                "--no-warn-script-location",
                "--requirement",
            ])
            .arg(&list);
        carry_out(&mut install, lang)?;
        let settings = self.root.join("share/jupyter/lab/settings");
        fs::create_dir_all(&settings).with_context(|| cannot_make(&settings, lang))?;
        write_atomically(&settings.join("overrides.json"), OVERRIDES.as_bytes())?;
        write_atomically(&self.root.join(COMPLETE), what.as_bytes())?;
        Ok(Done::Made(format!("{what}, {}", self.root.display())))
    }
}

/// What to say of a folder that cannot be made.
pub fn cannot_make(folder: &Path, lang: Lang) -> String {
    lang.pick(
        format!(
            "{} cannot be made; set MLCOURSE_HOME to a folder that you can write to",
            folder.display()
        ),
        format!(
            "{} ne peut pas être créé ; indiquez dans MLCOURSE_HOME un dossier inscriptible",
            folder.display()
        ),
    )
}

/// An interpreter that can make environments.
pub fn find_python(lang: Lang) -> anyhow::Result<PathBuf> {
    let Some(python) = ["python3", "python"]
        .iter()
        .find_map(|name| which::which(name).ok())
    else {
        bail!(lang.pick(
            "JupyterLab needs Python 3.10 or later, and there is no `python3` on the PATH. Install it: \
             `sudo apt install python3 python3-venv` on Debian and Ubuntu, `brew install python` on macOS, \
             https://www.python.org elsewhere",
            "JupyterLab demande Python 3.10 ou plus récent, et aucun `python3` n'est dans le PATH. Installez-le : \
             `sudo apt install python3 python3-venv` sur Debian et Ubuntu, `brew install python` sur macOS, \
             https://www.python.org ailleurs",
        ));
    };
    let shown = python.display();
    let version = process::ask(
        Command::new(&python).args(["-c", "import sys; print(*sys.version_info[:2])"]),
    );
    let numbers: Vec<u32> = version
        .unwrap_or_default()
        .split(' ')
        .filter_map(|part| part.parse().ok())
        .collect();
    let [major, minor] = numbers[..] else {
        bail!(lang.pick(
            format!("`{shown}` does not answer; check your Python installation"),
            format!("`{shown}` ne répond pas ; vérifiez votre installation de Python"),
        ));
    };
    if (major, minor) < OLDEST {
        bail!(lang.pick(
            format!("JupyterLab needs Python 3.10 or later, and {shown} is {major}.{minor}. Install a later one"),
            format!("JupyterLab demande Python 3.10 ou plus récent, et {shown} est en {major}.{minor}. Mettez-le à jour"),
        ));
    }
    if process::ask(Command::new(&python).args(["-c", "import venv, ensurepip"])).is_none() {
        bail!(lang.pick(
            format!(
                "{shown} lacks its `venv` module, which Debian and Ubuntu package apart: \
                 `sudo apt install python3-venv` (or python{major}.{minor}-venv)"
            ),
            format!(
                "il manque à {shown} son module `venv`, que Debian et Ubuntu livrent à part : \
                 `sudo apt install python3-venv` (ou python{major}.{minor}-venv)"
            ),
        ));
    }
    Ok(python)
}

fn carry_out(command: &mut Command, lang: Lang) -> anyhow::Result<()> {
    match process::run(command)? {
        Ended::Exited { success: true, .. } => Ok(()),
        Ended::Stopped => bail!(lang.pick("stopped", "arrêté")),
        Ended::Exited { said, .. } => {
            let last: Vec<_> = said.lines().filter(|line| is_worth_showing(line)).collect();
            let last = last[last.len().saturating_sub(6)..].join("\n  ");
            bail!("{}\n  {last}", diagnose(&said, lang))
        }
    }
}

fn is_worth_showing(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with("WARNING: Retrying")
}

fn disk_full(lang: Lang) -> &'static str {
    lang.pick(
        "the disk is full: JupyterLab needs 400 MB. Free some space, or set MLCOURSE_HOME to a folder on another disk",
        "le disque est plein : JupyterLab demande 400 Mo. Libérez de la place, ou indiquez dans MLCOURSE_HOME un \
         dossier d'un autre disque",
    )
}

/// What pip's many words come down to.
fn diagnose(said: &str, lang: Lang) -> &'static str {
    let says = |signs: &[&str]| signs.iter().any(|sign| said.contains(sign));
    if says(&["No space left on device", "Errno 28"]) {
        return disk_full(lang);
    }
    if says(&[
        "Read-only file system",
        "Permission denied",
        "Errno 13",
        "Errno 30",
    ]) {
        return lang.pick(
            "the folder cannot be written to. Set MLCOURSE_HOME to a folder that can",
            "le dossier n'est pas inscriptible. Indiquez dans MLCOURSE_HOME un dossier qui l'est",
        );
    }
    if says(&[
        "Connection",
        "resolution",
        "Retry(",
        "No matching distribution",
        "timed out",
        "SSLError",
    ]) {
        return lang.pick(
            "JupyterLab could not be downloaded: no network? The first set-up needs one, later ones do not (behind a \
             proxy, set HTTPS_PROXY; with a folder of downloaded packages, PIP_NO_INDEX=1 and PIP_FIND_LINKS)",
            "JupyterLab n'a pas pu être téléchargé : pas de réseau ? La première installation en demande un, pas les \
             suivantes (derrière un mandataire, HTTPS_PROXY ; avec un dossier de paquets, PIP_NO_INDEX=1 et PIP_FIND_LINKS)",
        );
    }
    lang.pick(
        "JupyterLab could not be installed; pip says:",
        "JupyterLab n'a pas pu être installé ; pip dit :",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_jupyterlab_and_no_python_kernel() {
        assert!(Environment::jupyterlab_version().starts_with("4."));
        assert!(REQUIREMENTS.contains("\nnbconvert=="));
        assert!(!REQUIREMENTS.contains("ipykernel=="));
    }

    #[test]
    fn the_causes_of_a_failed_download_are_told_apart() {
        let say = |said| diagnose(said, Lang::En);
        assert!(say("OSError: [Errno 28] No space left on device").contains("disk is full"));
        assert!(
            say("NewConnectionError: Temporary failure in name resolution").contains("network")
        );
        assert!(say("OSError: [Errno 30] Read-only file system: '/x'").contains("MLCOURSE_HOME"));
        assert!(say("something else").contains("pip says"));
    }
}
