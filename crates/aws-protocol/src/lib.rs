//! The AWS wire, and nothing behind it: shapes generated from the published model, the codecs that carry them (ec2 form,
//! query form, JSON 1.1), error envelopes, and SigV4.
//!
//! Pure: no sockets, no clock, no randomness. The gateway and the regional services call it, in this order:
//!
//! ```text
//!  head + body --sigv4::verify--> Verified            who signed, for which service and region
//!  body -------Form::parse------> Form                names to values, limits applied
//!  Form -------operation--------> &'static Operation  the table row: DryRun? ClientToken? known parameters
//!  Form -------decode::<R>------> R: Request          the modelled struct, every member an Option
//!  R::Reply ---encode-----------> HttpReply           the success envelope of R's protocol
//!  AwsError ---error_reply------> HttpReply           the error envelope of a protocol
//! ```
//!
//! S3 is a wire protocol of its own and has a module of its own: [`s3`].
//!
//! The shapes of a service are in its module: `aws_protocol::ec2::RunInstancesRequest`, `aws_protocol::ec2::Reservation`.
//! Wire names are never written by hand: `models.txt` lists the operations, `cargo run -p xtask -- codegen` writes
//! `src/generated/`.

mod error;
mod form;
mod form_encoder;
#[doc(hidden)]
pub mod fuzz;
mod generated;
mod json;
pub mod kms_errors;
mod operation;
mod reply;
pub mod s3;
mod shape;
pub mod sigv4;
mod xml;

pub use error::{AwsError, Fault};
pub use form::{Form, FormDecoder, FormLimits};
pub use form_encoder::FormEncoder;
pub use generated::{SERVICES, acm, cloudtrail, ec2, elbv2, iam, kms, service_quotas, ssm, sts};
pub use json::{JsonDecoder, JsonEncoder};
pub use operation::{Operation, Paginator, Protocol, Request, Service, decode, decode_json, find_operation};
pub use reply::{HttpReply, ec2_empty_reply, ec2_reply_xml, encode, error_reply, json_reply, query_reply_xml};
pub use shape::{Decoder, Encoder, Field, Shape, XmlKind};
pub use xml::{XmlEncoder, escape as write_text, write_timestamp};
