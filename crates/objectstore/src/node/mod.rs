//! A storage node: keeps shards durably, checks them, repairs them with its peers.
