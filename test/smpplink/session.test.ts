import { Duplex } from 'node:stream';
import { expect } from 'chai';
import { LinkError } from '../../lib/smpplink/link-error.ts';
import { type Reply, type SessionSettings, SmppSession } from '../../lib/smpplink/session.ts';
import { describePdu } from '../../lib/smpplink/describe.ts';
import {
  Framing,
  type Pdu,
  type PduFields,
  STATUS,
  type Command,
  decodePdu,
  encodePdu,
  statusName,
  tlv,
} from '../../lib/smpp/smpp.ts';
import { ManualClock, settle } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';

/** Octets of a PDU without the last `cut`, or with another command, and the length that fits. */
function damaged(pdu: PduFields<Command>, { cut = 0, id }: { cut?: number; id?: number }): Uint8Array {
  const whole = encodePdu(pdu);
  const octets = Uint8Array.from(whole.subarray(0, whole.length - cut));
  const view = new DataView(octets.buffer);
  view.setUint32(0, octets.length);
  if (id !== undefined) view.setUint32(4, id);
  return octets;
}

/** The other end of the line: what the session wrote, and a way to write to it. */
class Peer extends Duplex {
  readonly heard: Pdu[] = [];
  readonly #framing = new Framing();

  override _read(): void {
    // The tests push.
  }

  override _write(octets: Uint8Array, _encoding: string, done: () => void): void {
    this.#framing.push(octets, (pdu) => this.heard.push(decodePdu(pdu)));
    done();
  }

  says(...pdus: readonly PduFields<Command>[]): void {
    for (const pdu of pdus) this.push(encodePdu(pdu));
  }

  answers(sequence: number, message_id: string): void {
    this.says({ command: 'submit_sm_resp', sequence, body: { message_id } });
  }

  get words(): string[] {
    return this.heard.map(({ command, sequence, status }) =>
      [command, sequence, ...(status === 0 ? [] : [statusName(status)])].join(' '),
    );
  }
}

const SETTINGS: SessionSettings = {
  window: 3,
  inbound: 2,
  responseMs: 30_000,
  enquireMs: 30_000,
  enquireAnswerMs: 10_000,
};

describe('an SMPP session', () => {
  let clock: ManualClock;
  let peer: Peer;
  let session: SmppSession;
  let asked: Pdu[];
  let answer: (pdu: Pdu) => Promise<Reply>;

  function begin(settings: Partial<SessionSettings> = {}): void {
    peer = new Peer();
    session = new SmppSession(
      peer,
      { ...SETTINGS, ...settings },
      { clock, log: new MemoryLog() },
      {
        request: (pdu) => {
          asked.push(pdu);
          return answer(pdu);
        },
      },
    );
  }

  beforeEach(() => {
    clock = new ManualClock();
    asked = [];
    answer = async () => ({});
    begin();
  });
  afterEach(() => session.end('the test is over'));

  const submit = (to = '1'): Promise<string> =>
    session.request({ command: 'submit_sm', body: { destination_addr: to } }).then(
      (pdu) => ('message_id' in pdu.body ? pdu.body.message_id : `status ${pdu.status}`),
      (error: unknown) =>
        error instanceof LinkError
          ? `${error.written ? 'unknown' : 'unsent'}: ${error.message}`
          : String(error),
    );

  it('settles each request by its own response, whatever their order', async () => {
    const outcomes = Promise.all([submit(), submit(), submit()]);
    await settle();
    peer.answers(3, 'c');
    peer.answers(1, 'a');
    peer.answers(2, 'b');
    expect(await outcomes).to.deep.equal(['a', 'b', 'c']);
  });

  it('takes a response once, and one that nothing waits for not at all', async () => {
    const outcome = submit();
    await settle();
    peer.answers(1, 'a');
    peer.answers(1, 'again');
    peer.answers(99, 'stray');
    expect(await outcome).to.equal('a');
    const next = submit();
    await settle();
    peer.answers(2, 'b');
    expect(await next).to.equal('b');
  });

  it('has no more under way than the window, and goes on in order', async () => {
    const outcomes = Promise.all([1, 2, 3, 4, 5].map((to) => submit(String(to))));
    await settle();
    expect(peer.words).to.deep.equal(['submit_sm 1', 'submit_sm 2', 'submit_sm 3']);
    peer.answers(2, 'b');
    await settle();
    expect(peer.words.slice(3)).to.deep.equal(['submit_sm 4']);
    for (const sequence of [1, 3, 4]) peer.answers(sequence, String(sequence));
    await settle();
    peer.answers(5, 'e');
    expect(await outcomes).to.deep.equal(['1', 'b', '3', '4', 'e']);
  });

  it('settles one that is not answered in time, as unknown, and goes on', async () => {
    const outcome = submit();
    await clock.advance(15_000);
    peer.says({ command: 'enquire_link', sequence: 7 });
    await clock.advance(15_000);
    expect(await outcome).to.equal('unknown: no response came in time');
    peer.answers(1, 'late');
    const next = submit();
    await settle();
    peer.answers(peer.heard.at(-1)?.sequence ?? 0, 'b');
    expect(await next).to.equal('b');
  });

  it('settles all at the end of the connection: what was written as unknown, the rest as unsent', async () => {
    const outcomes = Promise.all([1, 2, 3, 4, 5].map(() => submit()));
    await settle();
    peer.push(null);
    const reason = 'the other side closed the connection';
    expect(await outcomes).to.deep.equal([
      ...Array<string>(3).fill(`unknown: ${reason}`),
      ...Array<string>(2).fill(`unsent: ${reason}`),
    ]);
    expect(await session.closed).to.equal(reason);
    expect(await submit()).to.equal('unsent: the session is over');
    expect(clock.pending).to.equal(1);
  });

  it('takes a generic_nack for the response', async () => {
    const outcome = submit();
    await settle();
    peer.says({ command: 'generic_nack', sequence: 1, status: STATUS.ESME_RINVCMDID });
    expect(await outcome).to.equal('status 3');
  });

  it('counts a response that cannot be read as unknown', async () => {
    const outcome = submit();
    await settle();
    const response = { command: 'submit_sm_resp', sequence: 1, tlvs: [tlv('message_state', 1)] } as const;
    peer.push(damaged(response, { cut: 1 }));
    expect(await outcome).to.match(/^unknown: the response cannot be read: message_state/);
    expect(session.isOver).to.equal(false);
  });

  it('answers enquiries in any state and asks when nothing has come', async () => {
    peer.says({ command: 'enquire_link', sequence: 7 });
    await settle();
    expect(peer.words).to.deep.equal(['enquire_link_resp 7']);
    await clock.advance(29_000);
    expect(peer.words.length).to.equal(1);
    await clock.advance(1000);
    expect(peer.words[1]).to.equal('enquire_link 1');
    peer.says({ command: 'enquire_link_resp', sequence: 1 });
    await clock.advance(30_000);
    expect(peer.words[2]).to.equal('enquire_link 2');
    expect(session.isOver).to.equal(false);
  });

  it('gives up a peer that does not answer', async () => {
    begin({ responseMs: 60_000 });
    const lost = submit();
    await clock.advance(39_999);
    expect(session.isOver).to.equal(false);
    await clock.advance(1);
    expect(await lost).to.equal('unknown: the other side does not answer');
  });

  it('asks outside of the window', async () => {
    begin({ responseMs: 120_000 });
    void Promise.all([submit(), submit(), submit(), submit()]);
    await clock.advance(30_000);
    expect(peer.words.at(-1)).to.match(/^enquire_link /);
  });

  it('answers what it cannot read and goes on', async () => {
    peer.push(damaged({ command: 'enquire_link', sequence: 9 }, { id: 0x99 }));
    const tlvs = [tlv('message_state', 1)];
    peer.push(damaged({ command: 'submit_sm', sequence: 10, tlvs }, { cut: 1 }));
    const body = { short_message: Buffer.from('hello') };
    peer.push(damaged({ command: 'submit_sm', sequence: 11, body }, { cut: 2 }));
    peer.says({ command: 'submit_sm', sequence: 12 });
    await settle();
    expect(peer.words).to.deep.equal([
      'generic_nack 9 ESME_RINVCMDID',
      'submit_sm_resp 10 ESME_RINVOPTPARSTREAM',
      'submit_sm_resp 11 ESME_RINVCMDLEN',
      'submit_sm_resp 12',
    ]);
    expect(asked.map(({ sequence }) => sequence)).to.deep.equal([12]);
  });

  it('ends at a length that no PDU has', async () => {
    peer.says({ command: 'submit_sm', sequence: 1 });
    peer.push(Buffer.from([0, 0, 0, 15]));
    expect(await session.closed).to.match(/what is no SMPP: command_length/);
    expect(peer.words).to.include('generic_nack 0 ESME_RINVCMDLEN');
  });

  it('says ESME_RSYSERR where the answer cannot be found', async () => {
    answer = async () => {
      throw new Error('the store is down');
    };
    peer.says({ command: 'submit_sm', sequence: 4 });
    await settle();
    expect(peer.words).to.deep.equal(['submit_sm_resp 4 ESME_RSYSERR']);
  });

  it('reads no further while as many are being answered as it may', async () => {
    const done: (() => void)[] = [];
    answer = () => new Promise((resolve) => done.push(() => resolve({})));
    for (let sequence = 1; sequence <= 6; sequence++) {
      peer.says({ command: 'submit_sm', sequence });
      await settle();
    }
    expect(asked.length).to.equal(2);
    while (done.length > 0) {
      done.shift()?.();
      await settle();
    }
    expect(asked.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(peer.words.length).to.equal(6);
  });

  it('unbinds once what is under way is settled', async () => {
    const outcome = submit();
    await settle();
    const left = session.unbind();
    await settle();
    expect(peer.words).to.deep.equal(['submit_sm 1']);
    expect(await submit()).to.equal('unsent: the session is over');
    peer.answers(1, 'a');
    expect(await outcome).to.equal('a');
    await settle();
    expect(peer.words).to.deep.equal(['submit_sm 1', 'unbind 2']);
    peer.says({ command: 'unbind_resp', sequence: 2 });
    await left;
    expect(await session.closed).to.equal('unbound');
  });

  it('lets the peer unbind with messages under way', async () => {
    const outcomes = Promise.all([submit(), submit()]);
    await settle();
    peer.says({ command: 'unbind', sequence: 5 });
    peer.answers(1, 'a');
    await settle();
    expect(peer.words).to.include('unbind_resp 5');
    expect(session.isOver).to.equal(false);
    peer.answers(2, 'b');
    expect(await outcomes).to.deep.equal(['a', 'b']);
    expect(await session.closed).to.equal('the other side unbound');
  });

  it('writes a trace without passwords and texts', () => {
    const bind = {
      command: 'bind_transceiver',
      sequence: 1,
      body: { system_id: 'us', password: 'hush' },
    } as const;
    expect(describePdu('out', bind)).to.equal('-> bind_transceiver #1 system_id=us password=***');
    const text = {
      command: 'submit_sm',
      sequence: 2,
      body: { destination_addr: '1555', data_coding: 8, short_message: Buffer.from('Hi') },
      tlvs: [tlv('receipted_message_id', 'a1'), tlv('message_payload', Buffer.from('secret'))],
    } as const;
    expect(describePdu('in', text)).to.equal(
      '<- submit_sm #2 destination_addr=1555 data_coding=8 short_message=(2 octets) receipted_message_id=a1 message_payload=(6 octets)',
    );
    expect(describePdu('in', { command: 'submit_sm_resp', sequence: 2, status: 0x58 })).to.match(
      /ESME_RTHROTTLED/,
    );
  });
});
