//! What the fuzz targets of S3's parsers do, on inputs that look like the real ones.

use aws_protocol::fuzz;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_a_document_or_an_error(raw in any::<Vec<u8>>()) {
        fuzz::s3_xml(&raw);
    }

    #[test]
    fn anything_like_a_document_is_one_or_an_error(
        root in prop_oneof![Just("Tagging"), Just("Delete"), Just("LifecycleConfiguration"), Just("AccessControlPolicy"), Just("Retention")],
        inner in "((<TagSet>|</TagSet>|<Tag>|</Tag>|<Key>|</Key>|<Value>|</Value>|<Object>|</Object>|<Rule>|</Rule>|<ID/>|<Quiet>true</Quiet>|&amp;|&#13;|&#x1F600;|<!\\[CDATA\\[x\\]\\]>|<Mode>COMPLIANCE</Mode>|<Grantee xsi:type='Group'/>|[a-z <>&;]|\\PC)){0,24}",
    ) {
        fuzz::s3_xml(format!("<{root}>{inner}</{root}>").as_bytes());
    }

    #[test]
    fn tags_of_any_text_survive(pairs in proptest::collection::vec(("\\PC{0,12}", "[ -~\r\n\t]{0,12}"), 0..6)) {
        let tag = |(k, v): &(String, String)| {
            let v = v.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;");
            format!("<Tag><Key><![CDATA[{}]]></Key><Value>{v}</Value></Tag>", k.replace("]]>", ""))
        };
        let body = format!("<Tagging><TagSet>{}</TagSet></Tagging>", pairs.iter().map(tag).collect::<String>());
        let read: Result<aws_protocol::s3::Tagging, _> = aws_protocol::s3::decode_xml(&["Tagging"], body.as_bytes());
        if let Ok(read) = read {
            let values: Vec<_> = read.tag_set.unwrap().into_iter().map(|t| t.value.unwrap()).collect();
            prop_assert_eq!(values, pairs.into_iter().map(|(_, v)| v).collect::<Vec<_>>());
        } else {
            prop_assert!(pairs.iter().any(|(k, _)| k.contains(['\u{fffe}', '\u{ffff}'])), "{}", body);
        }
        fuzz::s3_xml(body.as_bytes());
    }

    #[test]
    fn any_head_is_routed_or_refused(
        method in "(GET|PUT|POST|DELETE|HEAD|OPTIONS|[A-Z]{0,8})",
        host in "((bkt|my\\.bucket|Bad_|s3|s3-website|eu-west-1)\\.){0,3}(localhost|127\\.0\\.0\\.1|\\[::1\\]|amazonaws\\.com|\\PC{0,8})(:[0-9]{0,5})?",
        path in "/?((bkt|key|\\.\\.|\\.|%2F|%[0-9a-fA-F]{2}|%|\\+|&|=|é|[!-~])/?){0,12}",
        query in "((acl|policy|uploads|uploadId|partNumber|list-type|versions|delete|x-id|\\PC{0,3})(=[!-~]{0,4})?&?){0,4}",
    ) {
        fuzz::s3_route(&method, &host, &path, &query);
    }

    #[test]
    fn any_chunks_are_cut_anywhere(
        raw in "(([0-9a-f]{1,2}(;chunk-signature=[0-9a-f]{0,64})?\r\n)|[a-z]{1,16}(\r\n)?|0\r\n|x-amz-checksum-crc32:[A-Za-z0-9+/]{6}==(\r\n|\n)|\r\n){0,12}",
        len in 0u64..40, piece in 1usize..20,
    ) {
        fuzz::s3_chunked(raw.as_bytes(), len, piece);
    }

    #[test]
    fn any_bytes_are_chunks_or_an_error(raw in any::<Vec<u8>>(), len in any::<u64>(), piece in 1usize..20) {
        fuzz::s3_chunked(&raw, len, piece);
    }

    #[test]
    fn any_form_is_cut_anywhere(
        raw in "((--b|\r\n|--|Content-Disposition: form-data; name=\"[a-z]{0,3}\"(; filename=\"[a-z\\\\\"]{0,5}\")?|name=file|Content-Type: x/y|file|[ -~]|é)(\r\n){0,2}){0,16}",
        piece in 1usize..20,
    ) {
        fuzz::s3_form_data(raw.as_bytes(), piece);
    }

    #[test]
    fn any_policy_is_judged(
        raw in "\\{\"expiration\": ?\"(2015-12-30T12:00:00Z|\\PC{0,12})\", ?\"conditions\": ?\\[((\\{\"[a-z]{0,4}\": ?\"\\PC{0,4}\"\\}|\\[\"(eq|starts-with|content-length-range)\", ?(\"\\\\?\\$[a-z]{0,4}\"|[0-9-]{1,20}), ?(\"[a-z]{0,4}\"|[0-9]{1,20})\\]|[\\[\\]{}\",\\\\]),? ?){0,5}\\]\\}",
    ) {
        fuzz::s3_post_policy(raw.as_bytes());
    }
}
