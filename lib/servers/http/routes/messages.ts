import { z } from 'zod';
import { incomingQuery, messageQuery, sendRequest } from '../../../flow/operator/queries.ts';
import { incomingPage, incomingView } from '../../../flow/operator/views/incoming.ts';
import { amendedView, messagePage, messageView } from '../../../flow/operator/views/message.ts';
import { route } from '../route.ts';

/** Messages to phones, and from them. */
export const messageRoutes = [
  route('POST /messages', {
    summary: 'Send a text to a phone',
    body: sendRequest,
    answer: z.strictObject({ ids: z.array(z.string()).readonly() }),
    status: 201,
    handle: async ({ operations, actor, body }) => ({ ids: await operations.messages.send(actor, body) }),
  }),
  route('GET /messages', {
    summary: 'List messages to phones',
    query: messageQuery,
    answer: messagePage,
    handle: ({ operations, actor, query }) => operations.messages.list(actor, query),
  }),
  route('GET /messages/:id', {
    summary: 'Show a message with its parts and all its stations',
    answer: messageView,
    handle: ({ operations, actor, path }) => operations.messages.find(actor, path.id),
  }),
  route('POST /messages/retry', {
    summary: 'Send those that a query finds now: those that wait, are held, failed or expired',
    query: messageQuery,
    answer: amendedView,
    handle: ({ operations, actor, query }) => operations.messages.amendAll(actor, 'retry', query),
  }),
  route('POST /messages/cancel', {
    summary: 'Cancel those that wait and that a query finds; their senders are told',
    query: messageQuery,
    answer: amendedView,
    handle: ({ operations, actor, query }) => operations.messages.amendAll(actor, 'cancel', query),
  }),
  route('POST /messages/remove', {
    summary: 'Forget those that a query finds; nobody is told',
    query: messageQuery,
    answer: amendedView,
    handle: ({ operations, actor, query }) => operations.messages.amendAll(actor, 'remove', query),
  }),
  route('POST /messages/:id/retry', {
    summary: 'Send a message now that waits, is held, failed or expired',
    handle: ({ operations, actor, path }) => operations.messages.amend(actor, path.id, 'retry'),
  }),
  route('POST /messages/:id/cancel', {
    summary: 'Cancel a message that waits; its sender is told',
    handle: ({ operations, actor, path }) => operations.messages.amend(actor, path.id, 'cancel'),
  }),
  route('DELETE /messages/:id', {
    summary: 'Forget a message; nobody is told',
    handle: ({ operations, actor, path }) => operations.messages.amend(actor, path.id, 'remove'),
  }),
  route('GET /incoming', {
    summary: 'List messages from phones',
    query: incomingQuery,
    answer: incomingPage,
    handle: ({ operations, actor, query }) => operations.inbox.list(actor, query),
  }),
  route('GET /incoming/:id', {
    summary: 'Show a message from a phone with all its stations',
    answer: incomingView,
    handle: ({ operations, actor, path }) => operations.inbox.find(actor, path.id),
  }),
] as const;
