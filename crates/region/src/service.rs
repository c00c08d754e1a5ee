//! service
pub struct RunError;
pub fn run() {}
