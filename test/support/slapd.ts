import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from './authority.ts';
import { freePort } from './postfix.ts';
import { run, until } from './product.ts';

export interface SlapdOptions {
  /** Entries below `dc=example,dc=com`, in LDIF. */
  readonly entries: string;
  readonly authority: Authority;
  /** More lines of slapd.conf. */
  readonly settings?: string;
}

/** The manager of the test's directory. */
export const MANAGER = { dn: 'cn=manager,dc=example,dc=com', password: 'managerpw' };

/** OpenLDAP's slapd with a database of its own, on two ports that were free: ldap: with StartTLS, and ldaps:. */
export class Slapd {
  readonly port: number;
  readonly securePort: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number, securePort: number) {
    this.#folder = folder;
    this.port = port;
    this.securePort = securePort;
  }

  static async start(options: SlapdOptions): Promise<Slapd> {
    const folder = mkdtempSync(join(tmpdir(), 'mailsms-slapd-'));
    const slapd = new Slapd(folder, await freePort(), await freePort());
    mkdirSync(join(folder, 'db'));
    writeFileSync(join(folder, 'slapd.conf'), configuration(folder, options));
    writeFileSync(join(folder, 'entries.ldif'), `${BASE}\n${options.entries}\n`);
    const { code, stderr } = await run('/usr/sbin/slapadd', [
      '-f',
      join(folder, 'slapd.conf'),
      '-l',
      join(folder, 'entries.ldif'),
    ]);
    if (code !== 0) throw new Error(`slapadd: ${stderr}`);
    await slapd.resume();
    return slapd;
  }

  /** Starts it, for the first time or again. */
  async resume(): Promise<void> {
    const listen = `ldap://127.0.0.1:${this.port}/ ldaps://127.0.0.1:${this.securePort}/`;
    const child = spawn(
      '/usr/sbin/slapd',
      ['-d', '0', '-h', listen, '-f', join(this.#folder, 'slapd.conf')],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    this.#child = child;
    await until('slapd', async () => {
      if (child.exitCode !== null) throw new Error(`slapd ended: ${said}`);
      return (await listens(this.port)) || undefined;
    });
  }

  /** Stops it; `resume` starts it again. */
  async halt(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const BASE = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people
`;

function configuration(folder: string, { authority, settings = '' }: SlapdOptions): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${authority.ca}
TLSCertificateFile ${authority.cert}
TLSCertificateKeyFile ${authority.key}
# A directory as careless as they come: an empty password is taken for an anonymous bind.
allow bind_anon_cred bind_anon_dn
database mdb
maxsize 10485760
suffix "dc=example,dc=com"
directory ${folder}/db
rootdn "${MANAGER.dn}"
rootpw ${MANAGER.password}
access to attrs=userPassword by anonymous auth by * none
access to * by * read
${settings}
`;
}
