import { expect } from 'chai';
import { namedIn, routeIncoming } from '../../../lib/flow/incoming/route.ts';
import type { ReplyLink } from '../../../lib/store/records.ts';

const link = (sender: string, gateways: string[] = []): ReplyLink => ({
  number: '+15551234567',
  sender: `${sender}@office.example`,
  at: 0,
  expires: 1,
  messageId: sender,
  gateways,
});
const question = (chosen?: string) => ({
  number: '+15551234567',
  gateway: 'a',
  choices: ['ann@office.example', 'bob@office.example'],
  until: 1,
  waiting: [],
  ...(chosen === undefined ? {} : { chosen: `${chosen}@office.example` }),
});

describe('the way of a message from a phone', () => {
  interface Case {
    readonly text?: string;
    readonly links?: readonly ReplyLink[];
    readonly asked?: ReturnType<typeof question>;
    readonly waited?: boolean;
    readonly is: string;
  }
  const both = [link('ann'), link('bob')];
  const cases: readonly [name: string, given: Case][] = [
    ['nobody wrote', { is: 'nobody' }],
    ['one wrote', { links: [link('ann')], is: 'link ann: hi' }],
    ['one wrote by this gateway', { links: [link('ann', ['a'])], is: 'link ann: hi' }],
    ['one wrote by another gateway', { links: [link('ann', ['b'])], is: 'nobody' }],
    ['two wrote, each by a gateway', { links: [link('ann', ['b']), link('bob', ['a'])], is: 'link bob: hi' }],
    ['two wrote', { links: both, is: 'ask ann, bob' }],
    ['two wrote and it chooses', { links: both, asked: question(), text: '2', is: 'choice bob: ' }],
    ['with a text', { links: both, asked: question(), text: ' 1. yes\nI do', is: 'choice ann: yes\nI do' }],
    ['as the question shows it', { links: both, asked: question(), text: '#2 ok', is: 'choice bob: ok' }],
    ['a number that is no choice', { links: both, asked: question(), text: '3', is: 'ask ann, bob' }],
    ['a number that goes on', { links: both, asked: question(), text: '2nd floor', is: 'ask ann, bob' }],
    ['a number that nobody asked for', { links: both, text: '2', is: 'ask ann, bob' }],
    ['something else', { links: both, asked: question(), text: 'who?', is: 'ask ann, bob' }],
    ['it has chosen', { links: both, asked: question('bob'), text: '1', is: 'link bob: 1' }],
    ['whom it chose is gone', { links: [link('ann')], asked: question('bob'), is: 'link ann: hi' }],
    ['it never chose', { links: both, asked: question(), waited: true, is: 'nobody' }],
    ['it never chose, and the question is over', { links: both, waited: true, is: 'nobody' }],
    ['a name in the text', { text: '#desk@office.example# fire', is: 'named desk: fire' }],
    [
      'a name comes before a link',
      { links: both, text: 'fire #desk@office.example#', is: 'named desk: fire' },
    ],
    ['a name that is not allowed', { text: '#x@evil.example# hi', is: 'nobody' }],
    [
      'a name that wrote to it',
      {
        links: [{ ...link('ann'), sender: 'ann@evil.example' }],
        text: '#ANN@evil.example# hi',
        is: 'named ANN: hi',
      },
    ],
  ];
  for (const [name, { text = 'hi', links = [], asked, waited = false, is }] of cases) {
    it(`${name}: ${is.replace(/\n/g, '\\n')}`, () => {
      const route = routeIncoming(
        { gateway: 'a' },
        { text, links, question: asked, waited },
        { mayName: (address) => address.endsWith('@office.example') },
      );
      const who = (address: string): string => address.replace(/@.*/, '');
      const told =
        route.kind === 'named'
          ? `named ${route.addresses.map(who).join(', ')}: ${route.text}`
          : route.kind === 'link'
            ? `link ${who(route.link.sender)}: ${route.text}`
            : route.kind === 'choice'
              ? `choice ${who(route.sender)}: ${route.text}`
              : route.kind === 'ask'
                ? `ask ${route.links.map(({ sender }) => who(sender)).join(', ')}`
                : route.kind;
      expect(told).to.equal(is);
    });
  }

  const tags: [text: string, addresses: string[], rest: string][] = [
    ['#a@x.example# hello', ['a@x.example'], 'hello'],
    ['hello #a@x.example#', ['a@x.example'], 'hello'],
    ['one #a@x.example# two', ['a@x.example'], 'one two'],
    ['# a@x.example # hi', ['a@x.example'], 'hi'],
    ['#a@x.example##b@x.example# both', ['a@x.example', 'b@x.example'], 'both'],
    ['#a@x.example# #A@X.example# once', ['a@x.example'], 'once'],
    ['#a@x.example#\nline one\n\nline two', ['a@x.example'], 'line one\n\nline two'],
    ['#a@x.example#', ['a@x.example'], ''],
    ['#a@x.example# and #no@evil.example#', ['a@x.example'], 'and #no@evil.example#'],
  ];
  for (const [text, addresses, rest] of tags) {
    it(`${JSON.stringify(text)} names ${addresses.join(' and ')}`, () => {
      expect(namedIn(text, (address) => !address.includes('evil'))).to.deep.equal({ addresses, text: rest });
    });
  }
  for (const text of ['#1 and #2', 'a@x.example', '#a@x.example', '#<a@x.example># no', '#a@x@y# no']) {
    it(`${JSON.stringify(text)} names nobody`, () => {
      expect(namedIn(text, () => true)).to.equal(undefined);
    });
  }
});
