import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as answers from '../../../lib/transports/modem/at/answers.ts';
import * as stored from '../../../lib/transports/modem/at/stored-pdu.ts';
import { findCause } from '../../../lib/transports/modem/at/causes.ts';
import { Channel } from '../../../lib/transports/modem/at/channel.ts';
import { chooseCharset } from '../../../lib/transports/modem/at/charset.ts';
import { ChannelError } from '../../../lib/transports/modem/at/result.ts';
import type { Urc } from '../../../lib/transports/modem/at/urc.ts';
import { ManualClock, settle } from '../../support/clock.ts';
import { Wire } from '../../support/modem-wire.ts';
import { outcome, started } from './rig.ts';

/**
 * What modems said to ModemManager and oFono, as their tests and drivers have it (fixtures/at/answers): the octets go
 * through our channel, as they are and one by one, and must mean to us what they mean there. Where we differ the
 * vector says how (`ours`) and why.
 */
interface Vector {
  readonly id: string;
  readonly test: string;
  /** The command that is answered; nobody asked where there is none. */
  readonly asks?: string;
  readonly octets: string;
  readonly reads: string;
  readonly means: unknown;
  /** What comes unasked behind it: names, and what follows them. */
  readonly news?: readonly (readonly [string, string])[];
  /** No OK ends it. */
  readonly bare?: boolean;
  readonly ours?: unknown;
  readonly why?: string;
}

const FIXTURES = fileURLToPath(new URL('../../../fixtures/at/answers/', import.meta.url));

/** What is read of the lines of an answer. */
const READERS: Readonly<Record<string, (lines: readonly string[], asked: string) => unknown>> = {
  registration: ([line = '']) => answers.readRegistration(line),
  operator: answers.readOperator,
  signal: (lines) => answers.readSignal(lines)?.dbm,
  storages: answers.readStorages,
  services: answers.readServices,
  fill: answers.readFill,
  centre: answers.readServiceCentre,
  charset: chooseCharset,
  pin: answers.readPinState,
  imei: ([line = '']) => answers.readImei(line),
  iccid: ([line = '']) => answers.readIccid(line),
  list: (lines) => stored.readList(lines).found,
  message: (lines, asked) => stored.readMessage(Number(asked.split('=')[1]), lines).found[0],
  lines: (lines) => lines,
};

/** What is read of what was said unasked. */
const NEWS: Readonly<Record<string, (urcs: readonly Urc[]) => unknown>> = {
  registrations: (urcs) => urcs.map(({ name, text }) => answers.readRegistration(`${name}: ${text}`)),
  direct: ([urc]) => ({ length: answers.readLength(urc?.text ?? ''), hex: urc?.body }),
  news: pairs,
};

function pairs(urcs: readonly Urc[]): unknown {
  return urcs.map(({ name, text }) => [name, text]);
}

function connect() {
  const wire = new Wire();
  const clock = new ManualClock();
  const urcs: Urc[] = [];
  const channel = new Channel(wire.port, { clock }, { urc: (urc) => urcs.push(urc) });
  return { wire, clock, channel, urcs };
}

type Say = 'say' | 'trickle';

/** What the octets mean as an answer. */
async function answered(vector: Vector, how: Say): Promise<unknown> {
  const { asks = '', octets, reads, bare, news } = vector;
  const { wire, clock, channel, urcs } = connect();
  const ends = reads === 'final' || reads === 'cause' || bare === true || octets.endsWith('\r\nOK\r\n');
  const result = outcome(channel.command(asks, asks === 'AT+CPIN?' ? answers.PIN_STATE : {}));
  await settle();
  wire[how](ends ? octets : `${octets}\r\n\r\nOK\r\n`);
  await settle();
  if (bare === true) await clock.advance(2000);
  if (news !== undefined) expect(pairs(urcs)).to.deep.equal(news);
  const given = result.error instanceof ChannelError ? result.error.given : undefined;
  if (reads === 'final') {
    if (!result.settled) return undefined;
    if (result.error === undefined) return { ok: true };
    if (given === undefined || given.family === 'none') return { ok: false };
    const { family, code, text } = given;
    return { ok: false, family, ...(code !== undefined && { code }), ...(text && { text }) };
  }
  if (reads === 'cause') {
    const cause = given === undefined ? undefined : findCause(given);
    return cause === undefined ? undefined : { family: cause.family, code: cause.code };
  }
  expect(result.error).to.equal(undefined);
  return READERS[reads]?.(result.value ?? [], asks);
}

/** What the octets mean unasked: while nothing is asked, and in the middle of an answer. */
async function heard({ octets, reads }: Vector, how: Say): Promise<unknown> {
  const { wire, channel, urcs } = connect();
  wire[how](octets);
  const alone = NEWS[reads]?.(urcs);
  urcs.length = 0;
  const result = outcome(channel.command('AT+CMGS=1', { pdu: '00' }));
  await settle();
  wire.say('\r\n> ');
  await settle();
  wire[how](`${octets}\r\n+CMGS: 7\r\n${octets}\r\nOK\r\n`);
  await settle();
  expect(result.value, 'an answer that it came into').to.deep.equal(['+CMGS: 7']);
  const half = urcs.length / 2;
  expect(NEWS[reads]?.(urcs.slice(0, half))).to.deep.equal(alone);
  expect(NEWS[reads]?.(urcs.slice(half))).to.deep.equal(alone);
  return alone;
}

function load(file: string): { source: string; path: string; vectors: readonly Vector[] } {
  return JSON.parse(readFileSync(FIXTURES + file, 'utf8')) as ReturnType<typeof load>;
}

describe('what modems said to other programs', () => {
  it('is enough to bring one up: the modem that ModemManager tests its generic plugin with', async () => {
    const octets = (text: string): string => text.replace(/\r/g, '\\r').replace(/\n/g, '\\n');
    const known = load('modemmanager-gsm-port.json').vectors.map(
      (vector) => `> ${vector.asks}\n<< ${octets(vector.octets)}`,
    );
    const { clock, events, transport } = await started([...known, '> *', '< ERROR'].join('\n'));
    await clock.advance(10_000);
    expect(events.state).to.equal('up');
    const facts = { registration: 'home', imei: '123456789012345', imsi: '998899889988997' };
    expect(transport.status().facts).to.include(facts);
    await transport.stop();
  });

  for (const file of readdirSync(FIXTURES).sort()) {
    const { source, path, vectors } = load(file);
    describe(`${source}, ${path}`, () => {
      for (const vector of vectors) {
        const { id, test, asks, means, ours } = vector;
        const expected = ('ours' in vector ? ours : means) ?? undefined;
        const also = 'ours' in vector ? ', differently' : '';
        it(`${id} (${test}) means the same to us${also}`, async () => {
          if ('ours' in vector) {
            expect(ours, 'a difference').not.to.deep.equal(means);
            expect(vector.why, 'the reason for a difference').to.be.a('string');
          }
          const read = asks === undefined ? heard : answered;
          for (const how of ['say', 'trickle'] as const) {
            expect(await read(vector, how), `${asks ?? 'unasked'}: ${how}`).to.deep.equal(expected);
          }
        });
      }
    });
  }
});
