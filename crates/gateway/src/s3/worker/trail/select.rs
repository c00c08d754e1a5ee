//! Which events a trail delivers. Pure. Source: PutEventSelectors, CloudTrail API Reference.

use serde_json::Value;
use wire::trail::{AdvancedSelector, BasicSelector, FieldSelector, ReadWrite, Selectors, Trail};

/// Services that are not of a region.
const GLOBAL: [&str; 2] = ["iam.amazonaws.com", "sts.amazonaws.com"];

pub fn wants(trail: &Trail, event: &Value) -> bool {
    let source = event["eventSource"].as_str().unwrap_or_default();
    if !trail.global_events && GLOBAL.contains(&source) {
        return false;
    }
    match &trail.selectors {
        Selectors::Basic(all) => all.iter().any(|s| basic(s, event, source)),
        Selectors::Advanced(all) => all.iter().any(|s| advanced(s, event)),
    }
}

/// Whether any selector is about events of objects: the chain of those need not be read for others.
pub fn wants_data(selectors: &Selectors) -> bool {
    match selectors {
        Selectors::Basic(all) => all.iter().any(|s| !s.objects.is_empty()),
        Selectors::Advanced(all) => {
            all.iter().any(|s| s.fields.iter().any(|f| f.field == "eventCategory" && f.equals.iter().any(|v| v == "Data")))
        }
    }
}

fn read_only(event: &Value) -> bool {
    event["readOnly"].as_bool().unwrap_or(false)
}

fn arns(event: &Value) -> impl Iterator<Item = &str> {
    event["resources"].as_array().into_iter().flatten().filter_map(|r| r["ARN"].as_str())
}

fn basic(s: &BasicSelector, event: &Value, source: &str) -> bool {
    let kind = match s.read_write {
        ReadWrite::All => true,
        ReadWrite::ReadOnly => read_only(event),
        ReadWrite::WriteOnly => !read_only(event),
    };
    let what = if event["managementEvent"].as_bool().unwrap_or(true) {
        s.management && !s.exclude_sources.iter().any(|e| e == source)
    } else {
        // A bucket's own ARN stands for all of its objects: `arn:aws:s3:::bucket` is under `arn:aws:s3:::bucket/`.
        let under = |arn: &str, begin: &str| arn.starts_with(begin) || begin.strip_suffix('/').is_some_and(|b| b == arn);
        arns(event).any(|arn| s.objects.iter().any(|begin| under(arn, begin)))
    };
    kind && what
}

fn advanced(s: &AdvancedSelector, event: &Value) -> bool {
    s.fields.iter().all(|f| {
        let text = |v: &Value| v.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>();
        let values: Vec<String> = match f.field.as_str() {
            "eventCategory" | "eventName" | "eventSource" => text(&event[f.field.as_str()]),
            "readOnly" => vec![read_only(event).to_string()],
            "userIdentity.arn" => text(&event["userIdentity"]["arn"]),
            // The object's, not its bucket's, where there is one.
            "resources.ARN" => arns(event).next().map(str::to_owned).into_iter().collect(),
            "resources.type" => vec!["AWS::S3::Object".to_owned()],
            _ => Vec::new(),
        };
        fits(f, values.first().map_or("", String::as_str))
    })
}

fn fits(f: &FieldSelector, value: &str) -> bool {
    let starts = |begin: &String| value.starts_with(begin.as_str());
    let ends = |end: &String| value.ends_with(end.as_str());
    let positive = [&f.equals, &f.starts_with, &f.ends_with].iter().any(|l| !l.is_empty());
    let named = f.equals.iter().any(|v| v == value) || f.starts_with.iter().any(starts) || f.ends_with.iter().any(ends);
    let excluded =
        f.not_equals.iter().any(|v| v == value) || f.not_starts_with.iter().any(starts) || f.not_ends_with.iter().any(ends);
    (named || !positive) && !excluded
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trail(selectors: Selectors) -> Trail {
        Trail {
            id: "1".into(),
            account: "123456789012".parse().unwrap(),
            name: "t".into(),
            arn: "arn".into(),
            bucket: "b".into(),
            prefix: String::new(),
            validation: false,
            global_events: true,
            selectors,
            spans: Vec::new(),
        }
    }

    fn management(source: &str, name: &str, read: bool) -> Value {
        json!({"eventSource": source, "eventName": name, "readOnly": read, "managementEvent": true, "eventCategory": "Management",
            "userIdentity": {"arn": "arn:aws:iam::1:user/ann"}})
    }

    fn data(name: &str, read: bool, bucket: &str, key: &str) -> Value {
        let bucket = format!("arn:aws:s3:::{bucket}");
        let mut resources = vec![json!({"ARN": bucket})];
        if !key.is_empty() {
            resources.insert(0, json!({"ARN": format!("{bucket}/{key}")}));
        }
        json!({"eventSource": "s3.amazonaws.com", "eventName": name, "readOnly": read, "managementEvent": false,
            "eventCategory": "Data", "resources": resources})
    }

    #[test]
    fn basic_selectors() {
        let all = BasicSelector { read_write: ReadWrite::All, management: true, exclude_sources: vec![], objects: vec![] };
        let objects = |begin: &str| vec![begin.to_owned()];
        let (create, describe) =
            (management("ec2.amazonaws.com", "CreateVpc", false), management("ec2.amazonaws.com", "DescribeVpcs", true));
        let decrypt = management("kms.amazonaws.com", "Decrypt", true);
        let (put, list) = (data("PutObject", false, "b", "a/k"), data("ListObjects", true, "b", ""));
        for (selector, wanted) in [
            (all.clone(), [true, true, true, false, false]),
            (BasicSelector { read_write: ReadWrite::WriteOnly, ..all.clone() }, [true, false, false, false, false]),
            (BasicSelector { read_write: ReadWrite::ReadOnly, ..all.clone() }, [false, true, true, false, false]),
            (BasicSelector { exclude_sources: objects("kms.amazonaws.com"), ..all.clone() }, [true, true, false, false, false]),
            (BasicSelector { objects: objects("arn:aws:s3"), ..all.clone() }, [true, true, true, true, true]),
            (
                BasicSelector { management: false, objects: objects("arn:aws:s3:::b/"), ..all.clone() },
                [false, false, false, true, true],
            ),
            (
                BasicSelector { management: false, objects: objects("arn:aws:s3:::b/a/"), ..all.clone() },
                [false, false, false, true, false],
            ),
            (BasicSelector { management: false, objects: objects("arn:aws:s3:::bb/"), ..all }, [false; 5]),
        ] {
            let t = trail(Selectors::Basic(vec![selector.clone()]));
            assert_eq!([&create, &describe, &decrypt, &put, &list].map(|e| wants(&t, e)), wanted, "{selector:?}");
            assert_eq!(wants_data(&t.selectors), !selector.objects.is_empty());
        }
    }

    #[test]
    fn global_services() {
        let mut t = trail(Selectors::Basic(vec![BasicSelector {
            read_write: ReadWrite::All,
            management: true,
            exclude_sources: vec![],
            objects: vec![],
        }]));
        t.global_events = false;
        assert!(!wants(&t, &management("iam.amazonaws.com", "CreateUser", false)));
        assert!(wants(&t, &management("ec2.amazonaws.com", "CreateVpc", false)));
    }

    #[test]
    fn advanced_selectors() {
        let f = |field: &str| FieldSelector { field: field.into(), ..FieldSelector::default() };
        let v = |s: &str| vec![s.to_owned()];
        let of = |c: &str| FieldSelector { equals: v(c), ..f("eventCategory") };
        let (create, put) = (management("ec2.amazonaws.com", "CreateVpc", false), data("PutObject", false, "b", "a/k.txt"));
        for (field, wanted) in [
            (of("Management"), [true, false]),
            (of("Data"), [false, true]),
            (FieldSelector { not_equals: v("CreateVpc"), ..f("eventName") }, [false, true]),
            (FieldSelector { equals: v("false"), ..f("readOnly") }, [true, true]),
            (FieldSelector { starts_with: v("arn:aws:s3:::b/a"), ..f("resources.ARN") }, [false, true]),
            (FieldSelector { ends_with: v(".txt"), not_starts_with: v("arn:aws:s3:::c"), ..f("resources.ARN") }, [false, true]),
            (FieldSelector { not_ends_with: v(".txt"), ..f("resources.ARN") }, [true, false]),
            (FieldSelector { starts_with: v("arn:aws:iam::1:user/a"), ..f("userIdentity.arn") }, [true, false]),
        ] {
            let t = trail(Selectors::Advanced(vec![AdvancedSelector { name: None, fields: vec![field.clone()] }]));
            assert_eq!([&create, &put].map(|e| wants(&t, e)), wanted, "{field:?}");
        }
        let both =
            AdvancedSelector { name: None, fields: vec![of("Data"), FieldSelector { equals: v("GetObject"), ..f("eventName") }] };
        let t = trail(Selectors::Advanced(vec![both]));
        assert!(!wants(&t, &put) && wants_data(&t.selectors));
    }
}
