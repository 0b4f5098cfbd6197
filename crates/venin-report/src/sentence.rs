//! What an artifact does, in one plain sentence.
//!
//! The sentence is composed from the steps of the findings, never from a package's own text, apart from a URL or
//! host that the evidence names.  It claims no more than the findings do: one clause a finding, the most important
//! first, grouped by what makes it happen.

use venin_model::{Action, Behavior, CallClass, Family, OriginKind, Severity, Trigger};

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
    if let Some(same) = clauses.iter_mut().find(|said| said.deed == Deed::Steal && clause.deed == Deed::Steal)
    {
        same.loot
            .extend(clause.loot.iter().filter(|loot| !same.loot.contains(loot)).copied().collect::<Vec<_>>());
        same.place = same.place.take().or(clause.place);
        return;
    }
    let is_said = clauses.iter().any(|said| said.deed == clause.deed || said.deed.includes(clause.deed));
    if !is_said && clauses.len() < MAX_CLAUSES {
        clauses.retain(|said| !clause.deed.includes(said.deed));
        clauses.push(clause);
    }
}

fn render_group(trigger: Trigger, clauses: &[Clause]) -> String {
    let mut deeds: Vec<String> = clauses.iter().map(Clause::render).collect();
    // A clause can hold an "and" of its own; the comma keeps the two apart.
    if let (Some(last), true) = (deeds.last_mut(), clauses.len() > 1) {
        last.insert_str(0, "and ");
    }
    let deeds = deeds.join(", ");
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
            Self::WriteAndRun => matches!(self, Self::FetchAndRun),
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
    /// The URL that the evidence names, if any.
    place: Option<String>,
    /// What is read, in plain words.
    loot: Vec<&'static str>,
}

impl Clause {
    fn of(finding: &FindingReport) -> Option<Self> {
        let steps = Steps::of(finding);
        let deed = steps.deed(finding.behavior)?;
        Some(Self { deed, place: steps.url(), loot: steps.loot() })
    }

    fn render(&self) -> String {
        let with = |preposition: &str| {
            self.place.as_ref().map(|place| format!(" {preposition} {place}")).unwrap_or_default()
        };
        let (from, to, loot) = (with("from"), with("to"), self.loot.join(" and "));
        let pronoun = if self.loot.len() > 1 { "them" } else { "it" };
        match self.deed {
            Deed::TakeOrders => format!("connects{to} and runs what it is told"),
            Deed::FetchAndRun => format!("downloads a file{from} and runs it"),
            Deed::FetchAndExecute => format!("downloads code{from} and executes it"),
            Deed::Steal if to.is_empty() => format!("reads {loot} and sends {pronoun} out"),
            Deed::Steal => format!("reads {loot} and sends {pronoun}{to}"),
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
            Deed::Collect => format!("reads {loot}"),
        }
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
        // An argument's origin tells of a call that the pattern itself did not name.
        let comes_from = |kind: OriginKind| self.finding.origins.iter().any(|o| o.starts_with(kind.as_str()));
        let decodes = decodes || comes_from(OriginKind::Decoded);
        let fetches = fetches || comes_from(OriginKind::Network);
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

    /// The first URL that the evidence names, or else the message.
    fn url(&self) -> Option<String> {
        let details = self.finding.evidence.iter().map(|e| e.detail.as_str());
        let url = details.chain([self.finding.message.as_str()]).find_map(find_url)?;
        Some(shorten(url, MAX_URL).into_owned())
    }

    /// What is read, in plain words.
    fn loot(&self) -> Vec<&'static str> {
        let mut loot: Vec<&'static str> = Vec::new();
        for class in self.classes.iter().filter(|c| matches!(c.family, Family::Ch | Family::Cf)) {
            let word = match (class.family, class.action) {
                (Family::Cf, Action::Read | Action::RegistryRead) => "files",
                (Family::Cf, _) => continue,
                (_, Action::Credential) => "stored credentials",
                (_, Action::Input) => "keystrokes",
                (_, Action::Clipboard) => "the clipboard",
                (_, Action::Capture) => "the screen",
                (_, Action::Env) => "the environment",
                _ => "host information",
            };
            if !loot.contains(&word) {
                loot.push(word);
            }
        }
        loot
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
            id: String::new(),
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
    fn what_is_stolen_in_several_findings_is_said_once() {
        let environment =
            [("Ch.env os.environ", ""), ("Cn.send requests.post", "url https://hook.invalid/x")];
        let host = [("Ch.host socket.gethostname", ""), ("Cn.send requests.post", "")];
        let findings = [&environment[..], &host]
            .map(|steps| finding(Trigger::Import, Behavior::InformationStealing, steps));
        assert_eq!(
            compose_summary(&findings),
            "On import, it reads the environment and host information and sends them to https://hook.invalid/x."
        );
    }

    #[test]
    fn an_origin_tells_what_the_steps_do_not() {
        let mut decoded = finding(Trigger::Install, Behavior::CodeExecution, &[("Cc.exec exec", "")]);
        decoded.origins = vec!["decoded (zlib.decompress, line 3)".to_owned()];
        assert_eq!(compose_summary(&[decoded]), "At install, it decodes hidden code and executes it.");
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
