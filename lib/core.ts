import type { FixedRecord } from './accounts/account.ts';
import { Accounts, type AccountsSettings } from './accounts/accounts.ts';
import type { PasswordBackend } from './accounts/backend.ts';
import { dayIn, startOfDay } from './base/calendar.ts';
import type { Clock } from './base/clock.ts';
import type { Service } from './base/lifecycle.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { Dispatch, type DispatchSettings } from './flow/dispatch/dispatch.ts';
import { Receipts } from './flow/dispatch/receipt.ts';
import { Unconfirmed } from './flow/dispatch/unconfirmed.ts';
import { Effects, MAIL_EFFECT, type EffectSettings } from './flow/effects/effects.ts';
import { type OperatorMailSettings, operatorMail } from './flow/effects/operator-mail.ts';
import { type ReportSettings, Reports } from './flow/effects/reports.ts';
import { messageHandlers, ruleErrands } from './flow/effects/rule-effects.ts';
import { type DeliverySettings, Delivery } from './flow/incoming/delivery.ts';
import { type ReceiveSettings, Receive } from './flow/incoming/receive.ts';
import { type IncomingRulesSettings, IncomingRules } from './flow/incoming/rules.ts';
import { type ManageSettings, ManageAccounts } from './flow/operator/accounts.ts';
import { Housekeeping } from './flow/operator/housekeeping.ts';
import { Admission, type AdmitSettings } from './flow/outgoing/admit.ts';
import { Authorisation } from './flow/outgoing/authorise.ts';
import type { Directory } from './flow/outgoing/directory.ts';
import { type DraftSettings, Drafts } from './flow/outgoing/draft.ts';
import { CountedFrequency, type FrequencySettings } from './flow/outgoing/frequency.ts';
import { Gateways, type OutgoingGateway } from './flow/outgoing/gateways.ts';
import { type LoopSettings, Loops } from './flow/outgoing/loops.ts';
import { type PlanSettings, Planner } from './flow/outgoing/plan.ts';
import { Preview, type PreviewSettings } from './flow/outgoing/preview.ts';
import { Prove } from './flow/outgoing/prove.ts';
import type { Rules } from './flow/outgoing/rule-sets.ts';
import { OutgoingRules, type OutgoingSettings } from './flow/outgoing/rules.ts';
import type { SenderProof } from './flow/outgoing/sender-proof.ts';
import { Submission, type SubmissionSettings } from './flow/outgoing/submission.ts';
import { mailHandler } from './mailer/handler.ts';
import type { Mailer } from './mailer/mailer.ts';
import type { Outside } from './outside/outside.ts';
import type { Balance } from './routing/balance.ts';
import type { Transport } from './routing/transport.ts';
import { recipientOf, senderOf } from './servers/smtp/command.ts';
import type { Store } from './store/store.ts';

/**
 * The product without its doors: what becomes of mails and of messages from phones, on a store, with gateways and a way out for
 * mail. The application opens doors to it (app.ts), and tests stand in for its ports and use it as it is.
 *
 * Nothing happens until the services are started, in their order; they are stopped in the reverse one.
 */
export function createCore(settings: CoreSettings, ports: CorePorts): Core {
  const { store, mailer, outside, clock, random, log, balance, transports } = ports;
  const deps = { store, clock, random, log };
  const outgoing = createOutgoing(settings, ports);
  const { submission, preview, reports, drafts, calendar } = outgoing;
  const manage = new ManageAccounts(settings.manage, { ...deps, ...calendar });

  const receipts = new Receipts({ ...deps, reports });
  const receive = new Receive(settings.receive, { ...deps, receipts });
  const incomingRules = new IncomingRules(settings.incomingRules, { clock, rules: ports.rules });
  const delivery = new Delivery(settings.delivery, { ...deps, drafts, rules: incomingRules });
  const dispatch = new Dispatch(settings.dispatch, { ...deps, transports, balance, reports });

  const mail = mailHandler(mailer, { log, enqueue: (mails) => store.enqueue(mails) });
  const messages = messageHandlers(settings.reports, {
    clock,
    isPhone: (address) => settings.directory.isOurs(address),
    submit: (text) => submission.submitRule(text),
    mail,
  });
  const { operator } = settings;
  const givenUp = operator === undefined ? {} : { givenUp: operatorMail(operator, clock) };
  const handlers = { [MAIL_EFFECT]: mail, ...messages };
  return {
    submission,
    preview,
    reports,
    manage,
    replaceAccounts: (records) => {
      outgoing.accounts.replaceFixed(records);
      manage.replaceFixed(records);
    },
    services: [
      new Unconfirmed({ keepMs: settings.keepMs }, { ...deps, reports }),
      new Housekeeping({ keepMs: settings.keepMs }, deps),
      new Effects(settings.effects, handlers, { ...deps, ...givenUp }),
      // What rules ask for is apart from mails, so that a slow program holds no mail up.
      ...(outside === undefined
        ? []
        : [new Effects(settings.effects, ruleErrands(outside.handlers), deps), outside]),
      delivery,
      ...[...transports.values()].map((each) => gatewayService(each, { receive, dispatch, balance, log })),
      dispatch,
    ],
  };
}

/** What a preview stands on: no gateway, and no way out. */
export function createPreview(settings: OutgoingCoreSettings, ports: OutgoingPorts): Preview {
  return createOutgoing(settings, ports).preview;
}

/** The way of a mail until it is queued. */
function createOutgoing(settings: OutgoingCoreSettings, ports: OutgoingPorts) {
  const { store, clock, random, log, backend, rules, senderProof } = ports;
  const { directory, zone } = settings;
  const deps = { store, clock, random, log };
  const calendar = { dayOf: dayIn(zone), startOfDay: (day: string) => startOfDay(day, zone) };
  const accounts = new Accounts(settings.accounts, { ...deps, ...calendar, ...(backend && { backend }) });
  const gateways = new Gateways(settings.gateways);
  const drafts = new Drafts(settings.drafts, { ...deps, gateways, accounts });
  const loops = new Loops(settings.loops, clock);
  const reports = new Reports(settings.reports, deps);
  const prove = new Prove({ accounts, senderProof, log });
  const proof = { senderProof: senderProof !== undefined };
  const frequency = new CountedFrequency(settings.frequency, clock);
  const admission = new Admission(settings.admit, {
    ...{ accounts, gateways, directory, frequency, clock },
    authorisation: new Authorisation(proof, {
      accounts,
      verify: (user, password, client) => accounts.verify(user, password, client),
    }),
  });
  // Looks at the same accounts and limits, and counts nothing against anybody.
  const onlooker = new Admission(settings.admit, {
    ...{ accounts, gateways, directory, frequency: frequency.peek, clock },
    authorisation: new Authorisation(proof, {
      accounts,
      verify: (user, password) => accounts.verifyWritten(user, password),
    }),
  });
  const planner = (asking: Rules | undefined): Planner =>
    new Planner(settings.plan, {
      ...{ store, drafts, gateways, loops, prove, clock },
      rules: new OutgoingRules(settings.outgoingRules, { clock, random, rules: asking }),
    });
  const unasking = rules && { ...rules, ask: async () => ({ failed: 'a preview asks nobody' }) };
  return {
    ...{ accounts, calendar, drafts, reports },
    submission: new Submission(settings.submission, {
      ...{ ...deps, accounts, admission, gateways, drafts, loops, reports },
      planner: planner(rules),
    }),
    preview: new Preview(settings.preview, {
      ...{ accounts, drafts, gateways, store },
      admission: onlooker,
      planner: planner(unasking),
      paths: { sender: senderOf, recipient: recipientOf },
    }),
  };
}

export interface Core {
  /** Where mails and texts are handed in. */
  readonly submission: Submission;
  readonly preview: Preview;
  readonly reports: Reports;
  readonly manage: ManageAccounts;
  /** Takes these accounts in place of those of the configuration. */
  replaceAccounts(records: readonly FixedRecord[]): void;
  /** In the order in which they are started. */
  readonly services: readonly Service[];
}

export interface OutgoingCoreSettings {
  /** IANA time zone of days and months. */
  readonly zone: string;
  readonly accounts: AccountsSettings;
  readonly gateways: readonly OutgoingGateway[];
  /** Helpers and lists. */
  readonly directory: Directory;
  readonly admit: AdmitSettings;
  readonly frequency: FrequencySettings;
  readonly loops: LoopSettings;
  readonly outgoingRules: OutgoingSettings;
  readonly plan: PlanSettings;
  readonly drafts: DraftSettings;
  readonly submission: SubmissionSettings;
  readonly preview: PreviewSettings;
  readonly reports: ReportSettings;
}

export interface CoreSettings extends OutgoingCoreSettings {
  readonly receive: ReceiveSettings;
  readonly incomingRules: IncomingRulesSettings;
  readonly delivery: DeliverySettings;
  readonly dispatch: DispatchSettings;
  readonly effects: EffectSettings;
  readonly manage: ManageSettings;
  /** Absent where nobody is to be told of what was given up. */
  readonly operator?: OperatorMailSettings;
  /** How long settled messages are kept. */
  readonly keepMs: number;
}

/** What a mail needs until it is queued. */
export interface OutgoingPorts {
  readonly store: Store;
  /** Absent where nobody else knows passwords. */
  readonly backend?: PasswordBackend | undefined;
  /** Absent where no mail proves anything. */
  readonly senderProof?: SenderProof | undefined;
  /** Absent where there are no rules. */
  readonly rules?: Rules | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface CorePorts extends OutgoingPorts {
  /** The gateways in use, by id; `balance` knows them all. */
  readonly transports: ReadonlyMap<string, Transport>;
  readonly balance: Balance;
  readonly mailer: Mailer;
  /** What rules reach: programs, URLs, databases. Absent where there are no rules. */
  readonly outside?: Pick<Outside, 'handlers' | keyof Service> | undefined;
}

interface GatewayDeps {
  readonly receive: Receive;
  readonly dispatch: Dispatch;
  readonly balance: Balance;
  readonly log: Log;
}

/** A gateway at work: what it receives is kept, and its state counts. */
function gatewayService(transport: Transport, { receive, dispatch, balance, log }: GatewayDeps): Service {
  const { id } = transport;
  let last = '';
  return {
    name: `gateway ${id}`,
    start: () =>
      transport.start({
        received: (sms) => receive.take(id, sms),
        health: ({ state, reason, trial }) => {
          const line = reason === undefined ? state : `${state}: ${reason}`;
          if (line !== last) log[state === 'down' ? 'warn' : 'info']({ gateway: id }, `gateway ${line}`);
          last = line;
          balance.health(id, state === 'up' || trial === true);
          dispatch.wake();
        },
      }),
    stop: () => transport.stop(),
  };
}
