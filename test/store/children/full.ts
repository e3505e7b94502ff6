import { unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asFault } from '../../../lib/base/errors.ts';
import { item } from '../../support/store-records.ts';

// Fills the disk that the directory given lies on, makes room, and goes on. Says what it saw as one line of JSON.
const ballast = join(dirname(process.argv[2] ?? ''), 'ballast');
writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
const { now, say, store } = await import('./store.ts');

const content = { kind: 'text', text: 'x'.repeat(3000) } as const;
const kept: string[] = [];

/** Accepts messages, eight at a time, until one is refused: with which codes. */
async function fill(prefix: string): Promise<string[]> {
  for (let round = 0; round < 2000; round++) {
    const ids = Array.from({ length: 8 }, (_, index) => `${prefix}${round}.${index}`);
    const answers = await Promise.allSettled(ids.map((id) => store.accept([item(now, { id, content })])));
    ids.forEach((id, index) => {
      if (answers[index]?.status === 'fulfilled') kept.push(id);
    });
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [asFault(answer.reason).code] : [],
    );
    if (refused.length > 0) return [...new Set(refused)];
  }
  return [];
}

const refused = await fill('before');
const whileFull = { kept: kept.length, queued: (await store.stats()).messages.queued };
unlinkSync(ballast);
const afterwards = await store.accept([item(now, { id: 'afterwards', content })]);
const { messages } = await store.list({ limit: 1_000_000 });
say(
  JSON.stringify({
    refused,
    whileFull,
    afterwards,
    missing: kept.filter((id) => !messages.some((message) => message.id === id)).length,
    held: messages.length,
  }),
);
process.exit(0);
