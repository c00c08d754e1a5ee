use super::*;

const SMALL: &str = r#"{
  "format": 1, "generation": 1, "name": "app/web/50dc6c495c0c9188",
  "certificates": [{"arn": "c", "source": {"chain_file": "/c.pem", "key_file": "/k.pem"}}],
  "listeners": [{"arn": "l", "protocol": "HTTPS", "port": 443, "tls": {"default_certificate": "c"},
    "rules": [{"arn": "r", "priority": 1,
      "conditions": [{"field": "host-header", "values": ["*.example.com"]}, {"field": "query-string", "values": [{"value": "1"}]}],
      "action": {"type": "redirect", "status": 301}}],
    "default_action": {"type": "forward", "groups": [{"group": "g"}]}}],
  "target_groups": [{"arn": "g", "protocol": "HTTP", "targets": [{"id": "i-1", "address": "127.0.0.1", "port": 80}],
    "stickiness": {"type": "lb_cookie", "duration_seconds": 60}}]
}"#;

#[test]
fn a_small_document_gets_the_defaults_and_survives_a_round() {
    let config: BalancerConfig = serde_json::from_str(SMALL).unwrap();
    assert_eq!(config.attributes, Attributes::default());
    assert_eq!((config.target_groups[0].targets[0].weight, config.target_groups[0].deregistration_delay_seconds), (1, 300));
    let again: BalancerConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    let sealed =
        SMALL.replace(r#"{"chain_file": "/c.pem", "key_file": "/k.pem"}"#, r#"{"chain_pem": "x", "sealed_key": "00ff"}"#);
    let config: BalancerConfig = serde_json::from_str(&sealed).unwrap();
    assert!(matches!(&config.certificates[0].source, CertificateSource::Sealed { sealed_key, .. } if sealed_key.0 == [0, 255]));
}

#[test]
fn what_is_not_known_is_refused() {
    for (from, to) in [
        ("host-header", "host-haeder"),
        ("\"redirect\"", "\"authenticate-oidc\""),
        ("default_certificate", "certificate"),
        ("\"chain_file\": \"/c.pem\"", "\"chain_file\": \"/c.pem\", \"else\": 1"),
        ("lb_cookie", "cookie"),
        ("\"generation\": 1", "\"generation\": 1, \"zones\": []"),
    ] {
        let bad = SMALL.replace(from, to);
        assert_ne!(bad, SMALL, "{from}");
        assert!(serde_json::from_str::<BalancerConfig>(&bad).is_err(), "{from} -> {to}");
    }
}
