/**
 * How long an accepted message waits for its hand-over on an idle system: the built product with a virtual gateway,
 * one mail after the other over one SMTP session, each after the one before was sent. The times are those of the
 * trace that is kept with each message.
 *
 *     npx tsx bench/latency.ts [--count 200] [--json]
 */
import { parseArgs } from 'node:util';
import type { OutgoingMessage } from '../lib/store/records.ts';
import { Product } from '../test/support/product.ts';
import { WireClient } from '../test/support/wire.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.count);

const product = await new Product().start();
try {
  const client = await WireClient.open(product.port());
  const say = (line: string): Promise<string[]> => client.command(line);
  await client.reply();
  await say('EHLO bench.example');
  const answers: number[] = [];
  for (let i = 0; i < count; i++) {
    await say('MAIL FROM:<bench@office.example>');
    await say(`RCPT TO:<+1555${String(i).padStart(7, '0')}@sms.example.com>`);
    await say('DATA');
    const begun = performance.now();
    await say(`Subject: bench\r\n\r\nmessage ${i}\r\n.`);
    answers.push(performance.now() - begun);
  }
  await say('QUIT');
  const { stdout } = await product.cli('queue', 'ls', '--state', 'sent', '--limit', '1000', '--json');
  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as OutgoingMessage);
  const since = (message: OutgoingMessage, event: string): number => {
    const at = (name: string): number => message.trace.find((entry) => entry.event === name)?.at ?? NaN;
    return at(event) - at('accepted');
  };
  const rows = {
    'end of mail to 250': figures(answers),
    'accepted to handed over': figures(messages.map((message) => since(message, 'leased'))),
    'accepted to sent': figures(messages.map((message) => since(message, 'sent'))),
  };
  if (values.json) console.log(JSON.stringify({ count: messages.length, milliseconds: rows }));
  else {
    console.log(`${messages.length} messages, milliseconds`);
    console.table(rows);
  }
} finally {
  await product.dispose();
}

function figures(samples: readonly number[]): Record<'median' | 'p95' | 'max', number> {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * part)] ?? NaN).toFixed(2));
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}
