//! Our own XML replies as a tree, for `responseElements`. No general reader: what it does not know it gives up on.

use serde_json::{Map, Value};

const DEPTH_MAX: usize = 24;

/// What is within the reply's element, without the envelope's request id. None: it is not such a reply.
pub fn tree(text: &str) -> Option<Value> {
    let mut at = text.trim_start();
    if at.starts_with("<?xml") {
        at = at.split_once("?>")?.1.trim_start();
    }
    let (_, value, _) = element(at, 0)?;
    let mut members = match value {
        Value::Object(members) => members,
        _ => return None,
    };
    // The query protocol's envelope: `XResult` beside `ResponseMetadata`.
    members.remove("ResponseMetadata");
    let result = members.keys().find(|k| k.ends_with("Result")).cloned().filter(|_| members.len() == 1);
    match result {
        Some(name) => members.remove(&name),
        None => Some(members.into()),
    }
}

/// `<name …>…</name>` at the beginning: its name, its contents, and what follows.
fn element(text: &str, depth: usize) -> Option<(String, Value, &str)> {
    let (tag, mut at) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.trim_end_matches('/').split_whitespace().next()?.to_owned();
    if depth > DEPTH_MAX {
        return None;
    }
    if tag.ends_with('/') {
        return Some((name, Value::from(""), at));
    }
    let end = format!("</{name}>");
    if !at.trim_start().starts_with('<') || at.starts_with("</") {
        let (inner, rest) = at.split_once(&end)?;
        return (!inner.contains('<')).then(|| (name, Value::from(plain(inner)), rest));
    }
    let mut children: Vec<(String, Value)> = Vec::new();
    loop {
        at = at.trim_start();
        if let Some(rest) = at.strip_prefix(&end) {
            let list = !children.is_empty() && children.iter().all(|(n, _)| n == "item" || n == "member");
            let value = if list {
                Value::from(children.into_iter().map(|(_, v)| v).collect::<Vec<_>>())
            } else {
                children.into_iter().collect::<Map<_, _>>().into()
            };
            return Some((name, value, rest));
        }
        let (child, value, rest) = element(at, depth + 1)?;
        children.push((child, value));
        at = rest;
    }
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// The text of the first element of this name.
pub fn text_of(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inner, _)| plain(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_become_trees() {
        let ec2 = "<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><requestId>1</requestId><set><item><a>x &amp; y</a></item><item/></set><e></e></R>";
        assert_eq!(tree(ec2).unwrap(), serde_json::json!({"requestId": "1", "set": [{"a": "x & y"}, ""], "e": ""}));
        let query = "<A xmlns=\"u\"><AResult><User><UserName>u</UserName></User></AResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></A>";
        assert_eq!(tree(query).unwrap(), serde_json::json!({"User": {"UserName": "u"}}));
        for bad in ["", "<a>", "<a><b></a>", "text", "<a>x<b/></a>"] {
            assert_eq!(tree(bad), None, "{bad}");
        }
        assert_eq!(text_of("<E><Code>Bad</Code></E>", "Code").as_deref(), Some("Bad"));
    }
}
