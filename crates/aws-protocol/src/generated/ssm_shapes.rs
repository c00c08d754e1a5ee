//! Shapes of ssm.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct GetParameterRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub with_decryption: Option<bool> = ("WithDecryption", "WithDecryption", "WithDecryption"),
}
}

crate::shape::shape! {
pub struct GetParameterResult {
    pub parameter: Option<Parameter> = ("Parameter", "Parameter", "Parameter"),
}
}

crate::shape::shape! {
pub struct GetParametersRequest {
    pub names: Option<Vec<String>> = ("Names", "Names", "member", "Names", "member"),
    pub with_decryption: Option<bool> = ("WithDecryption", "WithDecryption", "WithDecryption"),
}
}

crate::shape::shape! {
pub struct GetParametersResult {
    pub invalid_parameters: Option<Vec<String>> = ("InvalidParameters", "InvalidParameters", "member", "InvalidParameters", "member"),
    pub parameters: Option<Vec<Parameter>> = ("Parameters", "Parameters", "member", "Parameters", "member"),
}
}

crate::shape::shape! {
pub struct Parameter {
    pub arn: Option<String> = ("ARN", "ARN", "ARN"),
    pub data_type: Option<String> = ("DataType", "DataType", "DataType"),
    pub last_modified_date: Option<TimestampMs> = ("LastModifiedDate", "LastModifiedDate", "LastModifiedDate"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub selector: Option<String> = ("Selector", "Selector", "Selector"),
    pub source_result: Option<String> = ("SourceResult", "SourceResult", "SourceResult"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub value: Option<String> = ("Value", "Value", "Value"),
    pub version: Option<i64> = ("Version", "Version", "Version"),
}
}
