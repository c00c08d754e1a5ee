//! IAM's operations through the real dispatcher.
