import { expect } from 'chai';
import { type GatewayNow, whyWaiting } from '../../../lib/flow/operator/why-waiting.ts';
import type { OutgoingMessage } from '../../../lib/store/records.ts';
import { outgoing, parts } from '../../support/store-records.ts';

const NOW = Date.parse('2026-11-23T09:30:00Z');
const LATER = NOW + 60_000;
const FAULT = { code: 'gateway.deferred', enhanced: '4.4.2', told: 'the network is busy' };

const gateway = (id: string, given: Partial<GatewayNow> = {}): GatewayNow => ({
  id,
  state: 'up',
  held: () => undefined,
  ...given,
});

const UP = [gateway('modem1'), gateway('modem2')];
const DOWN = [
  gateway('modem1', { state: 'down', reason: 'no SIM' }),
  gateway('modem2', { state: 'starting' }),
];
const CAPPED = gateway('modem1', { held: (count) => (count > 1 ? 'may send 1 more SMS today' : undefined) });

const CASES: [
  name: string,
  message: Partial<OutgoingMessage>,
  gateways: readonly GatewayNow[],
  waits: object | undefined,
][] = [
  ['is done', { state: 'sent' }, UP, undefined],
  ['is next', {}, UP, { cause: 'turn', told: 'its turn is next' }],
  ['had a setback', { fault: FAULT }, UP, { cause: 'turn', told: 'the network is busy' }],
  [
    'is being sent',
    { state: 'sending', parts: [{ sequence: 1, state: 'handing', gateway: 'modem2' }] },
    UP,
    { cause: 'sending', told: 'being sent through modem2' },
  ],
  [
    'is held',
    { state: 'held' },
    UP,
    { cause: 'decision', told: 'nobody knows whether it went out: retry or rm decides' },
  ],
  [
    'is not to be sent yet',
    { notBefore: LATER },
    UP,
    { cause: 'time', told: 'it is not to be sent before', until: LATER },
  ],
  [
    'is tried again later',
    { notBefore: LATER, fault: FAULT },
    UP,
    { cause: 'time', told: 'tried again: the network is busy', until: LATER },
  ],
  [
    'is pinned to one that is down',
    { lane: '=modem1', notBefore: LATER },
    DOWN,
    { cause: 'gateway', told: 'gateway modem1 is down: no SIM' },
  ],
  [
    'is pinned to one that is switched off',
    { lane: '=spare' },
    [...UP, gateway('spare', { state: 'off' })],
    { cause: 'gateway', told: 'gateway spare is switched off' },
  ],
  [
    'is pinned to one that is not there',
    { lane: '=gone' },
    UP,
    { cause: 'gateway', told: 'there is no gateway "gone"' },
  ],
  ['may be taken by none', { lane: 'gone' }, UP, { cause: 'gateway', told: 'no gateway may take it' }],
  [
    'finds all of them out',
    {},
    DOWN,
    { cause: 'gateway', told: 'no gateway is up: modem1 is down: no SIM; modem2 is starting' },
  ],
  ['finds one of them up', {}, [...DOWN, gateway('modem3')], { cause: 'turn', told: 'its turn is next' }],
  [
    'is more than its gateway may send',
    { lane: '=modem1', parts: parts(2) },
    [CAPPED, gateway('modem2')],
    { cause: 'rate', told: 'gateway modem1 may send 1 more SMS today' },
  ],
  [
    'may go by another than one that has sent all that it may',
    { parts: parts(2) },
    [CAPPED, gateway('modem2')],
    { cause: 'turn', told: 'its turn is next' },
  ],
  [
    'lies in a store that nothing works on',
    { notBefore: LATER },
    [gateway('modem1', { state: 'stopped' }), gateway('spare', { state: 'off' })],
    { cause: 'stopped', told: 'mailsms is not running' },
  ],
];

describe('why a message waits', () => {
  for (const [name, message, gateways, waits] of CASES) {
    it(`when it ${name}`, () => {
      expect(whyWaiting(outgoing(NOW, message), gateways, NOW)).to.deep.equal(waits);
    });
  }
});
