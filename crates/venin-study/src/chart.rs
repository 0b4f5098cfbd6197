//! Charts as data: which columns of a table are drawn, and how.  What is drawn stands in the table; a renderer draws.

use serde::{Deserialize, Serialize};

/// A chart of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// Its name in links.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What a reader who cannot see it must know: what is on it, and what stands out.
    pub alt: String,
    /// The table's id.
    pub table: String,
    /// How it is drawn.  Columns are named by their ids.
    #[serde(flatten)]
    pub kind: ChartKind,
}

/// How a chart is drawn; each field is a column's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ChartKind {
    /// A bar for each row and each of `values`, with whiskers from `low` to `high` where these are given (for the first
    /// of the values).
    Bars {
        /// Texts beside the bars.
        label: String,
        /// Lengths; several stand beside each other.
        values: Vec<String>,
        /// Lower end of the interval.
        low: Option<String>,
        /// Upper end of the interval.
        high: Option<String>,
    },
    /// Bins with edges.
    Histogram {
        /// Lower edges.
        from: String,
        /// Upper edges.
        to: String,
        /// Heights.
        count: String,
    },
    /// Points in order joined by lines, one line for each text of `series`.
    Lines {
        /// Positions: numbers, or dates in order.
        x: String,
        /// Heights.
        y: String,
        /// Which line; empty for one.
        series: Option<String>,
    },
    /// Steps that go down from 1, one for each text of `series`, with a band from `low` to `high`.
    Survival {
        /// Times.
        time: String,
        /// Shares that are left.
        survival: String,
        /// Lower end of the band.
        low: Option<String>,
        /// Upper end of the band.
        high: Option<String>,
        /// Which curve; empty for one.
        series: Option<String>,
    },
    /// A field for each row, darker for more.
    HeatMap {
        /// Texts at the left.
        row: String,
        /// Texts at the foot, in the table's order.
        column: String,
        /// Values from 0 to 1, or counts.
        value: String,
    },
    /// Points.
    Scatter {
        /// Positions.
        x: String,
        /// Positions.
        y: String,
        /// Colors and shapes.
        series: String,
        /// How many each point stands for.
        weight: Option<String>,
    },
    /// An UpSet picture: a row for each set, a column for each combination, bars of how many.
    Combinations {
        /// The members of a combination, joined by ` + `.
        sets: String,
        /// How many.
        count: String,
    },
}

impl ChartKind {
    /// The ids of the columns that are drawn.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        fn present<const N: usize>(columns: [Option<&String>; N]) -> impl Iterator<Item = &str> {
            columns.into_iter().flatten().map(String::as_str)
        }
        match self {
            Self::Bars { label, values, low, high } => {
                let values = values.iter().map(String::as_str);
                present([Some(label), low.as_ref(), high.as_ref()]).chain(values).collect()
            }
            Self::Histogram { from, to, count } => present([Some(from), Some(to), Some(count)]).collect(),
            Self::Lines { x, y, series } => present([Some(x), Some(y), series.as_ref()]).collect(),
            Self::Survival { time, survival, low, high, series } => {
                present([Some(time), Some(survival), low.as_ref(), high.as_ref(), series.as_ref()]).collect()
            }
            Self::HeatMap { row, column, value } => present([Some(row), Some(column), Some(value)]).collect(),
            Self::Scatter { x, y, series, weight } => {
                present([Some(x), Some(y), Some(series), weight.as_ref()]).collect()
            }
            Self::Combinations { sets, count } => present([Some(sets), Some(count)]).collect(),
        }
    }
}
