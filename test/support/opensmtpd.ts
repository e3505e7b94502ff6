import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { freePort } from './postfix.ts';
import { until } from './product.ts';
import { Tree } from './unpacked.ts';

const SMTPD = '/usr/sbin/smtpd';

/** An OpenSMTPD of its own, unpacked from Debian's package, with one SMTP listener on 127.0.0.1. */
export class OpenSmtpd {
  readonly tree: Tree;
  readonly port: number;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(tree: Tree, port: number, child: ChildProcess) {
    this.tree = tree;
    this.port = port;
    this.#child = child;
    const take = (chunk: Buffer): void => void (this.#said += chunk.toString('utf8'));
    child.stderr?.on('data', take);
    child.stdout?.on('data', take);
  }

  /** The tree to start one in, or why there is none. */
  static unpack(): Promise<Tree | { missing: string }> {
    return Tree.make({
      packages: ['opensmtpd'],
      programs: [SMTPD, '/usr/sbin/smtpctl'],
      users: ['opensmtpd', 'opensmtpq', 'nobody'],
      folders: ['var/lib/opensmtpd/empty', 'var/spool/smtpd', 'run/mailsms', 'root'],
    });
  }

  /** `rules`: actions and matches of smtpd.conf. */
  static async start(tree: Tree, rules: string): Promise<OpenSmtpd> {
    const port = await freePort();
    await writeFile(tree.at('etc/smtpd.conf'), `listen on 127.0.0.1 port ${port}\n${rules}`);
    await writeFile(tree.at('etc/mailname'), 'mail.office.example\n');
    await chmod(tree.at('var/spool/smtpd'), 0o711);
    const [program, args] = tree.command(SMTPD, ['-d', '-f', '/etc/smtpd.conf']);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const smtpd = new OpenSmtpd(tree, port, child);
    await until('OpenSMTPD', () => {
      if (child.exitCode !== null) throw new Error(`OpenSMTPD ended: ${smtpd.log}`);
      return /smtpd: .*starting|info: OpenSMTPD/.test(smtpd.log) || undefined;
    });
    return smtpd;
  }

  get log(): string {
    return this.#said;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.pid !== undefined) {
      const gone = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await gone;
    }
    await this.tree.remove();
  }
}
