import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DELIVER = '0791447758100650040DD0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9';
const SUBMIT = '079153485002020911000C915348870420140000A71154747A0E4ACF41F4F29C9E769F4121';
const BROKEN = '00F101010C0000000000';

function run(
  args: readonly string[],
  input = '',
): { status: number | null; out: string; err: string; lines: unknown[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bin/mailsms.ts', 'pdu', ...args],
    { cwd: ROOT, input, encoding: 'utf8', timeout: 60_000 },
  );
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { status, out: stdout, err: stderr, lines: lines.map((line): unknown => JSON.parse(line)) };
}

describe('mailsms pdu decode', () => {
  it('prints a JSON object a line, for arguments', () => {
    const { status, lines } = run(['decode', DELIVER, SUBMIT.toLowerCase()]);
    expect(status).to.equal(0);
    expect(lines).to.have.length(2);
    expect(lines[0]).to.include({
      type: 'deliver',
      number: 'sipgate',
      text: 'Testmail',
      smsc: '+447785016005',
    });
    expect(lines[0]).to.include({ timestamp: '2008-08-13T12:07:22+01:00', encoding: 'gsm7', dcs: 0, pid: 0 });
    expect(lines[1]).to.include({ type: 'submit', number: '+358478400241', text: 'This is testing !' });
  });

  it('reads lines from standard input, passes over empty ones, and goes on after a bad one', () => {
    const { status, lines } = run(['decode', '--json'], `${DELIVER}\r\n\n${BROKEN}\nxyz\n${SUBMIT}\n`);
    expect(status).to.equal(1);
    expect(lines).to.have.length(4);
    expect(lines[1]).to.have.all.keys('error', 'field', 'offset');
    expect(lines[1]).to.include({ field: 'udh', offset: 10 });
    expect(lines[2]).to.include({ field: 'hex', offset: 0 });
    expect(lines[3]).to.include({ type: 'submit' });
  });

  it('does without service centre octets and takes a direction', () => {
    const tpdu = SUBMIT.slice(16);
    expect(run(['decode', '--no-smsc', '--submit', tpdu]).lines[0]).to.include({
      type: 'submit',
      number: '+358478400241',
    });
    const report = run(['decode', '--no-smsc', '--direction', 'to-mobile', '0112025150713220052304'])
      .lines[0];
    expect(report).to.include({ type: 'submit-report', failureCause: 0x12, dcs: 4 });
  });

  it('takes what is cut short with --lenient', () => {
    const cut = DELIVER.slice(0, -5);
    expect(run(['decode', cut]).status).to.equal(1);
    expect(run(['decode', '--lenient', cut]).lines[0]).to.include({ truncated: true, text: 'Test' });
  });

  it('prints a table for people, errors apart', () => {
    const { status, out, err } = run(['decode', '--human', DELIVER, BROKEN]);
    expect(status).to.equal(1);
    expect(out).to.match(
      /TP-OA +9 +0DD0F334FC1CA69701 +sipgate \(alphanumeric, plan 0\) +23\.040 9\.2\.3\.7/,
    );
    expect(err).to.include('udh at octet 10');
  });
});

describe('mailsms pdu encode', () => {
  it('prints one object a part', () => {
    const { status, lines } = run([
      'encode',
      '--to',
      '+358478400241',
      '--text',
      'This is testing !',
      '--json',
      '--smsc',
      '+358405202090',
      '--validity',
      '1d',
    ]);
    expect(status).to.equal(0);
    expect(lines).to.deep.equal([{ pdu: SUBMIT, length: 29, sequence: 1, total: 1, encoding: 'gsm7' }]);
  });

  it('divides a long text', () => {
    const { lines } = run([
      'encode',
      '--to',
      '12345',
      '--text',
      'я'.repeat(140),
      '--concat-reference',
      '7',
      '--no-smsc',
    ]);
    expect(lines).to.have.length(3);
    expect((lines[2] as { pdu: string }).pdu).to.match(/^4102058121/);
    expect((lines[2] as { pdu: string }).pdu).to.include('050003070303');
  });

  it('sends octets to ports', () => {
    const [part] = run(['encode', '--to', '1', '--data', '01AA', '--ports', '2948:9200']).lines as {
      pdu: string;
    }[];
    expect(part?.pdu).to.equal('0041000181F10004090605040B8423F001AA');
  });

  const bad = [
    ['no number', ['--text', 'x'], 'number'],
    ['a text that 7-bit does not have', ['--to', '1', '--text', 'я', '--encoding', 'gsm7'], 'text'],
    ['a name that is too long', ['--to', 'This is too long', '--text', 'x'], 'destination'],
  ] as const;
  for (const [name, args, field] of bad) {
    it(`says which field is at fault: ${name}`, () => {
      const { status, lines } = run(['encode', ...args]);
      expect(status).to.equal(1);
      expect(lines[0]).to.include({ field });
    });
  }
});
