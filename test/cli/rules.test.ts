import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function run(args: readonly string[], input = ''): { status: number | null; out: string; err: string } {
  const { MAILSMS_CONFIG: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bin/mailsms.ts', 'rules', ...args],
    { cwd: ROOT, input, encoding: 'utf8', timeout: 60_000, env: { ...env, TZ: 'UTC' } },
  );
  return { status, out: stdout, err: stderr };
}

describe('mailsms rules', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailsms-rules-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('lists rules in their order', () => {
    const { status, out } = run(['ls', '-r', 'rules/outgoing/least-cost-routing.yaml', '--json']);
    expect(status).to.equal(0);
    expect(JSON.parse(out)).to.deep.include({
      direction: 'outgoing',
      title: 'Austria and Germany',
      place: 'rules/outgoing/least-cost-routing.yaml:14',
      active: true,
      actions: ['route to eugatewayid', 'stop'],
    });
  });

  it('checks files, each problem with its place and line', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'rules:\n  - title: t\n    when: { subjct: { is: x } }\n    do: stop\n');
    const { status, err } = run(['check', '-r', file]);
    expect(status).to.equal(1);
    expect(err).to.contain(
      `${file}:3:13: rules[0].when.subjct: unknown setting; did you mean "subject"?\n    3 |`,
    );
    expect(run(['check', '-r', 'rules/outgoing']).out).to.equal('The rules are valid: 10 outgoing.\n');
  });

  it('shows what rules make of a number and a text', () => {
    const { status, out } = run([
      'test',
      '-r',
      'rules/outgoing/least-cost-routing.yaml',
      '--number',
      '+436641234567',
      '--text',
      'Hello',
    ]);
    expect(status).to.equal(0);
    expect(out).to.equal(
      [
        'outgoing to +436641234567: Hello',
        '',
        'Somebody has chosen already  does not apply  rules/outgoing/least-cost-routing.yaml:4',
        '  false  To contains "@"  +436641234567',
        '',
        'United States and Canada  does not apply  rules/outgoing/least-cost-routing.yaml:8',
        '  false  To matches "^(\\+1)(.*)"  +436641234567',
        '',
        'Austria and Germany  applies  rules/outgoing/least-cost-routing.yaml:14',
        '  true   the number begins with +43 or +49  +436641234567',
        '  ->     route to eugatewayid',
        '  ->     stop',
        '',
        'Verdict  accept',
        'Stopped  by a rule',
        'To       +436641234567@eugatewayid',
        '',
      ].join('\n'),
    );
  });

  it('takes a mail from standard input, with its number, parameters and headers', () => {
    const mail = [
      'From: Jane <jane@example.com>',
      'To: "sms:+15551234567?maxmsgs=1&pass=hunter2"@sms.example.com',
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
      '',
      'Hello from Jane',
      '',
    ].join('\r\n');
    const { status, out } = run(['test', '-', '-r', 'rules/outgoing/new-mail.yaml', '--json'], mail);
    expect(status).to.equal(0);
    const { verdict } = JSON.parse(out) as { verdict: { body?: string } };
    expect(verdict.body).to.match(/^New mail from Jane <jane@example\.com>: Grüße \(\d+ octets\)$/);
    expect(out).not.to.contain('hunter2');
  });

  it('tests the rules for messages from phones, with a list', () => {
    const args = ['test', '--incoming', '-r', 'rules/incoming/valid-senders.yaml'];
    const list = ['--list', 'known-senders=rules/lists/known-senders.txt'];
    const { out } = run([...args, ...list, '--number', '+15551230001', '--text', 'hi']);
    expect(out).to.contain('Mailbox  not the usual one\nEffect   forward to john.doe@example.com\n');
  });

  it('imports what is asked for, says what is lost, and exports it again', () => {
    const yaml = join(folder, 'imported.yaml');
    const xml = join(folder, 'exported.xml');
    const first = run([
      'import',
      'fixtures/rules/xml/outgoing.xml',
      '--only',
      '1,Spam and encryption',
      '-o',
      yaml,
    ]);
    expect(first.status).to.equal(0);
    expect(first.err).to.contain(
      '"Spam and encryption": the condition "Spam" means nothing for text messages',
    );
    const { rules } = parse(readFileSync(yaml, 'utf8')) as { rules: { title: string }[] };
    expect(rules.map(({ title }) => title)).to.deep.equal(['Least cost routing', 'Spam and encryption']);
    expect(run(['export', yaml, '-o', xml]).err).to.equal('Exported with 0 notes.\n');
    const again = run(['import', xml]);
    expect(parse(again.out)).to.deep.equal({ rules });
    expect(run(['import', xml, '--only', '9']).err).to.contain('there is no rule "9"');
  });

  it('refuses hostile XML with its place', () => {
    const file = join(folder, 'bomb.xml');
    writeFileSync(file, '<!DOCTYPE a [<!ENTITY b "x">]>\n<a>&b;</a>');
    const { status, err } = run(['import', file]);
    expect(status).to.equal(1);
    expect(err).to.contain(`${file}:1:`).and.to.contain('a document type is not read');
  });

  it('prints the JSON Schema', () => {
    expect(JSON.parse(run(['schema']).out)).to.include({ title: 'mailsms rules' });
  });
});
