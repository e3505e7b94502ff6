import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Peer, freePort } from './peer.ts';

const run = promisify(execFile);

/** Postfix's version, or why it can't be measured here. */
export async function postfixVersion(): Promise<{ version: string } | { missing: string }> {
  if (process.getuid?.() !== 0) return { missing: 'Postfix is only started by root' };
  try {
    const { stdout } = await run('postconf', ['-d', '-h', 'mail_version']);
    return { version: stdout.trim() };
  } catch {
    return { missing: 'Postfix is not installed' };
  }
}

/** A Postfix of its own under `folder` that accepts, syncs and puts on hold: nothing is delivered. */
export async function startPostfix(folder: string): Promise<Peer> {
  const port = await freePort();
  const path = (name: string): string => join(folder, name);
  await mkdir(path('queue'), { recursive: true });
  await mkdir(path('data'), { recursive: true });
  await mkdir(path('config'), { recursive: true });
  await run('chown', ['postfix', path('data')]);
  await chmod(folder, 0o755);
  const { stdout: daemons } = await run('postconf', ['-d', '-h', 'daemon_directory']);
  await writeFile(path('config/main.cf'), mainCf(folder, daemons.trim()));
  await writeFile(path('config/master.cf'), masterCf(port));
  await run('postfix', ['-c', path('config'), 'start']);
  const pid = Number((await readFile(path('queue/pid/master.pid'), 'latin1')).trim());
  return {
    name: 'Postfix, on hold',
    port,
    recipient: '+15551234567@sms.test',
    pid,
    stop: async () => {
      await run('postfix', ['-c', path('config'), 'stop']);
    },
  };
}

function mainCf(folder: string, daemons: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = ${daemons}
maillog_file = ${folder}/maillog
maillog_file_prefixes = ${folder}
myhostname = mx.sms.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = sms.test
relay_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_restrictions = check_client_access static:HOLD
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
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}
