//! `mlcourse doctor`: what is installed, what is missing, what to type.

use crate::python::{Environment, find_python};
use crate::report::size;
use crate::setup::no_compiler;
use crate::{Verdict, disk, kernel, process, rust_src};
use mlcourse_kernel::Lang;
use mlcourse_kernel::template::{Compiler, Missing, Template, data_folder};
use std::process::Command;

/// One line of the table.
struct Row {
    name: &'static str,
    state: State,
    found: String,
    /// What to do, empty where all is well.
    advice: String,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Fine,
    /// Things work without.
    Wanting,
    /// Things do not.
    Missing,
}

impl Row {
    fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Fine,
            found: found.into(),
            advice: String::new(),
        }
    }

    fn missing(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Missing,
            found: found.into(),
            advice: advice.into(),
        }
    }

    fn wanting(self) -> Self {
        Self {
            state: State::Wanting,
            ..self
        }
    }
}

/// Prints the table.
pub fn carry_out(lang: Lang) -> Verdict {
    let rows = examine(lang);
    print!("{}", table(&rows, lang));
    let is_missing = rows.iter().any(|row| row.state == State::Missing);
    if is_missing {
        Verdict::Failed
    } else {
        Verdict::Fine
    }
}

fn examine(lang: Lang) -> Vec<Row> {
    let compiler = Compiler::find();
    let environment = Environment::of_this_user();
    let mut rows = rust(&compiler, lang);
    rows.push(template(lang));
    rows.extend([
        python(lang),
        jupyterlab(&environment, lang),
        kernelspec(&environment, lang),
    ]);
    rows.extend(room(lang));
    rows
}

fn rust(compiler: &Result<Compiler, Missing>, lang: Lang) -> Vec<Row> {
    let none = lang.pick("none", "aucun");
    let Ok(compiler) = compiler else {
        let said = match compiler {
            Err(Missing::NoCompiler(said)) => said.clone(),
            _ => none.into(),
        };
        return vec![
            Row::missing("rustc, cargo", said, no_compiler(lang)),
            linker(lang),
        ];
    };
    let cargo = process::ask(Command::new(&compiler.cargo).arg("--version"));
    vec![
        Row::fine(
            "rustc",
            format!("{}, {}", compiler.version, compiler.rustc.display()),
        ),
        match cargo {
            Some(version) => Row::fine("cargo", format!("{version}, {}", compiler.cargo.display())),
            None => Row::missing(
                "cargo",
                compiler.cargo.display().to_string(),
                no_compiler(lang),
            ),
        },
        linker(lang),
        match rust_src::find(compiler) {
            Some(path) => Row::fine("rust-src", path.display().to_string()),
            None => Row::missing("rust-src", none, "rustup component add rust-src").wanting(),
        },
    ]
}

fn linker(lang: Lang) -> Row {
    match which::which("cc") {
        Ok(path) => Row::fine("cc", path.display().to_string()),
        Err(_) => Row::missing(
            "cc",
            lang.pick(
                "none: Rust cannot link without",
                "aucun : Rust ne peut pas lier sans lui",
            ),
            if cfg!(target_os = "macos") {
                "xcode-select --install"
            } else {
                "sudo apt install build-essential"
            },
        ),
    }
}

fn template(lang: Lang) -> Row {
    let name = lang.pick("course library", "bibliothèque du cours");
    match Template::find() {
        Ok(template) => {
            let key = template
                .root()
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let built = std::fs::metadata(template.root())
                .and_then(|folder| folder.modified())
                .ok();
            let age = built
                .and_then(|time| time.elapsed().ok())
                .map_or_else(String::new, |age| ago(age.as_secs(), lang));
            Row::fine(
                name,
                format!(
                    "{key}, {}{age}, {}",
                    size(template.bytes(), lang),
                    template.root().display()
                ),
            )
        }
        Err(Missing::Stale { built_for, found }) => {
            let said = lang.pick(
                format!("for {built_for}, this is {found}"),
                format!("pour {built_for}, ici {found}"),
            );
            Row::missing(name, said, "mlcourse setup")
        }
        Err(_) => Row::missing(
            name,
            lang.pick("not built", "pas compilée"),
            "mlcourse setup",
        ),
    }
}

fn ago(seconds: u64, lang: Lang) -> String {
    let (number, unit) = match seconds {
        0..3600 => (seconds / 60, "min"),
        3600..172_800 => (seconds / 3600, "h"),
        _ => (seconds / 86_400, lang.pick("days", "jours")),
    };
    lang.pick(
        format!(", built {number} {unit} ago"),
        format!(", compilée il y a {number} {unit}"),
    )
}

fn python(lang: Lang) -> Row {
    match find_python(lang) {
        Ok(path) => {
            let version = process::ask(Command::new(&path).arg("--version")).unwrap_or_default();
            Row::fine("python3, venv", format!("{version}, {}", path.display()))
        }
        Err(error) => Row::missing(
            "python3, venv",
            lang.pick("not usable", "pas utilisable"),
            error.to_string(),
        ),
    }
}

fn jupyterlab(environment: &Environment, lang: Lang) -> Row {
    if environment.is_ready() {
        return Row::fine(
            "JupyterLab",
            format!(
                "{}, {}",
                Environment::jupyterlab_version(),
                environment.root.display()
            ),
        );
    }
    Row::missing(
        "JupyterLab",
        lang.pick("not installed", "pas installé"),
        "mlcourse setup",
    )
}

fn kernelspec(environment: &Environment, lang: Lang) -> Row {
    let name = lang.pick("kernel", "noyau");
    let folder = kernel::folder_in(environment);
    let others = kernel::user_folder()
        .map(|data| data.join("kernels/mlcourse"))
        .filter(|folder| folder.is_dir());
    let others = others.map_or_else(String::new, |folder| format!(", {}", folder.display()));
    if kernel::is_current(&folder, lang) {
        return Row::fine(name, format!("{}{others}", folder.display()));
    }
    if folder.join("kernel.json").exists() {
        let said = lang.pick(
            "for another program or language",
            "pour un autre programme ou une autre langue",
        );
        return Row::missing(
            name,
            format!("{said}, {}{others}", folder.display()),
            "mlcourse kernel install",
        )
        .wanting();
    }
    Row::missing(
        name,
        lang.pick("not installed", "pas installé"),
        "mlcourse setup",
    )
}

/// The data folder: whether it can be written to, and how much fits.
fn room(lang: Lang) -> Vec<Row> {
    const ENOUGH: u64 = 3_000_000_000;
    let folder = data_folder();
    let name = lang.pick("data folder", "dossier de données");
    let there = disk::nearest(&folder);
    let mut rows = vec![match tempfile::tempfile_in(&there) {
        Ok(_) => Row::fine(name, folder.display().to_string()),
        Err(error) => Row::missing(
            name,
            format!("{}: {error}", there.display()),
            lang.pick(
                "export MLCOURSE_HOME=/a/folder/you/own",
                "export MLCOURSE_HOME=/un/dossier/à/vous",
            ),
        ),
    }];
    if let Some(free) = disk::free(&folder) {
        let name = lang.pick("free space", "place libre");
        let enough = lang.pick("3 GB are comfortable", "3 Go sont confortables");
        rows.push(
            if free >= ENOUGH || Template::find().is_ok() && free >= ENOUGH / 10 {
                Row::fine(name, size(free, lang))
            } else {
                Row::missing(name, size(free, lang), enough).wanting()
            },
        );
    }
    rows
}

fn table(rows: &[Row], lang: Lang) -> String {
    let width = rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    let arrow = lang.pick("type", "à faire");
    let mut text = String::new();
    for row in rows {
        let mark = match row.state {
            State::Fine => '✓',
            State::Wanting => '!',
            State::Missing => '✗',
        };
        let padding = " ".repeat(width - row.name.chars().count());
        text.push_str(&format!("{mark} {}{padding}  {}\n", row.name, row.found));
        if !row.advice.is_empty() {
            text.push_str(&format!(
                "  {}  → {arrow}: {}\n",
                " ".repeat(width),
                row.advice
            ));
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_advice_stands_under_what_it_is_about() {
        let rows = [
            Row::fine("é", "1"),
            Row::missing("long", "none", "type this"),
        ];
        assert_eq!(
            table(&rows, Lang::En),
            "✓ é     1\n✗ long  none\n        → type: type this\n"
        );
    }
}
