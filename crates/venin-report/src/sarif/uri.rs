//! Relative URI references for members, as a viewer resolves them against the root of a repository.

use venin_scan::ArtifactKind;

use crate::artifact::ArtifactReport;

/// The reference for a member of the artifact, or for the artifact itself.
///
/// A file of a tree is found below the tree's path, as in the repository; a member of an archive gets the archive's
/// path in front, so that a reader sees which file to open.  Never absolute, never with a scheme, never upwards.
pub(super) fn relative_uri(artifact: &ArtifactReport, member: Option<&str>) -> String {
    let base = artifact.shown_name().replace('\\', "/");
    // A path from the root of a file system would show where the scan ran and resolve nowhere.
    let base = if is_rooted(&base) { artifact.file.as_str() } else { base.as_str() };
    let member = if artifact.kind == Some(ArtifactKind::File) { None } else { member };
    let path = member.map_or_else(|| base.to_owned(), |member| format!("{base}/{member}"));
    let segments: Vec<String> =
        path.split('/').filter(|segment| !matches!(*segment, "" | ".")).map(encode_segment).collect();
    if segments.is_empty() { "artifact".to_owned() } else { segments.join("/") }
}

fn is_rooted(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3); a step upwards becomes underscores.
fn encode_segment(segment: &str) -> String {
    if segment == ".." {
        return "__".to_owned();
    }
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'+'
            | b'='
            | b'@'
            | b'!' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use venin_model::GapKind;

    fn uri(target: &str, kind: ArtifactKind, member: &str) -> String {
        let mut artifact = ArtifactReport::unscanned(target, 0, GapKind::Input, "");
        artifact.kind = Some(kind);
        relative_uri(&artifact, Some(member))
    }

    #[test]
    fn a_tree_keeps_the_paths_of_the_repository() {
        assert_eq!(uri("./src/pkg", ArtifactKind::Tree, "a/b.py"), "src/pkg/a/b.py");
        assert_eq!(uri(".", ArtifactKind::Tree, "a/b.py"), "a/b.py");
    }

    #[test]
    fn a_release_is_known_by_its_file() {
        let mut artifact = ArtifactReport::unscanned("greetings==1.0", 0, GapKind::Input, "");
        artifact.file = "greetings-1.0.tar.gz".to_owned();
        assert_eq!(relative_uri(&artifact, Some("setup.py")), "greetings-1.0.tar.gz/setup.py");
    }

    #[test]
    fn an_absolute_target_shows_only_its_name() {
        assert_eq!(uri("/srv/in/x.zip", ArtifactKind::Archive, "a.py"), "x.zip/a.py");
    }

    #[test]
    fn a_hostile_member_stays_inside_and_has_no_scheme() {
        assert_eq!(
            uri("x.zip", ArtifactKind::Archive, "../../etc/a b%\u{1b}.py"),
            "x.zip/__/__/etc/a%20b%25%1B.py"
        );
        assert_eq!(uri("javascript:x", ArtifactKind::File, ""), "javascript%3Ax");
    }
}
