import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { networkOf } from '../../base/host.ts';
import { DistinctLimit, RateLimit } from '../../base/rate.ts';
import type { Session } from './door.ts';

/** How often clients that nobody vouches for may name recipients. Each call throws `limit.rate` where that is one too many. */
export interface Frequency {
  /** One more recipient is named in this session. */
  client(session: Session): void;
  /** `sender`, as far as it is known, writes to these numbers. */
  numbers(session: Session, sender: string, numbers: readonly string[]): void;
}

/**
 * Counts what clients ask for, in memory; those that are trusted are not counted. `peek` says what would be answered, and
 * counts nothing.
 */
export class CountedFrequency implements Frequency {
  readonly peek: Frequency;
  readonly #byAddress: RateLimit;
  readonly #byNumber: DistinctLimit;

  constructor({ recipientsPerMinute, sendersPerNumber }: FrequencySettings, clock: Clock) {
    const byAddress = new RateLimit(recipientsPerMinute, MINUTE_MS, clock);
    const byNumber = new DistinctLimit(sendersPerNumber, BOMBING_MS, clock);
    this.#byAddress = byAddress;
    this.#byNumber = byNumber;
    this.peek = {
      client: (session) => askClient(session, (key) => byAddress.allows(key)),
      numbers: (session, sender, numbers) =>
        askNumbers(session, numbers, sender, (number) => byNumber.allows(number, sender)),
    };
  }

  client(session: Session): void {
    askClient(session, (key) => this.#byAddress.take(key));
  }

  numbers(session: Session, sender: string, numbers: readonly string[]): void {
    askNumbers(session, numbers, sender, (number) => this.#byNumber.take(number, sender));
  }
}

export interface FrequencySettings {
  /** Recipients that one untrusted client address may name in a minute; 0: no limit. */
  readonly recipientsPerMinute: number;
  /** Different senders that one number may hear from in ten minutes, those behind trusted clients aside; 0: no limit. */
  readonly sendersPerNumber: number;
}

const MINUTE_MS = 60_000;
const BOMBING_MS = 10 * MINUTE_MS;

function askClient({ trusted, remote }: Session, allows: (key: string) => boolean): void {
  if (trusted || allows(networkOf(remote))) return;
  throw new Fault('limit.rate', { told: 'too many recipients from your address, try again later' });
}

function askNumbers(
  { trusted }: Session,
  numbers: readonly string[],
  sender: string,
  allows: (number: string) => boolean,
): void {
  if (trusted) return;
  for (const number of numbers) {
    if (allows(number)) continue;
    throw new Fault('limit.rate', {
      told: `too many people are writing to ${number}, try again later`,
      detail: `sender ${sender}`,
    });
  }
}
