import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Authority } from './authority.ts';
import { has } from './clients.ts';
import { Dovecot } from './dovecot.ts';
import { Postfix, freePort, postfixVersion } from './postfix.ts';
import { type Finished, Product, run, until } from './product.ts';
import { type PtyModem, hasPty, NO_PTY, startPtyModem } from '../../lib/emulator/pty.ts';

/** A mail as Python's email package reads it from an IMAP server. */
export interface ReadMail {
  readonly from: string;
  readonly subject: string;
  readonly messageId: string;
  /** Every field of the header, names in lower case; of several the first. */
  readonly fields: Readonly<Record<string, string>>;
  readonly type: string;
  /** The parts' content types, the whole mail's first. */
  readonly types: readonly string[];
  /** The first text part. */
  readonly text: string;
  /** The groups of fields of a message/delivery-status, names in lower case. */
  readonly status: readonly Readonly<Record<string, string>>[];
  /** What stands in the part with the original mail. */
  readonly original: string;
  /** Defects that the parser found. */
  readonly defects: readonly string[];
}

export interface Mailbox {
  /** `(1 2)(3)`: as THREAD REFERENCES has it. */
  readonly threads: string;
  readonly mails: readonly ReadMail[];
}

/** Why it cannot be run here; undefined where it can. */
export async function officeMissing(): Promise<string | undefined> {
  const found = await postfixVersion();
  if ('missing' in found) return found.missing;
  if (!(await hasPty())) return NO_PTY;
  const missing = ['dovecot', 'openssl', 'doveadm'].filter((program) => !has(program));
  if (missing.length > 0) return `${missing.join(', ')} not installed`;
  return (await hasLmtp()) ? undefined : "Dovecot's LMTP (dovecot-lmtpd) is not installed";
}

/** For `before`: skips the tests, saying why, where a program is missing. */
export async function needsOffice(this: Mocha.Context): Promise<void> {
  const missing = await officeMissing();
  if (missing === undefined) return;
  process.stderr.write(`    skipped: ${missing}\n`);
  this.skip();
}

/** Whether Dovecot has its LMTP server; it is a package of its own in Debian. */
export async function hasLmtp(): Promise<boolean> {
  const { stdout } = await run('sh', [
    '-c',
    'ls "$(dirname "$(doveconf -h libexec_dir)")" "$(doveconf -h libexec_dir)"',
  ]);
  return /\blmtp\b/.test(stdout);
}

const USERS = ['john', 'ann'];

/** Dovecot with mailboxes of office.example, which LMTP puts mail into, over TCP and over a socket. */
export async function startMailboxes(
  authority: Authority,
): Promise<{ dovecot: Dovecot; port: number; socket: string }> {
  const port = await freePort();
  const dovecot = await Dovecot.start({
    users: USERS.map((user) => `${user}@office.example:{PLAIN}pw::::::`),
    authority,
    settings: `
protocols = imap lmtp
postmaster_address = postmaster@office.example
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${port}
  }
}
`,
  });
  await run('chown', ['dovecot', `${dovecot.folder}/mail`]);
  return { dovecot, port, socket: `${dovecot.folder}/run/lmtp` };
}

/** What an IMAP client sees in INBOX. */
export async function readMailbox(imapPort: number, user: string): Promise<Mailbox> {
  const { code, stdout, stderr } = await run('python3', [
    '-I',
    '-c',
    READ,
    String(imapPort),
    `${user}@office.example`,
  ]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Mailbox;
}

/** The same, once there are so many mails. */
export function mailsIn(imapPort: number, user: string, count: number): Promise<Mailbox> {
  return until(`${count} mails in the mailbox of ${user}`, async () => {
    const mailbox = await readMailbox(imapPort, user);
    return mailbox.mails.length >= count ? mailbox : undefined;
  });
}

/** An office: Postfix and Dovecot for its people, mailsms beside them with a modem; Postfix is the relay on both sides. */
export class Office {
  readonly modem: PtyModem;
  readonly product: Product;
  readonly #postfix: Postfix;
  readonly #dovecot: Dovecot;
  readonly #authority: Authority;
  readonly #place: string;

  private constructor(parts: {
    modem: PtyModem;
    product: Product;
    postfix: Postfix;
    dovecot: Dovecot;
    authority: Authority;
    place: string;
  }) {
    this.modem = parts.modem;
    this.product = parts.product;
    this.#postfix = parts.postfix;
    this.#dovecot = parts.dovecot;
    this.#authority = parts.authority;
    this.#place = parts.place;
  }

  static async start(settings: Record<string, unknown> = {}): Promise<Office> {
    const modem = await startPtyModem();
    const authority = await Authority.make();
    const { dovecot, port: lmtp } = await startMailboxes(authority);
    const port = await freePort();
    const place = mkdtempSync(`${tmpdir()}/mailsms-office-`);
    const maps = USERS.map((user) => `{ ${user}@office.example = ${user}/ }`).join(', ');
    const postfix = await Postfix.start(`
transport_maps = inline:{ sms.example.com=smtp:[127.0.0.1]:${port} }
virtual_mailbox_domains = office.example
virtual_mailbox_maps = inline:{ ${maps} }
virtual_transport = lmtp:inet:127.0.0.1:${lmtp}
`);
    const product = await new Product({
      smtp: { listen: `127.0.0.1:${port}`, hostname: 'sms.example.com', trusted: ['127.0.0.1/32'] },
      mail: { relay: `smtp://127.0.0.1:${postfix.port}` },
      gateways: [
        {
          id: 'modem1',
          type: 'modem',
          device: modem.device,
          from: 'sms:%s@sms.example.com',
          mailbox: 'john@office.example',
        },
      ],
      ...settings,
    }).start();
    return new Office({ modem, product, postfix, dovecot, authority, place });
  }

  /** A mail over Postfix, with what RFC 3461 has for MAIL and RCPT. */
  async send(mail: {
    readonly from: string;
    readonly to: readonly string[];
    readonly raw: string;
    readonly mailOptions?: readonly string[];
    readonly rcptOptions?: readonly string[];
  }): Promise<Finished> {
    const letter = JSON.stringify({ port: this.#postfix.port, mailOptions: [], rcptOptions: [], ...mail });
    const finished = await run('python3', ['-I', '-c', SEND], letter);
    if (finished.code !== 0) throw new Error(finished.stderr);
    return finished;
  }

  mails(user: string, count: number): Promise<Mailbox> {
    return mailsIn(this.#dovecot.imapPort, user, count);
  }

  async stop(): Promise<void> {
    await this.product.dispose();
    await this.#postfix.stop();
    await this.#dovecot.stop();
    this.#authority.remove();
    await this.modem.close();
    rmSync(this.#place, { recursive: true, force: true });
  }
}

const SEND = `
import json, smtplib, sys
letter = json.load(sys.stdin)
with smtplib.SMTP('127.0.0.1', letter['port'], timeout=10) as smtp:
    smtp.sendmail(letter['from'], letter['to'], letter['raw'].encode(), letter['mailOptions'], letter['rcptOptions'])
`;

const READ = `
import email, email.policy, imaplib, json, sys
imap = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]), timeout=10)
imap.login(sys.argv[2], 'pw')
imap.select('INBOX', readonly=True)
threads = imap.thread('REFERENCES', 'UTF-8', 'ALL')[1][0] or b''
mails = []
for number in (imap.search(None, 'ALL')[1][0] or b'').split():
    raw = imap.fetch(number, '(BODY.PEEK[])')[1][0][1]
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(mail.walk())
    text = next((p for p in parts if p.get_content_type() == 'text/plain'), None)
    status = next((p for p in parts if p.get_content_type() == 'message/delivery-status'), None)
    original = next((p for p in parts if p.get_content_type() in ('message/rfc822', 'text/rfc822-headers')), None)
    fields = {}
    for name, value in mail.items():
        fields.setdefault(name.lower(), str(value))
    mails.append({
        'from': str(mail['From']), 'subject': str(mail['Subject']), 'messageId': str(mail['Message-ID']),
        'fields': fields, 'type': mail.get_content_type(), 'types': [p.get_content_type() for p in parts],
        'text': text.get_content() if text else '',
        'status': [{k.lower(): str(v) for k, v in g.items()} for g in status.get_payload()] if status else [],
        'original': original.as_string() if original else '',
        'defects': [repr(d) for p in parts for d in p.defects],
    })
print(json.dumps({'threads': threads.decode(), 'mails': mails}))
imap.logout()
`;
