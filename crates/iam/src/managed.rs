//! The managed policies of AWS that people attach, written anew with the same effect on what is served here.

/// One of `arn:aws:iam::aws:policy/…`.
#[derive(Debug, Clone, Copy)]
pub struct Managed {
    pub name: &'static str,
    /// `/`, `/service-role/`, `/job-function/`, `/aws-service-role/`
    pub path: &'static str,
    pub description: &'static str,
    pub document: &'static str,
}

const ARN: &str = "arn:aws:iam::aws:policy";

impl Managed {
    pub fn arn(&self) -> String {
        format!("{ARN}{}{}", self.path, self.name)
    }
}

pub fn find(arn: &str) -> Option<&'static Managed> {
    let rest = arn.strip_prefix(ARN)?;
    ALL.iter().find(|m| rest.strip_prefix(m.path) == Some(m.name))
}

pub static ALL: &[Managed] = &[Managed {
    name: "AdministratorAccess",
    path: "/",
    description: "Provides full access to AWS services and resources.",
    document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
}];
