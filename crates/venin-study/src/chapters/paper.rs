//! What the paper printed: its numbers by table, row and column of this study, and where it disagrees with itself.
//!
//! Source: Guo et al., "An Empirical Study of Malicious Code In PyPI Ecosystem", ASE 2023, arXiv 2309.11021.  Each
//! number has its place: the paper's table, or the question that its text answers there.  Numbers stand here as they were
//! printed; what was computed from printed numbers says so.  Nothing here is measured, and nothing is corrected.

use crate::table::Unit;

/// A number that the paper printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// The id of the table here that shows the same measure; one that starts with `paper-` has none.
    pub table: &'static str,
    /// The first cell of the row.
    pub row: &'static str,
    /// The id of the column.
    pub column: &'static str,
    /// The number; a share from 0 to 1.
    pub value: f64,
    /// What it is.
    pub unit: Unit,
    /// Where the paper has it.
    pub section: &'static str,
    /// What a reader must know: other definitions, contradictions, what was computed; empty for nothing.
    pub note: &'static str,
}

/// A scanner that the paper measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedTool {
    /// Its name.
    pub name: &'static str,
    /// How it works.
    pub principle: &'static str,
    /// True positives over malicious packages.
    pub tpr: f64,
    /// False positives over benign packages.
    pub fpr: f64,
}

/// Malicious packages of the paper's comparison of tools.
pub const TOOL_MALICIOUS: u64 = 1_556;
/// Benign packages of the paper's comparison of tools.
pub const TOOL_BENIGN: u64 = 549;
/// Where the paper compares tools.
pub const TOOL_SECTION: &str = "RQ3, tools";

/// The paper's comparison of tools.
pub const TOOLS: &[PublishedTool] = &[
    tool("Bandit4Mal", "patterns", 0.98, 0.86),
    tool("OSSGadget backdoor", "regular expressions", 0.87, 0.77),
    tool("Aura", "static rules", 1.00, 0.87),
    tool("PyPI check", "YARA over setup.py only", 0.77, 0.31),
    tool("VirusTotal", "features and runs", 0.46, 0.03),
    tool("Snyk Code Test", "semantic analysis", 0.12, 0.18),
    tool("ClamAV", "signatures", 0.00, 0.00),
    tool("Pyt", "static analysis", 0.00, 0.00),
];

/// Where the paper disagrees with itself, or with a sum over its own tables.
pub const CONTRADICTIONS: &[(&str, &str)] = &[
    (
        "the size of the data set",
        "4,669 in the abstract, Table I and the conclusion, 4,699 in section III-A and 4,467 among the contributions; \
         4,669 is used here.",
    ),
    ("information stealing", "664 packages and 49.44 %; 664 of 1,335 are 49.74 %, 49.44 % are 660."),
    (
        "behaviors together",
        "More than half of the packages are said to combine behaviors; that holds for 635 of 630 and 635, not for 635 of \
         1,335, which are 47.6 %. 70 of the 1,335 are in neither group.",
    ),
    ("residual period and incubation", "622 of 861 packages are printed as 72.34 %; they are 72.24 %."),
    (
        "packages in mirrors",
        "1,791 packages are said to be found in mirrors, and 89 % in one of them; Table VI has 1,661 and 81.62 % as its \
         highest.",
    ),
    (
        "downloads",
        "Downloads are counted out of 5.28 million by kind of file, 8.38 million by system and 15.44 million by installer; \
         one package alone has 6.06 million.",
    ),
    ("residual period", "It is measured by downloads, though the abstract explains it by mirrors."),
    ("techniques", "The seventh, escape from the Python sandbox, is missing in Fig. 4."),
];

const fn tool(name: &'static str, principle: &'static str, tpr: f64, fpr: f64) -> PublishedTool {
    PublishedTool { name, principle, tpr, fpr }
}

impl PublishedTool {
    /// F1 on the paper's list, computed from the printed rates; 0 where nothing was found.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let hits = self.tpr * TOOL_MALICIOUS as f64;
        let alarms = self.fpr * TOOL_BENIGN as f64;
        2.0 * hits / (hits + alarms + TOOL_MALICIOUS as f64)
    }
}

/// What the paper printed for a cell of a table here.
#[must_use]
pub fn find_published(table: &str, row: &str, column: &str) -> Option<&'static Published> {
    all_published().find(|number| number.table == table && number.row == row && number.column == column)
}

/// Every printed number, table by table.
pub fn all_published() -> impl Iterator<Item = &'static Published> {
    GROUPS.iter().flat_map(|group| group.iter())
}

const GROUPS: &[&[Published]] = &[CODE, DATA_SET, BEHAVIORS, EVASION, MIRRORS, VECTORS, LIFE, DOWNLOADS];

const fn count(
    table: &'static str,
    row: &'static str,
    column: &'static str,
    value: f64,
    section: &'static str,
    note: &'static str,
) -> Published {
    Published { table, row, column, value, unit: Unit::Count, section, note }
}

const fn share(
    table: &'static str,
    row: &'static str,
    column: &'static str,
    value: f64,
    section: &'static str,
    note: &'static str,
) -> Published {
    Published { table, row, column, value, unit: Unit::Share, section, note }
}

const DENSITY: &str =
    "the paper does not define which lines are malicious; here they are those that evidence covers";
const INSTANCES: &str = "the paper counts package instances of one source";

/// Table II and RQ1.
const CODE: &[Published] = &[
    count("sizes", "all artifacts", "artifacts", 2_035.0, "Table II", INSTANCES),
    count("sizes", "all artifacts", "python_files", 3_355.0, "Table II", ""),
    Published {
        unit: Unit::Lines,
        ..count("sizes", "all artifacts", "lines", 1_119_707.0, "Table II", "which lines count is not said")
    },
    Published {
        unit: Unit::Real,
        ..count("sizes", "all artifacts", "lines_a_file", 334.0, "Table II", "rounded up from 333.7")
    },
    count("sizes", "all artifacts", "depth", 3.0, "Table II", "how depth is counted is not said"),
    share("density", "more than 50 %", "share", 0.52, "RQ1", DENSITY),
    share("density", "more than 90 %", "share", 0.43, "RQ1", DENSITY),
    Published {
        unit: Unit::Lines,
        ..count("attributes", "malicious lines (LOM)", "most", 115.0, "RQ1", "printed as less than 115")
    },
    count("attributes", "Python files", "mean", 2.0, "RQ1", "printed as about 2"),
];

const BEFORE_COPIES: &str = "before copies were removed";

/// Table I.
const DATA_SET: &[Published] = &[
    count(
        "paper-data-set",
        "all",
        "items",
        4_669.0,
        "Table I",
        "4,699 in III-A, 4,467 among the contributions",
    ),
    count("paper-data-set", "SourceFinder", "items", 2_355.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "MalOSS", "items", 277.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "Backstabber's Knife", "items", 250.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "GitHub", "items", 65.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "Gitee", "items", 2.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "Snyk", "items", 1_791.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "official, by hand", "items", 30.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "official, snippets by hand", "items", 253.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "StackOverflow", "items", 116.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "hacker forums", "items", 1.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "Exploit-DB", "items", 25.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "VX-Underground", "items", 17.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "Cobalt Strike", "items", 1.0, "Table I", BEFORE_COPIES),
    count("paper-data-set", "others", "items", 1.0, "Table I", BEFORE_COPIES),
];

const B: &str = "Table III";
const METHOD: &str = "out of 1,335; found by clusters of API calls and by hand, here by rules";
const CODE_EXECUTION: &str =
    "out of 1,335; obfuscated code is a row of its own there and counts here where it is executed";
const STEALING: &str = "664 of 1,335 are 49.74 %; 49.44 % are 660";
const SYSTEM: &str = "the paper counts comparisons of sys.platform in packages, and not out of what; its spellings of \
                      Linux and Darwin are not values of sys.platform";
const COMPUTED: &str = "computed from printed numbers";
const OF_ALL: &str = "computed, out of 1,335";

/// Table III and RQ2.
const BEHAVIORS: &[Published] = &[
    count("behaviors", "command execution", "artifacts", 792.0, B, METHOD),
    share("behaviors", "command execution", "share", 0.5933, B, METHOD),
    count("behaviors", "information stealing", "artifacts", 664.0, B, STEALING),
    share("behaviors", "information stealing", "share", 0.4944, B, STEALING),
    count("behaviors", "unauthorized file operation", "artifacts", 630.0, B, METHOD),
    share("behaviors", "unauthorized file operation", "share", 0.4719, B, METHOD),
    count("behaviors", "code execution", "artifacts", 35.0, B, CODE_EXECUTION),
    share("behaviors", "code execution", "share", 0.0262, B, CODE_EXECUTION),
    count("behaviors", "remote control", "artifacts", 10.0, B, METHOD),
    share("behaviors", "remote control", "share", 0.0075, B, METHOD),
    count("behavior-count", "one", "artifacts", 630.0, "RQ2", ""),
    count("behavior-count", "two", "artifacts", 411.0, "RQ2", ""),
    count("behavior-count", "two or more", "artifacts", 635.0, "RQ2", ""),
    count("behavior-count", "three or more", "artifacts", 224.0, "RQ2", COMPUTED),
    count("behavior-count", "none", "artifacts", 70.0, "RQ2", "computed; the paper does not explain them"),
    share("behavior-count", "one", "share", 0.4719, "RQ2", OF_ALL),
    share("behavior-count", "two", "share", 0.3079, "RQ2", OF_ALL),
    share("behavior-count", "two or more", "share", 0.4757, "RQ2", OF_ALL),
    share("behavior-count", "three or more", "share", 0.1678, "RQ2", OF_ALL),
    share("behavior-count", "none", "share", 0.0524, "RQ2", OF_ALL),
    count(
        "sub-kinds",
        "browser data",
        "artifacts",
        4.0,
        "RQ2",
        "all other stealing is of system information",
    ),
    count("platforms", "win32", "artifacts", 428.0, "RQ2", SYSTEM),
    count("platforms", "win64", "artifacts", 25.0, "RQ2", SYSTEM),
    count("platforms", "Linux", "artifacts", 43.0, "RQ2", SYSTEM),
    count("platforms", "Darwin", "artifacts", 19.0, "RQ2", SYSTEM),
    count("evolution", "any behavior changed", "changes", 35.0, "RQ2", "the paper counts versions"),
    count("evolution", "any behavior changed", "projects", 18.0, "RQ2", "the paper counts packages"),
];

const OBFUSCATED: &str = "how obfuscation was told is not said; 105 of 1,335, computed";

/// RQ3, techniques.
const EVASION: &[Published] = &[
    count("techniques", "code obfuscation", "artifacts", 105.0, B, OBFUSCATED),
    share("techniques", "code obfuscation", "share", 0.0787, B, OBFUSCATED),
    count(
        "techniques",
        "python sandbox escape",
        "artifacts",
        63.0,
        "RQ3",
        "the paper means execution by built-in functions that are imported dynamically",
    ),
];

const MIRROR: &str = "how presence was tested is not said; packages of the data set were recovered from some of these \
                      mirrors, which raises their rates";
const M: &str = "Table VI";

/// Table VI: packages found of 2,035 looked for.
const MIRRORS: &[Published] = &[
    share("mirrors", "tuna", "rate", 0.8162, M, MIRROR),
    count("mirrors", "tuna", "found", 1_661.0, M, MIRROR),
    share("mirrors", "bfsu", "rate", 0.8049, M, MIRROR),
    count("mirrors", "bfsu", "found", 1_638.0, M, MIRROR),
    share("mirrors", "tencent", "rate", 0.6693, M, MIRROR),
    count("mirrors", "tencent", "found", 1_362.0, M, MIRROR),
    share("mirrors", "sustech", "rate", 0.2211, M, MIRROR),
    count("mirrors", "sustech", "found", 450.0, M, MIRROR),
    share("mirrors", "douban", "rate", 0.1813, M, MIRROR),
    count("mirrors", "douban", "found", 369.0, M, MIRROR),
    share("mirrors", "kakao", "rate", 0.1101, M, MIRROR),
    count("mirrors", "kakao", "found", 224.0, M, MIRROR),
    share("mirrors", "huawei", "rate", 0.0432, M, MIRROR),
    count("mirrors", "huawei", "found", 88.0, M, MIRROR),
    share("mirrors", "study-hk", "rate", 0.0349, M, MIRROR),
    count("mirrors", "study-hk", "found", 71.0, M, MIRROR),
    share("mirrors", "netease", "rate", 0.0260, M, MIRROR),
    count("mirrors", "netease", "found", 53.0, M, MIRROR),
    share("mirrors", "rstudio", "rate", 0.0152, M, MIRROR),
    count("mirrors", "rstudio", "found", 31.0, M, MIRROR),
    share("mirrors", "padjadjaran", "rate", 0.0034, M, MIRROR),
    count("mirrors", "padjadjaran", "found", 7.0, M, MIRROR),
    share("mirrors", "aliyun", "rate", 0.0025, M, MIRROR),
    count("mirrors", "aliyun", "found", 5.0, M, MIRROR),
    share("mirrors", "study-us-1", "rate", 0.0020, M, MIRROR),
    count("mirrors", "study-us-1", "found", 4.0, M, MIRROR),
    share("mirrors", "study-us-2", "rate", 0.0010, M, MIRROR),
    count("mirrors", "study-us-2", "found", 2.0, M, MIRROR),
];

const ONE_EACH: &str = "the paper gives each package one vector; compared with the earliest vector here";
const V: &str = "RQ4, vectors";

/// RQ4, vectors: 846 packages.
const VECTORS: &[Published] = &[
    count("vectors", "install", "first", 580.0, V, ONE_EACH),
    share("vectors", "install", "share_first", 0.686, V, ONE_EACH),
    count("vectors", "import", "first", 161.0, V, ONE_EACH),
    share("vectors", "import", "share_first", 0.190, V, ONE_EACH),
    count("vectors", "run", "first", 105.0, V, ONE_EACH),
    share("vectors", "run", "share_first", 0.124, V, ONE_EACH),
];

const DAYS: &str = "printed as more than 2 months";
const BY_DOWNLOADS: &str = "both by recorded downloads; days are exact dates there and bounds here";
const L: &str = "RQ4, time";

/// RQ4, time: 861 packages.
const LIFE: &[Published] = &[
    count("residual-over-incubation", "projects", "surely_longer", 622.0, L, BY_DOWNLOADS),
    share("residual-over-incubation", "projects", "surely_share", 0.7234, L, "622 of 861 are 72.24 %"),
    share("life-spans", "incubation of projects", "over_60_surely", 0.28, L, DAYS),
    share("life-spans", "residual period of projects", "over_60_surely", 0.40, L, DAYS),
    Published {
        unit: Unit::Days,
        ..count(
            "life-spans",
            "residual period of projects",
            "longest_least",
            1_500.0,
            L,
            "printed for two packages",
        )
    },
    share("downloads-phases", "surely before the discovery", "over_100_share", 0.39, L, ""),
    share("downloads-phases", "surely after the discovery", "over_100_share", 0.31, L, ""),
    share("downloads", "packages", "over_1000_share", 0.06, L, "of which period is not clear"),
    count("downloads", "packages", "most", 6_061_233.0, L, "one package, during its incubation"),
    count("paper-life", "in no mirror, still downloaded", "packages", 37.0, "RQ3, mirrors", "70 versions"),
];

const D: &str = "RQ4, downloads";
const DOMINATED: &str = "one package has 6.06 million downloads";

/// RQ4, downloads.
const DOWNLOADS: &[Published] = &[
    share("downloads-types", "sdist", "share", 0.7481, D, "3,953,367 of 5,284,636 downloads, not packages"),
    share(
        "downloads-types",
        "bdist_wheel",
        "share",
        0.2519,
        D,
        "printed as binary distributions; 1,331,269 downloads",
    ),
    share("downloads-systems", "Linux", "share", 0.7708, D, DOMINATED),
    share("downloads-systems", "Windows", "share", 0.1792, D, DOMINATED),
    share("downloads-systems", "Darwin", "share", 0.05, D, DOMINATED),
    share("downloads-installers", "pip", "share", 0.8142, D, DOMINATED),
    share("downloads-installers", "requests", "share", 0.1358, D, DOMINATED),
    share(
        "downloads-installers",
        "bandersnatch",
        "share",
        0.05,
        D,
        "printed as mirroring, mostly bandersnatch; downloads of mirrors stand apart here",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_stands_once_with_its_section() {
        let mut keys = BTreeSet::new();
        for number in all_published() {
            assert!(keys.insert((number.table, number.row, number.column)), "{number:?}");
            assert!(!number.section.is_empty() && number.value.is_finite());
            assert!(number.unit != Unit::Share || number.value <= 1.0, "{number:?}");
        }
        assert_eq!(find_published("vectors", "install", "first").map(|n| n.value), Some(580.0));
        assert_eq!(find_published("vectors", "install", "nothing"), None);
    }

    #[test]
    fn numbers_stand_where_studies_have_columns_for_them() {
        use crate::chapters::prevalence::testing::{data_of, study_of};
        let study = study_of(&data_of([]));
        for number in all_published().filter(|number| number.row != "more than 50 %") {
            let Some(table) = study.table(number.table) else { continue };
            assert!(table.column(number.column).is_some(), "{number:?}");
        }
    }

    #[test]
    fn the_sums_that_the_paper_prints_agree_where_it_does_not_contradict_itself() {
        let value = |row, column| find_published("vectors", row, column).unwrap().value;
        assert_eq!(["install", "import", "run"].map(|row| value(row, "first")).iter().sum::<f64>(), 846.0);
        let count = |row, column| find_published("behavior-count", row, column).unwrap().value;
        for row in ["none", "one", "two", "two or more", "three or more"] {
            assert!((count(row, "artifacts") / 1_335.0 - count(row, "share")).abs() < 0.000_1, "{row}");
        }
        let rate = |row| find_published("mirrors", row, "rate").unwrap().value;
        let found = |row| find_published("mirrors", row, "found").unwrap().value;
        for mirror in ["tuna", "bfsu", "tencent", "sustech", "douban", "huawei", "rstudio", "aliyun"] {
            assert!((found(mirror) / 2_035.0 - rate(mirror)).abs() < 0.000_1, "{mirror}");
        }
    }

    #[test]
    fn f1_follows_from_the_printed_rates() {
        let f1: Vec<String> = TOOLS.iter().map(|tool| format!("{:.2}", tool.f1())).collect();
        assert_eq!(f1, ["0.86", "0.81", "0.87", "0.82", "0.63", "0.20", "0.00", "0.00"]);
    }
}
