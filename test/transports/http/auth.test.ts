import { generateKeyPairSync, verify } from 'node:crypto';
import { expect } from 'chai';
import { makeJwt } from '../../../lib/transports/http/auth/jwt.ts';
import { signSigV4 } from '../../../lib/transports/http/auth/sigv4.ts';

describe('signed requests', () => {
  const key = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
    service: 'service',
  };
  // The published vectors of Signature Version 4.
  const cases = [
    ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ] as const;
  for (const [method, path, signature] of cases) {
    it(`AWS Signature Version 4: ${method} ${path}`, () => {
      const request = { method, path, origin: 'https://example.amazonaws.com', headers: {} };
      const signed = signSigV4(request, key, { now: Date.UTC(2015, 7, 30, 12, 36), nonce: '' });
      expect(signed.headers['authorization']).to.match(new RegExp(`Signature=${signature}$`));
    });
  }

  it('a JWT that its public key verifies', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [head = '', body = '', signature = ''] = makeJwt(
      privateKey,
      { application_id: 'a1' },
      { now: 1_000_000, nonce: 'n1' },
    ).split('.');
    const octets = Buffer.from(`${head}.${body}`);
    expect(verify('sha256', octets, publicKey, Buffer.from(signature, 'base64url'))).to.equal(true);
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).to.deep.equal({
      ...{ application_id: 'a1', iat: 1000, exp: 1900, jti: 'n1' },
    });
  });
});
