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
mod reach;
mod refusals;
mod sandboxes;
mod stability;
mod trails;
mod trust;
mod walk;
