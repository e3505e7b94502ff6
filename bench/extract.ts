/**
 * Mails a second through `extractText`, quotes and signatures left out, beside mailparser's simpleParser on the same mails.
 *
 *     npx tsx bench/extract.ts
 */
import { readFileSync, readdirSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { Fault } from '../lib/base/errors.ts';
import { extractText } from '../lib/mail/text/extract.ts';

const folder = new URL('../fixtures/mail/', import.meta.url);
const SECONDS = 1.5;

const alert = readFileSync(new URL('nagios-service-alert.eml', folder));
const kibibyte = Buffer.concat([
  alert,
  Buffer.alloc(Math.max(0, 1024 - alert.length), 'word word word word\r\n'),
]);

const cases: [string, Buffer[]][] = [
  ['alert, 1 KiB, no MIME', [kibibyte]],
  ['quoted-printable, windows-1252', [fixture('iso-8859-15')]],
  ['base64, UTF-8', [fixture('zabbix-problem')]],
  ['format=flowed', [fixture('thunderbird-flowed')]],
  ['HTML only', [fixture('outlook-html-only')]],
  ['multipart/alternative', [fixture('grafana-alert')]],
  ['answers of mail programs', mailsIn('clients/')],
  ['all samples', mailsIn('.')],
];

function mailsIn(name: string): Buffer[] {
  const within = new URL(name, folder);
  return readdirSync(within)
    .filter((file) => file.endsWith('.eml'))
    .map((file) => readFileSync(new URL(file, within)));
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`${name}.eml`, folder));
}

/** Calls of `work` on the mails in turn for some seconds, after a warm-up, as mails a second of processor time. */
async function rate(mails: readonly Buffer[], work: (mail: Buffer) => Promise<unknown>): Promise<number> {
  await run(mails, work, 0.3);
  return run(mails, work, SECONDS);
}

/** Processor time, so that a busy machine changes little. */
async function run(
  mails: readonly Buffer[],
  work: (mail: Buffer) => Promise<unknown>,
  seconds: number,
): Promise<number> {
  const start = process.cpuUsage();
  let count = 0;
  let elapsed = 0;
  while (elapsed < seconds) {
    for (const mail of mails) await work(mail);
    count += mails.length;
    const { user, system } = process.cpuUsage(start);
    elapsed = (user + system) / 1e6;
  }
  return count / elapsed;
}

/** An encrypted mail is answered too, with a Fault. */
function refused(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}

console.log(
  `${'mails a second of processor time'.padEnd(34)}${'extractText'.padStart(12)}${'simpleParser'.padStart(14)}${'ratio'.padStart(8)}`,
);
for (const [name, mails] of cases) {
  const ours = await rate(mails, (mail) => extractText(mail, { strip: true }).catch(refused));
  const theirs = await rate(mails, (mail) => simpleParser(mail));
  const ratio = `${(ours / theirs).toFixed(1)}x`;
  console.log(
    `${name.padEnd(34)}${Math.round(ours).toLocaleString('en').padStart(12)}${Math.round(theirs).toLocaleString('en').padStart(14)}${ratio.padStart(8)}`,
  );
}
