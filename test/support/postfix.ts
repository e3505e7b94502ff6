import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './product.ts';

const run = promisify(execFile);

/** Postfix's version, or why it cannot be run here. */
export async function postfixVersion(): Promise<{ version: string } | { missing: string }> {
  if (process.getuid?.() !== 0) return { missing: 'Postfix is only started by root' };
  try {
    const { stdout } = await run('postconf', ['-d', '-h', 'mail_version'], { env: searchPath() });
    return { version: stdout.trim() };
  } catch {
    return { missing: 'Postfix is not installed' };
  }
}

/** A Postfix of its own: private directories, one SMTP listener on a port that was free, everything on 127.0.0.1. */
export class Postfix {
  readonly port: number;
  readonly pid: number;
  readonly #folder: string;

  private constructor(folder: string, port: number, pid: number) {
    this.#folder = folder;
    this.port = port;
    this.pid = pid;
  }

  /**
   * `settings`: lines of main.cf over the ones below; `$folder` stands for its folder, which is made in `place`. `at`: the
   * port, where somebody else has to know it before.
   */
  static async start(settings: string, place = tmpdir(), at?: number): Promise<Postfix> {
    const folder = await mkdtemp(join(place, 'mailsms-postfix-'));
    await chmod(folder, 0o755);
    for (const name of ['queue', 'data', 'config', 'mailboxes']) await mkdir(join(folder, name));
    await run('chown', ['postfix', join(folder, 'data')]);
    await run('chown', ['nobody', join(folder, 'mailboxes')]);
    const port = at ?? (await freePort());
    const { stdout: daemons } = await run('postconf', ['-d', '-h', 'daemon_directory'], {
      env: searchPath(),
    });
    await writeFile(
      join(folder, 'config/main.cf'),
      mainCf(folder, daemons.trim()) + settings.replaceAll('$folder', folder),
    );
    await writeFile(join(folder, 'config/master.cf'), masterCf(port));
    await run('postfix', ['-c', join(folder, 'config'), 'start'], { env: searchPath() });
    const pid = Number((await readFile(join(folder, 'queue/pid/master.pid'), 'latin1')).trim());
    return new Postfix(folder, port, pid);
  }

  /** The mails in a virtual mailbox under `$folder/mailboxes`. */
  async mailbox(name: string): Promise<string[]> {
    const path = join(this.#folder, 'mailboxes', name, 'new');
    const names = await readdir(path).catch(() => []);
    return Promise.all(names.sort().map((each) => readFile(join(path, each), 'utf8')));
  }

  async stop(): Promise<void> {
    // The master ends all its processes; `postfix stop` would wait a second at a time.
    process.kill(this.pid, 'SIGTERM');
    await until('Postfix to end', () => {
      try {
        process.kill(this.pid, 0);
        return undefined;
      } catch {
        return true;
      }
    });
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Postfix's commands are in sbin, which is not on everybody's PATH. */
function searchPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}

/** A port that nobody listens on, a moment ago at least. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function mainCf(folder: string, daemons: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = ${daemons}
maillog_file = ${folder}/maillog
maillog_file_prefixes = ${folder}
myhostname = mail.office.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
`;
}

function masterCf(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}
