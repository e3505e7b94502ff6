import type { AccountSettings } from './accounts/account.ts';
import { Fault } from './base/errors.ts';
import { nameIn } from './base/spelling.ts';
import { readAccount, writeAccount } from './accounts/record.ts';
import type { Config } from './config/config.ts';
import { incomingText } from './flow/incoming/text.ts';
import type { AccountView, ManageAccounts } from './flow/operator/accounts.ts';
import type { Operate } from './flow/operator/operate.ts';
import type { Session } from './flow/outgoing/door.ts';
import type { Submission } from './flow/outgoing/submission.ts';
import { mailQueueOperations } from './mail-queue.ts';
import { waitingFor } from './routing/lanes.ts';
import type { Transport } from './routing/transport.ts';
import type { AccountOperations, ShownAccount } from './servers/http/accounts.ts';
import type { IncomingView, Operations } from './servers/http/api.ts';
import { gatewayView } from './servers/http/gateway-view.ts';
import type { IncomingMessage } from './store/records.ts';

/** What can be asked of a running gateway, put together from the flow and the gateways. */
export interface OperationsDeps {
  ready(): boolean;
  readonly submission: Submission;
  readonly operate: Operate;
  readonly manage: ManageAccounts;
  readonly transports: ReadonlyMap<string, Transport>;
  /** Why a gateway is given nothing though nothing is wrong with it. */
  held(gateway: string): string | undefined;
}

/** Whoever can open the control socket owns the data directory. */
const OPERATOR: Session = { via: 'cli', remote: 'local', trusted: true };

export function operationsOf(config: Config, deps: OperationsDeps): Operations {
  const { submission, operate, transports } = deps;
  const types = new Map(config.gateways.map((gateway) => [gateway.id, gateway.type]));
  return {
    ready: () => deps.ready(),
    send: ({ to, text, from, gateway, maxmsgs, flash, report }) =>
      submission.submitText(OPERATOR, {
        to,
        text,
        ...(from === undefined ? {} : { from }),
        parameters: {
          ...(gateway === undefined ? {} : { id: gateway }),
          ...(maxmsgs === undefined ? {} : { maxmsgs }),
          ...(flash === undefined ? {} : { flash }),
          ...(report === undefined ? {} : { report }),
        },
      }),
    list: (query) => operate.list(query),
    find: (id) => operate.find(id),
    findIncoming: async (id) => {
      const found = await operate.findIncoming(id);
      return found === undefined ? undefined : incomingView(found);
    },
    listIncoming: async (query) => {
      const { messages, next } = await operate.listIncoming(query);
      return { messages: messages.map(incomingView), ...(next === undefined ? {} : { next }) };
    },
    amend: (id, kind) => operate.amend(id, kind),
    stats: () => operate.stats(),
    gateways: async () => {
      const [{ lanes }, tallies] = await Promise.all([operate.stats(), operate.tallies()]);
      return [...transports.values()].map((transport) =>
        gatewayView(
          transport,
          types.get(transport.id) ?? '',
          waitingFor(transport.id, lanes),
          tallies.get(transport.id),
          deps.held(transport.id),
        ),
      );
    },
    ...phoneOperations(transports),
    ussd: async (id, code) => {
      const transport = transports.get(nameIn(transports.keys(), id) ?? id);
      if (transport?.ussd === undefined) {
        const type = types.get(nameIn(types.keys(), id) ?? id);
        throw new Fault('gateway.refused', { told: noUssd(id, type, transport) });
      }
      const { text, more } = await transport.ussd(code);
      return { answer: text, more };
    },
    accounts: accountOperations(deps.manage),
    mailQueue: mailQueueOperations(operate),
  };
}

function incomingView(message: IncomingMessage): IncomingView {
  const { id, state, gateway, number, received, total, trace, rules } = message;
  const { text, missing } = incomingText(message);
  const whole = { id, state, gateway, number, received, text, parts: total, missing, trace };
  return rules === undefined ? whole : { ...whole, rules };
}

function phoneOperations(transports: ReadonlyMap<string, Transport>): Pick<Operations, 'phones' | 'reply'> {
  const simulated = [...transports.values()].flatMap(({ id, phones }) =>
    phones === undefined ? [] : [{ id, phones }],
  );
  return {
    phones: () =>
      simulated.flatMap(({ id, phones }) => phones.list().map((phone) => ({ gateway: id, ...phone }))),
    reply: async ({ number, text, gateway }) => {
      const named = gateway === undefined ? undefined : nameIn(transports.keys(), gateway);
      const from =
        gateway === undefined
          ? (simulated.find((each) => each.phones.knows(number)) ?? simulated[0])
          : simulated.find((each) => each.id === named);
      if (from === undefined) {
        throw new Fault('gateway.refused', {
          told: `there is no virtual gateway${gateway === undefined ? '' : ` "${gateway}"`}`,
        });
      }
      await from.phones.reply(number, text);
    },
  };
}

function accountOperations(manage: ManageAccounts): AccountOperations {
  return {
    list: async (query) => {
      const { accounts, next } = await manage.list(query);
      return { accounts: accounts.map(shown), ...(next === undefined ? {} : { next }) };
    },
    find: async (user) => {
      const found = await manage.find(user);
      return found === undefined ? undefined : shown(found);
    },
    add: (settings, password) => manage.add(readAccount(settings), password),
    change: (user, settings) => manage.change(user, (kept) => merged(user, kept, settings)),
    remove: (user) => manage.remove(user),
    setPassword: (user, password) => manage.setPassword(user, password),
    reset: (user, sent) => manage.reset(user, sent),
    batch: ({ accounts, dryRun }) =>
      manage.batch(
        accounts.map(({ settings, ...rest }) => ({
          ...rest,
          ...(settings === undefined ? {} : { settings: (kept) => merged(rest.user, kept, settings) }),
        })),
        { dryRun },
      ),
  };
}

/** The settings with those that are named replaced; null takes one away. The name stays. */
function merged(
  user: string,
  kept: AccountSettings | undefined,
  given: Readonly<Record<string, unknown>>,
): AccountSettings {
  const all = { ...(kept === undefined ? {} : writeAccount(kept)), ...given, user: kept?.user ?? user };
  return readAccount(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)));
}

function shown({ record, source, hasPassword, usage }: AccountView): ShownAccount {
  const { sent, previous, lastSent } = usage;
  return {
    settings: writeAccount(record),
    source,
    hasPassword,
    sent,
    previous,
    ...(lastSent === undefined ? {} : { lastSent }),
  };
}

function noUssd(id: string, type: string | undefined, transport: Transport | undefined): string {
  if (type === undefined) return `there is no gateway "${id}"`;
  if (transport === undefined) return `gateway "${id}" is switched off`;
  return `gateway "${id}" is of type ${type} and has no USSD`;
}
