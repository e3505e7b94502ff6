import { normaliseNumber } from './address/number.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Config } from './config/config.ts';
import type { Reports } from './flow/effects/reports.ts';
import type { ManageAccounts } from './flow/operator/accounts.ts';
import { ManageGateways } from './flow/operator/gateways.ts';
import { Inbox } from './flow/operator/inbox.ts';
import { MailQueue } from './flow/operator/mail-queue.ts';
import { Messages } from './flow/operator/messages.ts';
import type { Operations } from './flow/operator/operations.ts';
import { Overview, type RunningProcess } from './flow/operator/overview.ts';
import type { Submission } from './flow/outgoing/submission.ts';
import type { Transport } from './routing/transport.ts';
import type { Store } from './store/store.ts';

/** The operator's desk, put together from the configuration, the flow and the gateways. */
export function operationsOf(config: Config, deps: OperationsDeps): Operations {
  const readNumber = (written: string): string => numberIn(written, config);
  const gateways = new ManageGateways(config.gateways, deps);
  return {
    ready: () => deps.ready(),
    messages: new Messages({ ...deps, gateways, readNumber }),
    inbox: new Inbox({ ...deps, gateways, readNumber }),
    mailQueue: new MailQueue(deps),
    accounts: deps.manage,
    gateways,
    overview: new Overview({ dataDir: config.dataDir, ...deps.process }, { ...deps, gateways }),
  };
}

/** A number as people write it. One that is none is looked for as it stands, and nothing is found. */
function numberIn(written: string, { country }: Config): string {
  try {
    return normaliseNumber(written, country);
  } catch {
    return written;
  }
}

export interface OperationsDeps {
  ready(): boolean;
  readonly process: Pick<RunningProcess, 'running'>;
  readonly store: Store;
  readonly submission: Pick<Submission, 'submitText'>;
  readonly manage: ManageAccounts;
  readonly reports: Reports;
  readonly transports: ReadonlyMap<string, Transport>;
  /** Why a gateway is given no message of so many SMS though it is up. */
  held(gateway: string, parts: number): string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}
