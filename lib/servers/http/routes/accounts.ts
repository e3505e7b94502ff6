import {
  accountBatch,
  accountQuery,
  givenSettings,
  newAccount,
  newCounter,
  newPassword,
} from '../../../flow/operator/queries.ts';
import { accountPage, accountView, batchView } from '../../../flow/operator/views/account.ts';
import { route } from '../route.ts';

/** Octets: some hundred thousand accounts. */
const LONGEST_BATCH = 64 * 1024 * 1024;

/** Who may send. */
export const accountRoutes = [
  route('GET /accounts', {
    summary: 'List accounts: those of the configuration file, then those of the store',
    query: accountQuery,
    answer: accountPage,
    handle: ({ operations, actor, query }) => operations.accounts.list(actor, query),
  }),
  route('POST /accounts', {
    summary: 'Add an account',
    body: newAccount,
    status: 201,
    handle: ({ operations, actor, body }) => operations.accounts.add(actor, body.settings, body.password),
  }),
  route('POST /accounts/batch', {
    summary: 'Put a list of accounts into the store: all of it, or nothing where one of them is refused',
    body: accountBatch,
    answer: batchView,
    longest: LONGEST_BATCH,
    handle: ({ operations, actor, body }) => operations.accounts.batch(actor, body),
  }),
  route('GET /accounts/:user', {
    summary: 'Show an account',
    answer: accountView,
    handle: ({ operations, actor, path }) => operations.accounts.find(actor, path.user),
  }),
  route('PATCH /accounts/:user', {
    summary: 'Change the settings that are named; null takes one away',
    body: givenSettings,
    handle: ({ operations, actor, path, body }) => operations.accounts.change(actor, path.user, body),
  }),
  route('DELETE /accounts/:user', {
    summary: 'Remove an account',
    handle: ({ operations, actor, path }) => operations.accounts.remove(actor, path.user),
  }),
  route('PUT /accounts/:user/password', {
    summary: 'Set its password; null takes it away',
    body: newPassword,
    handle: ({ operations, actor, path, body }) =>
      operations.accounts.setPassword(actor, path.user, body.password ?? undefined),
  }),
  route('PUT /accounts/:user/sent', {
    summary: 'Set what it has sent this month',
    body: newCounter,
    handle: ({ operations, actor, path, body }) => operations.accounts.reset(actor, path.user, body.sent),
  }),
] as const;
