//! The public mirrors: who runs them, where, and how each was last seen.
//!
//! The data stand in `data/mirrors`, one file a mirror, without any address: which mirrors are asked, and where, comes
//! from the user's configuration.

use serde::{Deserialize, Serialize};

/// A public mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicMirror {
    /// The identifier: the name of its surface.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub operator: String,
    /// Where: ISO 3166 code.
    pub country: String,
    /// How it works.
    pub kind: MirrorKind,
    /// Whether it is still there.
    pub state: MirrorState,
    /// What else is known of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What the study of 2023 found on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyRow>,
    /// How it was seen, oldest first.
    #[serde(default)]
    pub seen: Vec<Sighting>,
}

/// How a mirror works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MirrorKind {
    /// It keeps files.
    Mirror,
    /// It fetches files when it is asked for them.
    Proxy,
    /// It sends its users to other mirrors.
    Redirector,
}

/// Whether a mirror is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MirrorState {
    /// Seen as a current mirror.
    Active,
    /// A mirror of the past.
    Historic,
    /// Nothing recent was seen.
    Unknown,
}

/// A row of the study's Table VI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StudyRow {
    /// As the study names it.
    pub label: String,
    /// Packages found.
    pub found: u32,
    /// Packages looked for.
    pub looked_for: u32,
}

impl StudyRow {
    /// The residual rate, 0 to 1.
    #[must_use]
    pub fn rate(&self) -> f64 {
        if self.looked_for == 0 { 0.0 } else { f64::from(self.found) / f64::from(self.looked_for) }
    }
}

/// How a mirror was seen once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// A year, month or day.
    pub when: String,
    /// By whom.
    pub by: String,
    /// How.
    pub how: String,
}

const FILES: &[(&str, &str)] = &[
    ("aliyun", include_str!("../../../data/mirrors/aliyun.toml")),
    ("bfsu", include_str!("../../../data/mirrors/bfsu.toml")),
    ("cernet", include_str!("../../../data/mirrors/cernet.toml")),
    ("douban", include_str!("../../../data/mirrors/douban.toml")),
    ("huawei", include_str!("../../../data/mirrors/huawei.toml")),
    ("hust", include_str!("../../../data/mirrors/hust.toml")),
    ("kakao", include_str!("../../../data/mirrors/kakao.toml")),
    ("netease", include_str!("../../../data/mirrors/netease.toml")),
    ("nju", include_str!("../../../data/mirrors/nju.toml")),
    ("padjadjaran", include_str!("../../../data/mirrors/padjadjaran.toml")),
    ("rstudio", include_str!("../../../data/mirrors/rstudio.toml")),
    ("sdut", include_str!("../../../data/mirrors/sdut.toml")),
    ("sjtu", include_str!("../../../data/mirrors/sjtu.toml")),
    ("study-hk", include_str!("../../../data/mirrors/study-hk.toml")),
    ("study-us-1", include_str!("../../../data/mirrors/study-us-1.toml")),
    ("study-us-2", include_str!("../../../data/mirrors/study-us-2.toml")),
    ("sustech", include_str!("../../../data/mirrors/sustech.toml")),
    ("tencent", include_str!("../../../data/mirrors/tencent.toml")),
    ("tuna", include_str!("../../../data/mirrors/tuna.toml")),
    ("ustc", include_str!("../../../data/mirrors/ustc.toml")),
    ("volcengine", include_str!("../../../data/mirrors/volcengine.toml")),
    ("zju", include_str!("../../../data/mirrors/zju.toml")),
];

/// The public mirrors, sorted by identifier.
///
/// # Errors
/// A file of the data is wrong; a test sees to it that none is.
pub fn public_mirrors() -> Result<Vec<PublicMirror>, toml::de::Error> {
    FILES.iter().map(|(_, text)| toml::from_str(text)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use venin_intel::claim::{Interval, Surface};

    use super::*;

    #[test]
    fn every_file_of_the_data_is_read_and_named_after_its_mirror() {
        let mirrors = public_mirrors().unwrap();
        for (mirror, (id, _)) in mirrors.iter().zip(FILES) {
            assert_eq!(mirror.id, *id);
            assert!(format!("mirror:{id}").parse::<Surface>().is_ok());
            assert!(mirror.seen.iter().all(|seen| Interval::parse(&seen.when).is_ok()), "{id}");
            assert!(!mirror.seen.is_empty() && mirror.country.len() == 2, "{id}");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mirrors");
        let names: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        let listed: BTreeSet<String> = FILES.iter().map(|(id, _)| format!("{id}.toml")).collect();
        assert_eq!(names, listed);
    }

    #[test]
    fn the_study_has_fourteen_mirrors_and_the_rates_that_it_prints() {
        let mirrors = public_mirrors().unwrap();
        let rows: Vec<&StudyRow> = mirrors.iter().filter_map(|mirror| mirror.study.as_ref()).collect();
        assert_eq!(rows.len(), 14);
        let rate = |label: &str| {
            let row = rows.iter().find(|row| row.label == label).unwrap();
            (row.rate() * 1e4).round() / 100.0
        };
        assert_eq!((rate("Tsinghua"), rate("BFSU"), rate("Tencent")), (81.62, 80.49, 66.93));
        assert_eq!((rate("Sustech"), rate("Kakao"), rate("Aliyun")), (22.11, 11.01, 0.25));
    }

    #[test]
    fn no_address_stands_in_the_data() {
        for (id, text) in FILES {
            assert!(!text.contains("://") && !text.contains("www."), "{id}");
        }
    }
}
