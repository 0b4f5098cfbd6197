//! The life cycle at a glance (paper figure 4): for each party and stage what the tables say of it.
//!
//! A number is drawn from a table, never counted here; what no table knows is `not known`.

use crate::lookup::{Look, Tables};
use crate::report::{Feature, PortraitBox, StudyReport};

/// A feature's label and the place where its number stands.
type Line = (&'static str, Look<'static>);

/// Party, stage and features in the paper's order.
const BOXES: &[(&str, &str, &[Line])] = &[
    ("contributor", "generation", GENERATION),
    ("contributor", "evolution", EVOLUTION),
    ("platform", "distribution", DISTRIBUTION),
    ("platform", "diffusion", DIFFUSION),
    ("end user", "infection", INFECTION),
    ("end user", "execution", EXECUTION),
    ("", "anti-detection", ANTI_DETECTION),
];

const GENERATION: &[Line] = &[
    ("density of malicious code, median", Look::At("densities", "malicious lines (LOM/LOC)", "median")),
    ("malicious lines, median", Look::At("attributes", "malicious lines (LOM)", "median")),
    ("depth of malicious files, median", Look::At("attributes", "depth of malicious files", "median")),
    ("Python files, median", Look::At("attributes", "Python files", "median")),
    ("campaigns", Look::Rows("campaigns")),
];

const EVOLUTION: &[Line] = &[
    ("command execution", Look::At("behaviors", "command execution", "share")),
    ("information stealing", Look::At("behaviors", "information stealing", "share")),
    ("unauthorized file operation", Look::At("behaviors", "unauthorized file operation", "share")),
    ("code execution", Look::At("behaviors", "code execution", "share")),
    ("remote control", Look::At("behaviors", "remote control", "share")),
    ("two or more behaviors", Look::At("behavior-count", "two or more", "share")),
    ("versions that change a behavior", Look::At("evolution", "any behavior changed", "share")),
    ("versions that are copies", Look::At("evolution", "unchanged copy", "share")),
];

const DISTRIBUTION: &[Line] = &[
    ("impersonates by name or metadata", Look::At("techniques", "impersonation", "share")),
    ("uses a technique against detection", Look::At("technique-count", "one or more", "share")),
    ("incubation, median at least", Look::At("life-spans", "incubation of projects", "median_least")),
    ("upload to discovery, median at least", Look::At("feed-stages", "upload to discovery", "median_least")),
];

const DIFFUSION: &[Line] = &[
    ("still on at least one mirror", Look::At("mirrors", "any mirror", "rate")),
    ("kept by mirrors after removal, median from", Look::At("survival", "all mirrors, files", "median_from")),
    (
        "persistence on mirrors, median at least",
        Look::At("life-spans", "persistence of files", "median_least"),
    ),
    (
        "residual period, median at least",
        Look::At("life-spans", "residual period of projects", "median_least"),
    ),
];

const INFECTION: &[Line] = &[
    ("at install", Look::At("vectors", "install", "share")),
    ("at import", Look::At("vectors", "import", "share")),
    ("at run", Look::At("vectors", "run", "share")),
    ("at every start of Python", Look::At("triggers", "startup", "share")),
];

const EXECUTION: &[Line] = &[
    ("downloads of source distributions", Look::At("downloads-types", "sdist", "share")),
    ("downloads by pip", Look::At("downloads-installers", "pip", "share")),
    ("downloads on Linux", Look::At("downloads-systems", "Linux", "share")),
    ("downloads on Windows", Look::At("downloads-systems", "Windows", "share")),
    ("downloads on Darwin", Look::At("downloads-systems", "Darwin", "share")),
    ("code that asks for Windows", Look::At("platforms", "Windows", "share")),
    ("code that asks for Linux", Look::At("platforms", "Linux", "share")),
    ("code that asks for Darwin", Look::At("platforms", "Darwin", "share")),
];

const ANTI_DETECTION: &[Line] = &[
    ("code obfuscation", Look::At("techniques", "code obfuscation", "share")),
    ("external payload", Look::At("techniques", "external payload", "share")),
    ("multi-stage request", Look::At("techniques", "multi-stage request", "share")),
    ("behavior overlap", Look::At("techniques", "behavior overlap", "share")),
    ("indirect import", Look::At("techniques", "indirect import", "share")),
    ("image steganography", Look::At("techniques", "image steganography", "share")),
    ("python sandbox escape", Look::At("techniques", "python sandbox escape", "share")),
];

/// The portrait of a study whose chapters are made.
#[must_use]
pub fn make_portrait(study: &StudyReport) -> Vec<PortraitBox> {
    let tables = Tables::of_study(study);
    let feature =
        |(label, place): &Line| Feature { label: (*label).to_owned(), value: tables.tell("{}", &[*place]) };
    let boxed = |(party, stage, lines): &(&str, &str, &[Line])| PortraitBox {
        party: (*party).to_owned(),
        stage: (*stage).to_owned(),
        features: lines.iter().map(feature).collect(),
    };
    BOXES.iter().map(boxed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, data_of, study_of};
    use crate::number::NOT_KNOWN;

    fn value<'a>(portrait: &'a [PortraitBox], stage: &str, label: &str) -> (String, &'a str) {
        let features = &portrait.iter().find(|drawn| drawn.stage == stage).unwrap().features;
        let found = &features.iter().find(|feature| feature.label == label).unwrap().value;
        (found.to_string(), found.cited().next().map_or("", |cited| &cited.table))
    }

    #[test]
    fn the_portrait_takes_its_numbers_from_tables_and_links_them() {
        let mut second = acting("b", "1", &["command execution"], "import");
        second.techniques.push("code obfuscation".to_owned());
        let data = data_of([(acting("a", "1", &["command execution"], "install"), ""), (second, "")]);
        let portrait = make_portrait(&study_of(&data));
        let stages: Vec<(&str, &str)> =
            portrait.iter().map(|drawn| (drawn.party.as_str(), drawn.stage.as_str())).collect();
        let expected = [
            ("contributor", "generation"),
            ("contributor", "evolution"),
            ("platform", "distribution"),
            ("platform", "diffusion"),
            ("end user", "infection"),
            ("end user", "execution"),
            ("", "anti-detection"),
        ];
        assert_eq!(stages, expected);
        assert_eq!(value(&portrait, "infection", "at install"), ("50.0 %".to_owned(), "vectors"));
        assert_eq!(value(&portrait, "evolution", "command execution"), ("100.0 %".to_owned(), "behaviors"));
        assert_eq!(
            value(&portrait, "anti-detection", "code obfuscation"),
            ("50.0 %".to_owned(), "techniques")
        );
        let (still_there, _) = value(&portrait, "diffusion", "still on at least one mirror");
        assert_eq!(still_there, NOT_KNOWN);
    }

    #[test]
    fn every_feature_names_columns_that_exist() {
        for (_, place) in BOXES.iter().flat_map(|(_, _, lines)| *lines) {
            crate::lookup::testing::assert_place(*place);
        }
    }

    #[test]
    fn a_study_of_nothing_knows_nothing_and_says_so() {
        let portrait = make_portrait(&study_of(&data_of([])));
        assert_eq!(value(&portrait, "infection", "at install"), (NOT_KNOWN.to_owned(), "vectors"));
    }
}
