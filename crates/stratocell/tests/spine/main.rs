//! The spine, shown end to end with real guests and the real AWS CLI: see each module's name.

mod harness;
mod walk;
