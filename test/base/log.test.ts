import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { OpenLog, openLog } from '../../lib/base/log.ts';
import { LogLines } from '../../lib/base/log-lines.ts';
import { FileOutput, type LogOutput } from '../../lib/base/log-output.ts';
import { ManualClock, settle } from '../support/clock.ts';

/** An output that takes what it is told to: all of it, some octets of it, nothing for now, or an error. */
class ScriptedOutput implements LogOutput {
  readonly letsGo = false;
  text = '';
  /** `all`, `never`, a number of octets, or an error's code. */
  answer: number | string = 'all';
  tries = 0;
  #release: (() => void) | undefined;

  write(octets: Buffer): Promise<number> {
    this.tries++;
    const { answer } = this;
    if (answer === 'never')
      return new Promise((resolve) => (this.#release = () => resolve(this.#take(octets))));
    if (typeof answer === 'number') return Promise.resolve(this.#take(octets.subarray(0, answer)));
    if (answer === 'all') return Promise.resolve(this.#take(octets));
    return Promise.reject(Object.assign(new Error('no'), { code: answer }));
  }

  release(): void {
    this.answer = 'all';
    this.#release?.();
  }

  #take(octets: Buffer): number {
    this.text += octets.toString('utf8');
    return octets.length;
  }
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`);
}

describe('a log', () => {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 12, 0, 0, 5));

  function logTo(format: 'json' | 'pretty', options: { bodies?: boolean } = {}) {
    const output = new ScriptedOutput();
    const { log } = new OpenLog({ level: 'info', format, ...options }, { standard: output }, clock);
    return { output, log };
  }

  it('writes one JSON object a line', async () => {
    const { log, output } = logTo('json');
    log.debug({}, 'not important enough');
    log.child({ session: 's1' }).warn({ message: 'm1', absent: undefined }, 'late');
    await settle();
    expect(output.text).to.equal(
      '{"level":"warn","time":"2026-11-23T12:00:00.005Z","session":"s1","message":"m1","msg":"late"}\n',
    );
  });

  it('begins a line for people with the gateway that it is about', async () => {
    const { log, output } = logTo('pretty');
    log.info({ gateway: 'gsm1', message: 'm1' }, 'part sent');
    log.info({}, 'stopped');
    await settle();
    const [first, second] = output.text.split('\n');
    expect(first).to.match(/^gsm1 \[\d\d:00:00\.005\] INFO: part sent {"message":"m1"}$/);
    expect(second).to.match(/^\[\d\d:00:00\.005\] INFO: stopped$/);
  });

  for (const format of ['json', 'pretty'] as const) {
    it(`masks passwords wherever they stand (${format})`, async () => {
      const { log, output } = logTo(format);
      log.info({ to: ['sms:+1555?pass=hunter2@d'], deep: { uri: 'x?pass=hunter2' } }, 'no pass=hunter2');
      log.info({ error: new Error('pass=hunter2') }, 'failed');
      await settle();
      expect(output.text).to.contain('***').and.not.contain('hunter2');
    });

    it(`keeps texts out unless they are wanted (${format})`, async () => {
      const hidden = logTo(format);
      hidden.log.info({ text: 'dear Ann' }, 'received');
      const shown = logTo(format, { bodies: true });
      shown.log.info({ text: 'dear Ann' }, 'received');
      await settle();
      expect(hidden.output.text).to.not.contain('Ann');
      expect(shown.output.text).to.contain('Ann');
    });

    it(`survives rings and what has no JSON (${format})`, async () => {
      const ring: Record<string, unknown> = { big: 10n };
      ring['self'] = ring;
      const { log, output } = logTo(format);
      log.info({ ring }, 'round');
      await settle();
      expect(output.text).to.contain('round').and.contain('"big":"10"');
    });
  }

  it('shows a terminal nothing that it would obey', async () => {
    const { log, output } = logTo('pretty');
    log.info({ name: '\u202etxt.exe' }, 'a\x1b[2Jb\nc');
    await settle();
    expect(output.text.trimEnd()).to.not.match(/[\u0000-\u001f\u202e]/);
  });
});

describe('lines of a log', () => {
  function open() {
    const clock = new ManualClock();
    const output = new ScriptedOutput();
    const told: [number, string | undefined][] = [];
    const lines = new LogLines(output, { clock, told: (lost, error) => told.push([lost, error]) });
    return { clock, output, lines, told };
  }

  it('come out in their order, however few octets the output takes at once', async () => {
    const { lines, output, told } = open();
    output.answer = 3;
    for (const line of numbered(0, 50)) lines.add(line);
    await settle(1000);
    expect(output.text).to.equal(numbered(0, 50).join(''));
    expect(told).to.deep.equal([]);
  });

  it('wait for a reader that does not read, as far as a bound allows; the others are counted and told once', async () => {
    const { lines, output, told } = open();
    output.answer = 'never';
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 5000; i++) lines.add(line);
    await settle();
    expect(told).to.deep.equal([]);
    output.release();
    await settle(200);
    const written = output.text.length / line.length;
    expect(written).to.be.within(1000, 1100);
    expect(told).to.deep.equal([[5000 - written, undefined]]);
    lines.add('goes on\n');
    await settle();
    expect(output.text.endsWith('goes on\n')).to.equal(true);
    expect(told).to.have.length(1);
  });

  for (const code of ['ENOSPC', 'EPIPE', 'EIO', 'EBADF']) {
    it(`are tried again after ${code}, and it is told when it is over`, async () => {
      const { clock, lines, output, told } = open();
      output.answer = code;
      for (const line of numbered(0, 10)) lines.add(line);
      await clock.advance(10_000);
      expect(output.tries).to.be.within(5, 20);
      output.answer = 'all';
      await clock.advance(1000);
      expect(output.text).to.equal(numbered(0, 10).join(''));
      expect(told).to.deep.equal([[0, code]]);
    });
  }

  it('are whole after a disk that took half of one', async () => {
    const { clock, lines, output } = open();
    output.answer = 5;
    for (const line of numbered(0, 4)) lines.add(line);
    await Promise.resolve();
    output.answer = 'ENOSPC';
    await settle();
    output.answer = 'all';
    await clock.advance(1000);
    expect(output.text).to.equal(numbered(0, 4).join(''));
  });

  it('say nothing of a terminal that was full for a moment', async () => {
    const { clock, lines, output, told } = open();
    output.answer = 'EAGAIN';
    lines.add('one\n');
    await settle();
    output.answer = 'all';
    await clock.advance(50);
    expect(output.text).to.equal('one\n');
    expect(told).to.deep.equal([]);
  });

  describe('at the end', () => {
    it('are written', async () => {
      const { lines, output } = open();
      lines.add('one\n');
      expect(await lines.flush(1000)).to.equal(true);
      expect(output.text).to.equal('one\n');
    });

    it('are not waited for where they cannot be written', async () => {
      const { lines, output } = open();
      output.answer = 'ENOSPC';
      lines.add('one\n');
      expect(await lines.flush(1000)).to.equal(true);
    });

    it('are waited for only so long, and a write that the system holds back is told', async () => {
      const { clock, lines, output } = open();
      output.answer = 'never';
      lines.add('one\n');
      const free = lines.flush(1000);
      await clock.advance(1000);
      expect(await free).to.equal(false);
    });
  });
});

describe('a log file', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'mailsms-log-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is appended to, and opened anew after it was moved', async () => {
    const file = join(dir, 'a.log');
    appendFileSync(file, 'before\n');
    const opened = await openLog({ level: 'info', format: 'json', file }, new ManualClock());
    opened.log.info({}, 'one');
    await opened.flush(10_000);
    renameSync(file, `${file}.1`);
    opened.log.info({}, 'two');
    await opened.flush(10_000);
    await opened.reopen();
    opened.log.info({}, 'three');
    await opened.flush(10_000);
    expect(readFileSync(`${file}.1`, 'utf8')).to.match(/^before\n.*one.*\n.*two.*\n$/);
    expect(readFileSync(file, 'utf8')).to.match(/^.*three.*\n$/);
    await opened.close();
  });

  it('stays open where it cannot be opened anew', async () => {
    const output = new FileOutput(join(dir, 'sub', 'a.log'));
    await expectRejected(output.reopen());
    const kept = new FileOutput(join(dir, 'a.log'));
    await kept.reopen();
    rmSync(dir, { recursive: true });
    await expectRejected(kept.reopen());
    expect(await kept.write(Buffer.from('x'))).to.equal(1);
    await kept.close();
  });
});

async function expectRejected(work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.have.property('code', 'ENOENT');
}
