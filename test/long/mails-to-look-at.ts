import { systemClock } from '../../lib/base/clock.ts';
import { encodeSmsc } from '../../lib/sms/address.ts';
import { encodeDeliver } from '../../lib/sms/deliver.ts';
import { toHex } from '../../lib/sms/hex.ts';
import { segment } from '../../lib/sms/segment.ts';
import { curl } from '../support/clients.ts';
import { Product } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { Sink } from '../support/sink.ts';

/** A mail in John's mailbox: one that he sent, or one that mailsms made. */
export interface MailToLookAt {
  /** What is to be looked at in it. */
  readonly name: string;
  readonly messageId: string;
  readonly raw: string;
}

export interface ToLookAt {
  readonly mails: readonly MailToLookAt[];
  readonly user: { readonly name: string; readonly address: string };
  /** The gateway that made them still runs, and so does its modem. */
  readonly smtpPort: number;
  readonly modem: PtyModem;
}

const JOHN = 'john@office.example';
const PHONE = '+15551234567';
const CARD = [
  'BEGIN:VCARD',
  'VERSION:2.1',
  'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gonz=C3=A1lez;Mar=C3=ADa',
  'TEL;CELL:+34600123456',
  'EMAIL:maria@example.com',
  'END:VCARD',
].join('\r\n');
const LONG =
  'Pump 3 has stopped. The oil pressure fell at 09:12, the standby pump took over at 09:13. ' +
  'Please check the coupling, the filter and the pressure switch, and call the control room before you open the valve.';

/**
 * Makes one of each kind with the built product: mails to phones, answers, cards, octets, reports, a mail to the operator.
 * All of it is taken down when `look` is through.
 */
export async function mailsToLookAt(look: (all: ToLookAt) => Promise<void>): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  const modem = async (script = ''): Promise<PtyModem> => {
    const made = await startPtyModem(script);
    ends.unshift(() => made.close());
    return made;
  };
  try {
    const good = await modem();
    const refuses = await modem('> PDU\n< +CMS ERROR: 28');
    const busy = await modem('> PDU\n< +CMS ERROR: 38');
    const relay = await new Sink().start();
    ends.unshift(() => relay.stop());
    const gateway = { type: 'modem', from: 'sms:%s@sms.example.com', mailbox: JOHN };
    const product = new Product({
      mail: { relay: relay.url, operator: JOHN },
      queue: { warnMinutes: 0.05, retry: ['1s'] },
      incoming: { reassemblyMinutes: 0.02 },
      gateways: [
        { ...gateway, id: 'modem1', device: good.device },
        { ...gateway, id: 'modem2', device: refuses.device, prefixes: ['+15559'] },
        { ...gateway, id: 'modem3', device: busy.device, prefixes: ['+15558'] },
      ],
    });
    ends.unshift(() => product.dispose());
    await product.start();
    const mails = await new Mailbox(good, relay, product).fill();
    await look({
      mails,
      user: { name: 'John Müller', address: JOHN },
      smtpPort: product.port(),
      modem: good,
    });
  } finally {
    for (const end of ends) await end();
  }
}

class Mailbox {
  readonly #mails: MailToLookAt[] = [];
  readonly #modem: PtyModem;
  readonly #relay: Sink;
  readonly #product: Product;
  #taken = 0;

  constructor(modem: PtyModem, relay: Sink, product: Product) {
    this.#modem = modem;
    this.#relay = relay;
    this.#product = product;
  }

  async fill(): Promise<MailToLookAt[]> {
    await this.#conversation();
    await this.#unasked();
    await this.#reports();
    return this.#mails;
  }

  async #conversation(): Promise<void> {
    const first = await this.#write('Pumpe 3 – Ölstand', 'Pumpe 3 hat kein Öl. Kannst du kommen?');
    const answer = await this.#answer('answer', 'On my way 👍 in 20′');
    const second = await this.#write('Re: Pumpe 3 – Ölstand', 'Thanks. The key is with Zoë.', {
      thread: [first, answer],
    });
    await this.#answer('answer-hebrew', 'שלום, אני בדרך. 3 דקות!');
    await this.#write('Re: Pumpe 3 – Ölstand', 'Call +1 555 010 0199 when you are there.', {
      thread: [first, answer, second],
    });
    await this.#answer('answer-arabic', 'وصلت. المضخة 3 تعمل الآن 👨‍🔧');
  }

  async #unasked(): Promise<void> {
    const from = '+34600123456';
    this.#modem.injectText(from, 'Hola, ¿quién eres?\nLínea 2');
    await this.#arrived('nobody-asked');
    this.#modem.injectText(from, CARD);
    await this.#arrived('contact-card');
    const smsc = toHex(encodeSmsc('+15550000000'));
    const timestamp = new Date(systemClock.now()).toISOString();
    const octets = { content: { data: Uint8Array.from({ length: 60 }, (_, i) => i * 4) } };
    this.#modem.inject(smsc + toHex(encodeDeliver({ originator: from, timestamp, ...octets.content })));
    await this.#arrived('binary');
    const [first, , last] = segment('A text in three parts. '.repeat(16), { reference: 7 }).parts;
    for (const part of [first, last]) {
      if (part === undefined) throw new Error('it has three parts');
      this.#modem.inject(smsc + toHex(encodeDeliver({ originator: from, timestamp, segment: part })));
    }
    await this.#arrived('missing-part');
  }

  async #reports(): Promise<void> {
    await this.#write('Pump 3', LONG, { to: `sms:${PHONE}?report=1`, parts: 2 });
    for (const part of this.#modem.sent.slice(-2)) this.#modem.injectReport(part);
    await this.#arrived('report-delivered');
    await this.#write('Pump 3', LONG, { to: `sms:${PHONE}?report=1`, parts: 2 });
    const [first, second] = this.#modem.sent.slice(-2);
    if (first === undefined || second === undefined) throw new Error('it has two parts');
    this.#modem.injectReport(first);
    this.#modem.injectReport(second, 0x46);
    await this.#arrived('report-failed-in-part');
    await this.#write('Pump 3', LONG, { to: 'sms:+15559999999?id=modem2&user=u&pass=hunter2', parts: 0 });
    await this.#arrived('report-failed');
    await this.#write('Ölstand – Pumpe 3', 'Das Öl ist heiß: 120 °C', {
      to: 'sms:+15558888888?id=modem3',
      parts: 0,
    });
    await this.#arrived('report-delayed');
    this.#relay.refusals.push('550 5.7.1 we do not want this');
    this.#modem.injectText(PHONE, 'Nobody takes this');
    await this.#arrived('operator');
  }

  /** John's mail, a copy of which is in his mailbox; resolves with its Message-ID when it has gone out. */
  async #write(
    subject: string,
    text: string,
    {
      thread = [],
      to = `sms:${PHONE}`,
      parts = 1,
    }: { thread?: readonly string[]; to?: string; parts?: number } = {},
  ): Promise<string> {
    const before = this.#modem.sent.length;
    const id = `<${this.#mails.length + 1}.mail@office.example>`;
    const word = (value: string) => `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
    const lines = [
      `From: ${word('John Müller')} <${JOHN}>`,
      `To: "${to}"@sms.example.com`,
      `Subject: ${word(subject)}`,
      `Date: ${new Date(systemClock.now()).toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: ${id}`,
      ...(thread.length === 0 ? [] : [`In-Reply-To: ${thread.at(-1)}`, `References: ${thread.join(' ')}`]),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      text,
      '',
    ];
    const raw = lines.join('\r\n');
    const { code, stderr } = await curl({
      port: this.#product.port(),
      from: JOHN,
      to: `"${to}"@sms.example.com`,
      raw,
    });
    if (code !== 0) throw new Error(stderr);
    await this.#modem.waitForSent(before + parts);
    this.#mails.push({ name: 'mail', messageId: id, raw });
    return id;
  }

  async #answer(name: string, text: string): Promise<string> {
    this.#modem.injectText(PHONE, text);
    return this.#arrived(name);
  }

  async #arrived(name: string): Promise<string> {
    const mail = (await this.#relay.received(++this.#taken))[this.#taken - 1];
    if (mail === undefined) throw new Error('it was there');
    const { messageId = '' } = mail.mail;
    this.#mails.push({ name, messageId, raw: mail.raw });
    return messageId;
  }
}
