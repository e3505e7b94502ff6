import { expect } from 'chai';
import { CONDITION_NAMES } from '../../lib/rules/conditions.ts';
import type { RuleMessage } from '../../lib/rules/message.ts';
import { applies, incoming, outgoing } from './message.ts';

type Case = readonly [when: string, changes: Partial<RuleMessage>, expected: boolean];

const header = (name: string, value: string): Partial<RuleMessage> => ({ headers: [{ name, value }] });
const at = (iso: string, zone = 'UTC'): Partial<RuleMessage> => ({ at: Date.parse(iso), zone });

/** Each condition, holding and not. */
const CASES: readonly Case[] = [
  ['{ always: true }', {}, true],
  ['{ always: false }', {}, false],
  ['{ from: { contains: jane } }', {}, true],
  ['{ from: { contains: john } }', {}, false],
  ["{ to: { is: '+15551234567' } }", {}, true],
  ["{ to: { is: '+15551234567@us' } }", { gateway: 'us' }, true],
  ["{ to: { is: '+15551234567&maxmsgs=2' } }", { parameters: [{ name: 'maxmsgs', value: '2' }] }, true],
  ['{ cc: { contains: x } }', header('CC', 'x@y.z'), true],
  ['{ cc: { contains: x } }', {}, false],
  ['{ subject: { is: server down } }', {}, true],
  ["{ subject: { is: '' } }", { headers: [] }, true],
  ['{ replyTo: { ends: .org } }', header('Reply-To', 'a@b.org'), true],
  ["{ header: { name: X-Priority, is: '2' } }", header('x-priority', '2'), true],
  ["{ header: { name: X-Priority, is: '2' } }", header('X-Priority', '1'), false],
  ['{ anyHeader: { starts: X-Spam } }', header('X-Spam-Flag', 'YES'), true],
  ['{ anyHeader: { contains: YES, case: true } }', header('X-Spam-Flag', 'yes'), false],
  ["{ anyHeader: { contains: '' } }", incomingWithoutHeaders(), false],
  ['{ sender: { ends: "@example.com" } }', {}, true],
  ['{ sender: { ends: "@example.com" } }', { sender: 'a@b.c' }, false],
  ['{ recipient: { contains: sms. } }', {}, true],
  ['{ recipient: { contains: other } }', {}, false],
  ['{ body: { contains: server } }', {}, true],
  ['{ body: { contains: client } }', {}, false],
  ['{ html: { contains: <b> } }', { html: () => '<b>x</b>' }, true],
  ['{ html: { contains: <b> } }', {}, false],
  ["{ attachment: { wildcard: '*.pdf' } }", { attachments: ['a.txt', 'b.PDF'] }, true],
  ["{ attachment: { wildcard: '*.pdf', every: true } }", { attachments: ['a.txt', 'b.PDF'] }, false],
  ["{ attachment: { wildcard: '*' } }", {}, false],
  ["{ attachment: { wildcard: '*.exe', not: true } }", {}, true],
  ["{ number: { starts: '+1555' } }", {}, true],
  ["{ number: { starts: '+1556' } }", {}, false],
  ['{ gateway: { is: us } }', { gateway: 'us' }, true],
  ["{ gateway: { is: '' } }", {}, true],
  ['{ user: { is: jane } }', {}, true],
  ['{ user: { is: john } }', {}, false],
  ['{ encoding: { is: ucs2 } }', { encoding: 'ucs2' }, true],
  ['{ encoding: { is: ucs2 } }', {}, false],
  ["{ parameter: { name: maxmsgs, is: '2' } }", { parameters: [{ name: 'maxmsgs', value: '2' }] }, true],
  ["{ parameter: { name: maxmsgs, is: '2' } }", {}, false],
  ["{ prefix: '+1' }", {}, true],
  ["{ prefix: ['+43', '+49'] }", {}, false],
  ['{ country: US }', {}, true],
  ['{ country: [at, de] }', { number: '+436641234567' }, true],
  ['{ country: US }', { number: '12345' }, false],
  ['{ routed: true }', { gateway: 'us' }, true],
  ['{ routed: false }', {}, true],
  ['{ size: { over: 899B } }', {}, true],
  ['{ size: { over: 900B } }', {}, false],
  ['{ size: { over: 1B, under: 1KB } }', {}, true],
  ['{ size: { is: 900B } }', {}, true],
  ['{ parts: { over: 1 } }', { parts: 2 }, true],
  ['{ parts: { over: 1 } }', {}, false],
  ['{ priority: { under: 0 } }', { priority: -1 }, true],
  ['{ priority: { under: 0 } }', {}, false],
  ['{ hasAttachment: true }', { attachments: [''] }, true],
  ['{ hasAttachment: true }', {}, false],
  ['{ authenticated: true }', {}, true],
  ['{ authenticated: false }', {}, false],
  ['{ trusted: true }', { trusted: true }, true],
  ['{ trusted: true }', {}, false],
  ['{ remote: 192.0.2.0/24 }', {}, true],
  ["{ remote: [10.0.0.0/8, '::1'] }", { remote: '::1' }, true],
  ['{ remote: 10.0.0.0/8 }', {}, false],
  ['{ remote: 0.0.0.0/0 }', { remote: 'local' }, false],
  ["{ time: { from: '08:00', to: '18:00' } }", {}, true],
  ["{ time: { from: '08:00', to: '12:00' } }", {}, false],
  ["{ time: { from: '22:00', to: '06:00' } }", at('2026-11-23T05:59:00Z'), true],
  ["{ time: { from: '22:00', to: '06:00' } }", at('2026-11-23T22:00:00Z'), true],
  ["{ time: { from: '22:00', to: '06:00' } }", at('2026-11-23T06:00:00Z'), false],
  ["{ time: { from: '18:00' } }", at('2026-11-23T23:59:00Z'), true],
  ["{ time: { from: '21:00', to: '22:00' } }", at('2026-11-23T12:30:00Z', 'Asia/Tokyo'), true],
  ['{ weekday: mon }', {}, true],
  ['{ weekday: [sat, sun] }', {}, false],
  ['{ weekday: tue }', at('2026-11-23T23:30:00Z', 'Europe/Vienna'), true],
  ["{ date: { from: '2026-11-23', to: '2026-11-23' } }", {}, true],
  ["{ date: { from: '2026-11-24' } }", {}, false],
  ["{ date: { to: '2026-11-23' } }", {}, true],
];

function incomingWithoutHeaders(): Partial<RuleMessage> {
  return { ...incoming(), headers: [] };
}

describe('a condition', () => {
  for (const [when, changes, expected] of CASES) {
    const message = outgoing(changes);
    it(`${when} ${expected ? 'holds' : 'does not hold'} for ${JSON.stringify(changes)}`, () => {
      expect(applies(when, message)).to.equal(expected);
    });
  }

  const ASKING = ['sql', 'program'];
  for (const name of CONDITION_NAMES.filter((each) => !ASKING.includes(each))) {
    it(`on ${name} is tested both ways`, () => {
      const results = CASES.filter(([when]) => when.startsWith(`{ ${name}:`)).map(
        ([, , expected]) => expected,
      );
      expect(results).to.include(true);
      if (name !== 'to' && name !== 'replyTo') expect(results).to.satisfy((all: boolean[]) => all.length > 1);
    });
  }

  it('reads From and To of a message from a phone as header fields', () => {
    expect(applies('{ from: { contains: "sms:" }, to: { is: desk@example.com } }', incoming())).to.equal(
      true,
    );
  });

  it('sees what an earlier rule has made of the message', () => {
    const message = outgoing();
    expect(applies('{ routed: true }', message)).to.equal(false);
  });
});
