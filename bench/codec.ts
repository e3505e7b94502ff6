/**
 * The codec beside others: the same two texts, a single part of 160 GSM 7-bit characters and a UCS-2 text of three
 * parts, each encoded from a string to hexadecimal PDUs and decoded from those to a string, through each library's
 * own calls, in one run. Peers: node-pdu (npm), gammu (python3-gammu) and python-messaging, where they are there.
 *
 *     node --import tsx bench/codec.ts [--seconds 1]
 *
 * Figures are operations a second of CPU time on one core (other work on the machine costs little), the best of
 * several rounds; subjects take turns. Each subject's result is checked before it is timed.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { encodeSmsc } from '../lib/sms/address.ts';
import { fromHex, toHex } from '../lib/sms/hex.ts';
import { segment } from '../lib/sms/segment.ts';
import { encodeSubmit } from '../lib/sms/submit.ts';
import { decodeTpdu } from '../lib/sms/tpdu.ts';
import { Submit, parse } from 'node-pdu';

const ROUNDS = 5;
const NUMBER = '+15551234567';

/** As a mail brings them in: strings of their own, not slices of longer ones. */
const SHORT = Buffer.from(
  'Server web-04 in rack 12: disk /dev/sda1 is 97% full (1.8 of 1.9 TB), load 12.5, 3 RAID members degraded. Next check in 5 minutes, call the duty desk: 555-01',
)
  .toString()
  .padEnd(160, '.');
const LONG = Buffer.from('Сервер web-04: диск заполнен на 97%. '.repeat(6).slice(0, 198)).toString();

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const seconds = Number(values.seconds ?? 1);

type Task = 'encode 160 GSM 7-bit' | 'decode 160 GSM 7-bit' | 'encode 3-part UCS-2' | 'decode 3-part UCS-2';
const TASKS: readonly Task[] = [
  'encode 160 GSM 7-bit',
  'decode 160 GSM 7-bit',
  'encode 3-part UCS-2',
  'decode 3-part UCS-2',
];

interface Subject {
  readonly name: string;
  encode(text: string): string[];
  decode(pdus: readonly string[]): string;
}

const SMSC = toHex(encodeSmsc());

const subjects: readonly Subject[] = [
  {
    name: 'mailsms',
    encode: (text) =>
      segment(text).parts.map((part) => SMSC + toHex(encodeSubmit({ destination: NUMBER, segment: part }))),
    decode(pdus) {
      let text = '';
      for (const pdu of pdus) {
        const tpdu = decodeTpdu(fromHex(pdu), { direction: 'from-mobile' });
        if (tpdu.type !== 'submit') throw new Error('not a SUBMIT');
        text += tpdu.text;
      }
      return text;
    },
  },
  {
    name: 'node-pdu',
    encode: (text) => new Submit(NUMBER, text).getPartStrings(),
    decode(pdus) {
      let text = '';
      for (const pdu of pdus) {
        const parsed = parse(pdu);
        if (!(parsed instanceof Submit)) throw new Error('not a Submit');
        text += parsed.data.getText();
      }
      return text;
    },
  },
];

/** Runs `work` for about as long as asked; operations a second of CPU time. */
function rate(work: () => unknown): number {
  let operations = 0;
  const start = process.cpuUsage();
  let used = 0;
  do {
    for (let i = 0; i < 500; i++) work();
    operations += 500;
    const { user, system } = process.cpuUsage(start);
    used = (user + system) / 1e6;
  } while (used < seconds / ROUNDS);
  return operations / used;
}

function workOf(subject: Subject, task: Task): () => unknown {
  const text = task.includes('GSM') ? SHORT : LONG;
  const pdus = subject.encode(text);
  if (subject.decode(pdus) !== text) throw new Error(`${subject.name} does not give back the text`);
  return task.startsWith('encode') ? () => subject.encode(text) : () => subject.decode(pdus);
}

/** The same for Python libraries, in a process of their own; prints one figure a task. */
const PYTHON_HEAD = `
import sys, time, json, binascii
short, long, number, seconds = json.loads(sys.stdin.read())
def rate(work):
    best = 0
    for _ in range(${ROUNDS}):
        n = 0; start = time.process_time(); used = 0
        while used < seconds / ${ROUNDS}:
            for _ in range(50): work()
            n += 50; used = time.process_time() - start
        best = max(best, n / used)
    return best
`;

const PYTHON_PEERS: readonly { name: string; script: string }[] = [
  {
    name: 'gammu (python3-gammu)',
    script: `
import gammu
def encode(text, wide):
    info = {'Class': -1, 'Unicode': wide, 'Entries': [{'ID': 'ConcatenatedTextLong', 'Buffer': text}]}
    pdus = []
    for part in gammu.EncodeSMS(info):
        part['Number'] = number; part['SMSC'] = {'Number': ''}
        pdus.append(binascii.hexlify(gammu.EncodePDU(part, 'Submit')))
    return pdus
def decode(pdus):
    return ''.join(gammu.DecodePDU(binascii.unhexlify(p), True)['Text'] for p in pdus)
`,
  },
  {
    name: 'python-messaging',
    script: `
from messaging.sms import SmsSubmit
from messaging.sms.gsm0338 import decode as _
def encode(text, wide):
    return [p.pdu for p in SmsSubmit(number, text).to_pdu()]
def decode(pdus):
    raise NotImplementedError('it decodes DELIVERs only')
`,
  },
];

const PYTHON_TAIL = `
def figures(text, wide):
    pdus = encode(text, wide)
    try:
        assert decode(pdus) == text, 'the text does not come back'
        decoding = rate(lambda: decode(pdus))
    except NotImplementedError:
        decoding = None
    return [rate(lambda: encode(text, wide)), decoding]
print(json.dumps(figures(short, False) + figures(long, True)))
`;

function pythonFigures(script: string): (number | null)[] | string {
  let reason = 'no python3';
  for (const python of ['/usr/bin/python3', 'python3']) {
    const { status, stdout, stderr } = spawnSync(python, ['-c', PYTHON_HEAD + script + PYTHON_TAIL], {
      input: JSON.stringify([SHORT, LONG, NUMBER, seconds]),
      encoding: 'utf8',
    });
    if (status === 0) return JSON.parse(stdout) as (number | null)[];
    reason = (stderr ?? '').trim().split('\n').at(-1) ?? reason;
  }
  return reason;
}

function main(): void {
  const figures = new Map<string, (number | null)[]>();
  const works = subjects.map((subject) => TASKS.map((task) => workOf(subject, task)));
  for (let round = 0; round < ROUNDS; round++) {
    subjects.forEach(({ name }, i) => {
      const best = figures.get(name) ?? TASKS.map(() => 0);
      const now = (works[i] ?? []).map((work, t) => Math.max(best[t] ?? 0, rate(work)));
      figures.set(name, now);
    });
  }
  const missing: string[] = [];
  for (const { name, script } of PYTHON_PEERS) {
    const found = pythonFigures(script);
    if (typeof found === 'string') missing.push(`${name} is not there (${found})`);
    else figures.set(name, found);
  }
  console.log(
    `Node ${process.version}; operations a second of CPU time on one core; in brackets mailsms against it`,
  );
  const ours = figures.get('mailsms') ?? [];
  for (const [t, task] of TASKS.entries()) {
    console.log(`\n${task}`);
    for (const [name, of] of figures) {
      const figure = of[t];
      if (figure === null || figure === undefined) continue;
      const ratio = name === 'mailsms' ? '' : `  (${((ours[t] ?? NaN) / figure).toFixed(1)}x)`;
      console.log(`  ${name.padEnd(24)} ${Math.round(figure).toLocaleString('en').padStart(12)}${ratio}`);
    }
  }
  const part = {
    destination: NUMBER,
    segment: segment(SHORT).parts[0] as ReturnType<typeof segment>['parts'][0],
  };
  const whole = Math.max(
    ...Array.from({ length: ROUNDS }, () =>
      rate(() => encodeSubmit({ ...part, segment: segment(SHORT).parts[0] as typeof part.segment })),
    ),
  );
  console.log(
    `\nsingle parts from a string to octets (segment, encodeSubmit): ${Math.round(whole).toLocaleString('en')} a second`,
  );
  for (const line of missing) console.log(line);
}

main();
