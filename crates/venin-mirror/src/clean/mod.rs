//! What to delete from a tree, as a plan to review first, and its application with an undo journal.
//!
//! A [`Plan`] names every file to delete and every page to rewrite, each with the reason and the digest that proves it.
//! [`apply`] checks the digest again, moves what goes away into a folder of the tree and writes a journal ahead, so that
//! it goes on after any interruption and [`undo`] brings everything back.  What is not proven, or has changed since the
//! plan, is skipped and reported.

mod apply;
mod commands;
mod cuts;
mod html;
mod journal;
mod json;
mod make;
mod page;
mod plan;
mod render;
mod step;
mod undo;

pub use apply::{CleanError, Outcome, apply};
pub use make::{PlanOptions, Trust, make_plan};
pub use plan::{Action, Left, PLAN_VERSION, Plan, Step, WrongPlan};
pub use render::render_plan;
pub use undo::{applied_plans, purge, undo};

#[cfg(test)]
mod tests;
