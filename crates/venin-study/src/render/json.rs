//! A study as JSON: `venin.study/1`, as `docs/study.schema.json` describes it.

use venin_report::render_shape_to_level;

use crate::report::StudyReport;

/// Levels down to the rows of tables, each of which stands on one line.
const TO_ROWS: usize = 6;

/// The study as indented JSON, each row of a table on one line, with a line feed at its end.  Characters that hide or
/// reorder text are escaped.
#[must_use]
pub fn render_study_json(study: &StudyReport) -> String {
    render_shape_to_level(study, TO_ROWS)
}
