/**
 * A modem to try things by hand: npx tsx test/support/modem-cli.ts [--link PATH] [--script FILE] [--stats FILE]
 *        [--count N] [--quiet]
 *
 * Prints its device, then each SMS that a program sends through it. A line on standard input comes in as an SMS:
 * `+15551234567 some text`; `report N 0` is the network's word on the N-th SMS sent; `unplug`, `replug`; `urc TEXT`.
 */
/* eslint-disable no-console -- this is a program */
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock, type Clock } from '../../lib/base/clock.ts';
import { startPtyModem, type PtyModem } from './pty.ts';

const { values } = parseArgs({
  options: {
    link: { type: 'string' },
    script: { type: 'string' },
    stats: { type: 'string' },
    quiet: { type: 'boolean' },
    count: { type: 'string' },
  },
});
const script = values.script === undefined ? '' : readFileSync(values.script, 'utf8');
/** Fractions of a millisecond, for --stats. */
const clock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };
/** With --count, LINK0, LINK1, ... beside each other; what is said on standard input is for the first. */
async function start(at: number): Promise<PtyModem> {
  const link = values.link === undefined || values.count === undefined ? values.link : `${values.link}${at}`;
  const started = await startPtyModem(script, { clock, ...(link !== undefined && { link }) });
  console.log(`modem at ${started.device}`);
  return started;
}

const modems: PtyModem[] = [];
for (let at = 0; at < Number(values.count ?? 1); at++) modems.push(await start(at));
const [modem] = modems as [PtyModem];

let shown = 0;
modem.modem.watch(() => {
  for (const sms of modem.sent.slice(shown)) {
    shown++;
    if (values.quiet !== true) {
      console.log(`${shown}: to ${sms.number}, reference ${sms.reference}: ${sms.text ?? sms.hex}`);
    }
    if (values.stats !== undefined) {
      const { command, pdu, answer } = sms.times;
      appendFileSync(values.stats, `${command} ${pdu} ${answer} ${sms.number}\n`);
    }
  }
});

async function obey(line: string): Promise<void> {
  const [word = '', ...rest] = line.trim().split(' ');
  const text = rest.join(' ');
  if (/^\+?\d+$/.test(word)) modem.injectText(word, text);
  else if (word === 'unplug') await modem.unplug();
  else if (word === 'replug') await modem.replug();
  else if (word === 'urc') modem.say(text);
  else if (word === 'report') {
    const sms = modem.sent[Number(rest[0]) - 1];
    if (sms === undefined) console.log('no such SMS');
    else modem.injectReport(sms, Number(rest[1] ?? 0));
  } else if (word !== '')
    console.log('not understood: +NUMBER TEXT | report N STATUS | unplug | replug | urc TEXT');
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => void obey(line));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all(modems.map((one) => one.close())).then(() => process.exit(0));
  });
}
