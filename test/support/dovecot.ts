import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from './authority.ts';
import { freePort } from './postfix.ts';
import { run, until } from './product.ts';

export interface DovecotOptions {
  /** Lines of Dovecot's passwd-file: `john:{SSHA512}...::::::`. */
  readonly users: readonly string[];
  /** Users whom a deny passdb turns away. */
  readonly denied?: readonly string[];
  readonly authority: Authority;
  /** More settings, over those below. */
  readonly settings?: string;
}

/** A Dovecot of its own: auth socket, auth over TCP, IMAP and submission on ports that were free. Needs root. */
export class Dovecot {
  readonly folder: string;
  readonly #config: string;
  readonly socket: string;
  readonly authPort: number;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly submissionPort: number;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(
    folder: string,
    ports: readonly [number, number, number, number],
    options: DovecotOptions,
  ) {
    this.folder = folder;
    this.#config = join(folder, 'dovecot.conf');
    this.socket = join(folder, 'run/auth-client-test');
    [this.authPort, this.imapPort, this.imapsPort, this.submissionPort] = ports;
    for (const name of ['run', 'state', 'mail']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'users'), options.users.map((line) => `${line}\n`).join(''));
    writeFileSync(join(folder, 'denied'), (options.denied ?? []).map((user) => `${user}:\n`).join(''));
    chmodSync(folder, 0o755);
    writeFileSync(this.#config, this.#text(options));
  }

  static async start(options: DovecotOptions): Promise<Dovecot> {
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
    const dovecot = new Dovecot(mkdtempSync(join(tmpdir(), 'mailsms-dovecot-')), ports, options);
    await dovecot.resume();
    return dovecot;
  }

  /** Starts it, for the first time or again. */
  async resume(): Promise<void> {
    const child = spawn('dovecot', ['-F', '-c', this.#config], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A process group of its own, so that all of it can be ended.
      detached: true,
    });
    this.#said = '';
    child.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString('utf8')));
    this.#child = child;
    await until('Dovecot', async () => {
      if (child.exitCode !== null) throw new Error(`Dovecot ended: ${this.#said}`);
      return /starting up/.test(this.#said) ? true : undefined;
    });
  }

  /** What it has logged since it was started. */
  get log(): string {
    return this.#said;
  }

  /**
   * Stops it; `resume` starts it again. The auth process goes on serving who is connected already, without its master: it is
   * ended with the rest of the group.
   */
  async halt(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody was left.
    }
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #text({ authority, settings = '' }: DovecotOptions): string {
    return `base_dir = ${this.folder}/run
state_dir = ${this.folder}/state
log_path = /dev/stderr
protocols = imap submission
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:${this.folder}/mail/%u
ssl = yes
ssl_cert = <${authority.cert}
ssl_key = <${authority.key}
disable_plaintext_auth = yes
auth_mechanisms = plain
auth_failure_delay = 0
auth_username_chars =
first_valid_uid = 1
submission_relay_host = 127.0.0.1
passdb {
  driver = passwd-file
  deny = yes
  args = ${this.folder}/denied
}
passdb {
  driver = passwd-file
  args = username_format=%u ${this.folder}/users
}
userdb {
  driver = static
  args = uid=dovecot gid=dovecot home=${this.folder}/mail/%u
}
service auth {
  unix_listener auth-client-test {
    mode = 0600
    user = root
  }
  inet_listener {
    address = 127.0.0.1
    port = ${this.authPort}
  }
}
service imap-login {
  inet_listener imap {
    port = ${this.imapPort}
  }
  inet_listener imaps {
    port = ${this.imapsPort}
    ssl = yes
  }
}
service submission-login {
  inet_listener submission {
    port = ${this.submissionPort}
  }
}
# No growing delay for an address after wrong passwords: all of a test's come from one.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${settings}
`;
  }
}

/** A password as it stands in a passwd-file. */
export async function hashed(scheme: string, password: string): Promise<string> {
  const { code, stdout, stderr } = await run('doveadm', ['pw', '-s', scheme, '-p', password]);
  if (code !== 0) throw new Error(`doveadm pw: ${stderr}`);
  return stdout.trim();
}
