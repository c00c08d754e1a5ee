#!/usr/bin/env python3
"""Makes the recorded responses of this folder with independent tools: signxml on lxml (libxml2's canonical form), and xmlsec1.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install signxml==5.2.0 lxml==6.1.3 && /tmp/v/bin/python make.py      (and Debian's xmlsec1)

Keys are made anew each time, so all files change together. The time in them is 2026-11-25T12:00:00Z.
"""
import base64, datetime, pathlib, subprocess, tempfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner, methods
from signxml.algorithms import SignatureConstructionMethod

HERE = pathlib.Path(__file__).parent
SAML, DS = "urn:oasis:names:tc:SAML:2.0:assertion", "http://www.w3.org/2000/09/xmldsig#"


def pair(bits=2048):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    begin = datetime.datetime(2020, 1, 1)
    cert = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    cert = cert.serial_number(1).not_valid_before(begin).not_valid_after(begin.replace(year=2021))
    return key, cert.sign(key, hashes.SHA256())


def response(attributes='Role', prefix="saml:", xmlns='xmlns:saml="%s"' % SAML, more=""):
    p = prefix
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a response --><samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_r" Version="2.0"
   IssueInstant="2026-11-25T12:00:00Z" Destination="https://signin.aws.amazon.com/saml"><Issuer xmlns="{SAML}">https://idp.example.com/saml</Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <{p}Assertion {xmlns} Version='2.0' ID="_a" IssueInstant="2026-11-25T12:00:00.123Z" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <{p}Issuer>https://idp.example.com/saml</{p}Issuer>
    <{p}Subject><{p}NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann&#x40;example.com<!-- not cut here -->.evil</{p}NameID>
      <{p}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <{p}SubjectConfirmationData NotOnOrAfter="2026-11-25T12:05:00Z" Recipient="https://signin.aws.amazon.com/saml"/>
      </{p}SubjectConfirmation></{p}Subject>
    <{p}Conditions NotBefore="2026-11-25T11:59:00Z" NotOnOrAfter="2026-11-25T12:05:00Z">
      <{p}AudienceRestriction><{p}Audience>urn:amazon:webservices</{p}Audience></{p}AudienceRestriction></{p}Conditions>
    <{p}AuthnStatement AuthnInstant="2026-11-25T12:00:00Z" SessionNotOnOrAfter="2026-11-25T20:00:00Z" SessionIndex="_a"/>
    <{p}AttributeStatement>
      <{p}Attribute Name="https://aws.amazon.com/SAML/Attributes/{attributes}"><{p}AttributeValue xsi:type="xs:string">
          arn:aws:iam::111111111111:role/app,arn:aws:iam::111111111111:saml-provider/corp</{p}AttributeValue></{p}Attribute>
      <{p}Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><{p}AttributeValue>ann</{p}AttributeValue></{p}Attribute>
      <{p}Attribute Name="https://aws.amazon.com/SAML/Attributes/PrincipalTag:team"><{p}AttributeValue><![CDATA[blue]]></{p}AttributeValue></{p}Attribute>
      <{p}Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.1" note="a &lt;&quot;&amp;&#9;&#xD;b">
        <{p}AttributeValue>staff &gt; &#13; all</{p}AttributeValue><{p}AttributeValue>member</{p}AttributeValue></{p}Attribute>{more}
    </{p}AttributeStatement>
  </{p}Assertion>
</samlp:Response>
"""


def sign(element, key, cert, method="rsa-sha256", digest="sha256", c14n=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0):
    class Signer(XMLSigner):
        def check_deprecated_methods(self):
            pass

    signer = Signer(method=SignatureConstructionMethod.enveloped, signature_algorithm=method, digest_algorithm=digest, c14n_algorithm=c14n)
    # The signature stands after the issuer, as the schema has it.
    place = etree.SubElement(element, "{%s}Signature" % DS, Id="placeholder", nsmap={"ds": DS})
    element.remove(place)
    element.insert(1, place)
    signed = signer.sign(element, key=key, cert=[cert], reference_uri="#" + element.get("ID"), id_attribute="ID")
    element.getparent() is not None and element.getparent().replace(element, signed)
    return signed


def make(name, key, cert, text=None, of_assertion=True, of_response=False, **how):
    root = etree.fromstring((text or response()).encode())
    if of_assertion:
        sign(root.find("{%s}Assertion" % SAML), key, cert, **how)
    if of_response:
        root = sign(root, key, cert, **how)
    (HERE / name).write_bytes(etree.tostring(root.getroottree(), xml_declaration=False, encoding="utf-8"))


def by_xmlsec(name, key, prefixes):
    """Signed by xmlsec1, which knows prefixes that are treated inclusively."""
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    listed = f'Algorithm="{exclusive}"><i:InclusiveNamespaces xmlns:i="{exclusive}" PrefixList="{prefixes}"/></'
    template = f"""<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod {listed}ds:CanonicalizationMethod>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#_a"><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform {listed}ds:Transform></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""
    text = response().replace("</saml:Issuer>", "</saml:Issuer>" + template, 1).replace("<samlp:Response ", '<samlp:Response xmlns="urn:unused" ', 1)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    with tempfile.TemporaryDirectory() as d:
        d = pathlib.Path(d)
        (d / "in.xml").write_text(text)
        (d / "key.pem").write_bytes(pem)
        command = ["xmlsec1", "--sign", "--privkey-pem", d / "key.pem", "--id-attr:ID", SAML + ":Assertion", "--output", HERE / name, d / "in.xml"]
        subprocess.run(command, check=True)


key, cert = pair()
other = pair()
der = base64.encodebytes(cert.public_bytes(serialization.Encoding.DER)).decode()
(HERE / "metadata.xml").write_text(f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{DS}" entityID="https://idp.example.com/saml" validUntil="2036-01-01T00:00:00Z">
<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>
""")
plain = response(prefix="", xmlns='xmlns="%s"' % SAML)
make("good-assertion.xml", key, cert)
make("good-response.xml", key, cert, of_assertion=False, of_response=True)
make("good-both.xml", key, cert, of_response=True)
make("good-plain-names.xml", key, cert, text=plain)
make("good-sha512.xml", key, cert, method="rsa-sha512", digest="sha512")
make("good-sha384.xml", key, cert, method="rsa-sha384", digest="sha384", of_response=True)
by_xmlsec("good-inclusive-prefixes.xml", key, "xs xsi #default")
make("bad-other-key.xml", *other)
make("bad-sha1-signature.xml", key, cert, method="rsa-sha1")
make("bad-sha1-digest.xml", key, cert, digest="sha1")
make("bad-pss.xml", key, cert, method="sha256-rsa-MGF1")
make("bad-inclusive-c14n.xml", key, cert, c14n=CanonicalizationMethod.CANONICAL_XML_1_0)
make("bad-c14n-with-comments.xml", key, cert, c14n=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS)

# libxml2's exclusive canonical form: input, prefixes treated inclusively, output.
C14N = [
    ('<a xmlns="urn:u" xmlns:p="urn:v" xmlns:q="urn:w"><b p:z="1" y="2" xmlns=""><c xmlns="urn:u"/></b><p:d/><!-- x --><p:d/></a>', []),
    ('<a xmlns="urn:u" xmlns:p="urn:v" xmlns:q="urn:w"><b p:z="1" y="2" xmlns=""><c xmlns="urn:u"/></b></a>', ["p", "q"]),
    ('<p:a xmlns:p="urn:v"><p:b xmlns:p="urn:x"><p:c xmlns:p="urn:v"/></p:b><p:b xmlns:p="urn:v"/></p:a>', []),
    ('<a b="&lt;&quot;&amp;&#9;&#10;&#13;>" c=\'"\'>&lt;&gt;&amp;&#13;<![CDATA[<x>&]]>]]&gt;</a>', []),
    ('<a xmlns:z="urn:1" xmlns:b="urn:2" z:k="1" b:k="2" k="3" b:a="4" xml:lang="en"/>', []),
    ('<a xmlns="urn:u"><b xmlns=""><c xmlns=""/></b></a>', ["#default"]),
    ("<a\n  x = 'tab\tline\nend\r\nz'\r\n>line\r\nend\r</a>", []),
    ('<ä é="ü">\U0001d11e</ä>', []),
]
lines = []
for text, inclusive in C14N:
    out = etree.tostring(etree.fromstring(text.encode()), method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=inclusive)
    lines.append("\n".join(base64.b64encode(s).decode() for s in (text.encode(), " ".join(inclusive).encode(), out)))
(HERE / "c14n.txt").write_text("\n".join(lines) + "\n")
