//! Chains of decodings as people read them: `base64 > zlib (x 12)`.

/// Longest group of decodings that is looked for again, in decodings.
const MAX_PERIOD: usize = 6;

/// The chain, outermost first, by the names of the formats, with repeated groups told once.
///
/// A group of several that does not begin the chain stands in parentheses.
pub(crate) fn render_decodings(chain: &[String]) -> String {
    let names: Vec<&str> = chain.iter().map(|name| name_format(name)).collect();
    let mut parts: Vec<String> = Vec::new();
    let mut rest = names.as_slice();
    while !rest.is_empty() {
        let (period, times) = find_repetition(rest);
        let (group, after) = rest.split_at(rest.len().min(period * times));
        let group = group.get(..period).unwrap_or(group).join(" > ");
        parts.push(match (times, period) {
            (1, _) => group,
            (_, 1) => format!("{group} (x {times})"),
            _ if parts.is_empty() => format!("{group} (x {times})"),
            _ => format!("({group}) (x {times})"),
        });
        rest = after;
    }
    parts.join(" > ")
}

/// The length of the group at the start whose repetitions reach furthest, and how often it stands there.
fn find_repetition(names: &[&str]) -> (usize, usize) {
    let mut best = (1, 1);
    for period in 1..=MAX_PERIOD.min(names.len() / 2) {
        let (group, rest) = names.split_at(period);
        let times = 1 + rest.chunks_exact(period).take_while(|other| *other == group).count();
        if times > 1 && times * period > best.0 * best.1 {
            best = (period, times);
        }
    }
    best
}

/// `base64.b64decode` is `base64`; a call that says more than its format keeps its name.
fn name_format(call: &str) -> &str {
    let last = call.rsplit('.').next().unwrap_or(call);
    match (call.split('.').next().unwrap_or(call), last) {
        (_, name) if name.contains("b64") => "base64",
        (_, name) if name.contains("b32") => "base32",
        (_, name) if name.contains("b85") => "base85",
        (_, name) if name.contains("a85") => "ascii85",
        (_, "fromhex" | "unhexlify" | "a2b_hex" | "b16decode") => "hex",
        (module @ ("zlib" | "gzip" | "bz2" | "lzma" | "marshal" | "pickle" | "base58" | "codecs"), _) => {
            module
        }
        _ => call,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(chain: &[&str]) -> String {
        render_decodings(&chain.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn formats_stand_in_the_order_of_decoding() {
        assert_eq!(rendered(&["base64.b64decode", "zlib.decompress"]), "base64 > zlib");
        assert_eq!(rendered(&["Crypto.Cipher.AES.new().decrypt"]), "Crypto.Cipher.AES.new().decrypt");
        assert_eq!(rendered(&[]), "");
    }

    #[test]
    fn repetitions_are_told_once() {
        let twelve = ["base64.b64decode", "zlib.decompress"].repeat(12);
        assert_eq!(rendered(&twelve), "base64 > zlib (x 12)");
        assert_eq!(rendered(&["zlib.decompress"; 3]), "zlib (x 3)");
        let framed = [&["marshal.loads"], twelve.as_slice(), &["bytes.fromhex"]].concat();
        assert_eq!(rendered(&framed), "marshal > (base64 > zlib) (x 12) > hex");
        assert_eq!(rendered(&["a", "b", "a", "c"]), "a > b > a > c");
    }
}
