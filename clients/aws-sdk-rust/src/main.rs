//! The AWS SDK for Rust doing its ordinary work; ends with an error where something is not as it should be.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier,
    VersioningConfiguration,
};
use std::time::Duration;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let config = aws_config::load_from_env().await;
    let s3 = Client::from_conf(Builder::from(&config).force_path_style(true).build());
    let bucket = "sdk-rust-bucket";
    s3.create_bucket().bucket(bucket).send().await?;

    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C, ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc64Nvme] {
        let body = ByteStream::from(vec![7u8; 200_000]);
        s3.put_object().bucket(bucket).key("sum").body(body).checksum_algorithm(algorithm.clone()).send().await?;
        let got = s3.get_object().bucket(bucket).key("sum").checksum_mode(ChecksumMode::Enabled).send().await?;
        assert_eq!(got.body.collect().await?.into_bytes().len(), 200_000, "{algorithm:?}");
    }

    let parts: Vec<Vec<u8>> = vec![vec![1; 6 << 20], vec![2; 6 << 20], vec![3; 100]];
    let upload = s3.create_multipart_upload().bucket(bucket).key("parts").metadata("k", "v").send().await?;
    let id = upload.upload_id().ok_or("no upload id")?;
    let mut done = CompletedMultipartUpload::builder();
    for (n, part) in parts.iter().enumerate() {
        let number = n as i32 + 1;
        let sent = s3.upload_part().bucket(bucket).key("parts").upload_id(id).part_number(number).body(part.clone().into()).send().await?;
        let named = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).set_checksum_crc32(sent.checksum_crc32);
        done = done.parts(named.build());
    }
    s3.complete_multipart_upload().bucket(bucket).key("parts").upload_id(id).multipart_upload(done.build()).send().await?;
    let got = s3.get_object().bucket(bucket).key("parts").range("bytes=6291450-6291461").send().await?;
    assert_eq!(&got.body.collect().await?.into_bytes()[..], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    assert_eq!(s3.head_object().bucket(bucket).key("parts").send().await?.metadata().and_then(|m| m.get("k")).map(String::as_str), Some("v"));

    s3.put_object().bucket(bucket).key("once").body(ByteStream::from_static(b"1")).if_none_match("*").send().await?;
    let again = s3.put_object().bucket(bucket).key("once").body(ByteStream::from_static(b"2")).if_none_match("*").send().await;
    assert_eq!(again.err().and_then(|e| e.into_service_error().code().map(str::to_owned)).as_deref(), Some("PreconditionFailed"));
    let missing = s3.get_object().bucket(bucket).key("missing").send().await;
    assert!(missing.err().is_some_and(|e| e.into_service_error().is_no_such_key()));

    let url = s3.get_object().bucket(bucket).key("once").presigned(PresigningConfig::expires_in(Duration::from_secs(60))?).await?;
    assert!(url.uri().contains("X-Amz-Signature="));

    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await?;
    let put = s3.put_object().bucket(bucket).key("once").body(ByteStream::from_static(b"3")).send().await?;
    assert!(put.version_id().is_some());
    s3.delete_object().bucket(bucket).key("once").send().await?;

    let mut pages = s3.list_objects_v2().bucket(bucket).max_keys(1).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(page?.contents().iter().filter_map(|o| o.key().map(str::to_owned)));
    }
    assert_eq!(keys, ["parts", "sum"]);

    let versions = s3.list_object_versions().bucket(bucket).send().await?;
    let named = versions.versions().iter().map(|v| (v.key(), v.version_id()));
    let markers = versions.delete_markers().iter().map(|m| (m.key(), m.version_id()));
    let all = named.chain(markers).map(|(k, v)| ObjectIdentifier::builder().key(k.unwrap_or("")).set_version_id(v.map(str::to_owned)).build());
    let delete = Delete::builder().set_objects(Some(all.collect::<Result<_, _>>()?)).build()?;
    let gone = s3.delete_objects().bucket(bucket).delete(delete).send().await?;
    assert!(gone.errors().is_empty(), "{:?}", gone.errors());
    s3.delete_bucket().bucket(bucket).send().await?;
    println!("aws-sdk-rust: ok");
    Ok(())
}
