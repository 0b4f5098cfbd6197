//! The official engine, behind the feature `yara-x`.

use venin_model::Fact;
use yara_x::{Compiler, MetaValue, Rules, Scanner};

use super::{ByteMatcher, MAX_OCCURRENCES, YaraError, YaraSource};

/// YARA rules compiled by yara-x.
pub struct YaraXMatcher {
    rules: Rules,
}

impl std::fmt::Debug for YaraXMatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("YaraXMatcher").finish_non_exhaustive()
    }
}

impl YaraXMatcher {
    /// Compiles rules, each source in a namespace of its own.
    ///
    /// # Errors
    /// The first source that does not compile.
    pub fn compile(sources: &[YaraSource<'_>]) -> Result<Self, YaraError> {
        let mut compiler = Compiler::new();
        compiler.enable_includes(false);
        for source in sources {
            compiler.new_namespace(source.name);
            compiler
                .add_source(source.text)
                .map_err(|error| YaraError { name: source.name.to_owned(), message: error.to_string() })?;
        }
        Ok(Self { rules: compiler.build() })
    }
}

impl ByteMatcher for YaraXMatcher {
    fn match_bytes(&self, member: &str, bytes: &[u8]) -> Vec<Fact> {
        let mut scanner = Scanner::new(&self.rules);
        scanner.max_matches_per_pattern(usize::from(MAX_OCCURRENCES));
        let mut facts = Vec::new();
        match scanner.scan(super::within_limit(bytes)) {
            Ok(results) => {
                for rule in results.matching_rules() {
                    let tags = rule.tags().map(|tag| tag.identifier()).collect();
                    let meta = rule.metadata().filter_map(|(key, value)| match value {
                        MetaValue::String(text) => Some((key, text.as_bytes())),
                        MetaValue::Bytes(bytes) => Some((key, bytes.as_ref())),
                        _ => None,
                    });
                    let (namespace, name) = (rule.namespace(), rule.identifier());
                    facts.push(super::fact_of_match(member, namespace, name, tags, meta));
                }
            }
            Err(error) => facts.push(super::fact_of_failure(member, &error.to_string())),
        }
        super::facts_of_limit(member, bytes, &mut facts);
        facts.sort();
        facts
    }
}
