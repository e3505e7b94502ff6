import { effect, item, linkTo, MINUTE } from '../../support/store-records.ts';
import { now, say, store } from './store.ts';

// Accepts messages for ever, eight at a time, and says the id of each when it is accepted. Each has a charge, a link to
// a number of its own, an effect, and a key by which it is recognised.
const prefix = process.argv[3] ?? '';
let count = 0;

async function accept(): Promise<void> {
  for (;;) {
    const id = `${prefix}-${++count}`;
    await store.accept([
      item(
        now,
        { id },
        {
          charge: { account: 'john', parts: 1, limit: 0, period: '2026-11', at: now },
          link: linkTo(`+1555${id}`, 'john@example.com', now),
          effects: [effect(now, { id: `effect ${id}` })],
          dedupe: { key: id, until: now + 60 * MINUTE },
        },
      ),
    ]);
    say(id);
  }
}

await Promise.all(Array.from({ length: 8 }, accept));
