import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './product.ts';

/** A certificate authority for a test, with one server certificate for `localhost` and 127.0.0.1. Needs openssl. */
export class Authority {
  readonly #folder: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.ca = join(folder, 'ca.pem');
    this.cert = join(folder, 'cert.pem');
    this.key = join(folder, 'key.pem');
  }

  static async make(name = 'localhost'): Promise<Authority> {
    const made = new Authority(mkdtempSync(join(tmpdir(), 'mailsms-ca-')));
    const at = (file: string): string => join(made.#folder, file);
    const openssl = async (...args: readonly string[]): Promise<void> => {
      const { code, stderr } = await run('openssl', args);
      if (code !== 0) throw new Error(`openssl: ${stderr}`);
    };
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const authority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-days', '3650'];
    await openssl(
      'req',
      '-x509',
      ...key,
      ...authority,
      '-subj',
      `/CN=CA of ${name}`,
      '-keyout',
      at('ca.key'),
      '-out',
      made.ca,
    );
    await openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', made.key, '-out', at('request.pem'));
    writeFileSync(at('names'), `subjectAltName=DNS:${name},IP:127.0.0.1\n`);
    const signed = ['-CA', made.ca, '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '3650'];
    await openssl(
      'x509',
      '-req',
      '-in',
      at('request.pem'),
      ...signed,
      '-extfile',
      at('names'),
      '-out',
      made.cert,
    );
    return made;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
