import { createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

const COMMON_NAME_OID = '2.5.4.3';

/** Key and certificate in the form node:tls takes, and the certificate's key as SPKI (RFC 5280 4.1). */
export interface SelfSigned {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly spki: Uint8Array;
}

/** How a certificate is signed: the algorithm's object identifier, and its digest where it takes one. */
export interface CertificateAlgorithm {
  readonly oid: string;
  readonly digest: 'sha256' | null;
}

function distinguishedName(): Name {
  const value = new AttributeValue({ utf8String: 'iotw' });
  return new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME_OID, value })]),
  ]);
}

/**
 * A self-signed certificate (RFC 5280) for a key. It carries nothing but the key: peers pin that, so name
 * and dates are constants and no clock is read.
 */
export function selfSigned(key: KeyObject, { oid, digest }: CertificateAlgorithm): SelfSigned {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const algorithm = (): AlgorithmIdentifier => new AlgorithmIdentifier({ algorithm: oid });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: Uint8Array.of(1).buffer,
    signature: algorithm(),
    issuer: distinguishedName(),
    validity: new Validity({
      notBefore: new Date(Date.UTC(2020, 0, 1)),
      notAfter: new Date(Date.UTC(9999, 11, 31, 23, 59, 59)), // RFC 5280 4.1.2.5: no well-defined end
    }),
    subject: distinguishedName(),
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
  });
  const signature = sign(digest, Buffer.from(AsnConvert.serialize(tbsCertificate)), key);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm(),
    signatureValue: Uint8Array.from(signature).buffer,
  });
  return {
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString(),
    spki: Uint8Array.from(spki),
  };
}
