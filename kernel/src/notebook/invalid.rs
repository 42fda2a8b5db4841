use crate::Lang;
use std::fmt;

/// Why a file is no notebook that can be run here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The file cannot be read.
    Unreadable(#[source] std::io::Error),
    /// The text is not JSON.
    NotJson(#[source] serde_json::Error),
    /// JSON of another shape; what is wrong, in both languages.
    NotANotebook {
        /// In English.
        english: String,
        /// In French.
        french: String,
    },
    /// Another version of the format.
    Version {
        /// The version found.
        found: u64,
    },
    /// A notebook in another programming language.
    Language {
        /// The language found.
        found: String,
    },
}

impl Invalid {
    pub(super) fn shape(english: impl Into<String>, french: impl Into<String>) -> Self {
        Self::NotANotebook {
            english: english.into(),
            french: french.into(),
        }
    }

    /// What was expected, what was found and what to do, in the reader's language.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable(error) => {
                let what = lang.pick("the file cannot be read", "le fichier ne peut pas être lu");
                format!("{what}: {error}")
            }
            Self::NotJson(error) => lang.pick(
                format!("a notebook (.ipynb) is JSON, and this file is not: {error}"),
                format!("un carnet (.ipynb) est du JSON, et ce fichier n'en est pas : {error}"),
            ),
            Self::NotANotebook { english, french } => lang.pick(
                format!("not a valid notebook: {english}. Open it in JupyterLab and save it again"),
                format!("carnet non valide : {french}. Ouvrez-le dans JupyterLab et enregistrez-le de nouveau"),
            ),
            Self::Version { found } => lang.pick(
                format!(
                    "expected a notebook of format 4, found format {found}. Convert it with \
                     `jupyter nbconvert --to notebook --nbformat 4 FILE`"
                ),
                format!(
                    "un carnet au format 4 est attendu, celui-ci est au format {found}. Convertissez-le avec \
                     `jupyter nbconvert --to notebook --nbformat 4 FICHIER`"
                ),
            ),
            Self::Language { found } => lang.pick(
                format!(
                    "expected a Rust notebook, found one in {found}. Run it with `jupyter nbconvert --execute`, or \
                     choose the kernel “Rust (mlcourse)” in JupyterLab and save it"
                ),
                format!(
                    "un carnet Rust est attendu, celui-ci est en {found}. Exécutez-le avec `jupyter nbconvert \
                     --execute`, ou choisissez le noyau « Rust (mlcourse) » dans JupyterLab et enregistrez-le"
                ),
            ),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text(Lang::En))
    }
}
