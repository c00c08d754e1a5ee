//! The spine, shown end to end with real guests and the real AWS CLI: see each module's name.

mod accounts;
mod audit;
mod crashes;
mod endpoint;
mod failures;
mod flow_logs;
mod hand_over;
mod harness;
mod identity;
mod interfaces;
mod ipv6;
mod lifecycle;
mod links;
#[expect(dead_code, reason = "the edge's tests need more of it")]
#[path = "../../../edge/tests/edge/namespace.rs"]
mod namespace;
mod reach;
mod recovery;
mod refusals;
mod rollouts;
mod sandboxes;
mod stability;
mod trails;
mod trust;
mod walk;
