//! Rust text from a [`Model`].

use super::Result;
use super::model::{Bodies, Member, Model, Operation, Protocol, Shape};
use std::collections::BTreeSet;
use std::fmt::Write;

const HEADER: &str = "// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.\n";

pub fn shapes(model: &Model) -> Result<String> {
    let maps = model.shapes.values().any(|s| matches!(s, Shape::Map { .. }));
    let maps = if maps { "use std::collections::BTreeMap;\n" } else { "" };
    let mut out =
        format!("//! Shapes of {}.\n{HEADER}\n{maps}#[allow(unused_imports)]\nuse types::TimestampMs;\n", model.service);
    for (name, shape) in &model.shapes {
        let Shape::Structure { members, required } = shape else { continue };
        if ["Option", "Vec", "String", "Box", "TimestampMs"].contains(&name.as_str()) {
            return Err(format!("shape {name} has a name that Rust code uses").into());
        }
        write!(out, "\ncrate::shape::shape! {{\npub struct {name} {{\n")?;
        for m in members {
            let (n, f, x) = (&m.name, &m.form, &m.xml);
            let ty = rust_type(model, &m.shape)?;
            if model.protocol == Protocol::RestXml {
                let names = rest_xml_names(model, m, required.contains(n))?;
                writeln!(out, "    pub {}: Option<{ty}> = {names},", snake_case(n))?;
                continue;
            }
            let names = match shape_of(model, &m.shape)? {
                Shape::List { item, .. } => {
                    // Lists are flattened in ec2 forms; in replies their items have a name in every protocol.
                    let item = item.as_deref().unwrap_or("member");
                    let form_item = if model.protocol == Protocol::Ec2 { "" } else { item };
                    format!("({n:?}, {f:?}, {form_item:?}, {x:?}, {item:?})")
                }
                _ => format!("({n:?}, {f:?}, {x:?})"),
            };
            writeln!(out, "    pub {}: Option<{ty}> = {names},", snake_case(n))?;
        }
        out.push_str("}\n}\n");
    }
    for (name, values) in &model.enums {
        write!(out, "\npub const {}_VALUES: &[&str] = &{values:?};\n", constant(name))?;
    }
    Ok(out)
}

/// The names of a member and what its value must be: (kind, model, XML, XML item, required, values).
fn rest_xml_names(model: &Model, m: &Member, required: bool) -> Result<String> {
    let need = if required { "required" } else { "optional" };
    let (n, x, mut kind, mut item_name, mut scalar) = (&m.name, &m.xml, "element", "", &m.shape);
    if let Shape::List { of, item, flattened } = shape_of(model, &m.shape)? {
        let item = item.as_deref();
        scalar = of;
        if *flattened || m.flattened {
            if item.is_some_and(|i| i != m.xml) {
                return Err(format!("{}: the items of a flattened list have two names", m.name).into());
            }
            kind = "flattened";
        } else {
            item_name = item.unwrap_or("member");
        }
    }
    if m.attribute {
        kind = "attribute";
    }
    let values = match shape_of(model, scalar)? {
        // Their own errors say what is wrong: InvalidLocationConstraint, and InvalidArgument naming event or rule.
        Shape::Enum if ["BucketLocationConstraint", "Event", "FilterRuleName"].contains(&scalar.as_str()) => "&[]".to_owned(),
        Shape::Enum => format!("{}_VALUES", constant(scalar)),
        _ => "&[]".to_owned(),
    };
    Ok(format!("({kind} {n:?}, {x:?}, {item_name:?}, {need}, {values})"))
}

pub fn operations(model: &Model) -> Result<String> {
    let mut out = format!(
        "//! Operations of {}.\n{HEADER}\nuse super::{}_shapes::*;\nuse crate::{{Operation, {}Protocol, Request, Service}};\n",
        model.service,
        model.module,
        if model.operations.iter().any(|o| o.paginator.is_some()) { "Paginator, " } else { "" }
    );
    let protocol = match model.protocol {
        Protocol::Ec2 => "Ec2",
        Protocol::Query => "Query",
        Protocol::Json11 => "Json11",
        Protocol::RestXml => return Err(format!("{}: REST-XML has no operation table", model.service).into()),
    };
    write!(
        out,
        "\npub static SERVICE: Service = Service {{\n    name: {:?},\n    protocol: Protocol::{protocol},\n    version: {:?},\n    xml_namespace: {:?},\n    target_prefix: {:?},\n    operations: OPERATIONS,\n}};\n",
        model.signing_name, model.version, model.xml_namespace, model.target_prefix
    )?;
    out.push_str("\npub static OPERATIONS: &[&Operation] = &[\n");
    for op in &model.operations {
        writeln!(out, "    &{},", constant(&op.name))?;
    }
    out.push_str("];\n");
    for op in &model.operations {
        operation(&mut out, model, op)?;
    }
    Ok(out)
}

fn operation(out: &mut String, model: &Model, op: &Operation) -> Result<()> {
    let Shape::Structure { members, required } = shape_of(model, &op.input)? else {
        return Err(format!("{}: the input is not a structure", op.name).into());
    };
    let has = |name: &str| members.iter().any(|m| m.name == name);
    let mut paths = BTreeSet::new();
    member_paths(model, &op.input, "", &mut Vec::new(), &mut paths)?;
    let mut needed: Vec<&str> = members.iter().filter(|m| required.contains(&m.name)).map(|m| wire_name(model, m)).collect();
    needed.sort_unstable();
    let paginator = match &op.paginator {
        None => "None".to_owned(),
        Some(p) => {
            let text = |key: &str| p[key].as_str().ok_or_else(|| format!("{}: paginator without {key}", op.name));
            let keys: Vec<&str> = match &p["result_key"] {
                serde_json::Value::Array(keys) => keys.iter().filter_map(|k| k.as_str()).collect(),
                one => one.as_str().into_iter().collect(),
            };
            format!(
                "Some(Paginator {{ input_token: {:?}, output_token: {:?}, limit_key: {:?}, result_keys: &{keys:?} }})",
                text("input_token")?,
                text("output_token")?,
                p["limit_key"].as_str()
            )
        }
    };
    let (name, input, reply) = (constant(&op.name), &op.input, op.output.as_deref().unwrap_or("()"));
    write!(
        out,
        "\npub static {name}: Operation = Operation {{\n    name: {:?},\n    service: &SERVICE,\n    input: {input:?},\n    output: {:?},\n    paginator: {paginator},\n",
        op.name, op.output
    )?;
    write!(
        out,
        "    dry_run: {},\n    client_token: {},\n    filters: {},\n    tag_specifications: {},\n    required: &{needed:?},\n    members: &[\n",
        has("DryRun"),
        has("ClientToken") || members.iter().any(|m| m.idempotency_token),
        paths.iter().any(|p| p == "Filter.N.Name"),
        has("TagSpecifications")
    )?;
    for path in paths {
        writeln!(out, "        {path:?},")?;
    }
    write!(
        out,
        "    ],\n}};\n\nimpl Request for {input} {{\n    type Reply = {reply};\n    fn operation() -> &'static Operation {{\n        &{name}\n    }}\n}}\n"
    )?;
    Ok(())
}

/// Calls something for the request type of every operation: the golden tests need the types, not only the table.
pub fn golden(models: &[Model]) -> String {
    let models: Vec<&Model> = models.iter().filter(|m| m.protocol != Protocol::RestXml).collect();
    let mut out = format!("//! Every operation's request type.\n{HEADER}\nuse super::Each;\nuse aws_protocol::{{");
    out.push_str(&models.iter().map(|m| m.module.as_str()).collect::<Vec<_>>().join(", "));
    out.push_str("};\n\npub fn every(e: &mut impl Each) {\n");
    for model in models {
        for op in &model.operations {
            out.push_str(&format!("    e.each::<{}::{}>();\n", model.module, op.input));
        }
    }
    out.push_str("}\n");
    out
}

/// Calls something for each XML body of a REST-XML service.
pub fn golden_bodies(model: &Model) -> String {
    let mut out =
        format!("//! Every XML body of {}.\n{HEADER}\nuse super::Bodies;\nuse aws_protocol::{};\n", model.service, model.module);
    out.push_str("\npub fn every(b: &mut impl Bodies) {\n");
    for Bodies { operation, request, reply } in &model.bodies {
        if let Some((root, shape)) = request {
            out.push_str(&format!("    b.request::<{}::{shape}>({operation:?}, {root:?});\n", model.module));
        }
        if let Some(shape) = reply {
            out.push_str(&format!("    b.reply::<{}::{shape}>({operation:?});\n", model.module));
        }
    }
    out.push_str("}\n");
    out
}

/// Every path that ends at a scalar, list positions as `N`.
fn member_paths(model: &Model, shape: &str, path: &str, above: &mut Vec<String>, out: &mut BTreeSet<String>) -> Result<()> {
    if above.iter().any(|a| a == shape) {
        return Err(format!("shape {shape} contains itself, which Rust structs need a Box for").into());
    }
    above.push(shape.to_owned());
    match shape_of(model, shape)? {
        Shape::Scalar(_) | Shape::Enum => {
            out.insert(path.to_owned());
        }
        Shape::Map { .. } if model.protocol == Protocol::Json11 => {
            out.insert(path.to_owned());
        }
        Shape::Map { of } if model.protocol == Protocol::Query => {
            out.insert(format!("{path}.entry.N.key"));
            member_paths(model, of, &format!("{path}.entry.N.value"), above, out)?;
        }
        Shape::Map { .. } => return Err(format!("shape {shape}: maps have no spelling in forms of ec2").into()),
        Shape::List { of, item, .. } => {
            let below = match (model.protocol, item.as_deref().unwrap_or("member")) {
                (Protocol::Query, item) => format!("{path}.{item}.N"),
                _ => format!("{path}.N"),
            };
            member_paths(model, of, &below, above, out)?;
        }
        Shape::Structure { members, .. } => {
            for m in members {
                let dot = if path.is_empty() { "" } else { "." };
                member_paths(model, &m.shape, &format!("{path}{dot}{}", wire_name(model, m)), above, out)?;
            }
        }
    }
    above.pop();
    Ok(())
}

fn wire_name<'a>(model: &Model, member: &'a Member) -> &'a str {
    if model.protocol == Protocol::Json11 { &member.name } else { &member.form }
}

fn shape_of<'a>(model: &'a Model, name: &str) -> Result<&'a Shape> {
    model.shapes.get(name).ok_or_else(|| format!("no shape {name}").into())
}

fn rust_type(model: &Model, name: &str) -> Result<String> {
    Ok(match shape_of(model, name)? {
        Shape::Structure { .. } => name.to_owned(),
        Shape::List { of, .. } => match shape_of(model, of)? {
            Shape::List { .. } => return Err(format!("shape {name}: lists of lists have no wire names").into()),
            _ => format!("Vec<{}>", rust_type(model, of)?),
        },
        Shape::Map { of } => format!("BTreeMap<String, {}>", rust_type(model, of)?),
        Shape::Enum => "String".to_owned(),
        Shape::Scalar(ty) => (*ty).to_owned(),
    })
}

fn constant(operation: &str) -> String {
    words(operation).to_uppercase()
}

fn snake_case(name: &str) -> String {
    let name = words(name);
    match name.as_str() {
        "type" | "ref" | "match" | "move" | "in" | "use" | "for" | "static" | "async" | "dyn" | "enum" | "impl" | "loop"
        | "mod" | "where" | "return" | "final" | "abstract" | "virtual" | "override" | "do" | "try" => format!("r#{name}"),
        "self" | "super" | "crate" => format!("{name}_"),
        _ => name,
    }
}

/// `InstanceIds` to `instance_ids`, `IPv6Address` to `ipv6_address`, `SizeInMiB` to `size_in_mib`.
fn words(name: &str) -> String {
    let mut name = name.to_owned();
    for (unit, word) in [("IPv", "Ipv"), ("KiB", "Kib"), ("MiB", "Mib"), ("GiB", "Gib"), ("TiB", "Tib"), ("MBps", "Mbps")] {
        name = name.replace(unit, word);
    }
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if i > 0 && c.is_uppercase() && (!chars[i - 1].is_uppercase() || next_lower) && chars[i - 1] != '_' {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (aws, rust) in [
            ("InstanceIds", "instance_ids"),
            ("SizeInMiB", "size_in_mib"),
            ("IPv6Native", "ipv6_native"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("SSEType", "sse_type"),
            ("Type", "r#type"),
            ("BaselineThroughputInMBps", "baseline_throughput_in_mbps"),
            ("ARN", "arn"),
        ] {
            assert_eq!(snake_case(aws), rust);
        }
    }
}
