//! Short names for findings.

use sha2::{Digest, Sha256};

use crate::artifact::Place;

/// Bytes of the digest that a finding's id shows: 48 bits, unique among the findings of any report.
const ID_BYTES: usize = 6;

/// The id of a finding: a digest of its rule, member, line and layer, in hexadecimal.
///
/// The same artifact gives the same ids with every run and on every machine.
pub(crate) fn finding_id(rule: &str, place: Option<&Place>) -> String {
    let (member, line, column, layer, layer_line) =
        place.map_or(("", 0, 0, 0, 0), |p| (p.member.as_str(), p.line, p.column, p.layer, p.layer_line));
    let numbers = [line, column, u32::from(layer), layer_line];
    let mut digest = Sha256::new();
    for text in [rule, member] {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    numbers.iter().for_each(|number| digest.update(number.to_le_bytes()));
    digest.finalize().iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u32, layer: u16) -> Place {
        Place {
            member: "a.py".to_owned(),
            line,
            column: 1,
            end_line: line,
            end_column: 0,
            layer,
            layer_line: line,
            snippet: String::new(),
            mark_start: 0,
            mark_length: 0,
        }
    }

    #[test]
    fn rule_member_line_and_layer_tell_findings_apart() {
        let ids = [
            finding_id("a", None),
            finding_id("b", None),
            finding_id("a", Some(&place(1, 0))),
            finding_id("a", Some(&place(2, 0))),
            finding_id("a", Some(&place(1, 1))),
        ];
        let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(ids[0], finding_id("a", None));
        assert_eq!(ids[0].len(), 12);
    }
}
