import { Product, until } from './product.ts';
import { startPtyModem } from '../../lib/emulator/pty.ts';
import { Sink } from './sink.ts';
import { CLOSED, WireClient } from './wire.ts';

export interface CrashSettings {
  /** How often the product is killed. */
  readonly rounds: number;
  /** Mails and incoming messages in each round. */
  readonly perRound: number;
  /** 0 to 1: when in a round it is killed. */
  readonly random: () => number;
}

export interface CrashResult {
  /** Texts whose mail was answered with 250. */
  readonly acknowledged: readonly string[];
  /** Texts that the modem sent, each as often as it did. */
  readonly sent: readonly string[];
  /** Texts sent to the modem, which it gave to the product. */
  readonly injected: readonly string[];
  /** Texts of the mails that came to the relay. */
  readonly mailed: readonly string[];
  /** How often the log said that a message of unknown outcome is sent again. */
  readonly resent: number;
  /** What is still in the queue at the end. */
  readonly left: string;
}

const LONGEST_ROUND_MS = 600;

/**
 * Kills the product with SIGKILL at random moments while mails come in and go out by a modem, and messages come from the
 * modem and go out as mail; starts it again each time; then lets it finish.
 */
export async function crashMatrix({ rounds, perRound, random }: CrashSettings): Promise<CrashResult> {
  const modem = await startPtyModem('set latency 5');
  const relay = await new Sink().start();
  const product = new Product({
    mail: { relay: relay.url },
    queue: { retry: ['50ms'] },
    gateways: [
      {
        id: 'modem1',
        type: 'modem',
        device: modem.device,
        from: 'sms:%s@sms.example.com',
        mailbox: 'desk@office.example',
      },
    ],
  });
  const acknowledged: string[] = [];
  const injected: string[] = [];
  let resent = 0;
  const count = (): void =>
    void (resent += product.output.match(/outcome unknown: sent again/g)?.length ?? 0);
  try {
    for (let round = 0; round < rounds; round++) {
      await product.start();
      const texts = Array.from({ length: perRound }, (_, i) => `round ${round} mail ${i}`);
      const sending = sendAll(product.port(), texts, acknowledged);
      for (let i = 0; i < perRound; i++) {
        const text = `round ${round} sms ${i}`;
        injected.push(text);
        modem.injectText('+15557654321', text);
      }
      await new Promise((moment) => setTimeout(moment, random() * LONGEST_ROUND_MS));
      await product.stop('SIGKILL');
      count();
      await sending;
    }
    await product.start();
    const state = async (): Promise<string> => (await product.cli('queue', 'ls')).stdout;
    await until('the queue to be empty', async () =>
      (await state()).includes('nothing is waiting') ? true : undefined,
    );
    await until('all mails', () =>
      injected.every((text) => mailedTexts(relay).includes(text)) ? true : undefined,
    );
    count();
    return {
      acknowledged,
      sent: modem.sent.map(({ text }) => text ?? ''),
      injected,
      mailed: mailedTexts(relay),
      resent,
      left: await state(),
    };
  } finally {
    await product.dispose();
    await relay.stop();
    await modem.close();
  }
}

function mailedTexts(relay: Sink): string[] {
  return relay.mails.map(({ mail }) => (mail.text ?? '').trimEnd());
}

/** Sends each text as a mail over one session, and notes those that were answered with 250. Ends when the server goes. */
async function sendAll(port: number, texts: readonly string[], acknowledged: string[]): Promise<void> {
  const client = await WireClient.open(port).catch(() => undefined);
  if (client === undefined) return;
  try {
    await client.reply();
    await client.command('EHLO crash.example');
    for (const text of texts) {
      for (const line of [
        'MAIL FROM:<john@office.example>',
        'RCPT TO:<+15551234567@sms.example.com>',
        'DATA',
      ]) {
        const reply = await client.command(line);
        if (reply.includes(CLOSED)) return;
      }
      const [answer = CLOSED] = await client.command(`Subject: crash\r\n\r\n${text}\r\n.`);
      if (answer.startsWith('250')) acknowledged.push(text);
    }
  } finally {
    client.close();
  }
}
