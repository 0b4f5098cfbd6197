//! What the directory and the local header of one member say differently.

use crate::anomaly::AnomalyKind;
use crate::path::escape_bytes;
use crate::zip::extract::View;
use crate::zip::records::{Central, Claim, Local};
use crate::zip::walk::Walked;

/// Differences of one member, for the log.
pub(super) type Differences = Vec<(AnomalyKind, String)>;

/// Compares a central record with its local header and, where sizes stand behind the data, the descriptor.
pub(super) fn compare_headers(
    central: &Claim<'_>,
    local: &Local<'_>,
    walked: Option<&Walked<'_>>,
) -> Differences {
    let claim = &local.claim;
    let mut found = Differences::new();
    if claim.name != central.name {
        let names = (escape_bytes(claim.name), escape_bytes(central.name));
        found.push((
            AnomalyKind::HeaderName,
            format!("the local header names it `{}`, the directory `{}`", names.0, names.1),
        ));
    }
    for other in [central.other_name, claim.other_name].into_iter().flatten().take(1) {
        // A name that is not UTF-8 needs the field.
        if std::str::from_utf8(central.name).is_ok() {
            found.push((
                AnomalyKind::HeaderName,
                format!("a Unicode path field names it `{}`", escape_bytes(other)),
            ));
        }
    }
    if claim.method != central.method {
        found.push((
            AnomalyKind::HeaderMethod,
            format!("method {} in the local header, {} in the directory", claim.method, central.method),
        ));
    }
    if claim.is_encrypted() != central.is_encrypted() {
        found.push((AnomalyKind::HeaderEncryption, "only one of the two headers says encrypted".to_owned()));
    }
    compare_numbers(&mut found, central, local, walked);
    found
}

fn compare_numbers(
    found: &mut Differences,
    central: &Claim<'_>,
    local: &Local<'_>,
    walked: Option<&Walked<'_>>,
) {
    let claim = &local.claim;
    let is_open = claim.has_descriptor();
    // Where a descriptor follows, zero stands for "not known yet".
    let differs = |here: u64, there: u64| here != there && !(is_open && here == 0);
    if differs(claim.packed, central.packed) || differs(claim.unpacked, central.unpacked) {
        found.push((
            AnomalyKind::HeaderSize,
            format!(
                "{} bytes packed from {} in the local header, {} from {} in the directory",
                claim.packed, claim.unpacked, central.packed, central.unpacked
            ),
        ));
    }
    if differs(u64::from(claim.checksum), u64::from(central.checksum)) {
        found.push((AnomalyKind::HeaderChecksum, "the two headers have different checksums".to_owned()));
    }
    let Some(walked) = walked.filter(|_| is_open) else { return };
    match walked.descriptor {
        Some(descriptor) => {
            if descriptor.unpacked != central.unpacked || data_len(walked) != central.packed {
                found.push((
                    AnomalyKind::HeaderSize,
                    "the data descriptor and the directory differ on the size".to_owned(),
                ));
            }
            if descriptor.checksum != central.checksum {
                found.push((
                    AnomalyKind::HeaderChecksum,
                    "the data descriptor and the directory have different checksums".to_owned(),
                ));
            }
        }
        None if claim.packed == 0 && central.packed != 0 => {
            found.push((AnomalyKind::HeaderSize, "a data descriptor is announced and missing".to_owned()));
        }
        None => {}
    }
}

fn data_len(walked: &Walked<'_>) -> u64 {
    walked.data_end.saturating_sub(walked.local.data) as u64
}

/// The ways to read one listed member: by the directory, and by its local header where that gives another
/// name, method or range; and under a name from an extra field.
pub(super) fn views_of<'a>(
    central: &Central<'a>,
    local: &Local<'a>,
    walked: Option<&Walked<'a>>,
    differences: &Differences,
    file_len: usize,
) -> Vec<View<'a>> {
    let mut by_directory = View::of_central(central, local, file_len);
    by_directory.slack = walked.and_then(|w| w.slack);
    let mut views = vec![by_directory];
    if let Some(walked) = walked {
        let by_header = View { mode: central.mode, ..View::of_local(walked) };
        let is_other = by_header.name != by_directory.name
            || by_header.method != by_directory.method
            || by_header.range() != by_directory.range();
        if is_other && !differences.is_empty() {
            views.push(by_header);
        }
    } else if local.claim.name != central.claim.name {
        views.push(View { name: local.claim.name, ..by_directory });
    }
    let others = [central.claim.other_name, local.claim.other_name].into_iter().flatten();
    views.extend(others.take(1).map(|name| View { name, ..by_directory }));
    views
}
