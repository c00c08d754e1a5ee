//! Objects that a caller of the control plane names, for what the region makes of them (trust stores): read as the caller would read
//! them, and whole. Called by the control plane alone, which has proven who the caller is by this gateway's word.

use super::ask::{Ask, Identity, User};
use crate::audit;
use crate::handle::Gateway;
use aws_protocol::AwsError;
use aws_protocol::s3::{Operation, Params, errors};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};
use objectstore::record::VersionId;
use platform::rpc::RpcError;
use platform::{Clock, Rng};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use wire::api::{ObjectAnswer, ObjectQuestion};

impl Gateway {
    /// # Errors
    /// None of its own: what S3 refuses is an answer.
    pub async fn read_object(&self, asked: ObjectQuestion) -> Result<ObjectAnswer, RpcError> {
        let Some(bundle) = self.identities.borrow().bundle(&asked.caller) else {
            return Ok(refused(&errors::access_denied()));
        };
        let user = Rc::new(User { caller: asked.caller.clone(), bundle });
        let id = format!("{:016X}", self.rng.borrow_mut().u64());
        let ask = match question(&asked, user, &id, self.clock.wall(), &self.region_name) {
            Ok(ask) => ask,
            Err(e) => return Ok(refused(&e)),
        };
        let outcome = self.read_whole(&ask, asked.bytes_max).await;
        let call = audit::ObjectCall {
            ask: Some(&ask),
            error: outcome.as_ref().err(),
            bytes_out: outcome.as_ref().ok().map(|b| b.len() as u64),
            host_id: &id,
            ..Default::default()
        };
        let seen = audit::From { ip: ask.from, user_agent: &asked.user_agent, request_id: &id };
        self.audit.written(self.audit.object(&call, seen)).await;
        Ok(match outcome {
            Ok(bytes) => ObjectAnswer::Read(bytes.to_vec().into()),
            Err(e) => refused(&e),
        })
    }

    async fn read_whole(&self, ask: &Ask, bytes_max: u32) -> Result<Bytes, AwsError> {
        let reply = self.s3.get_object(ask).await?;
        if reply.body().size_hint().lower() > bytes_max.into() {
            return Err(AwsError::new("EntityTooLarge", format!("The object has more than {bytes_max} bytes.")));
        }
        reply.into_body().collect().await.map(|b| b.to_bytes()).map_err(|_| errors::internal_error())
    }
}

fn refused(e: &AwsError) -> ObjectAnswer {
    ObjectAnswer::Refused { code: e.code.to_string(), message: e.message.to_string() }
}

/// The GetObject that the caller could have sent.
fn question(asked: &ObjectQuestion, user: Rc<User>, id: &str, now: types::TimestampMs, region: &str) -> Result<Ask, AwsError> {
    let query = match &asked.version {
        None => String::new(),
        Some(text) => match text.parse::<VersionId>() {
            Ok(version) => format!("versionId={version}"),
            Err(_) => return Err(errors::invalid_argument("Invalid version id specified", "versionId", text)),
        },
    };
    Ok(Ask {
        id: id.to_owned(),
        host_id: id.to_owned(),
        op: Operation::GetObject,
        bucket: asked.bucket.clone(),
        key: asked.key.clone(),
        params: Params::parse(&query)?,
        method: hyper::Method::GET,
        path: format!("/{}/{}", asked.bucket, asked.key),
        query,
        headers: hyper::HeaderMap::new(),
        who: Identity::User(user),
        from: asked.source_ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        through: None,
        region: region.to_owned(),
        now,
        presigned: false,
        signed_at: None,
        website: false,
        decided: Default::default(),
    })
}
