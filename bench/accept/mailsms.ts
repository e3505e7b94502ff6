import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/postfix.ts';
import type { Peer } from './peer.ts';

/** The built product: `npm run build` makes it. */
export const PRODUCT = fileURLToPath(new URL('../../dist/bin/mailsms.js', import.meta.url));

const START_MS = 15_000;
const STOP_MS = 20_000;

/**
 * The built product under `folder`, with simulated phones. `hold`: mails are pinned to a modem that is not there, so
 * they are accepted and stored, and wait; else they go on to a phone while more come in.
 */
export async function startMailsms(
  folder: string,
  how: { hold: boolean; nodeOptions: readonly string[] },
): Promise<Peer> {
  const port = await freePort();
  const config = join(folder, 'config.yaml');
  const output = join(folder, 'output');
  await writeFile(config, configuration(folder, port, await freePort()));
  const log = await open(output, 'w');
  const child = spawn(process.execPath, [...how.nodeOptions, PRODUCT, 'start', '--config', config], {
    stdio: ['ignore', log.fd, log.fd],
    cwd: folder,
    // A session of its own, as Postfix has: the scheduler shares the processors out by sessions.
    detached: true,
  });
  await log.close();
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = new AbortController();
    const killed = delay(STOP_MS, undefined, { signal: late.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    await ended;
    late.abort();
    await killed;
  };
  try {
    await ready(output, () => child.exitCode);
  } catch (error) {
    await stop();
    throw error;
  }
  if (child.pid === undefined) throw new Error('mailsms did not start');
  return {
    name: how.hold ? 'mailsms, on hold' : 'mailsms, to the phone',
    port,
    recipient: how.hold ? '+15551234567?id=hold@sms.test' : '+15551234567@sms.test',
    pid: child.pid,
    stop,
  };
}

function configuration(folder: string, smtp: number, http: number): string {
  return `dataDir: ${folder}/data
domains: [{ name: sms.test, country: US }]
smtp: { listen: "127.0.0.1:${smtp}", trusted: ["127.0.0.1/32"] }
http: { listen: "127.0.0.1:${http}" }
log: { format: json }
gateways:
  - { id: phone, type: virtual }
  - { id: hold, type: modem, device: /dev/mailsms-bench-has-no-modem }
`;
}

async function ready(output: string, exitCode: () => number | null): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    const text = await readFile(output, 'utf8');
    if (text.includes('mailsms is ready')) return;
    if (exitCode() !== null || performance.now() > end) throw new Error(`mailsms did not start:\n${text}`);
    await delay(20);
  }
}
