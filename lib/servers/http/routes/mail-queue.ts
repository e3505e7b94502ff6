import { effectQuery } from '../../../flow/operator/queries.ts';
import { effectPage, effectView, rawMailView } from '../../../flow/operator/views/effect.ts';
import { route } from '../route.ts';

/** Our own mail, and what rules want done outside. */
export const mailQueueRoutes = [
  route('GET /mailqueue', {
    summary: 'List mails and what rules want done, waiting or given up',
    query: effectQuery,
    answer: effectPage,
    handle: ({ operations, actor, query }) => operations.mailQueue.list(actor, query),
  }),
  route('GET /mailqueue/:id', {
    summary: 'Show one of them',
    answer: effectView,
    handle: ({ operations, actor, path }) => operations.mailQueue.find(actor, path.id),
  }),
  route('GET /mailqueue/:id/mail', {
    summary: 'Show a mail as it is handed to the relay',
    answer: rawMailView,
    handle: async ({ operations, actor, path }) => ({
      base64: Buffer.from(await operations.mailQueue.raw(actor, path.id)).toString('base64'),
    }),
  }),
  route('POST /mailqueue/:id/retry', {
    summary: 'Try one again now, given up or not',
    handle: ({ operations, actor, path }) => operations.mailQueue.amend(actor, path.id, 'retry'),
  }),
  route('DELETE /mailqueue/:id', {
    summary: 'Forget one; one that waits is not done',
    handle: ({ operations, actor, path }) => operations.mailQueue.amend(actor, path.id, 'remove'),
  }),
] as const;
