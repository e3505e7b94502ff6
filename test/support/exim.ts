import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { chown } from 'node:fs/promises';
import { freePort } from './postfix.ts';
import { until } from './product.ts';
import { Tree } from './unpacked.ts';

const EXIM = '/usr/sbin/exim4';

/** An Exim of its own, unpacked from Debian's packages, with one SMTP listener on 127.0.0.1. */
export class Exim {
  readonly tree: Tree;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(tree: Tree, port: number, child: ChildProcess) {
    this.tree = tree;
    this.port = port;
    this.#child = child;
  }

  /** The tree to start one in, or why there is none. */
  static unpack(): Promise<Tree | { missing: string }> {
    return Tree.make({
      packages: ['exim4-daemon-light', 'exim4-base'],
      programs: [EXIM],
      users: ['Debian-exim', 'mail'],
      folders: ['var/spool/exim4', 'var/log/exim4', 'run/mailsms', 'var/mailboxes'],
    });
  }

  /** `routers`, `transports` and `authenticators`: the sections of the configuration; mailboxes are in /var/mailboxes. */
  static async start(
    tree: Tree,
    sections: { routers: string; transports: string; authenticators?: string },
  ): Promise<Exim> {
    const port = await freePort();
    await mkdir(tree.at('etc/exim4'), { recursive: true });
    await writeFile(tree.at('etc/exim4/exim.conf'), configuration(port, sections));
    await writeFile(tree.at('etc/people'), 'john: john\nann: ann\n');
    const owner = await tree.id('Debian-exim');
    for (const path of ['var/spool/exim4', 'var/log/exim4', 'var/mailboxes']) {
      await chown(tree.at(path), owner, owner);
    }
    const [program, args] = tree.command(EXIM, ['-C', '/etc/exim4/exim.conf', '-bdf', '-q30m']);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const exim = new Exim(tree, port, child);
    await until('Exim to listen', async () => {
      if (child.exitCode !== null) throw new Error(`Exim ended: ${said}${await exim.log()}`);
      return /listening for SMTP/.test(await exim.log()) ? true : undefined;
    });
    return exim;
  }

  /** What it has logged, refusals too. */
  async log(): Promise<string> {
    const logs = ['mainlog', 'paniclog', 'rejectlog'].map((name) =>
      readFile(this.tree.at(`var/log/exim4/${name}`), 'utf8').catch(() => ''),
    );
    return (await Promise.all(logs)).join('');
  }

  /** The mails in a mailbox. */
  async mailbox(name: string): Promise<string[]> {
    const path = this.tree.at(`var/mailboxes/${name}/new`);
    const names = await readdir(path).catch(() => []);
    return Promise.all(names.sort().map((each) => readFile(`${path}/${each}`, 'utf8')));
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.pid !== undefined) {
      const gone = once(child, 'exit');
      // Its queue runners and deliveries are in its process group.
      process.kill(-child.pid, 'SIGTERM');
      await gone;
    }
    await this.tree.remove();
  }
}

function configuration(
  port: number,
  sections: { routers: string; transports: string; authenticators?: string },
): string {
  return `primary_hostname = mail.office.example
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
pid_file_path = /var/spool/exim4/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
acl_smtp_rcpt = check_rcpt
auth_advertise_hosts = *

begin acl
check_rcpt:
  accept hosts = 127.0.0.1
    control = submission/sender_retain

begin routers
${sections.routers}
office:
  driver = accept
  domains = office.example
  transport = mailbox

begin transports
${sections.transports}
mailbox:
  driver = appendfile
  directory = /var/mailboxes/\${lookup{$local_part}lsearch{/etc/people}}
  maildir_format
  user = Debian-exim

begin retry
* * F,1h,10m

begin authenticators
${sections.authenticators ?? ''}
`;
}
