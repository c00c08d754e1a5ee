//! The S3 wire: everything between HTTP bytes and a decision, and nothing that decides.
//!
//! Pure, like the whole crate. The gateway's S3 front calls it in this order:
//!
//! ```text
//!  head ----------route-------------> Route          operation, bucket, key, parameters; or what is wrong with the address
//!  body (XML) ----decode_xml--------> a payload      Tagging, Delete, BucketLifecycleConfiguration, ...
//!  a reply -------encode_xml--------> body (XML)     ListObjectsV2Output, CopyObjectResult, ...
//!  AwsError ------error_xml---------> body (XML)     S3's envelope is like no other service's
//! ```
//!
//! The shapes are generated from the published model; members that travel as headers or in the query are left out, the gateway
//! reads and writes those itself. The values that an enumeration allows are in `X_VALUES` (`STORAGE_CLASS_VALUES`).

pub mod checksum;
pub mod chunked;
mod copy_source;
mod envelope;
pub mod errors;
pub mod form_data;
mod host;
mod operation;
mod params;
pub mod post_policy;
mod route;
mod tree;
mod xml;

pub use crate::generated::s3::*;
pub use copy_source::CopySource;
pub use envelope::{error_xml, is_header, location_xml};
pub use host::DEFAULT_BASE_HOSTS;
pub use operation::Operation;
pub use params::{Params, decode};
pub use route::{KEY_BYTES_MAX, Route, route, validate_bucket_name, validate_new_bucket_name};
pub use xml::{decode_xml, encode_element, encode_xml};

/// Of every S3 document, either way.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
