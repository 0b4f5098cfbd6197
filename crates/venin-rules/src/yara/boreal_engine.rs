//! The light engine of the default build.

use boreal::MetadataValue;
use boreal::compiler::CompilerParams;
use boreal::scanner::{ScanParams, ScanResult};
use boreal::{Compiler, Scanner};
use venin_model::Fact;

use super::{ByteMatcher, MAX_OCCURRENCES, YaraError, YaraSource};

/// YARA rules compiled by boreal.
#[derive(Debug)]
pub struct BorealMatcher {
    scanner: Scanner,
}

impl BorealMatcher {
    /// Compiles rules, each source in a namespace of its own.
    ///
    /// # Errors
    /// The first source that does not compile.
    pub fn compile(sources: &[YaraSource<'_>]) -> Result<Self, YaraError> {
        let mut compiler = Compiler::new();
        compiler.set_params(CompilerParams::default().disable_includes(true));
        for source in sources {
            compiler
                .add_rules_str_in_namespace(source.text, source.name)
                .map_err(|error| YaraError { name: source.name.to_owned(), message: error.to_string() })?;
        }
        let mut scanner = compiler.finalize();
        let params = ScanParams::default()
            .compute_full_matches(false)
            .match_max_length(16)
            .string_max_nb_matches(u32::from(MAX_OCCURRENCES));
        scanner.set_scan_params(params);
        Ok(Self { scanner })
    }

    fn facts(&self, member: &str, result: &ScanResult<'_>) -> Vec<Fact> {
        let facts = result.rules.iter().map(|rule| {
            let tags = rule.tags.iter().map(|t| self.scanner.get_string_symbol(*t)).collect();
            let meta = rule.metadatas.iter().filter_map(|meta| match meta.value {
                MetadataValue::Bytes(value) => {
                    Some((self.scanner.get_string_symbol(meta.name), self.scanner.get_bytes_symbol(value)))
                }
                _ => None,
            });
            super::fact_of_match(member, rule.namespace, rule.name, tags, meta)
        });
        facts.collect()
    }
}

impl ByteMatcher for BorealMatcher {
    fn match_bytes(&self, member: &str, bytes: &[u8]) -> Vec<Fact> {
        let mut facts = match self.scanner.scan_mem(super::within_limit(bytes)) {
            Ok(result) => self.facts(member, &result),
            Err((error, result)) => {
                let mut facts = self.facts(member, &result);
                facts.push(super::fact_of_failure(member, &error.to_string()));
                facts
            }
        };
        super::facts_of_limit(member, bytes, &mut facts);
        facts.sort();
        facts
    }
}
