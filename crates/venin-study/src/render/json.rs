//! A study as JSON: `venin.study/1`, as `docs/study.schema.json` describes it.

use venin_report::render_shape;

use crate::report::StudyReport;

/// The study as indented JSON with a line feed at its end.  Characters that hide or reorder text are escaped.
#[must_use]
pub fn render_study_json(study: &StudyReport) -> String {
    render_shape(study)
}
