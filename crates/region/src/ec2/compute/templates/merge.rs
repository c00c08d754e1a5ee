//! A request over a template: pure, on the model's names.
//!
//! What the request says wins. Structures are merged by their members, block devices by their name, network interfaces by
//! their index, tags by resource type and key; other lists are one value.

use serde_json::{Map, Value, json};

/// Structures of which a request may say a part.
const BY_MEMBER: [&str; 4] = ["CpuOptions", "CreditSpecification", "MetadataOptions", "Placement"];
/// Of each pair one is said at a time.
const EXCLUSIVE: [(&str, &str); 2] = [("GroupName", "GroupId"), ("GroupId", "GroupName")];

/// The template's members and the request's.
pub fn merged(template: &Value, request: Value) -> Value {
    let mut out = template.as_object().cloned().unwrap_or_default();
    let Value::Object(request) = request else { return Value::Object(out) };
    for (name, given) in request {
        let under = out.remove(&name);
        let value = match (name.as_str(), under) {
            (_, None) => given,
            ("BlockDeviceMappings", Some(under)) => by_key("DeviceName", under, given),
            ("NetworkInterfaces", Some(under)) => by_key("DeviceIndex", under, given),
            ("TagSpecifications", Some(under)) => tags(under, given),
            (name, Some(Value::Object(under))) if BY_MEMBER.contains(&name) => members(under, given),
            (_, Some(_)) => given,
        };
        out.insert(name, value);
    }
    Value::Object(out)
}

fn members(mut under: Map<String, Value>, over: Value) -> Value {
    let Value::Object(over) = over else { return over };
    for (name, value) in over {
        EXCLUSIVE.iter().filter(|(a, _)| *a == name).for_each(|(_, other)| drop(under.remove(*other)));
        match (under.remove(&name), value) {
            (Some(Value::Object(below)), value @ Value::Object(_)) => under.insert(name, members(below, value)),
            (_, value) => under.insert(name, value),
        };
    }
    Value::Object(under)
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => vec![other],
    }
}

fn by_key(key: &str, under: Value, over: Value) -> Value {
    let mut out = list(under);
    for item in list(over) {
        let same = out.iter_mut().find(|o| o.get(key).is_some() && o.get(key) == item.get(key));
        match same {
            Some(below) => *below = members(below.as_object().cloned().unwrap_or_default(), item),
            None => out.push(item),
        }
    }
    Value::Array(out)
}

fn tags(under: Value, over: Value) -> Value {
    let over = list(over);
    let all = |specs: &[Value]| -> Vec<(String, Value)> {
        let text = |s: &Value| s.get("ResourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        let tags = |s: &Value| s.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
        specs.iter().flat_map(|s| tags(s).into_iter().map(move |t| (text(s), t))).collect()
    };
    let given = all(&over);
    let left = all(&list(under))
        .into_iter()
        .filter(|(kind, tag)| !given.iter().any(|(k, t)| k == kind && t.get("Key") == tag.get("Key")));
    let left: Vec<Value> = left.map(|(kind, tag)| json!({ "ResourceType": kind, "Tags": [tag] })).collect();
    Value::Array(over.into_iter().chain(left).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_wins_and_the_template_fills() {
        let disk = |name: &str, gib: u32| json!({"DeviceName": name, "Ebs": {"VolumeSize": gib, "VolumeType": "gp3"}});
        let tag = |k: &str, v: &str| json!({"Key": k, "Value": v});
        for (name, template, request, want) in [
            ("scalar", json!({"ImageId": "a", "KeyName": "k"}), json!({"ImageId": "b"}), json!({"ImageId": "b", "KeyName": "k"})),
            (
                "list",
                json!({"SecurityGroupIds": ["a", "b"]}),
                json!({"SecurityGroupIds": ["c"]}),
                json!({"SecurityGroupIds": ["c"]}),
            ),
            (
                "structure",
                json!({"Placement": {"AvailabilityZone": "z", "GroupName": "g"}}),
                json!({"Placement": {"GroupId": "pg-1"}}),
                json!({"Placement": {"AvailabilityZone": "z", "GroupId": "pg-1"}}),
            ),
            (
                "profile is one value",
                json!({"IamInstanceProfile": {"Arn": "a"}}),
                json!({"IamInstanceProfile": {"Name": "n"}}),
                json!({"IamInstanceProfile": {"Name": "n"}}),
            ),
            (
                "devices",
                json!({"BlockDeviceMappings": [disk("a", 8), disk("b", 8)]}),
                json!({"BlockDeviceMappings": [{"DeviceName": "b", "Ebs": {"VolumeSize": 9}}]}),
                json!({"BlockDeviceMappings": [disk("a", 8), disk("b", 9)]}),
            ),
            (
                "tags",
                json!({"TagSpecifications": [{"ResourceType": "instance", "Tags": [tag("a", "1"), tag("b", "1")]}]}),
                json!({"TagSpecifications": [{"ResourceType": "instance", "Tags": [tag("a", "2")]}]}),
                json!({"TagSpecifications": [
                    {"ResourceType": "instance", "Tags": [tag("a", "2")]},
                    {"ResourceType": "instance", "Tags": [tag("b", "1")]},
                ]}),
            ),
            ("only the request", json!({}), json!({"ImageId": "b"}), json!({"ImageId": "b"})),
        ] {
            assert_eq!(merged(&template, request), want, "{name}");
        }
    }
}
