//! Which systems the code asks for before it acts (paper, RQ2): comparisons of the platform in the conditions of
//! calls that findings rest on.

use super::behaviors::paper_cell;
use super::behind;
use super::prevalence::{Census, INTERVAL, SHARE_COLUMNS, share_cells};
use crate::table::{Cell, Table, Unit};

/// What tells the system, as conditions spell it.
const ASKED: &[&str] = &["sys.platform", "os.name", "platform.", "os.uname", "sys.getwindowsversion"];
/// Parts of `platform` that tell something else.
const NOT_ASKED: &[&str] = &["platform.node", "platform.python"];

/// The system that a condition compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Windows,
    Linux,
    Darwin,
    Other,
}

/// A comparison of the platform.
struct Check<'a> {
    value: &'a str,
    system: System,
}

fn parse_check(condition: &str) -> Option<Check<'_>> {
    let (subject, value) = condition.split_once('=').unwrap_or((condition, ""));
    let asks = ASKED.iter().any(|asked| subject.starts_with(asked));
    if !asks || NOT_ASKED.iter().any(|other| subject.starts_with(other)) {
        return None;
    }
    let value = value.trim_matches(['=', ' ', '"', '\'']);
    let low = value.to_ascii_lowercase();
    let system = match low.as_str() {
        "nt" | "cygwin" => System::Windows,
        _ if low.starts_with("win") || subject.starts_with("sys.getwindowsversion") => System::Windows,
        _ if low.starts_with("linux") => System::Linux,
        _ if low.starts_with("darwin") || low.starts_with("mac") => System::Darwin,
        _ => System::Other,
    };
    Some(Check { value, system })
}

/// For which systems artifacts act.
pub(super) fn platforms_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("platform", "Platform", Unit::Text),
        ("how", "How it is counted", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    columns.extend([("projects", "Projects", Unit::Count), ("paper_artifacts", "Paper", Unit::Count)]);
    let definition = format!(
        "An artifact counts when a call of its behavior sequence lies under a condition that looks at the platform \
         (sys.platform, os.name, os.uname or the module platform). By value: the text compared with is the row's name, \
         capitals ignored. By system: the text names the system in any spelling. A condition tells that a comparison was \
         made, not which of its branches acts. Share is out of artifacts with at least one behavior. {INTERVAL}"
    );
    let mut table = Table::new("platforms", "Systems that are asked for", &definition, &columns);
    let samples = census.samples();
    let whole = samples.iter().filter(|sample| !sample.artifact.behaviors.is_empty()).count() as u64;
    let mut push = |name: &str, how: &str, holds: &dyn Fn(&Check<'_>) -> bool| {
        let chosen = behind(samples, |sample| {
            let conditions = sample.artifact.attributes.conditions.iter();
            !sample.artifact.behaviors.is_empty()
                && conditions.filter_map(|condition| parse_check(condition)).any(|check| holds(&check))
        });
        let mut cells = vec![Cell::from(name), Cell::from(how), Cell::from(chosen.len())];
        cells.extend(share_cells(chosen.len() as u64, whole));
        cells.push(Cell::from(census.count_projects(&chosen)));
        cells.push(paper_cell("platforms", name, "artifacts"));
        table.push(cells, chosen);
    };
    push("Windows", "by system", &|check| check.system == System::Windows);
    push("Linux", "by system", &|check| check.system == System::Linux);
    push("Darwin", "by system", &|check| check.system == System::Darwin);
    push("another or unnamed", "by system", &|check| check.system == System::Other);
    push("win32", "by value", &|check| check.value.eq_ignore_ascii_case("win32"));
    push("win64", "by value", &|check| check.value.eq_ignore_ascii_case("win64"));
    push("any check of the platform", "by system", &|_| true);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, data_of};

    #[test]
    fn platforms_are_told_by_value_and_by_system() {
        let with = |name: &str, conditions: &[&str]| {
            let mut made = acting(name, "1", &["code execution"], "install");
            made.attributes.conditions = conditions.iter().map(|text| (*text).to_owned()).collect();
            (made, "")
        };
        let data = data_of([
            with("a", &["sys.platform=win32"]),
            with("b", &["os.name=nt", "platform.system()=Linux"]),
            with("c", &["platform.system()=Darwin"]),
            with("d", &["os.environ.get()=CI", "platform.node()=win32"]),
            with("e", &["os.name"]),
        ]);
        let table = platforms_table(&Census::of(data.samples()));
        let count = |row: &str| table.cell(row, "artifacts").unwrap().clone();
        assert_eq!(count("Windows"), Cell::Count(2));
        assert_eq!(count("Linux"), Cell::Count(1));
        assert_eq!(count("Darwin"), Cell::Count(1));
        assert_eq!(count("another or unnamed"), Cell::Count(1));
        assert_eq!((count("win32"), count("win64")), (Cell::Count(1), Cell::Count(0)));
        assert_eq!(count("any check of the platform"), Cell::Count(4));
        assert_eq!(table.cell("win32", "paper_artifacts"), Some(&Cell::Count(428)));
        assert_eq!(table.cell("win32", "share"), Some(&Cell::Real(0.2)));
    }
}
