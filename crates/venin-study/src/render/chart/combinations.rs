//! An UpSet picture: bars of how many on top, below them which sets are in the combination.

use std::collections::BTreeMap;

use super::axis::Axis;
use super::canvas::{Align, CHARACTER, Canvas, Caption, Fault, Ink, draw_sheet};
use super::columns::Order;
use super::{Drawing, Room, Sketch, Trouble, more, sentences};
use crate::number::{shown_count, shown_number};
use crate::table::Unit;

/// Most sets that are drawn.
const MAX_SETS: usize = 14;
/// Height of the bars.
const BARS: i32 = 170;
/// Room above the bars.
const TOP: i32 = 18;
/// Height of a set's line.
const LINE: i32 = 22;

struct Combination {
    sets: Vec<usize>,
    count: f64,
}

struct UpSet {
    /// Names with totals, the greatest first, and their old places.
    sets: Vec<(String, f64)>,
    combinations: Vec<Combination>,
    unit: Unit,
}

pub(super) fn draw(of: Drawing<'_>, sets: &str, count: &str) -> Result<Sketch, Trouble> {
    let Drawing { table, room, caption } = of;
    let (sets, count) = (of.pick(sets)?, of.pick(count)?);
    let mut order = Order::default();
    let mut combinations: Vec<Combination> = Vec::new();
    for row in &table.rows {
        let Some(count) = count.number(row).filter(|count| *count > 0.0) else { continue };
        let text = sets.text(row);
        let names = text.split(" + ").map(str::trim).filter(|name| !name.is_empty());
        combinations.push(Combination { sets: names.map(|name| order.place(name)).collect(), count });
    }
    if combinations.is_empty() {
        return Ok(Sketch::nothing("There is nothing to draw: no combination has a number."));
    }
    combinations.sort_by(|a, b| b.count.total_cmp(&a.count));
    let (all, all_sets) = (combinations.len(), order.names().len());
    let upset = UpSet::of(order.names(), combinations, count.unit(), room);
    Ok(Sketch {
        svg: upset.sheet(room, &count.title(), caption)?,
        legend: Vec::new(),
        note: sentences(&[
            more(all - upset.combinations.len(), "combinations"),
            more(all_sets - upset.sets.len(), "sets"),
        ]),
    })
}

impl UpSet {
    fn of(names: &[String], combinations: Vec<Combination>, unit: Unit, room: Room) -> Self {
        let mut totals = vec![0.0; names.len()];
        for combination in &combinations {
            for set in &combination.sets {
                if let Some(total) = totals.get_mut(*set) {
                    *total += combination.count;
                }
            }
        }
        let mut places: Vec<usize> = (0..names.len()).collect();
        let total = |place: usize| totals.get(place).copied().unwrap_or(0.0);
        places.sort_by(|a, b| total(*b).total_cmp(&total(*a)).then(a.cmp(b)));
        places.truncate(MAX_SETS);
        let new_places: BTreeMap<usize, usize> = places.iter().copied().zip(0..).collect();
        let keep = |combination: Combination| Combination {
            sets: combination.sets.iter().filter_map(|set| new_places.get(set).copied()).collect(),
            count: combination.count,
        };
        let sets = places.iter().map(|place| (names.get(*place).cloned().unwrap_or_default(), total(*place)));
        let sets = sets.collect();
        let combinations = combinations.into_iter().take(room.pick(24, 9)).map(keep).collect();
        Self { sets, combinations, unit }
    }

    fn sheet(&self, room: Room, title: &str, caption: Caption<'_>) -> Result<String, Fault> {
        let most = room.pick(30, 15);
        let longest =
            self.sets.iter().map(|(name, total)| label_of(name, *total, most).chars().count()).max();
        let left = longest.unwrap_or(8).max(8) as i32 * CHARACTER + 14;
        let width = ((room.width() - left - 8) / self.combinations.len().max(1) as i32).clamp(8, 44);
        let size = (room.width(), TOP + BARS + 12 + LINE * self.sets.len() as i32 + 6);
        draw_sheet(size, caption, |canvas| {
            self.draw_axis(canvas, left, width)?;
            canvas.text(title, (left, 8), Align::Start, Ink::Muted, 44)?;
            for (at, (name, total)) in (0..).zip(&self.sets) {
                let middle = TOP + BARS + 12 + LINE * at + LINE / 2;
                if at % 2 == 0 {
                    let end = left + width * self.combinations.len() as i32;
                    canvas.rect((0, middle - LINE / 2), (end, middle + LINE / 2), Ink::Grid, 0.35)?;
                }
                let label = label_of(name, *total, most);
                let cut = label.chars().count().max(1);
                let whole = format!("{name} ({})", shown_count(*total as u64));
                let text = if whole.chars().count() > cut { &label } else { &whole };
                canvas.text(text, (left - 8, middle), Align::End, Ink::Text, cut)?;
            }
            for (at, combination) in (0..).zip(&self.combinations) {
                self.draw_combination(canvas, (left + width * at, width), combination)?;
            }
            Ok(())
        })
    }

    /// The characters of the longest count.
    fn longest_count(&self) -> i32 {
        let counts = self.combinations.iter().map(|combination| shown_number(combination.count, self.unit));
        counts.map(|count| count.chars().count()).max().unwrap_or(0).min(10) as i32
    }

    fn axis(&self) -> Axis {
        Axis::of_numbers(self.combinations.iter().map(|combination| combination.count), self.unit, 4)
    }

    fn height(&self, count: f64) -> i32 {
        let axis = self.axis();
        ((axis.inside(count) / axis.to) * f64::from(BARS - 40)).round() as i32
    }

    fn draw_axis(&self, canvas: &Canvas<'_>, left: i32, width: i32) -> Result<(), Fault> {
        let end = left + width * self.combinations.len() as i32;
        for (count, label) in &self.axis().marks {
            let y = TOP + BARS - self.height(*count);
            canvas.line(vec![(left, y), (end, y)], Ink::Grid, 1)?;
            canvas.text(label, (left - 8, y), Align::End, Ink::Muted, 12)?;
        }
        Ok(())
    }

    fn draw_combination(
        &self,
        canvas: &Canvas<'_>,
        (left, width): (i32, i32),
        combination: &Combination,
    ) -> Result<(), Fault> {
        let (middle, foot) = (left + width / 2, TOP + BARS);
        let (top, half) = (foot - self.height(combination.count), (width / 3).max(2));
        canvas.rect((middle - half, top), (middle + half, foot), Ink::Fill(0), 1.0)?;
        let shown = shown_number(combination.count, self.unit);
        match self.longest_count() * CHARACTER <= width - 3 {
            true => canvas.text(&shown, (middle, top - 8), Align::Middle, Ink::Text, 10)?,
            false => canvas.text(&shown, (middle, top - 4), Align::Rising, Ink::Text, 10)?,
        }
        let line = |set: usize| foot + 12 + LINE * set as i32 + LINE / 2;
        let radius = (width / 4).clamp(2, 6);
        for set in 0..self.sets.len() {
            canvas.disk((middle, line(set)), radius, Ink::Axis, 0.22)?;
        }
        let (first, last) = (combination.sets.iter().min(), combination.sets.iter().max());
        if let (Some(first), Some(last)) = (first, last) {
            canvas.line(vec![(middle, line(*first)), (middle, line(*last))], Ink::Text, 2)?;
        }
        for set in &combination.sets {
            canvas.disk((middle, line(*set)), radius, Ink::Text, 1.0)?;
        }
        Ok(())
    }
}

/// A name cut, with its total behind it.
fn label_of(name: &str, total: f64, most: usize) -> String {
    format!("{} ({})", super::canvas::cut(name, most), shown_count(total as u64))
}
