//! The codecs by hand: what golden tests cannot show, because botocore would never send it.

use aws_protocol::ec2::{DescribeInstancesRequest, DescribeVpcAttributeRequest, Filter, RunInstancesRequest, Tag};
use aws_protocol::{AwsError, Form, FormLimits, JsonDecoder, Operation, SERVICES, Shape, XmlEncoder, decode, decode_json, ssm};
use proptest::prelude::*;
use serde_json::json;

fn form(raw: &str) -> Form {
    Form::parse(raw.as_bytes()).unwrap()
}

fn refusal(raw: &str) -> AwsError {
    match Form::parse(raw.as_bytes()) {
        Err(e) => e,
        Ok(form) => decode::<RunInstancesRequest>(&form).unwrap_err(),
    }
}

#[test]
fn list_positions_are_numbers_and_may_have_gaps() {
    let f = form("Filter.10.Name=c&Filter.2.Name=b&Filter.0001.Name=a&Filter.2.Value.7=y&Filter.2.Value.3=x&Version=2014-10-01");
    let r: DescribeInstancesRequest = decode(&f).unwrap();
    let filter = |name: &str, values: Option<Vec<String>>| Filter { name: Some(name.into()), values };
    let wanted = vec![filter("a", None), filter("b", Some(vec!["x".into(), "y".into()])), filter("c", None)];
    assert_eq!(r, DescribeInstancesRequest { filters: Some(wanted), ..Default::default() });
    assert_eq!(f.version.as_deref(), Some("2014-10-01"));
}

#[test]
fn percent_encoding_and_what_is_not_a_parameter() {
    let f = form("Action=DescribeVpcs&&A=a+b%20c%2Bd&B&C=&X-Amz-Signature=00&x-amz-date=1&%C3%A9=%F0%9F%98%80");
    assert_eq!(f.action.as_deref(), Some("DescribeVpcs"));
    let seen: Vec<_> = f.parameters().into_iter().map(|(p, _, v)| format!("{p}={v}")).collect();
    assert_eq!(seen, ["A=a b c+d", "B=", "C=", "é=😀"]);
}

#[test]
fn refusals_name_the_parameter() {
    let table: &[(&str, &str, &str)] = &[
        ("MinCount=1", "MissingParameter", "MaxCount"),
        (
            "MaxCount=1&MinCount=one",
            "InvalidParameterValue",
            "Value (one) for parameter MinCount is invalid. Expected an integer.",
        ),
        ("MaxCount=1&MinCount=99999999999", "InvalidParameterValue", "MinCount"),
        ("MaxCount=1&MinCount=1&EbsOptimized=yes", "InvalidParameterValue", "EbsOptimized"),
        (
            "MaxCount=1&MinCount=1&BlockDeviceMapping.2.Ebs.VolumeSize=8G",
            "InvalidParameterValue",
            "BlockDeviceMapping.2.Ebs.VolumeSize",
        ),
        ("MaxCount=1&MinCount=1&NoSuch=1", "UnknownParameter", "NoSuch"),
        ("MaxCount=1&MinCount=1&SecurityGroupId=sg-1", "UnknownParameter", "SecurityGroupId"),
        ("MaxCount=1&MinCount=1&SecurityGroupId.x=sg-1", "UnknownParameter", "SecurityGroupId.x"),
        ("MaxCount=1&MinCount=1&SecurityGroupId.4294967296=sg-1", "UnknownParameter", "SecurityGroupId.4294967296"),
        ("MaxCount=1&MinCount.1=1", "UnknownParameter", "MinCount.1"),
        ("MaxCount=1&MaxCount=2", "MalformedQueryString", "MaxCount"),
        ("Tag.1=a&Tag.01=b", "MalformedQueryString", "Tag.1"),
        ("Action=A&Action=B", "MalformedQueryString", "Action"),
        ("A=%2", "MalformedQueryString", "percent-encoded"),
        ("A=%zz", "MalformedQueryString", "percent-encoded"),
        ("A=%FF", "MalformedQueryString", "UTF-8"),
        ("A..B=1", "MalformedQueryString", "A..B"),
        ("=1", "MalformedQueryString", "empty"),
        ("a.b.c.d.e.f.g.h.i.j.k.l.m=1", "MalformedQueryString", "too many parts"),
    ];
    for (raw, code, says) in table {
        let e = refusal(raw);
        assert!(e.is(code) && e.message.contains(says) && e.status == 400, "{raw}: {e}");
    }
    // An error repeats what was sent, but not all of it.
    let e = refusal(&format!("MaxCount=1&MinCount={}", "9".repeat(5000)));
    assert!(e.message.len() < 400);
}

#[test]
fn forms_are_bounded() {
    let many: Vec<String> = (0..10_001).map(|i| format!("A.{i}=")).collect();
    assert!(Form::parse(many[1..].join("&").as_bytes()).is_ok());
    assert!(refusal(&many.join("&")).message.contains("10000"));
    let limits = FormLimits { bytes_max: 3, ..FormLimits::default() };
    assert!(Form::parse_with(b"A=1", &limits).is_ok() && Form::parse_with(b"A=12", &limits).is_err());
}

#[test]
fn required_parameters_may_be_lists() {
    let f = form("ResourceId.1=i-1&Tag.1.Key=k&Tag.1.Value=");
    let r: aws_protocol::ec2::CreateTagsRequest = decode(&f).unwrap();
    assert_eq!(r.tags, Some(vec![Tag { key: Some("k".into()), value: Some(String::new()) }]));
    let e = decode::<DescribeVpcAttributeRequest>(&form("Attribute=enableDnsSupport")).unwrap_err();
    assert_eq!(e.message, "The request must contain the parameter VpcId");
}

#[test]
fn blobs_and_times() {
    let r: aws_protocol::ec2::ImportKeyPairRequest = decode(&form("KeyName=k&PublicKeyMaterial=c3No%0ALXJzYQ==")).unwrap();
    assert_eq!(r.public_key_material.as_deref(), Some(b"ssh-rsa".as_slice()));
    let until = |v: &str| {
        let raw = format!("MaxCount=1&MinCount=1&InstanceMarketOptions.SpotOptions.ValidUntil={v}");
        let options = decode::<RunInstancesRequest>(&form(&raw))?.instance_market_options;
        Ok::<_, AwsError>(options.and_then(|o| o.spot_options).and_then(|s| s.valid_until).map(|t| t.0))
    };
    assert_eq!(until("2026-01-01T00:00:00Z").unwrap(), Some(1_767_225_600_000));
    assert_eq!(until("2026-01-01T01:00:00.5%2B01:00").unwrap(), Some(1_767_225_600_500));
    for bad in ["", "2026-01-01", "1969-12-31T23:59:59Z", "soon"] {
        assert!(until(bad).unwrap_err().is("InvalidParameterValue"), "{bad}");
    }
}

#[test]
fn xml_tells_empty_from_absent_and_escapes() {
    use aws_protocol::ec2::{DescribeVpcsResult, Vpc};
    let vpc = Vpc { vpc_id: Some("<&>\"\u{1}\r".into()), is_default: Some(true), tags: Some(vec![]), ..Default::default() };
    let reply = DescribeVpcsResult { vpcs: Some(vec![vpc, Vpc::default()]), next_token: None };
    assert_eq!(
        XmlEncoder::inner(&reply),
        "<vpcSet><item><isDefault>true</isDefault><tagSet/><vpcId>&lt;&amp;&gt;&quot;\u{fffd}&#13;</vpcId></item><item/></vpcSet>"
    );
    assert_eq!(XmlEncoder::inner(&DescribeVpcsResult::default()), "");
}

#[test]
fn envelopes() {
    let done = aws_protocol::encode::<aws_protocol::ec2::DeleteVpcRequest>("r-1", &());
    assert_eq!(
        done.body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteVpcResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>r-1</requestId><return>true</return></DeleteVpcResponse>"
    );
    let e = AwsError::not_found("InvalidVpcID.NotFound", "vpc ID", "vpc-1");
    let ec2 = aws_protocol::error_reply("ec2", "r-1", &e);
    assert_eq!(
        ec2.body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>\
         <Message>The vpc ID 'vpc-1' does not exist</Message></Error></Errors><RequestID>r-1</RequestID></Response>"
    );
    let json = aws_protocol::error_reply("ssm", "r-1", &AwsError::new("ParameterNotFound", ""));
    assert_eq!(json.body, r#"{"__type":"ParameterNotFound","message":""}"#);
    assert!(json.headers.contains(&("x-amzn-errortype", "ParameterNotFound".into())));
    assert_eq!(aws_protocol::error_reply("no-such", "r-1", &e).content_type, "text/xml");
}

#[test]
fn json_in() {
    let r: ssm::GetParametersRequest = decode_json(br#"{"Names":["/a","/b"],"WithDecryption":null,"New":{}}"#).unwrap();
    assert_eq!(r, ssm::GetParametersRequest { names: Some(vec!["/a".into(), "/b".into()]), with_decryption: None });
    for (body, code) in [
        ("{", "SerializationException"),
        ("[]", "ValidationException"),
        ("", "ValidationException"),
        (r#"{"Names":null}"#, "ValidationException"),
        (r#"{"Names":"/a"}"#, "SerializationException"),
        (r#"{"Names":[null]}"#, "SerializationException"),
        (r#"{"Names":[],"WithDecryption":"true"}"#, "SerializationException"),
    ] {
        assert!(decode_json::<ssm::GetParametersRequest>(body.as_bytes()).unwrap_err().is(code), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert!(decode_json::<ssm::GetParametersRequest>(deep.as_bytes()).unwrap_err().is("SerializationException"));
    let at = |v: serde_json::Value| {
        ssm::Parameter::decode(&mut JsonDecoder::new(&json!({ "LastModifiedDate": v }))).map(|p| p.last_modified_date.unwrap().0)
    };
    assert_eq!((at(json!(1.5)), at(json!(2))), (Ok(1500), Ok(2000)));
}

#[test]
fn the_table_is_consistent() {
    let all: Vec<&Operation> = SERVICES.iter().flat_map(|s| s.operations).copied().collect();
    for o in &all {
        assert!(o.members.is_sorted() && o.members.iter().all(|m| o.has_member(m)), "{}", o.name);
        assert_eq!(o.dry_run, o.has_member("DryRun"), "{}", o.name);
        assert_eq!(o.filters, o.has_member("Filter.N.Name"), "{}", o.name);
        // Two of transit gateways spell it otherwise.
        let tagged = ["TagSpecification.N.Tag.N.Key", "TagSpecifications.N.Tag.N.Key"];
        assert_eq!(o.tag_specifications, tagged.iter().any(|t| o.has_member(t)), "{}", o.name);
        if let Some(p) = &o.paginator {
            assert!(o.has_member(p.input_token) && p.limit_key.is_none_or(|k| o.has_member(k)), "{}", o.name);
        }
        assert!(o.required.iter().all(|r| o.members.iter().any(|m| m.split('.').next() == Some(*r))), "{}", o.name);
    }
    let run = aws_protocol::find_operation("ec2", "RunInstances").unwrap();
    assert!(run.client_token && run.tag_specifications && run.dry_run && run.output == Some("Reservation"));
    assert!(aws_protocol::find_operation("ec2", "runinstances").is_none());
    assert_eq!(format!("{:?}", run.service), "Service(\"ec2\")");
}

proptest! {
    /// What the fuzz target does.
    #[test]
    fn any_bytes_are_a_form_or_an_error(raw in any::<Vec<u8>>()) {
        aws_protocol::fuzz::form(&raw);
    }

    #[test]
    fn anything_like_a_form_is_a_form_or_an_error(
        raw in "((Filter|Tag|MinCount|BlockDeviceMapping|Ebs|%[0-9A-F]{2}|[0-9]{1,12}|[.=&+é]){1,3}[.=&]?){0,20}",
    ) {
        aws_protocol::fuzz::form(raw.as_bytes());
    }
}
