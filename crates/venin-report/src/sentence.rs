//! What an artifact does, in one plain sentence.
//!
//! The sentence is composed from the steps of the findings, never from a package's own text, apart from a URL or
//! host that the evidence names.  It claims no more than the findings do: one clause a finding, the most important
//! first, grouped by what makes it happen.

use venin_model::{Action, Behavior, CallClass, Family, Severity, Trigger};

use crate::artifact::FindingReport;
use crate::escape::shorten;

/// Most clauses of one trigger, and most triggers, that a sentence holds.
const MAX_CLAUSES: usize = 3;
const MAX_TRIGGERS: usize = 2;
/// Longest URL shown, in characters.
const MAX_URL: usize = 80;

/// The sentence, with a full stop; empty when the findings say nothing of a deed.
pub(crate) fn compose_summary(findings: &[FindingReport]) -> String {
    let mut groups: Vec<(Trigger, Vec<Clause>)> = Vec::new();
    for finding in findings.iter().filter(|f| f.severity > Severity::Info) {
        let Some(clause) = Clause::of(finding) else { continue };
        match groups.iter_mut().find(|(trigger, _)| *trigger == finding.trigger) {
            Some((_, clauses)) => add_clause(clauses, clause),
            None => groups.push((finding.trigger, vec![clause])),
        }
    }
    groups.truncate(MAX_TRIGGERS);
    groups.sort_by_key(|(trigger, _)| *trigger);
    let parts: Vec<String> =
        groups.iter().map(|(trigger, clauses)| render_group(*trigger, clauses)).collect();
    capitalize(&parts.join("; "))
}

/// A trigger's clauses, most important first, with what a stronger clause already says left out.
fn add_clause(clauses: &mut Vec<Clause>, clause: Clause) {
    let is_said = clauses.iter().any(|said| said.text == clause.text || said.deed.includes(clause.deed));
    if !is_said && clauses.len() < MAX_CLAUSES {
        clauses.retain(|said| !clause.deed.includes(said.deed));
        clauses.push(clause);
    }
}

fn render_group(trigger: Trigger, clauses: &[Clause]) -> String {
    let (last, head) = match clauses.split_last() {
        Some((last, head)) => (last.text.as_str(), head),
        None => return String::new(),
    };
    let mut deeds = head.iter().map(|clause| clause.text.as_str()).collect::<Vec<_>>().join(", ");
    if !deeds.is_empty() {
        // A clause can hold an "and" of its own; the comma keeps the two apart.
        deeds.push_str(", and ");
    }
    deeds.push_str(last);
    match occasion(trigger) {
        Some(occasion) => format!("{occasion}, it {deeds}"),
        None => format!("it {deeds}"),
    }
}

const fn occasion(trigger: Trigger) -> Option<&'static str> {
    match trigger {
        Trigger::Install => Some("at install"),
        Trigger::Build => Some("at build"),
        Trigger::Startup => Some("at every interpreter start"),
        Trigger::Import => Some("on import"),
        Trigger::Entry => Some("when its command is started"),
        Trigger::Run => Some("when its functions are called"),
        Trigger::Data => None,
    }
}

fn capitalize(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

/// What a finding says was done, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    TakeOrders,
    FetchAndRun,
    FetchAndExecute,
    Steal,
    DecodeAndExecute,
    DecodeAndRun,
    WriteAndRun,
    FetchAndStore,
    Run,
    Execute,
    Delete,
    Write,
    Contact,
    Collect,
}

impl Deed {
    /// Whether a sentence that names `self` need not name `other`.
    const fn includes(self, other: Self) -> bool {
        match other {
            Self::Run => {
                matches!(self, Self::TakeOrders | Self::FetchAndRun | Self::DecodeAndRun | Self::WriteAndRun)
            }
            Self::Execute => matches!(self, Self::FetchAndExecute | Self::DecodeAndExecute),
            Self::Write => matches!(self, Self::WriteAndRun | Self::FetchAndStore | Self::FetchAndRun),
            Self::FetchAndStore => matches!(self, Self::FetchAndRun),
            Self::Contact => {
                matches!(
                    self,
                    Self::TakeOrders
                        | Self::FetchAndRun
                        | Self::FetchAndExecute
                        | Self::FetchAndStore
                        | Self::Steal
                )
            }
            Self::Collect => matches!(self, Self::Steal),
            _ => false,
        }
    }
}

struct Clause {
    deed: Deed,
    text: String,
}

impl Clause {
    fn of(finding: &FindingReport) -> Option<Self> {
        let steps = Steps::of(finding);
        let deed = steps.deed(finding.behavior)?;
        let from = steps.place_of_network("from").unwrap_or_default();
        let to = steps.place_of_network("to").unwrap_or_default();
        let text = match deed {
            Deed::TakeOrders => format!("connects{to} and runs what it is told"),
            Deed::FetchAndRun => format!("downloads a file{from} and runs it"),
            Deed::FetchAndExecute => format!("downloads code{from} and executes it"),
            Deed::Steal if to.is_empty() => format!("reads {} and sends it out", steps.loot()),
            Deed::Steal => format!("reads {} and sends it{to}", steps.loot()),
            Deed::DecodeAndExecute => "decodes hidden code and executes it".to_owned(),
            Deed::DecodeAndRun => "decodes a hidden command and runs it".to_owned(),
            Deed::WriteAndRun => "writes a file and runs it".to_owned(),
            Deed::FetchAndStore => format!("downloads a file{from} and stores it"),
            Deed::Run => "runs a command".to_owned(),
            Deed::Execute => "executes code that it computes".to_owned(),
            Deed::Delete => "deletes files".to_owned(),
            Deed::Write => "writes files".to_owned(),
            Deed::Contact if to.is_empty() => "contacts a server".to_owned(),
            Deed::Contact => format!("connects{to}"),
            Deed::Collect => format!("reads {}", steps.loot()),
        };
        Some(Self { deed, text })
    }
}

/// The call classes of a finding's steps, and their details.
struct Steps<'a> {
    classes: Vec<CallClass>,
    finding: &'a FindingReport,
}

impl<'a> Steps<'a> {
    fn of(finding: &'a FindingReport) -> Self {
        let first_words = finding.evidence.iter().filter_map(|e| e.step.split_whitespace().next());
        Self { classes: first_words.filter_map(|word| CallClass::parse(word).ok()).collect(), finding }
    }

    fn has(&self, family: Family) -> bool {
        self.classes.iter().any(|c| c.family == family)
    }

    fn does(&self, family: Family, actions: &[Action]) -> bool {
        self.classes.iter().any(|c| c.family == family && actions.contains(&c.action))
    }

    fn deed(&self, behavior: Option<Behavior>) -> Option<Deed> {
        let fetches =
            self.does(Family::Cn, &[Action::Fetch, Action::Any]) || self.does(Family::Cr, &[Action::Receive]);
        let sends = self.does(Family::Cn, &[Action::Send]) || self.does(Family::Cr, &[Action::Send]);
        let collects = self.has(Family::Ch) || self.does(Family::Cf, &[Action::Read, Action::RegistryRead]);
        let decodes = self.does(Family::Ce, &[Action::Decode, Action::Decrypt, Action::Decompress]);
        let executes = self
            .does(Family::Cc, &[Action::Exec, Action::Eval, Action::Load, Action::Deserialize])
            || self.does(Family::Cc, &[Action::Inject, Action::Any])
            || self.has(Family::Compile);
        let writes =
            self.does(Family::Cf, &[Action::Write, Action::Copy, Action::Unpack, Action::RegistryWrite]);
        let (runs, connects) = (self.has(Family::Cs), self.has(Family::Cr));
        let steals = collects && (sends || fetches) && behavior != Some(Behavior::RemoteControl);

        let deeds = [
            (steals && (behavior == Some(Behavior::InformationStealing) || !(runs || executes)), Deed::Steal),
            (connects && (runs || executes), Deed::TakeOrders),
            (fetches && runs, Deed::FetchAndRun),
            (fetches && executes, Deed::FetchAndExecute),
            (decodes && executes, Deed::DecodeAndExecute),
            (decodes && runs, Deed::DecodeAndRun),
            (writes && runs, Deed::WriteAndRun),
            (fetches && writes, Deed::FetchAndStore),
            (runs, Deed::Run),
            (executes, Deed::Execute),
            (self.does(Family::Cf, &[Action::Delete]), Deed::Delete),
            (writes, Deed::Write),
            (fetches || sends || connects, Deed::Contact),
            (collects && behavior.is_some(), Deed::Collect),
        ];
        deeds.iter().find(|(holds, _)| *holds).map(|(_, deed)| *deed)
    }

    /// `" from http://…"`, when the evidence names a URL or the message does.
    fn place_of_network(&self, preposition: &str) -> Option<String> {
        let details = self.finding.evidence.iter().map(|e| e.detail.as_str());
        let url = details.chain([self.finding.message.as_str()]).find_map(find_url)?;
        Some(format!(" {preposition} {}", shorten(url, MAX_URL)))
    }

    /// What is read, in plain words.
    fn loot(&self) -> &'static str {
        let actions = self.classes.iter().filter(|c| c.family == Family::Ch).map(|c| c.action);
        let words = actions.map(|action| match action {
            Action::Credential => "stored credentials",
            Action::Input => "keystrokes",
            Action::Clipboard => "the clipboard",
            Action::Capture => "the screen",
            Action::Env => "the environment",
            _ => "host information",
        });
        words
            .reduce(|first, other| if other == "host information" { first } else { other })
            .unwrap_or("file content")
    }
}

/// The first URL with a host in a text.
fn find_url(text: &str) -> Option<&str> {
    let start =
        ["http://", "https://", "ftp://", "ws://", "wss://"].iter().filter_map(|s| text.find(s)).min()?;
    let url = text.get(start..)?;
    let is_end = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | ',' | '⟨')
    };
    let url = url.get(..url.find(is_end).unwrap_or(url.len()))?;
    url.split_once("://").filter(|(_, rest)| !rest.is_empty()).map(|_| url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::EvidenceReport;
    use venin_model::Confidence;

    fn finding(trigger: Trigger, behavior: Behavior, steps: &[(&str, &str)]) -> FindingReport {
        let evidence = steps
            .iter()
            .map(|(step, detail)| EvidenceReport {
                step: (*step).to_owned(),
                detail: (*detail).to_owned(),
                place: None,
            })
            .collect();
        FindingReport {
            rule: "r".to_owned(),
            title: "t".to_owned(),
            behavior: Some(behavior),
            technique: None,
            severity: Severity::High,
            confidence: Confidence::High,
            weight: 1.0,
            message: String::new(),
            place: None,
            decoding: Vec::new(),
            trigger,
            origins: Vec::new(),
            attack: Vec::new(),
            evidence,
            further: 0,
        }
    }

    #[test]
    fn a_dropper_at_install_reads_as_a_sentence() {
        let steps = [
            ("Cn.fetch requests.get", "url `http://cdn.invalid/a.bin`"),
            ("Cf.write open", "path `a.bin`"),
            ("Cs.spawn subprocess.Popen", "command `a.bin`"),
        ];
        let dropper = finding(Trigger::Install, Behavior::CommandExecution, &steps);
        let run = finding(Trigger::Install, Behavior::CommandExecution, &[("Cs.shell os.system", "x")]);
        assert_eq!(
            compose_summary(&[dropper, run]),
            "At install, it downloads a file from http://cdn.invalid/a.bin and runs it."
        );
    }

    #[test]
    fn the_earlier_trigger_comes_first_and_stealing_names_the_loot() {
        let steal =
            [("Ch.env os.environ", ""), ("Cn.send requests.post", "url https://hook.invalid/x, data")];
        let decode = [("Ce.decode base64.b64decode", ""), ("Cc.exec exec", "")];
        let findings = [
            finding(Trigger::Import, Behavior::InformationStealing, &steal),
            finding(Trigger::Install, Behavior::CodeExecution, &decode),
        ];
        assert_eq!(
            compose_summary(&findings),
            "At install, it decodes hidden code and executes it; on import, it reads the environment and sends it to \
             https://hook.invalid/x."
        );
    }

    #[test]
    fn findings_without_calls_give_no_sentence() {
        let fact = finding(Trigger::Data, Behavior::CodeExecution, &[("archive.duplicate-name", "")]);
        assert_eq!(compose_summary(&[fact]), "");
    }

    #[test]
    fn a_url_without_a_host_is_not_named() {
        assert_eq!(find_url("see http:// and more"), None);
        assert_eq!(find_url("get (http://a.invalid/b)"), Some("http://a.invalid/b"));
    }
}
