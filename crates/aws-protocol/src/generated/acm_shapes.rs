//! Shapes of acm.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AddTagsToCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CertificateDetail {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub certificate_authority_arn: Option<String> = ("CertificateAuthorityArn", "CertificateAuthorityArn", "CertificateAuthorityArn"),
    pub created_at: Option<TimestampMs> = ("CreatedAt", "CreatedAt", "CreatedAt"),
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub domain_validation_options: Option<Vec<DomainValidation>> = ("DomainValidationOptions", "DomainValidationOptions", "member", "DomainValidationOptions", "member"),
    pub extended_key_usages: Option<Vec<ExtendedKeyUsage>> = ("ExtendedKeyUsages", "ExtendedKeyUsages", "member", "ExtendedKeyUsages", "member"),
    pub failure_reason: Option<String> = ("FailureReason", "FailureReason", "FailureReason"),
    pub imported_at: Option<TimestampMs> = ("ImportedAt", "ImportedAt", "ImportedAt"),
    pub in_use_by: Option<Vec<String>> = ("InUseBy", "InUseBy", "member", "InUseBy", "member"),
    pub issued_at: Option<TimestampMs> = ("IssuedAt", "IssuedAt", "IssuedAt"),
    pub issuer: Option<String> = ("Issuer", "Issuer", "Issuer"),
    pub key_algorithm: Option<String> = ("KeyAlgorithm", "KeyAlgorithm", "KeyAlgorithm"),
    pub key_usages: Option<Vec<KeyUsage>> = ("KeyUsages", "KeyUsages", "member", "KeyUsages", "member"),
    pub managed_by: Option<String> = ("ManagedBy", "ManagedBy", "ManagedBy"),
    pub not_after: Option<TimestampMs> = ("NotAfter", "NotAfter", "NotAfter"),
    pub not_before: Option<TimestampMs> = ("NotBefore", "NotBefore", "NotBefore"),
    pub options: Option<CertificateOptions> = ("Options", "Options", "Options"),
    pub renewal_eligibility: Option<String> = ("RenewalEligibility", "RenewalEligibility", "RenewalEligibility"),
    pub renewal_summary: Option<RenewalSummary> = ("RenewalSummary", "RenewalSummary", "RenewalSummary"),
    pub revocation_reason: Option<String> = ("RevocationReason", "RevocationReason", "RevocationReason"),
    pub revoked_at: Option<TimestampMs> = ("RevokedAt", "RevokedAt", "RevokedAt"),
    pub serial: Option<String> = ("Serial", "Serial", "Serial"),
    pub signature_algorithm: Option<String> = ("SignatureAlgorithm", "SignatureAlgorithm", "SignatureAlgorithm"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub subject: Option<String> = ("Subject", "Subject", "Subject"),
    pub subject_alternative_names: Option<Vec<String>> = ("SubjectAlternativeNames", "SubjectAlternativeNames", "member", "SubjectAlternativeNames", "member"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct CertificateOptions {
    pub certificate_transparency_logging_preference: Option<String> = ("CertificateTransparencyLoggingPreference", "CertificateTransparencyLoggingPreference", "CertificateTransparencyLoggingPreference"),
    pub export: Option<String> = ("Export", "Export", "Export"),
}
}

crate::shape::shape! {
pub struct CertificateSummary {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub created_at: Option<TimestampMs> = ("CreatedAt", "CreatedAt", "CreatedAt"),
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub export_option: Option<String> = ("ExportOption", "ExportOption", "ExportOption"),
    pub exported: Option<bool> = ("Exported", "Exported", "Exported"),
    pub extended_key_usages: Option<Vec<String>> = ("ExtendedKeyUsages", "ExtendedKeyUsages", "member", "ExtendedKeyUsages", "member"),
    pub has_additional_subject_alternative_names: Option<bool> = ("HasAdditionalSubjectAlternativeNames", "HasAdditionalSubjectAlternativeNames", "HasAdditionalSubjectAlternativeNames"),
    pub imported_at: Option<TimestampMs> = ("ImportedAt", "ImportedAt", "ImportedAt"),
    pub in_use: Option<bool> = ("InUse", "InUse", "InUse"),
    pub issued_at: Option<TimestampMs> = ("IssuedAt", "IssuedAt", "IssuedAt"),
    pub key_algorithm: Option<String> = ("KeyAlgorithm", "KeyAlgorithm", "KeyAlgorithm"),
    pub key_usages: Option<Vec<String>> = ("KeyUsages", "KeyUsages", "member", "KeyUsages", "member"),
    pub managed_by: Option<String> = ("ManagedBy", "ManagedBy", "ManagedBy"),
    pub not_after: Option<TimestampMs> = ("NotAfter", "NotAfter", "NotAfter"),
    pub not_before: Option<TimestampMs> = ("NotBefore", "NotBefore", "NotBefore"),
    pub renewal_eligibility: Option<String> = ("RenewalEligibility", "RenewalEligibility", "RenewalEligibility"),
    pub revoked_at: Option<TimestampMs> = ("RevokedAt", "RevokedAt", "RevokedAt"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub subject_alternative_name_summaries: Option<Vec<String>> = ("SubjectAlternativeNameSummaries", "SubjectAlternativeNameSummaries", "member", "SubjectAlternativeNameSummaries", "member"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct DeleteCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct DescribeCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct DescribeCertificateResponse {
    pub certificate: Option<CertificateDetail> = ("Certificate", "Certificate", "Certificate"),
}
}

crate::shape::shape! {
pub struct DomainValidation {
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub http_redirect: Option<HttpRedirect> = ("HttpRedirect", "HttpRedirect", "HttpRedirect"),
    pub resource_record: Option<ResourceRecord> = ("ResourceRecord", "ResourceRecord", "ResourceRecord"),
    pub validation_domain: Option<String> = ("ValidationDomain", "ValidationDomain", "ValidationDomain"),
    pub validation_emails: Option<Vec<String>> = ("ValidationEmails", "ValidationEmails", "member", "ValidationEmails", "member"),
    pub validation_method: Option<String> = ("ValidationMethod", "ValidationMethod", "ValidationMethod"),
    pub validation_status: Option<String> = ("ValidationStatus", "ValidationStatus", "ValidationStatus"),
}
}

crate::shape::shape! {
pub struct DomainValidationOption {
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub validation_domain: Option<String> = ("ValidationDomain", "ValidationDomain", "ValidationDomain"),
}
}

crate::shape::shape! {
pub struct ExtendedKeyUsage {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub oid: Option<String> = ("OID", "OID", "OID"),
}
}

crate::shape::shape! {
pub struct Filters {
    pub export_option: Option<String> = ("exportOption", "exportOption", "exportOption"),
    pub extended_key_usage: Option<Vec<String>> = ("extendedKeyUsage", "extendedKeyUsage", "member", "extendedKeyUsage", "member"),
    pub key_types: Option<Vec<String>> = ("keyTypes", "keyTypes", "member", "keyTypes", "member"),
    pub key_usage: Option<Vec<String>> = ("keyUsage", "keyUsage", "member", "keyUsage", "member"),
    pub managed_by: Option<String> = ("managedBy", "managedBy", "managedBy"),
}
}

crate::shape::shape! {
pub struct GetCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct GetCertificateResponse {
    pub certificate: Option<String> = ("Certificate", "Certificate", "Certificate"),
    pub certificate_chain: Option<String> = ("CertificateChain", "CertificateChain", "CertificateChain"),
}
}

crate::shape::shape! {
pub struct HttpRedirect {
    pub redirect_from: Option<String> = ("RedirectFrom", "RedirectFrom", "RedirectFrom"),
    pub redirect_to: Option<String> = ("RedirectTo", "RedirectTo", "RedirectTo"),
}
}

crate::shape::shape! {
pub struct ImportCertificateRequest {
    pub certificate: Option<Vec<u8>> = ("Certificate", "Certificate", "Certificate"),
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub certificate_chain: Option<Vec<u8>> = ("CertificateChain", "CertificateChain", "CertificateChain"),
    pub private_key: Option<Vec<u8>> = ("PrivateKey", "PrivateKey", "PrivateKey"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ImportCertificateResponse {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct KeyUsage {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct ListCertificatesRequest {
    pub certificate_statuses: Option<Vec<String>> = ("CertificateStatuses", "CertificateStatuses", "member", "CertificateStatuses", "member"),
    pub includes: Option<Filters> = ("Includes", "Includes", "Includes"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub sort_by: Option<String> = ("SortBy", "SortBy", "SortBy"),
    pub sort_order: Option<String> = ("SortOrder", "SortOrder", "SortOrder"),
}
}

crate::shape::shape! {
pub struct ListCertificatesResponse {
    pub certificate_summary_list: Option<Vec<CertificateSummary>> = ("CertificateSummaryList", "CertificateSummaryList", "member", "CertificateSummaryList", "member"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct ListTagsForCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct ListTagsForCertificateResponse {
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct RemoveTagsFromCertificateRequest {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct RenewalSummary {
    pub domain_validation_options: Option<Vec<DomainValidation>> = ("DomainValidationOptions", "DomainValidationOptions", "member", "DomainValidationOptions", "member"),
    pub renewal_status: Option<String> = ("RenewalStatus", "RenewalStatus", "RenewalStatus"),
    pub renewal_status_reason: Option<String> = ("RenewalStatusReason", "RenewalStatusReason", "RenewalStatusReason"),
    pub updated_at: Option<TimestampMs> = ("UpdatedAt", "UpdatedAt", "UpdatedAt"),
}
}

crate::shape::shape! {
pub struct RequestCertificateRequest {
    pub certificate_authority_arn: Option<String> = ("CertificateAuthorityArn", "CertificateAuthorityArn", "CertificateAuthorityArn"),
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub domain_validation_options: Option<Vec<DomainValidationOption>> = ("DomainValidationOptions", "DomainValidationOptions", "member", "DomainValidationOptions", "member"),
    pub idempotency_token: Option<String> = ("IdempotencyToken", "IdempotencyToken", "IdempotencyToken"),
    pub key_algorithm: Option<String> = ("KeyAlgorithm", "KeyAlgorithm", "KeyAlgorithm"),
    pub managed_by: Option<String> = ("ManagedBy", "ManagedBy", "ManagedBy"),
    pub options: Option<CertificateOptions> = ("Options", "Options", "Options"),
    pub subject_alternative_names: Option<Vec<String>> = ("SubjectAlternativeNames", "SubjectAlternativeNames", "member", "SubjectAlternativeNames", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub validation_method: Option<String> = ("ValidationMethod", "ValidationMethod", "ValidationMethod"),
}
}

crate::shape::shape! {
pub struct RequestCertificateResponse {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
}
}

crate::shape::shape! {
pub struct ResourceRecord {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}
