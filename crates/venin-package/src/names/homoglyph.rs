//! Characters that look alike: `l`, `1` and `i`; `0` and `o`; `rn` and `m`; letters of other scripts.
//!
//! Indexes take ASCII names only, but file names and metadata can hold anything.  The pairs are those that the Unicode
//! security mechanisms (UTS #39) list for Latin letters, as far as a lower-case name can hold them.

use super::Confusion;

/// The name with one character for all that look like it.
pub(super) fn skeleton(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match plain(c) {
            'n' if out.ends_with('r') => replace_last(&mut out, 'm'),
            'v' if out.ends_with('v') => replace_last(&mut out, 'w'),
            '-' => {}
            c => out.push(c),
        }
    }
    out
}

fn replace_last(out: &mut String, c: char) {
    out.pop();
    out.push(c);
}

/// The Latin letter that a character looks like.
const fn plain(c: char) -> char {
    match c {
        '0' | 'ο' | 'о' | 'օ' => 'o',
        '1' | 'i' | 'ı' | 'і' | 'ι' | 'ӏ' | '|' => 'l',
        'а' | 'α' | 'ɑ' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'һ' => 'h',
        'ј' | 'ϳ' => 'j',
        'κ' | 'к' => 'k',
        'м' => 'm',
        'ո' | 'п' => 'n',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ᴢ' => 'z',
        c => c,
    }
}

/// Whether two different normalized names look alike.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    (name != other && skeleton(name) == skeleton(other)).then_some(Confusion::Homoglyph)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_look_alike_are_one() {
        for (name, other) in [
            ("co1orama", "colorama"),
            ("nurnpy", "numpy"),
            ("bot0core", "botocore"),
            ("rеquests", "requests"),
        ] {
            assert_eq!(compare(name, other), Some(Confusion::Homoglyph), "{name}");
        }
        assert_eq!(compare("colorama", "colorama"), None);
        assert_eq!(compare("colorana", "colorama"), None);
    }
}
