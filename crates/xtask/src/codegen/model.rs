//! The published model, cut down to what the listed operations reach.

use super::Result;
use serde_json::Value;
use std::collections::BTreeMap;

/// `models.txt`.
pub struct Whitelist {
    pub botocore: String,
    pub services: Vec<Wanted>,
}

pub struct Wanted {
    pub name: String,
    pub version: String,
    pub module: String,
    pub operations: Vec<String>,
}

impl Whitelist {
    pub fn parse(text: &str) -> Result<Self> {
        let mut list = Self { botocore: String::new(), services: Vec::new() };
        for line in text.lines().map(|l| l.split('#').next().unwrap_or_default()) {
            let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            match words.as_slice() {
                [] => {}
                [key, version] if key == "botocore" => list.botocore = version.clone(),
                [key, name, version, module] if key == "service" => list.services.push(Wanted {
                    name: name.clone(),
                    version: version.clone(),
                    module: module.clone(),
                    operations: Vec::new(),
                }),
                operations => {
                    let service = list.services.last_mut().ok_or("models.txt: operations before the first service")?;
                    service.operations.extend_from_slice(operations);
                }
            }
        }
        Ok(list)
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Protocol {
    Ec2,
    Query,
    Json11,
    /// Bodies only: see [`Model::bodies`].
    RestXml,
}

pub struct Model {
    pub service: String,
    /// In credential scopes.
    pub signing_name: String,
    pub version: String,
    pub module: String,
    pub protocol: Protocol,
    pub xml_namespace: String,
    pub target_prefix: String,
    /// In the whitelist's order.
    pub operations: Vec<Operation>,
    /// What travels as XML, for REST-XML; `operations` is empty then.
    pub bodies: Vec<Bodies>,
    /// The values of each enumeration that a listed operation has anywhere, for REST-XML.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Every shape that an operation reaches.
    pub shapes: BTreeMap<String, Shape>,
}

pub struct Operation {
    pub name: String,
    pub input: String,
    pub output: Option<String>,
    pub paginator: Option<Value>,
}

/// An operation of a REST-XML service, as far as it has XML bodies.
pub struct Bodies {
    pub operation: String,
    /// The root element and its shape.
    pub request: Option<(String, String)>,
    pub reply: Option<String>,
}

pub enum Shape {
    Structure {
        members: Vec<Member>,
        required: Vec<String>,
    },
    List {
        of: String,
        item: Option<String>,
        flattened: bool,
    },
    /// From strings to this; not in forms of ec2.
    Map {
        of: String,
    },
    /// A string of which the model lists all values; REST-XML only. They are in [`Model::enums`].
    Enum,
    /// A Rust type.
    Scalar(&'static str),
}

pub struct Member {
    pub name: String,
    pub shape: String,
    pub form: String,
    pub xml: String,
    pub idempotency_token: bool,
    /// The items of the list stand in the structure itself.
    pub flattened: bool,
    pub attribute: bool,
}

impl Model {
    pub fn parse(json: &Value, wanted: &Wanted) -> Result<Self> {
        let (model, paginators) = (&json["model"], &json["paginators"]["pagination"]);
        let meta = |key: &str| model["metadata"][key].as_str().unwrap_or_default().to_owned();
        let protocol = match meta("protocol").as_str() {
            "ec2" => Protocol::Ec2,
            "query" => Protocol::Query,
            "rest-xml" => Protocol::RestXml,
            "json" if meta("jsonVersion") == "1.1" => Protocol::Json11,
            other => return Err(format!("{}: protocol {other} has no codec", wanted.name).into()),
        };
        let mut out = Self {
            service: wanted.name.clone(),
            signing_name: signing_name(&model["metadata"], &wanted.name),
            version: wanted.version.clone(),
            module: wanted.module.clone(),
            protocol,
            // EC2 itself writes a slash that the model lacks.
            xml_namespace: meta("xmlNamespace") + if protocol == Protocol::Ec2 { "/" } else { "" },
            target_prefix: meta("targetPrefix"),
            operations: Vec::new(),
            bodies: Vec::new(),
            enums: BTreeMap::new(),
            shapes: BTreeMap::new(),
        };
        for name in &wanted.operations {
            let op = &model["operations"][name];
            if protocol == Protocol::RestXml {
                out.rest_xml_operation(name, op, &model["shapes"])?;
                continue;
            }
            let shape = |key: &str| op[key]["shape"].as_str().map(str::to_owned);
            if op.is_null() {
                return Err(format!("{}: no operation {name}", wanted.name).into());
            }
            // An operation without parameters still needs a type.
            let input = shape("input").unwrap_or_else(|| {
                let name = format!("{name}Request");
                out.shapes.insert(name.clone(), Shape::Structure { members: Vec::new(), required: Vec::new() });
                name
            });
            let output = shape("output");
            for root in [Some(&input), output.as_ref()].into_iter().flatten() {
                out.reach(root, &model["shapes"])?;
            }
            let paginator = paginators.get(name).cloned();
            out.operations.push(Operation { name: name.clone(), input, output, paginator });
        }
        Ok(out)
    }

    /// Reaches what is XML: a payload that is a structure, else the members that are bound to nothing else.
    fn rest_xml_operation(&mut self, name: &str, op: &Value, shapes: &Value) -> Result<()> {
        let body = |key: &str| -> Option<(String, String)> {
            let shape = op[key]["shape"].as_str()?;
            let (members, payload) = (shapes[shape]["members"].as_object()?, shapes[shape]["payload"].as_str());
            if let Some(payload) = payload {
                let member = &members[payload];
                let root = member["locationName"].as_str().unwrap_or(payload);
                let of = member["shape"].as_str()?;
                return (shapes[of]["type"] == "structure").then(|| (root.to_owned(), of.to_owned()));
            }
            let any = members.values().any(|m| m["location"].is_null());
            any.then(|| (shape.to_owned(), shape.to_owned()))
        };
        if op.is_null() {
            return Err(format!("no operation {name}").into());
        }
        let (request, reply) = (body("input"), body("output").map(|(_, shape)| shape));
        for shape in request.iter().map(|(_, s)| s).chain(&reply) {
            self.reach(shape, shapes)?;
        }
        // What goes in headers has enumerations too.
        for key in ["input", "output"] {
            let shape = op[key]["shape"].as_str().unwrap_or_default();
            for member in shapes[shape]["members"].as_object().into_iter().flat_map(|m| m.values()) {
                let of = text(&member["shape"])?;
                if shapes[&of]["enum"].is_array() {
                    self.reach(&of, shapes)?;
                }
            }
        }
        self.bodies.push(Bodies { operation: name.to_owned(), request, reply });
        Ok(())
    }

    fn reach(&mut self, name: &str, shapes: &Value) -> Result<()> {
        if self.shapes.contains_key(name) {
            return Ok(());
        }
        let json = &shapes[name];
        let shape = match json["type"].as_str().unwrap_or_default() {
            "string" if self.protocol == Protocol::RestXml && json["enum"].is_array() => {
                self.enums
                    .insert(name.to_owned(), json["enum"].as_array().into_iter().flatten().map(text).collect::<Result<_>>()?);
                Shape::Enum
            }
            "string" => Shape::Scalar("String"),
            "boolean" => Shape::Scalar("bool"),
            "integer" => Shape::Scalar("i32"),
            "long" => Shape::Scalar("i64"),
            "double" | "float" => Shape::Scalar("f64"),
            "timestamp" => Shape::Scalar("TimestampMs"),
            "blob" => Shape::Scalar("Vec<u8>"),
            "list" => Shape::List {
                of: text(&json["member"]["shape"])?,
                item: json["member"]["locationName"].as_str().map(str::to_owned),
                flattened: json["flattened"] == true,
            },
            "map" => Shape::Map { of: text(&json["value"]["shape"])? },
            "structure" => self.structure(json)?,
            other => return Err(format!("shape {name}: type {other:?} is not supported").into()),
        };
        // Entered before its members, so that a recursion ends (`emit` refuses it: no listed operation has one).
        let below: Vec<String> = match &shape {
            Shape::Structure { members, .. } => members.iter().map(|m| m.shape.clone()).collect(),
            Shape::List { of, .. } | Shape::Map { of } => vec![of.clone()],
            Shape::Scalar(_) | Shape::Enum => Vec::new(),
        };
        self.shapes.insert(name.to_owned(), shape);
        below.iter().try_for_each(|s| self.reach(s, shapes))
    }

    fn structure(&self, json: &Value) -> Result<Shape> {
        let members = json["members"].as_object().ok_or("a structure without members")?;
        let in_body = |m: &Value| self.protocol != Protocol::RestXml || m["location"].is_null();
        let members = members.iter().filter(|(_, m)| in_body(m)).map(|(name, m)| {
            let location = m["locationName"].as_str();
            let form = match (self.protocol, m["queryName"].as_str(), location) {
                (Protocol::Ec2, Some(query), _) => query.to_owned(),
                (Protocol::Ec2, None, Some(l)) => capitalised(l),
                (_, _, l) => l.unwrap_or(name).to_owned(),
            };
            Ok(Member {
                name: name.clone(),
                shape: text(&m["shape"])?,
                form,
                xml: location.unwrap_or(name).to_owned(),
                idempotency_token: m["idempotencyToken"] == true,
                flattened: m["flattened"] == true,
                attribute: m["xmlAttribute"] == true,
            })
        });
        let mut members = members.collect::<Result<Vec<_>>>()?;
        // The parser's order depends on how serde_json was built.
        members.sort_by(|a, b| a.name.cmp(&b.name));
        if self.protocol == Protocol::RestXml {
            // The service's own order, which readers of XML see; an attribute is written before any element.
            let order = json["memberOrder"].as_array().ok_or("a structure without an order")?;
            members.sort_by_key(|m| (!m.attribute, order.iter().position(|o| *o == m.name)));
        }
        let required = json["required"].as_array().into_iter().flatten().map(text).collect::<Result<_>>()?;
        Ok(Shape::Structure { members, required })
    }
}

fn signing_name(metadata: &Value, name: &str) -> String {
    ["signingName", "endpointPrefix"].iter().find_map(|k| metadata[*k].as_str()).unwrap_or(name).to_owned()
}

fn text(v: &Value) -> Result<String> {
    v.as_str().map(str::to_owned).ok_or_else(|| format!("a name was expected, not {v}").into())
}

fn capitalised(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}
