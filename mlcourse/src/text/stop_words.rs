//! Words that stand in every text and tell little about it.

/// Articles, pronouns, prepositions, conjunctions, auxiliaries and their elided forms (`l'`, `qu'`) without apostrophe.
#[rustfmt::skip]
pub(super) const FRENCH: &[&str] = &[
    "ai", "aie", "aient", "aies", "ainsi", "ait", "alors", "as", "au", "aucun", "aucune", "aura", "aurai", "auraient",
    "aurais", "aurait", "auras", "aurez", "auriez", "aurions", "aurons", "auront", "aussi", "autre", "autres", "aux",
    "auxquelles", "auxquels", "avaient", "avais", "avait", "avant", "avec", "avez", "aviez", "avions", "avoir", "avons",
    "ayant", "ayez", "ayons", "c", "car", "ce", "ceci", "cela", "celle", "celles", "celui", "ces", "cet", "cette",
    "ceux", "chaque", "chez", "ci", "comme", "comment", "d", "dans", "de", "depuis", "des", "donc", "dont", "du",
    "duquel", "déjà", "elle", "elles", "en", "encore", "entre", "es", "est", "et", "eu", "eue", "eues", "eurent", "eus",
    "eut", "eux", "furent", "fus", "fut", "ici", "il", "ils", "j", "je", "jusqu", "l", "la", "laquelle", "le", "lequel",
    "les", "lesquelles", "lesquels", "leur", "leurs", "lors", "lorsque", "lui", "là", "m", "ma", "mais", "me", "mes",
    "mien", "mienne", "moi", "mon", "même", "mêmes", "n", "ne", "ni", "nos", "notre", "nous", "on", "ont", "or", "ou",
    "où", "par", "parce", "pendant", "peu", "plus", "pour", "pourquoi", "puis", "puisque", "qu", "quand", "que", "quel",
    "quelle", "quelles", "quels", "qui", "quoi", "s", "sa", "sans", "se", "sera", "serai", "seraient", "serais",
    "serait", "seras", "serez", "seriez", "serions", "serons", "seront", "ses", "si", "sien", "sienne", "soi", "soient",
    "sois", "soit", "sommes", "son", "sont", "sous", "soyez", "soyons", "suis", "sur", "t", "ta", "te", "tes", "toi",
    "ton", "tous", "tout", "toute", "toutes", "tu", "un", "une", "vers", "voici", "voilà", "vos", "votre", "vous", "y",
    "à", "étaient", "étais", "était", "étant", "étiez", "étions", "été", "êtes", "être",
];

/// Articles, pronouns, prepositions, conjunctions and auxiliaries. No negation: `not` tells much about a review.
#[rustfmt::skip]
pub(super) const ENGLISH: &[&str] = &[
    "a", "about", "above", "after", "again", "all", "also", "although", "am", "among", "an", "and", "any", "are", "as",
    "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did",
    "do", "does", "doing", "down", "during", "each", "either", "few", "for", "from", "further", "had", "has", "have",
    "having", "he", "her", "here", "hers", "herself", "him", "himself", "his", "how", "however", "i", "if", "in",
    "into", "is", "it", "its", "itself", "just", "may", "me", "might", "more", "most", "must", "my", "myself", "of",
    "off", "on", "once", "only", "or", "other", "our", "ours", "ourselves", "out", "over", "own", "same", "shall",
    "she", "should", "since", "so", "some", "such", "than", "that", "the", "their", "theirs", "them", "themselves",
    "then", "there", "these", "they", "this", "those", "though", "through", "to", "too", "under", "until", "up", "upon",
    "us", "very", "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who", "whom", "whose",
    "why", "will", "with", "within", "would", "you", "your", "yours", "yourself", "yourselves",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_without_repetition() {
        for words in [FRENCH, ENGLISH] {
            assert!(words.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
