import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createProgramHandler } from '../../lib/outside/program-effect.ts';
import { createAsk } from '../../lib/outside/ask.ts';
import type { Errands } from '../../lib/outside/errands.ts';
import { refusal } from '../../lib/outside/admitted.ts';
import { SqlConnections } from '../../lib/outside/sql.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { AMPLE_MS, Folder, errands, faultOf, programCall } from './support.ts';

describe('programs of rules', () => {
  let folder: Folder;
  let clock: ManualClock;
  let log: MemoryLog;
  let running: Errands;

  beforeEach(() => {
    folder = new Folder();
    clock = new ManualClock();
    log = new MemoryLog();
    running = errands(4, 4, clock);
  });
  afterEach(async () => {
    await running.stop();
    folder.remove();
  });

  function settings(allow = [folder.path]) {
    return { programs: allow, path: '/usr/bin:/bin', directory: '/' };
  }

  function handler(allow?: string[]) {
    return createProgramHandler(settings(allow), { errands: running, clock, log });
  }

  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // A zombie that nobody has waited for yet has ended too.
      return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  const ended = (pid: number) => until(`process ${pid} to end`, () => !alive(pid) || undefined);
  const pidIn = (file: string): Promise<number> =>
    until(file, () => (existsSync(file) && Number(readFileSync(file, 'utf8'))) || undefined);

  it('get the message, the arguments as they are, and an environment of ours alone', async () => {
    const script = folder.script(
      'show',
      'cat > "$0.input"; printf "%s\\n" "$@" > "$0.args"; env | sort > "$0.env"; pwd > "$0.pwd"',
    );
    process.env['MAILSMS_TEST_LEAK'] = 'leaks';
    try {
      const call = programCall(
        script,
        {
          env: { MAILSMS_TEXT: 'a\nb; $(id)', LD_PRELOAD: '/x.so', PATH: '/x' },
          input: 'Subject: x\n\nhe said "é"\n',
        },
        '$(id)',
        '; rm -rf /',
        '',
      );
      await handler()(call, 'effect-1');
    } finally {
      delete process.env['MAILSMS_TEST_LEAK'];
    }
    expect(readFileSync(`${script}.input`, 'utf8')).to.equal('Subject: x\n\nhe said "é"\n');
    expect(readFileSync(`${script}.args`, 'utf8')).to.equal('$(id)\n; rm -rf /\n\n');
    expect(readFileSync(`${script}.pwd`, 'utf8')).to.equal('/\n');
    const names = readFileSync(`${script}.env`, 'utf8').replace(/^b; .*\n/m, '');
    // The shell of the script adds PWD (and some shells more).
    expect(names.split('\n').filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))).to.deep.equal([
      'LANG=C.UTF-8',
      'MAILSMS_EFFECT=effect-1',
      'MAILSMS_TEXT=a',
      'PATH=/usr/bin:/bin',
      '',
    ]);
  });

  const codes: readonly [how: string, lines: string, outcome: string][] = [
    ['exit code 75', 'echo full >&2; exit 75', 'effect.down: SCRIPT ended with exit code 75: full'],
    ['exit code 1', 'echo bad number; exit 1', 'effect.failed: SCRIPT ended with exit code 1: bad number'],
    ['a signal', 'kill -9 $$', 'effect.down: SCRIPT was ended by SIGKILL'],
  ];
  for (const [how, lines, outcome] of codes) {
    it(`that end with ${how} say so: ${outcome}`, async () => {
      const script = folder.script('ends', lines);
      expect(await faultOf(handler()(programCall(script), 'e'))).to.equal(outcome.replace('SCRIPT', script));
    });
  }

  it('may leave their input unread', async () => {
    const script = folder.script('deaf', 'exec <&-; exit 0');
    await handler()(programCall(script, { input: 'x'.repeat(1_000_000) }), 'e');
  });

  it('may write more than is kept, and are logged in short', async () => {
    const script = folder.script(
      'chatty',
      'head -c 3000000 /dev/zero | tr "\\0" "x"; printf "\\033[31m" >&2',
    );
    await handler()(programCall(script), 'e');
    const line = log.lines.find((each) => each.includes('"code":0')) ?? '';
    expect(line).to.contain(`"stdout":"${'x'.repeat(197)}..."`);
    expect(line).to.contain('"stderr":"[31m"');
  });

  it('are ended when their time is up, and their children with them', async () => {
    const script = folder.script(
      'forks',
      `trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${folder.path}/child; while :; do sleep 1000; done' & wait; wait`,
    );
    const fault = faultOf(handler()(programCall(script, { timeoutMs: 5_000 }), 'e'));
    const child = await pidIn(join(folder.path, 'child'));
    await clock.advance(5_000);
    expect(alive(child)).to.equal(true);
    await clock.advance(2_000);
    expect(await fault).to.equal('effect.down: not done within its time limit of 5 s');
    await ended(child);
  });

  it('leave no children behind when they end well', async () => {
    const script = folder.script('leaves', `sleep 1000 & echo $! > ${folder.path}/child; exit 0`);
    await handler()(programCall(script), 'e');
    await ended(await pidIn(join(folder.path, 'child')));
  });

  it('do not keep us when a daemon of theirs keeps their output open', async function () {
    const script = folder.script(
      'daemon',
      `setsid sh -c 'echo $$ > ${folder.path}/child; exec sleep 1000' & while [ ! -s ${folder.path}/child ]; do sleep 0.01; done; exit 3`,
    );
    const fault = faultOf(handler()(programCall(script), 'e'));
    const child = await pidIn(join(folder.path, 'child'));
    try {
      await until('the timer of the outputs', () => clock.next === 2_000 || undefined);
      await clock.advance(2_000);
      expect(await fault).to.match(/exit code 3/);
    } finally {
      process.kill(child);
    }
  });

  it('are ended when we stop', async () => {
    const script = folder.script('hangs', `echo $$ > ${folder.path}/self; exec sleep 1000`);
    const fault = faultOf(handler()(programCall(script), 'e'));
    const self = await pidIn(join(folder.path, 'self'));
    await running.stop();
    expect(await fault).to.equal('effect.down: mailsms is shutting down');
    expect(alive(self)).to.equal(false);
    expect(await faultOf(handler()(programCall(script), 'e'))).to.equal(
      'effect.down: mailsms is shutting down',
    );
  });

  describe('are refused', () => {
    const refused = async (program: string, allow?: string[]) =>
      (await faultOf(handler(allow)(programCall(program), 'e'))).replaceAll(folder.path, 'DIR');

    it('where none is allowed', async () => {
      const script = folder.script('one', 'true');
      expect(await refused(script, [])).to.equal(
        'effect.failed: no program is allowed: "DIR/one" must be named in outside.programs',
      );
    });

    it('where another is allowed, also one whose name begins alike', async () => {
      folder.script('one', 'true');
      const other = folder.script('one-more', 'true');
      expect(await refused(other, [join(folder.path, 'one')])).to.equal(
        'effect.failed: "DIR/one-more" is not among the allowed programs (outside.programs)',
      );
    });

    it('by a relative path, and by one that climbs', async () => {
      expect(await refused('one')).to.equal('effect.failed: "one" is not an absolute path');
      expect(await refused(`${folder.path}/../../bin/sh`)).to.equal(
        'effect.failed: "DIR/../../bin/sh" holds ".."',
      );
    });

    it('behind a link that leads elsewhere', async () => {
      symlinkSync('/bin/sh', join(folder.path, 'link'));
      expect(await refused(join(folder.path, 'link'))).to.match(
        /^effect.failed: "DIR\/link" is a link to \/.*, which is not among the allowed programs$/,
      );
    });

    const modes: readonly [what: string, mode: number, outcome: RegExp][] = [
      ['set-user-ID', 0o4755, /is set-user-ID or set-group-ID$/],
      ['set-group-ID', 0o2755, /is set-user-ID or set-group-ID$/],
      ['writable by everybody', 0o757, /can be changed by everybody$/],
      ['not executable', 0o644, /was not started: .*EACCES/],
    ];
    for (const [what, mode, outcome] of modes) {
      it(`when ${what}`, async () => {
        const script = folder.script('one', 'true', mode);
        chmodSync(script, mode);
        expect(await refused(script))
          .to.match(/^effect\.failed: /)
          .and.match(outcome);
      });
    }

    it('in a folder that everybody can write to', async () => {
      const script = folder.script('one', 'true');
      chmodSync(folder.path, 0o777);
      expect(await refused(script)).to.match(/can be changed by everybody$/);
    });

    it('in a folder within one that everybody can write to', async () => {
      mkdirSync(join(folder.path, 'bin'), { mode: 0o755 });
      const script = folder.script('bin/one', 'true');
      await handler()(programCall(script), 'e');
      chmodSync(folder.path, 0o777);
      expect(await refused(script)).to.match(/can be changed by everybody$/);
    });

    it('when they are none: missing, a folder', async () => {
      mkdirSync(join(folder.path, 'sub'));
      expect(await refused(join(folder.path, 'sub'))).to.equal('effect.failed: "DIR/sub" is not a file');
      expect(await refused(join(folder.path, 'none'))).to.match(/"DIR\/none" cannot be run: ENOENT/);
    });

    it('when the queue holds something else', async () => {
      expect(await faultOf(handler()({ program: [] }, 'e'))).to.match(
        /^effect.failed: the queued program effect has not the shape of one/,
      );
      const endless = programCall('/bin/true', { timeoutMs: Infinity });
      expect(await faultOf(handler()(endless, 'e'))).to.match(/at timeoutMs$/);
    });
  });

  it('are known to be allowed or not before they run', () => {
    expect(refusal('/opt/sms/notify', ['/opt/sms'])).to.equal(undefined);
    expect(refusal('/opt/sms/sub/notify', ['/opt/sms/'])).to.equal(undefined);
    expect(refusal('/opt/sms2/notify', ['/opt/sms'])).to.match(/not among/);
    expect(refusal('/opt/sms/..notify', ['/opt/sms'])).to.equal(undefined);
  });

  describe('asked by conditions', () => {
    const ask = (waiting?: Errands) =>
      createAsk(settings(), {
        errands: waiting ?? running,
        connections: new SqlConnections({}, log),
        clock,
      });
    const question = (script: string, timeoutMs = AMPLE_MS) =>
      ({ kind: 'program', call: programCall(script, { timeoutMs }) }) as const;

    it('answer with their exit code', async () => {
      expect(await ask()(question(folder.script('two', 'exit 2')))).to.deep.equal({ exit: 2 });
      expect(await ask()(question(folder.script('zero', 'exit 0')))).to.deep.equal({ exit: 0 });
    });

    it('have failed when they cannot run, are killed, or take too long', async () => {
      expect(await ask()(question('/bin/true')))
        .to.have.property('failed')
        .that.matches(/not among/);
      expect(await ask()(question(folder.script('dies', 'kill -9 $$'))))
        .to.have.property('failed')
        .that.matches(/SIGKILL/);
      const slow = ask()(
        question(folder.script('slow', `echo 1 > ${folder.path}/on; exec sleep 1000`), 3_000),
      );
      await pidIn(join(folder.path, 'on'));
      await clock.advance(3_000);
      expect(await slow).to.deep.equal({ failed: 'not done within its time limit of 3 s' });
    });

    it('wait for their turn within their time, and fail at once when too many wait', async () => {
      const narrow = errands(1, 1, clock);
      const script = folder.script('slow', `echo 1 > ${folder.path}/on; exec sleep 1000`);
      const first = ask(narrow)(question(script, 9_000));
      await pidIn(join(folder.path, 'on'));
      const second = ask(narrow)(question(script, 4_000));
      expect(await ask(narrow)(question(script))).to.deep.equal({ failed: '1 are under way and 1 wait' });
      await clock.advance(4_000);
      expect(await second).to.deep.equal({ failed: 'not done within its time limit of 4 s' });
      const third = ask(narrow)(question(folder.script('next', 'exit 7')));
      await clock.advance(5_000);
      expect(await first).to.deep.equal({ failed: 'not done within its time limit of 9 s' });
      expect(await third).to.deep.equal({ exit: 7 });
    });
  });
});
