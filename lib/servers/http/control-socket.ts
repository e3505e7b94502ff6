import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A unix socket's path may have 108 octets, its final NUL included (sun_path in Linux; 104 elsewhere). */
const LONGEST_PATH = 103;

/** Where the running gateway of this data directory listens for commands. */
export function controlSocket(dataDir: string): string {
  const path = join(resolve(dataDir), 'control.sock');
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path;
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 24);
  return join(tmpdir(), `mailsms-${digest}.sock`);
}
