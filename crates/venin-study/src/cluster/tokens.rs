//! The calls of an artifact as words: the paper's lexical tokens (section 1.5), and each different sequence once.
//!
//! A call is an operator (its class), the parts of the function's name, and its parameters.  No argument's value is ever
//! a token.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use venin_report::CallTokensReport;

use crate::sample::Sample;

/// Most tokens of one call.
const MAX_CALL_TOKENS: usize = 16;
/// Most characters of one token, and of one part of a call as it is shown.
const MAX_CHARACTERS: usize = 60;
/// Most calls of one sequence.
const MAX_CALLS: usize = 128;

/// The different call sequences of a data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequences {
    /// The sequences, those of most artifacts first, then by their calls.  None is empty.
    pub distinct: Vec<Sequence>,
    /// The sequence of each sample, as a position in `distinct`; `None` without calls.
    pub of_sample: Vec<Option<u32>>,
    /// Calls as they are shown, by their number, sorted.
    pub calls: Vec<String>,
    /// Tokens by their number, sorted.
    pub tokens: Vec<String>,
}

/// One call sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its calls by their numbers.
    pub calls: Vec<u32>,
    /// Its tokens by their numbers.
    pub tokens: Vec<u32>,
    /// The samples that have it, ascending.
    pub samples: Vec<u32>,
}

impl Sequences {
    /// The sequences of samples.
    #[must_use]
    pub fn of(samples: &[Sample]) -> Self {
        let (calls, numbered) = number_calls(samples);
        let tokens: BTreeSet<&String> = calls.values().flatten().collect();
        let tokens: Vec<String> = tokens.into_iter().cloned().collect();
        let split = |words: &Vec<String>| words.iter().filter_map(|word| number(&tokens, word)).collect();
        let tokens_of_call: Vec<Vec<u32>> = calls.values().map(split).collect();
        let mut groups: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
        for (at, numbers) in (0u32..).zip(numbered).filter(|(_, numbers)| !numbers.is_empty()) {
            groups.entry(numbers).or_default().push(at);
        }
        let mut distinct: Vec<Sequence> = groups
            .into_iter()
            .map(|(numbers, samples)| {
                let words = numbers.iter().filter_map(|call| tokens_of_call.get(*call as usize));
                let words = words.flatten().copied().collect();
                Sequence { calls: numbers, tokens: words, samples }
            })
            .collect();
        distinct.sort_by(|a, b| b.samples.len().cmp(&a.samples.len()).then_with(|| a.calls.cmp(&b.calls)));
        let mut of_sample = vec![None; samples.len()];
        for (at, sequence) in (0u32..).zip(&distinct) {
            for sample in &sequence.samples {
                if let Some(slot) = of_sample.get_mut(*sample as usize) {
                    *slot = Some(at);
                }
            }
        }
        Self { distinct, of_sample, calls: calls.into_keys().collect(), tokens }
    }

    /// The sequence of a sample.
    #[must_use]
    pub fn of_sample(&self, sample: usize) -> Option<&Sequence> {
        self.distinct.get((*self.of_sample.get(sample)?)? as usize)
    }
}

/// The different calls, sorted, with their tokens, and the calls of each sample by their positions among these.
fn number_calls(samples: &[Sample]) -> (BTreeMap<String, Vec<String>>, Vec<Vec<u32>>) {
    // Numbers in order of arrival first: a call's place among all is known when all are.
    let mut arrived: HashMap<String, u32> = HashMap::new();
    let mut tokens: Vec<Vec<String>> = Vec::new();
    let mut numbered: Vec<Vec<u32>> = Vec::with_capacity(samples.len());
    for sample in samples {
        let of_sample = sample.artifact.attributes.calls.iter().take(MAX_CALLS).map(|call| {
            let rendered = render_call(call);
            if let Some(known) = arrived.get(&rendered) {
                return *known;
            }
            let number = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
            tokens.push(split_call(call));
            arrived.insert(rendered, number);
            number
        });
        numbered.push(of_sample.collect());
    }
    let arrived: BTreeMap<String, u32> = arrived.into_iter().collect();
    let mut places = vec![0u32; tokens.len()];
    for (place, arrival) in (0u32..).zip(arrived.values()) {
        if let Some(slot) = places.get_mut(*arrival as usize) {
            *slot = place;
        }
    }
    for call in numbered.iter_mut().flatten() {
        *call = places.get(*call as usize).copied().unwrap_or(u32::MAX);
    }
    let tokens_of = |arrival: u32| tokens.get(arrival as usize).cloned().unwrap_or_default();
    let calls = arrived.into_iter().map(|(call, arrival)| (call, tokens_of(arrival))).collect();
    (calls, numbered)
}

fn number(sorted: &[String], text: &str) -> Option<u32> {
    sorted.binary_search_by(|known| known.as_str().cmp(text)).ok().and_then(|at| u32::try_from(at).ok())
}

/// A call as it is compared and shown: `Cn.send requests.post(url:literal, data:variable)`.
///
/// Names are taken from hostile code: only characters of names are kept, and not too many.
#[must_use]
pub fn render_call(call: &CallTokensReport) -> String {
    let parameters: Vec<String> = call.parameters.iter().take(8).map(|text| cleaned(text)).collect();
    format!("{} {}({})", cleaned(&call.class), cleaned_name(&call.call), parameters.join(", "))
}

/// A call as [`render_call`] wrote it, without its parameters.
#[must_use]
pub fn shorten_call(call: &str) -> &str {
    call.rsplit_once('(').map_or(call, |(name, _)| name)
}

/// The tokens of a call: its class, the parts of its name, its parameters.
#[must_use]
pub fn split_call(call: &CallTokensReport) -> Vec<String> {
    let name = cleaned_name(&call.call).to_lowercase();
    let parts =
        name.split(['.', '_', '(', ')', '[', ']']).filter(|part| !part.is_empty()).map(ToOwned::to_owned);
    let parameters = call.parameters.iter().map(|text| cleaned(text));
    std::iter::once(cleaned(&call.class)).chain(parts).chain(parameters).take(MAX_CALL_TOKENS).collect()
}

/// Letters, digits and the marks of names; anything else becomes `?`.
pub(super) fn cleaned(text: &str) -> String {
    keep(text, "._:+-[]")
}

/// The name of a function, which may be of what another call returned: `socket.socket().connect`.
fn cleaned_name(text: &str) -> String {
    keep(text, "._:+-[]()")
}

fn keep(text: &str, marks: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || marks.contains(c) { c } else { '?' };
    text.chars().take(MAX_CHARACTERS).map(keep).collect()
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::sample::testing::{artifact, origin};
    use crate::sample::{DataSet, SourceClass};
    use venin_model::Trigger;

    /// A call with a class and parameters.
    pub(crate) fn call(class: &str, name: &str, parameters: &[&str]) -> CallTokensReport {
        CallTokensReport {
            trigger: Trigger::ALL[0],
            class: class.to_owned(),
            call: name.to_owned(),
            parameters: parameters.iter().map(|text| (*text).to_owned()).collect(),
            cited: true,
        }
    }

    /// A data set of releases `name-N` with these calls each.
    pub(crate) fn data_set(groups: &[(&str, usize, Vec<CallTokensReport>)]) -> DataSet {
        let made = groups.iter().flat_map(|(name, count, calls)| {
            (0..*count).map(move |at| {
                let mut made = artifact(&format!("{name}-{at:04}"), "1.0");
                made.attributes.calls.clone_from(calls);
                (made, origin("tree", SourceClass::Paper))
            })
        });
        DataSet::of(made.collect::<Vec<_>>(), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{call, data_set};
    use super::*;

    #[test]
    fn a_call_is_its_class_the_parts_of_its_name_and_its_parameters() {
        let made = call("Cs.spawn", "subprocess.check_output", &["args:literal"]);
        assert_eq!(split_call(&made), ["Cs.spawn", "subprocess", "check", "output", "args:literal"]);
        assert_eq!(render_call(&made), "Cs.spawn subprocess.check_output(args:literal)");
        let method = call("Cr.connect", "socket.socket().connect", &["host:literal", "port:literal"]);
        assert_eq!(split_call(&method)[..4], ["Cr.connect", "socket", "socket", "connect"]);
        assert_eq!(shorten_call(&render_call(&method)), "Cr.connect socket.socket().connect");
    }

    #[test]
    fn the_same_sequence_is_one_point_that_weighs_more() {
        let (a, b) = (call("Cs.shell", "os.system", &[]), call("Cn.send", "requests.post", &[]));
        let data = data_set(&[
            ("one", 1, vec![b.clone(), a.clone()]),
            ("two", 2, vec![a.clone(), b]),
            ("none", 1, vec![]),
        ]);
        let found = Sequences::of(data.samples());
        let sizes: Vec<usize> = found.distinct.iter().map(|sequence| sequence.samples.len()).collect();
        assert_eq!(sizes, [2, 1]);
        assert_eq!(found.of_sample, [None, Some(1), Some(0), Some(0)]);
        assert_eq!(found.calls, ["Cn.send requests.post()", "Cs.shell os.system()"]);
    }

    #[test]
    fn hostile_names_of_calls_are_kept_short_and_without_markup() {
        let made = call("Cs.shell", &format!("<script>alert('{}')", "x".repeat(500)), &["\u{202e}a\nb"]);
        let shown = render_call(&made);
        assert!(!shown.contains(['<', '>', '\'', '\n', '\u{202e}']) && shown.len() < 150, "{shown}");
    }
}
