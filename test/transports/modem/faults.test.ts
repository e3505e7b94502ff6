import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Fault } from '../../../lib/base/errors.ts';
import type { Segment } from '../../../lib/sms/segment.ts';
import { settle } from '../../support/clock.ts';
import { job, outcome, started, type Rig } from './rig.ts';

const FOLDER = new URL('../../../fixtures/at/faults/', import.meta.url);
const TEXT = 'It is not the voice that commands the story: it is the ear. '.repeat(7);

/** Does with a message what the queue does: its remaining parts again and again, until they are out or it is given up. */
async function deliver(made: Rig): Promise<{ codes: string[]; left: readonly Segment[]; dropped: boolean }> {
  const { transport, clock, memory, events } = made;
  let left = job(TEXT).segments;
  const codes: string[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    for (let waited = 0; events.state !== 'up' && waited < 300; waited++) await clock.advance(1_000);
    const result = outcome(
      transport.send(job(TEXT, { segments: left }), async ({ sequence }) => {
        left = left.filter((part) => part.sequence !== sequence);
      }),
    );
    for (let waited = 0; !result.settled && waited < 300; waited++) await clock.advance(1_000);
    expect(result.settled, 'the send ends').to.equal(true);
    if (result.error === undefined) return { codes, left, dropped: false };
    const { code, temporary } = result.error as Fault;
    codes.push(code);
    if (!temporary) return { codes, left, dropped: true };
    memory.replug();
    await clock.advance(5_000);
  }
  return { codes, left, dropped: false };
}

describe('a fault while a message is sent', () => {
  for (const file of readdirSync(FOLDER).sort()) {
    const script = readFileSync(new URL(file, FOLDER), 'utf8');
    const expected = {
      codes: /^#: faults (.*)$/m.exec(script)?.[1]?.split(' ') ?? [],
      dropped: /^#: dropped$/m.test(script),
      duplicates: Number(/^#: duplicates (\d+)$/m.exec(script)?.[1] ?? 0),
      opened: /^#: opened (\d+)$/m.exec(script)?.[1],
    };
    for (const chunk of [undefined, 1]) {
      const how = chunk === undefined ? '' : ', octet by octet';
      it(`${file.replace('.txt', '')}: nothing is lost${how}`, async () => {
        const made = await started(script, chunk === undefined ? {} : { chunk });
        await made.clock.advance(5_000);
        const { codes, left, dropped } = await deliver(made);
        expect({ codes, dropped }).to.deep.equal({ codes: expected.codes, dropped: expected.dropped });
        if (!dropped) {
          expect(left).to.have.length(0);
          const texts = made.modem.sent.map((sms) => sms.text);
          expect([...new Set(texts)].join('')).to.equal(TEXT);
          expect(texts.length - new Set(texts).size, 'duplicates').to.equal(expected.duplicates);
        }
        if (expected.opened !== undefined) expect(made.log.opened).to.equal(Number(expected.opened));
        made.memory.replug();
        await made.clock.advance(120_000);
        expect(made.events.state, made.log.text).to.equal('up');
        const last = outcome(made.transport.stop());
        await settle(50);
        expect(last.settled, 'the gateway stops').to.equal(true);
      });
    }
  }
});
