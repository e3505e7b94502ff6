import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from './product.ts';

const FOLDERS = 'incoming queue queue/discarded archive text subconf unsubconf bounce control moderation';
const MEMBERS = 'subscribers.d digesters.d nomailsubs.d requeue';

/** A list of mlmmj in a folder of its own. What it sends goes to an SMTP server on this machine. */
export class MlmmjList {
  readonly address: string;
  readonly folder: string;
  readonly #home: string;

  constructor(address: string, port: number) {
    this.address = address;
    this.#home = mkdtempSync(join(tmpdir(), 'mailsms-mlmmj-'));
    this.folder = join(this.#home, address.split('@')[0] ?? 'list');
    for (const each of `${FOLDERS} ${MEMBERS}`.split(' ')) {
      mkdirSync(join(this.folder, each), { recursive: true });
    }
    writeFileSync(join(this.folder, 'index'), '0\n');
    const control = {
      listaddress: address,
      owner: 'owner@office.example',
      relayhost: '127.0.0.1',
      smtpport: port,
    };
    for (const [name, value] of Object.entries(control)) {
      writeFileSync(join(this.folder, 'control', name), `${value}\n`);
    }
  }

  /** Runs commands as they stand in a manual. */
  async shell(commands: string): Promise<Finished> {
    return run('sh', ['-eu', '-c', commands]);
  }

  /** Hands a mail to the list, and waits until it is sent. */
  post(mail: string): Promise<Finished> {
    return run('/usr/bin/mlmmj-receive', ['-F', '-L', this.folder], mail);
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
