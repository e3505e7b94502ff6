import { spawnSync } from 'node:child_process';
import { type Finished, run } from './product.ts';

/** Real mail clients. Each sends one mail and resolves with how that ended. */
export interface Letter {
  readonly port: number;
  readonly to: string | readonly string[];
  readonly from?: string;
  readonly subject?: string;
  readonly text?: string;
  /** A whole mail instead of subject and text. */
  readonly raw?: string;
  readonly user?: string;
  readonly password?: string;
  /** Only swaks and smtplib: STARTTLS first; no certificate is checked. */
  readonly tls?: boolean;
}

const found = new Map<string, boolean>();

/** Whether a program can be run here. */
export function has(program: string): boolean {
  let known = found.get(program);
  if (known === undefined) {
    known =
      spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${program}`], { stdio: 'ignore' }).status ===
      0;
    found.set(program, known);
  }
  return known;
}

/** For `before`: skips the tests, saying why, where a program is missing. */
export function needs(...programs: readonly string[]) {
  return function (this: Mocha.Context): void {
    const missing = programs.filter((program) => !has(program));
    if (missing.length === 0) return;
    process.stderr.write(`    skipped: ${missing.join(', ')} not installed\n`);
    this.skip();
  };
}

/** Python's smtplib: quoted-printable or base64 as its email package likes it. */
export function smtplib(letter: Letter): Promise<Finished> {
  return run('python3', ['-I', '-c', SMTPLIB], JSON.stringify(complete(letter)));
}

const SMTPLIB = `
import json, smtplib, ssl, sys
from email.message import EmailMessage
letter = json.load(sys.stdin)
to = letter['to'] if isinstance(letter['to'], list) else [letter['to']]
with smtplib.SMTP('127.0.0.1', letter['port'], timeout=10) as smtp:
    if letter.get('tls'):
        smtp.starttls(context=ssl._create_unverified_context())
    if letter.get('user'):
        smtp.login(letter['user'], letter['password'])
    if letter.get('raw') is not None:
        refused = smtp.sendmail(letter['from'], to, letter['raw'].encode())
    else:
        mail = EmailMessage()
        mail['From'] = letter['from']
        mail['Subject'] = letter['subject']
        mail['Message-ID'] = letter.get('messageId') or '<%d@client.example>' % __import__('time').time_ns()
        mail.set_content(letter['text'])
        refused = smtp.sendmail(letter['from'], to, mail.as_bytes())
    print(json.dumps({k: [v[0], v[1].decode()] for k, v in refused.items()}))
`;

/** A recipient may not begin with a plus: swaks takes that for an option. */
export function swaks(letter: Letter): Promise<Finished> {
  const { port, to, from, subject, text } = complete(letter);
  const recipients = typeof to === 'string' ? to : to.join(',');
  const args = [`--server=127.0.0.1:${port}`, `--from=${from}`, `--to=${recipients}`];
  const login =
    letter.user === undefined
      ? []
      : ['--auth=PLAIN', `--auth-user=${letter.user}`, `--auth-password=${letter.password ?? ''}`];
  const date = '--header=Message-Id: <swaks@client.example>';
  const tls = letter.tls === true ? ['--tls'] : [];
  return run('swaks', [...args, ...tls, ...login, date, `--header=Subject: ${subject}`, `--body=${text}`]);
}

export function curl(letter: Letter): Promise<Finished> {
  const { port, to, from, subject, text } = complete(letter);
  const recipients = (typeof to === 'string' ? [to] : to).flatMap((each) => ['--mail-rcpt', each]);
  const url = `smtp://127.0.0.1:${port}`;
  const mail = letter.raw ?? `From: ${from}\r\nSubject: ${subject}\r\n\r\n${text}\r\n`;
  return run('curl', ['-sS', '--noproxy', '*', url, '--mail-from', from, ...recipients, '-T', '-'], mail);
}

export function msmtp(letter: Letter): Promise<Finished> {
  const { port, to, from, subject, text } = complete(letter);
  const options = [
    '--host=127.0.0.1',
    `--port=${port}`,
    `--from=${from}`,
    '--tls=off',
    '--auth=off',
    '--file=/dev/null',
  ];
  const mail = `From: ${from}\nSubject: ${subject}\n\n${text}\n`;
  return run('msmtp', [...options, '--', ...(typeof to === 'string' ? [to] : to)], mail);
}

export function snail(letter: Letter): Promise<Finished> {
  const { port, to, from, subject, text } = complete(letter);
  // No start-up files, no dead.letter; `-.` ends the options.
  const options = ['-:/', '-Sv15-compat', '-Ssendwait', '-Snosave', '-Ssmtp-auth=none', '-r', from];
  const server = ['-Ssmtp-hostname=client.example', `-Smta=smtp://127.0.0.1:${port}`];
  const recipients = typeof to === 'string' ? [to] : to;
  return run('s-nail', [...options, ...server, '-s', subject, '-.', ...recipients], `${text}\n`);
}

/** Python's smtplib with an EmailMessage whose To: header names the recipients, as most scripts do it. */
export function sendMessage(letter: Letter): Promise<Finished> {
  return run('python3', ['-I', '-c', SEND_MESSAGE], JSON.stringify(complete(letter)));
}

const SEND_MESSAGE = `
import json, smtplib, sys
from email.message import EmailMessage
letter = json.load(sys.stdin)
mail = EmailMessage()
mail['From'] = letter['from']
mail['To'] = letter['to']
mail['Message-ID'] = '<%d@client.example>' % __import__('time').time_ns()
mail.set_content(letter['text'])
with smtplib.SMTP('127.0.0.1', letter['port'], timeout=10) as smtp:
    smtp.send_message(mail)
`;

function complete(letter: Letter): Letter & { from: string; subject: string; text: string } {
  return { from: 'john@office.example', subject: '', text: '', ...letter };
}
