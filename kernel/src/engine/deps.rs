//! The crates that a reader adds with `:dep`.
//!
//! They are built by cargo in the session's own folder, on top of the template: its crates stand there as links, so
//! cargo finds them fresh, and every version and feature that the template uses is asked for again, so that a new crate
//! shares them. A crate that would need another build of one of them is refused before anything is compiled.

use super::compile::Compilation;
use super::outputs::{Outputs, lock};
use crate::Event;
use crate::error::IoContext as _;
use crate::template::{Progress, Template, packages_of, profile, run_cargo};
use crate::{Error, MimeBundle};
use serde_json::Value;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What the reader added so far.
pub(super) struct SessionDeps {
    folder: PathBuf,
    /// The lines of `[dependencies]` that were built.
    built: String,
    externs: Vec<(String, PathBuf)>,
    search: Vec<String>,
}

impl SessionDeps {
    pub fn new(session: &Path) -> Self {
        Self {
            folder: session.with_file_name("deps"),
            built: String::new(),
            externs: Vec::new(),
            search: Vec::new(),
        }
    }

    /// Names of the crates a cell can use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.externs.iter().map(|(name, _)| name.as_str())
    }

    /// The lines of `[dependencies]` so far, but for one crate.
    pub fn lines_without(&self, name: &str) -> String {
        let other = |line: &&str| line.split('=').next().unwrap_or_default().trim() != name;
        self.built
            .lines()
            .filter(other)
            .map(|line| format!("{line}\n"))
            .collect()
    }

    /// The compiler's arguments for them.
    pub fn add_to(&self, command: &mut Command) {
        for (name, library) in &self.externs {
            command
                .arg("--extern")
                .arg(format!("{name}={}", library.display()));
        }
        for folder in &self.search {
            command.arg("-L").arg(folder);
        }
    }
}

/// Asks cargo whether crates can be added, without compiling: the answer's error is for the reader.
pub(super) fn check(
    compilation: &Compilation,
    lines: &str,
    offline: bool,
) -> Result<Vec<String>, Error> {
    let folder = lock(&compilation.deps).folder.clone();
    prepare(&compilation.template, &folder, lines)?;
    let manifest = compilation.template.manifest();
    let mut command = cargo(compilation, &folder);
    command.args([
        "metadata",
        "--format-version=1",
        "--filter-platform",
        &manifest.compiler.host,
    ]);
    if offline {
        command.arg("--offline");
    }
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(|| format!("{} cannot be run", manifest.compiler.cargo.display()))?;
    let output = compilation
        .while_running(child)
        .context(|| "cargo cannot be waited for".into())?;
    if !output.status.success() {
        return Err(Error::Message(explain_resolution(
            compilation,
            &String::from_utf8_lossy(&output.stderr),
        )));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::Message(format!("cargo's metadata cannot be read: {error}")))?;
    refuse_rebuilds(compilation, &metadata)
}

/// Builds what is not built yet, telling how far it is.
pub(super) fn build(
    compilation: &Compilation,
    outputs: &Outputs,
    lines: &str,
    offline: bool,
) -> Result<(), Error> {
    if lock(&compilation.deps).built == lines {
        return Ok(());
    }
    let started = Instant::now();
    let doubled = check(compilation, lines, offline)?;
    let folder = lock(&compilation.deps).folder.clone();
    let manifest = compilation.template.manifest();
    let target = folder.join("target");
    seed(&compilation.template, &target)?;
    let mut command = cargo(compilation, &folder);
    command
        .args([
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
            "--target",
        ])
        .arg(&manifest.compiler.host)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_ENCODED_RUSTFLAGS", manifest.flags.join("\u{1f}"));
    if offline {
        command.arg("--offline");
    }
    let shown = Shown::start(outputs, compilation);
    let mut tell = |progress: Progress| {
        if progress.compiled {
            shown.step(&progress.step);
        }
    };
    let built = run_cargo(command, 0, &mut tell, &mut |child| {
        compilation.set_running(child)
    })?;

    let wanted = direct_names(&folder)?;
    let mut deps = lock(&compilation.deps);
    deps.externs = wanted
        .iter()
        .filter(|(name, _)| !manifest.externs.iter().any(|(known, _)| known == name))
        .filter_map(|(name, package)| {
            let artifact = built
                .artifacts
                .iter()
                .rev()
                .find(|artifact| artifact.is_package(package) && artifact.is_library)?;
            let library = artifact.files.iter().find(|file| {
                let ending = file.extension().and_then(|ending| ending.to_str());
                matches!(ending, Some("rlib" | "so" | "dylib"))
            })?;
            Some((name.replace('-', "_"), library.clone()))
        })
        .collect();
    deps.search = [
        "release".into(),
        format!("{}/release", manifest.compiler.host),
    ]
    .iter()
    .map(|profile: &String| format!("dependency={}", target.join(profile).join("deps").display()))
    .chain(built.native_folders)
    .collect();
    deps.built = lines.to_owned();
    shown.done(started.elapsed().as_secs_f64(), &doubled);
    Ok(())
}

/// Cargo, in the session's folder.
fn cargo(compilation: &Compilation, folder: &Path) -> Command {
    let compiler = &compilation.template.manifest().compiler;
    let mut command = Command::new(&compiler.cargo);
    command
        .current_dir(folder)
        .env("RUSTC", &compiler.rustc)
        .env_remove(crate::wire::DRIVER_ENV)
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("CARGO_TARGET_DIR")
        .process_group(0)
        .stdin(Stdio::null());
    command
}

/// Writes the project whose dependencies are the template's and the reader's.
fn prepare(template: &Template, folder: &Path, lines: &str) -> Result<(), Error> {
    let refused = || format!("{} cannot be written", folder.display());
    std::fs::create_dir_all(folder).context(refused)?;
    let mut manifest = String::from(
        "[package]\nname = \"mlcourse-session\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n\
         [workspace]\n\n",
    );
    manifest
        .push_str(&toml::Table::from_iter([("profile".to_owned(), profile().into())]).to_string());
    manifest.push_str("\n[dependencies]\n");
    manifest.push_str(lines);
    // The template's own, under names that no reader would choose.
    for (index, (name, version, features)) in template.manifest().built.iter().enumerate() {
        manifest.push_str(&format!(
            "mlcourse_{index} = {{ package = {name:?}, version = \"={version}\", default-features = false, features = {features:?} }}\n"
        ));
    }
    std::fs::write(folder.join("Cargo.toml"), manifest).context(refused)?;
    std::fs::write(folder.join("lib.rs"), "").context(refused)?;
    let lock_file = folder.join("Cargo.lock");
    if !lock_file.exists() {
        std::fs::copy(template.workspace().join("Cargo.lock"), &lock_file).context(refused)?;
    }
    Ok(())
}

/// Puts links to the template's libraries where cargo looks for them.
fn seed(template: &Template, target: &Path) -> Result<(), Error> {
    if target.exists() {
        return Ok(());
    }
    let host = &template.manifest().compiler.host;
    for profile in ["release".to_owned(), format!("{host}/release")] {
        let from = template.root().join("target").join(&profile);
        let to = target.join(&profile);
        for folder in ["deps", "build"] {
            link_entries(&from.join(folder), &to.join(folder))?;
        }
        copy_tree(&from.join(".fingerprint"), &to.join(".fingerprint"))?;
    }
    Ok(())
}

fn link_entries(from: &Path, to: &Path) -> Result<(), Error> {
    let refused = || format!("{} cannot be written", to.display());
    std::fs::create_dir_all(to).context(refused)?;
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        std::os::unix::fs::symlink(entry.path(), to.join(entry.file_name())).context(refused)?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), Error> {
    let refused = || format!("{} cannot be written", to.display());
    std::fs::create_dir_all(to).context(refused)?;
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).context(refused)?;
        }
    }
    Ok(())
}

/// The dependencies that the reader wrote: the name in code and the package.
fn direct_names(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let text = std::fs::read_to_string(folder.join("Cargo.toml"))
        .context(|| "the session's manifest is gone".into())?;
    let manifest: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| Error::Message(error.to_string()))?;
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    Ok(dependencies
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.starts_with("mlcourse_"))
        .map(|(name, value)| {
            let package = value
                .get("package")
                .and_then(toml::Value::as_str)
                .unwrap_or(name);
            (name.clone(), package.to_owned())
        })
        .collect())
}

/// A crate that asks for more of one of the session's own would have it built again, and its types would no longer be
/// the session's. Another version beside it is allowed and said.
fn refuse_rebuilds(compilation: &Compilation, metadata: &Value) -> Result<Vec<String>, Error> {
    let mut doubled = Vec::new();
    let known = &compilation.template.manifest().packages;
    for (name, version, features) in packages_of(metadata) {
        match known
            .iter()
            .find(|(known, known_version, _)| *known == name && *known_version == version)
        {
            Some((_, _, present)) => {
                let more: Vec<&str> = features
                    .iter()
                    .filter(|feature| !present.contains(feature))
                    .map(String::as_str)
                    .collect();
                if !more.is_empty() {
                    return Err(Error::Message(needs_rebuild(
                        compilation,
                        &name,
                        &more.join(", "),
                    )));
                }
            }
            None if compilation
                .template
                .manifest()
                .externs
                .iter()
                .any(|(public, _)| *public == name) =>
            {
                doubled.push(format!("{name} {version}"));
            }
            None => {}
        }
    }
    Ok(doubled)
}

fn needs_rebuild(compilation: &Compilation, name: &str, features: &str) -> String {
    compilation.lang.pick(
        format!(
            "this crate needs `{name}` with the features {features}, which this session's `{name}` does not have. \
             Building it again would make its types others than the session's, so nothing was added. Use the crate \
             without those features (`default-features = false`), or in a Cargo project of your own."
        ),
        format!(
            "cette crate demande `{name}` avec les fonctionnalités {features}, que le `{name}` de cette session n'a \
             pas. La reconstruire donnerait des types différents de ceux de la session : rien n'a été ajouté. \
             Utilisez la crate sans ces fonctionnalités (`default-features = false`), ou dans un projet Cargo à vous."
        ),
    )
}

fn explain_resolution(compilation: &Compilation, said: &str) -> String {
    let offline = [
        "Could not resolve host",
        "failed to fetch",
        "download of",
        "in offline mode",
        "failed to download",
    ];
    let advice = if offline.iter().any(|sign| said.contains(sign)) {
        compilation.lang.pick(
            "The crate is not on this machine and the network cannot be reached.\n",
            "La crate n'est pas sur cette machine et le réseau n'est pas joignable.\n",
        )
    } else {
        ""
    };
    let kept: Vec<&str> = said
        .lines()
        .filter(|line| {
            !line.contains("mlcourse-session") && !line.trim_start().starts_with("Updating")
        })
        .collect();
    format!("{advice}{}", kept.join("\n").trim())
}

/// One line under the cell that says what is being compiled.
struct Shown<'a> {
    outputs: &'a Outputs,
    lang: crate::Lang,
    id: String,
}

impl<'a> Shown<'a> {
    fn start(outputs: &'a Outputs, compilation: &Compilation) -> Self {
        let id = format!(
            "mlcourse-dep-{}-{}",
            std::process::id(),
            lock(&compilation.state).builds
        );
        let shown = Self {
            outputs,
            lang: compilation.lang,
            id,
        };
        shown.show(
            shown
                .lang
                .pick("Resolving the crate…", "Résolution de la crate…")
                .to_owned(),
            false,
        );
        shown
    }

    fn show(&self, text: String, update: bool) {
        self.outputs.emit(Event::Display {
            data: MimeBundle::text(text),
            id: Some(self.id.clone()),
            update,
        });
    }

    fn step(&self, name: &str) {
        self.show(
            self.lang
                .pick(format!("Compiled {name}…"), format!("{name} compilée…")),
            true,
        );
    }

    fn done(&self, seconds: f64, doubled: &[String]) {
        let mut text = self.lang.pick(
            format!("Ready in {seconds:.1} s."),
            format!("Prêt en {seconds:.1} s."),
        );
        for name in doubled {
            text.push_str(&self.lang.pick(
                format!("\nIt brings its own {name}: its types are not the session's."),
                format!(
                    "\nElle apporte son propre {name} : ses types ne sont pas ceux de la session."
                ),
            ));
        }
        self.show(text, true);
    }
}
