//! host-agent
