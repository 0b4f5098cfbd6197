//! The page in Chromium: in light and dark, on a screen, a phone and paper.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use venin_study::render::render_study_html;

use crate::browser::Browser;
use crate::sample;

/// Highest window: the whole page in one picture as far as a browser can draw it.
const MAX_HEIGHT: u64 = 16_000;

/// Elements that reach out of the page at its right, boxes that scroll left out.
const OUTSIDE: &str = "[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, .skip, .hidden') && e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map(e => e.outerHTML.slice(0, 200))";
/// Words of pictures that are cut at an edge or too small to read.
const CUT: &str = "[...document.querySelectorAll('svg[role=img] text')].filter(text => {
  const [svg, box] = [text.closest('svg').getBoundingClientRect(), text.getBoundingClientRect()];
  if (svg.width === 0) return false;
  const size = 12 * svg.width / text.closest('svg').viewBox.baseVal.width;
  return box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 2 || box.bottom > svg.bottom + 2
    || size < 10.5;
}).map(text => text.closest('figure').id + ': ' + text.textContent.trim()).slice(0, 10)";
/// Words of a picture that lie on other words.
const OVERLAPS: &str = "[...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]).filter(([, b]) => b.width > 0);
  return texts.flatMap(([text, a], at) => texts.slice(at + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
    .map(([other]) => svg.closest('figure').id + ': ' + text.textContent.trim() + ' / ' + other.textContent.trim()));
}).slice(0, 10)";
/// Headings that skip a level.
const SKIPPED: &str = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])
  .filter((level, at, all) => at > 0 && level > all[at - 1] + 1)";
/// Ids that are there twice, links that lead nowhere, tables and pictures without a name.
const NAMELESS: &str = "[
  ...[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at),
  ...[...document.querySelectorAll('a')].filter(a => !document.getElementById(a.hash.slice(1))).map(a => a.hash),
  ...[...document.querySelectorAll('table')].filter(t => !t.caption || t.querySelector('th:not([scope])')).map(t => t.outerHTML.slice(0, 99)),
  ...[...document.querySelectorAll('svg[role=img]')].filter(s => !s.querySelector(':scope > title') || !s.querySelector(':scope > desc')).map(s => 'svg'),
]";

fn open(browser: &mut Browser, folder: &Path) {
    let path = folder.join("study.html");
    std::fs::write(&path, render_study_html(&sample::study())).unwrap();
    browser.open(&path);
}

fn nothing_of(browser: &mut Browser, expression: &str, what: &str) {
    assert_eq!(browser.evaluate(expression), json!([]), "{what}");
}

/// How many colors a picture has, and how much of it is the most common one.
fn colors_of(png: &[u8]) -> (usize, f64) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let width = info.color_type.samples();
    let mut counts = std::collections::BTreeMap::new();
    for pixel in bytes[..info.buffer_size()].chunks(width) {
        *counts.entry(pixel).or_insert(0_u64) += 1;
    }
    let all = counts.values().sum::<u64>().max(1);
    (counts.len(), counts.values().copied().max().unwrap_or(0) as f64 / all as f64)
}

#[test]
fn the_page_fits_and_reads_in_light_and_dark_on_screens_phones_and_paper() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut grounds = BTreeSet::new();
    let views = [
        ("screen", "light", 1280),
        ("screen", "dark", 1280),
        ("screen", "light", 360),
        ("screen", "dark", 360),
        ("print", "light", 700),
    ];
    for (media, scheme, width) in views {
        browser.resize(width, 900);
        browser.emulate(media, scheme);
        open(&mut browser, folder.path());
        let view = format!("{media}-{scheme}-{width}");
        let height = browser.evaluate("document.documentElement.scrollHeight").as_u64().unwrap();
        browser.resize(width, height.clamp(900, MAX_HEIGHT) as u32);
        let png = browser.screenshot();
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("study-{view}.png"));
        std::fs::write(target, &png).unwrap();
        let (colors, most) = colors_of(&png);
        assert!(colors > 60 && most < 0.97, "{view}: {colors} colors, {most} of one");
        browser.resize(width, 900);
        let wide = browser.evaluate("[document.documentElement.scrollWidth, innerWidth]");
        assert!(wide[0].as_u64() <= wide[1].as_u64(), "{view}: {wide}");
        if media == "screen" {
            nothing_of(&mut browser, OUTSIDE, &format!("{view}: what reaches out of the page"));
        }
        nothing_of(&mut browser, CUT, &format!("{view}: words that are cut or too small"));
        nothing_of(&mut browser, OVERLAPS, &format!("{view}: words on words"));
        grounds.insert(browser.evaluate("getComputedStyle(document.body).backgroundColor").to_string());
        assert_silent(&browser, &view);
    }
    assert_eq!(grounds.len(), 2, "light and dark: {grounds:?}");
}

/// Nothing ran, nothing was asked for but the file, and the browser had nothing to complain of.
fn assert_silent(browser: &Browser, view: &str) {
    for method in ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"] {
        assert_eq!(browser.events_of(method), Vec::<&Value>::new(), "{view}: {method}");
    }
    let asked: Vec<&Value> = browser
        .events_of("Network.requestWillBeSent")
        .into_iter()
        .map(|event| &event["request"]["url"])
        .collect();
    assert_eq!(asked.len(), 1, "{view}: {asked:?}");
}

#[test]
fn the_page_can_be_walked_by_those_who_do_not_see_it() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    open(&mut browser, folder.path());
    nothing_of(&mut browser, SKIPPED, "headings that skip a level");
    nothing_of(&mut browser, NAMELESS, "ids, links, tables and pictures");
    assert_eq!(browser.evaluate("document.querySelectorAll('h1').length"), json!(1));
    assert_eq!(browser.evaluate("document.querySelectorAll('main, nav, header, footer').length"), json!(4));
    assert_eq!(browser.evaluate("document.querySelectorAll('script, img, iframe, link').length"), json!(0));
    // A link to a folded list opens it.
    browser.evaluate("document.querySelector('td a[href^=\"#b-\"]').click()");
    let target = browser.evaluate("!!document.querySelector('details:target')?.parentElement.open");
    assert_eq!(target, json!(true));
}

#[test]
fn a_study_of_nothing_is_a_page_too() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut study = sample::study();
    for chapter in &mut study.chapters {
        for table in &mut chapter.tables {
            table.rows.clear();
        }
    }
    study.portrait.clear();
    study.artifacts.clear();
    let path = folder.path().join("study.html");
    std::fs::write(&path, render_study_html(&study)).unwrap();
    browser.resize(360, 900);
    browser.open(&path);
    nothing_of(&mut browser, OUTSIDE, "what reaches out of the page");
    assert_eq!(browser.evaluate("document.querySelectorAll('svg[role=img]').length"), json!(0));
    assert_silent(&browser, "nothing");
}
