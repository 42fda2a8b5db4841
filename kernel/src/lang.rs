/// The language of the messages that a reader sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English, the tools' fallback.
    #[default]
    En,
    /// French.
    Fr,
}

impl Lang {
    /// The language that the environment asks for: `MLCOURSE_LANG`, else `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub fn from_env() -> Self {
        ["MLCOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .map_or(Self::En, |value| Self::from_tag(&value))
    }

    /// The language of a tag such as `fr`, `fr_FR.UTF-8` or `en-GB`; English for all others.
    ///
    /// ```
    /// # use mlcourse_kernel::Lang;
    /// assert_eq!(Lang::from_tag("fr_CA.UTF-8"), Lang::Fr);
    /// assert_eq!(Lang::from_tag("C"), Lang::En);
    /// ```
    pub fn from_tag(tag: &str) -> Self {
        let language = tag.split(['_', '-', '.']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("fr") {
            Self::Fr
        } else {
            Self::En
        }
    }

    /// The text in this language.
    pub fn pick<T>(self, english: T, french: T) -> T {
        match self {
            Self::En => english,
            Self::Fr => french,
        }
    }
}
