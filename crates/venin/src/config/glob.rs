//! Globs over paths: `*` and `?` stay within a folder, `**` does not.

/// Whether a path matches.  A pattern without a leading `/` may begin at any folder, as in ignore files, so that it
/// fits a source distribution and a wheel alike.  Takes time in the product of the lengths, whatever the pattern.
pub(super) fn matches_path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = match pattern.strip_prefix('/') {
        Some(rooted) => rooted.chars().collect(),
        None => "**/".chars().chain(pattern.chars()).collect(),
    };
    // `reached[i]`: the path read so far can be what the first i characters of the pattern stand for.
    let mut reached = vec![false; pattern.len() + 1];
    set_reached(&mut reached, &pattern, 0);
    for c in path.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, is)| **is) {
            match pattern.get(at) {
                Some('*') if is_deep(&pattern, at) || c != '/' => {
                    if let Some(slot) = next.get_mut(at) {
                        *slot = true;
                    }
                    set_reached(&mut next, &pattern, at + 1);
                }
                Some('?') if c != '/' => set_reached(&mut next, &pattern, at + 1),
                Some(wanted) if *wanted == c && !matches!(wanted, '*' | '?') => {
                    set_reached(&mut next, &pattern, at + 1);
                }
                _ => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether the star at this place is one of two.
fn is_deep(pattern: &[char], at: usize) -> bool {
    pattern.get(at + 1) == Some(&'*')
        || at.checked_sub(1).and_then(|before| pattern.get(before)) == Some(&'*')
}

/// Marks a place, and those behind it that stand for nothing: stars, and the slash of `**/`.
fn set_reached(reached: &mut [bool], pattern: &[char], mut at: usize) {
    loop {
        match reached.get_mut(at) {
            Some(slot) => *slot = true,
            None => return,
        }
        match pattern.get(at) {
            Some('*') => {
                let begins_segment = at == 0 || pattern.get(at - 1) == Some(&'/');
                let is_any_folder = begins_segment && pattern.get(at..at + 3) == Some(&['*', '*', '/']);
                if is_any_folder {
                    set_reached(reached, pattern, at + 3);
                }
                at += 1;
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_folder_and_two_do_not() {
        assert!(matches_path("tests/*.py", "pkg-1.0/tests/a.py"));
        assert!(!matches_path("tests/*.py", "pkg-1.0/tests/deep/a.py"));
        assert!(matches_path("tests/**", "pkg-1.0/tests/deep/a.py"));
        assert!(matches_path("tests/**/a.py", "tests/a.py"));
        assert!(matches_path("a?.py", "x/ab.py") && !matches_path("a?.py", "x/a/b.py"));
    }

    #[test]
    fn a_leading_slash_holds_the_pattern_at_the_root() {
        assert!(matches_path("/setup.py", "setup.py"));
        assert!(!matches_path("/setup.py", "pkg-1.0/setup.py"));
        assert!(!matches_path("setup.py", "my_setup.py"));
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!matches_path(&"*a".repeat(200), &"a".repeat(2000).replace("aaaa", "aaab")));
    }
}
