//! The index: buckets, versions and uploads, behind one leader.
