/**
 * Mutated PDUs against the decoder: nothing but DecodeError is thrown, none takes longer than its bound, and memory
 * does not grow.
 *
 *     node --import tsx bench/fuzz-codec.ts            200,000 PDUs
 *     node --import tsx bench/fuzz-codec.ts --long     ten million
 *     node --import tsx bench/fuzz-codec.ts --count N --seed S
 *
 * The seed is printed; the same seed makes the same PDUs. Exit code 1 where one of the three does not hold.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DecodeError } from '../lib/sms/errors.ts';
import { explainTpdu } from '../lib/sms/explain.ts';
import { fromHex, toHex } from '../lib/sms/hex.ts';
import { tpduJson } from '../lib/sms/json.ts';
import { decodeTpdu, type DecodeOptions } from '../lib/sms/tpdu.ts';

/** A PDU that takes longer than this is a hang. */
const BOUND_MS = 10;

/** Memory after the run may be this much more than after the first tenth of it. */
const GROWTH_BYTES = 32 * 1024 * 1024;

const { values } = parseArgs({
  options: { long: { type: 'boolean' }, count: { type: 'string' }, seed: { type: 'string' } },
});
const count = Number(values.count ?? (values.long ? 10_000_000 : 200_000));
const seed = Number(values.seed ?? process.hrtime.bigint() & 0xffffffffn);

/** Mulberry32: small, fast, and the same everywhere. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Every PDU in the fixtures. */
function corpus(): Uint8Array[] {
  const folder = new URL('../fixtures/pdu/', import.meta.url);
  const found: Uint8Array[] = [];
  for (const file of readdirSync(folder)) {
    for (const [, hex = ''] of readFileSync(new URL(file, folder), 'utf8').matchAll(
      /"([0-9A-F]{16,400})"/g,
    )) {
      if (hex.length % 2 === 0) found.push(fromHex(hex));
    }
  }
  return found;
}

const random = randomFrom(seed);

function mutated(source: Uint8Array): Uint8Array {
  const octets = Array.from(source);
  for (let left = 1 + random(6); left > 0; left--) {
    const at = random(octets.length + 1);
    switch (random(6)) {
      case 0:
        octets.splice(at, 0, random(256));
        break;
      case 1:
        octets.splice(at, 1 + random(4));
        break;
      case 2:
        octets.length = Math.min(octets.length, at);
        break;
      case 3:
        octets.push(...octets.slice(0, at));
        break;
      case 4:
        if (at < octets.length) octets[at] = (octets[at] as number) ^ (1 << random(8));
        break;
      default:
        if (at < octets.length) octets[at] = random(256);
    }
  }
  return Uint8Array.from(octets.slice(0, 400));
}

const VARIANTS: readonly DecodeOptions[] = [
  {},
  { smsc: false },
  { direction: 'from-mobile' },
  { smsc: false, direction: 'from-mobile' },
  { lenient: true },
  { lenient: true, smsc: false, direction: 'from-mobile' },
  { type: 'status-report', smsc: false },
  { type: 'command', smsc: false },
];

const tally = { decoded: 0, refused: 0, slow: 0, wrong: 0 };

function complain(what: string, octets: Uint8Array): void {
  process.exitCode = 1;
  console.error(`${what}: ${toHex(octets)}`);
}

function decodeOne(octets: Uint8Array, options: DecodeOptions, thorough: boolean): void {
  try {
    if (thorough) JSON.stringify(tpduJson(explainTpdu(octets, options).tpdu));
    else decodeTpdu(octets, options);
    tally.decoded++;
  } catch (error) {
    if (
      error instanceof DecodeError &&
      error.offset >= 0 &&
      error.offset <= octets.length &&
      error.reason !== ''
    ) {
      tally.refused++;
    } else {
      tally.wrong++;
      complain(String(error), octets);
    }
  }
}

function run(): void {
  const sources = corpus();
  console.log(`seed ${seed}, ${sources.length} PDUs to start from, ${count} to decode`);
  let heapEarly = 0;
  const began = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    const octets = mutated(sources[random(sources.length)] as Uint8Array);
    const options = VARIANTS[i % VARIANTS.length] as DecodeOptions;
    const before = performance.now();
    decodeOne(octets, options, i % 16 === 0);
    const ms = performance.now() - before;
    // A pause of the collector or of the machine is no hang: what was slow must be slow again.
    if (ms > BOUND_MS && isSlow(octets, options)) {
      tally.slow++;
      complain(`takes longer than ${BOUND_MS} ms`, octets);
    }
    if (i === Math.floor(count / 10)) heapEarly = settledHeap();
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const growth = settledHeap() - heapEarly;
  if (growth > GROWTH_BYTES) {
    process.exitCode = 1;
    console.error(`memory grew by ${growth} octets`);
  }
  console.log({ ...tally, heapGrowth: growth, perSecond: Math.round(count / seconds) });
  console.log(process.exitCode === 1 ? 'FAILED' : 'nothing but DecodeError, no hang, memory flat');
}

function isSlow(octets: Uint8Array, options: DecodeOptions): boolean {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    decodeOne(octets, options, true);
    const used = process.cpuUsage(before);
    return (used.user + used.system) / 1000;
  });
  return Math.min(...times) > BOUND_MS;
}

/** Octets in use, after a collection where `--expose-gc` allows one. */
function settledHeap(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

run();
