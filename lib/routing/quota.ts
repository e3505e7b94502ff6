import type { Clock } from '../base/clock.ts';
import { printRate, type Rate } from '../base/units.ts';

/**
 * How much one gateway may be given: messages by its rate, SMS by its cap for a calendar day.
 *
 * Promises: in no stretch of time as long as the rate's does it get more messages than the rate says; on no day more SMS
 * than the cap, those under way counted. What the day had seen before the process began is told by `known`.
 */
export class Quota {
  readonly #limits: QuotaLimits;
  readonly #clock: Clock;
  readonly #calendar: Calendar;
  /** When it was given messages within the rate's time, oldest first, from `#first` on. */
  #given: number[] = [];
  #first = 0;
  #day = '';
  /** SMS that went out on `#day`. */
  #sent = 0;
  /** SMS of messages that it has been given and that have not ended. */
  #underWay = 0;

  constructor(limits: QuotaLimits, deps: { readonly clock: Clock; readonly calendar: Calendar }) {
    this.#limits = limits;
    this.#clock = deps.clock;
    this.#calendar = deps.calendar;
  }

  /** Whether messages are to be looked at before they are given: not every one may fit. */
  get capped(): boolean {
    return this.#limits.dailyCap !== undefined;
  }

  /** How many messages it may be given now; not every one may fit under the cap. */
  places(): number {
    const { rate } = this.#limits;
    if (this.#left() <= 0) return 0;
    return rate === undefined ? Infinity : rate.count - this.#within(rate);
  }

  /** Whether a message of so many SMS may go out today. */
  admits(parts: number): boolean {
    return parts <= this.#left();
  }

  began(parts: number): void {
    const { rate } = this.#limits;
    if (rate !== undefined) {
      this.#within(rate);
      this.#given.push(this.#clock.now());
    }
    this.#underWay += parts;
  }

  /** A message that took `parts` when it began has ended; `sent` of them went out. */
  ended(parts: number, sent: number): void {
    this.#today();
    this.#underWay -= parts;
    this.#sent += sent;
  }

  /** What the store counted today: more than is known here after a restart, or where others send through it too. */
  known(sent: number): void {
    this.#today();
    this.#sent = Math.max(this.#sent, sent);
  }

  /** When it may be given more than now; undefined where nothing holds it back. */
  opens(): number | undefined {
    const { rate, dailyCap } = this.#limits;
    const ends: number[] = [];
    if (rate !== undefined && this.#within(rate) > 0) ends.push((this.#given[this.#first] ?? 0) + rate.ms);
    // A message may be too large for what is left of the day, whatever that is.
    if (dailyCap !== undefined) ends.push(this.#calendar.startOfDay(dayAfter(this.#today())));
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** Why it is given nothing, or not a message of so many SMS; undefined where it may be. */
  held(parts = 1): string | undefined {
    const { rate, dailyCap } = this.#limits;
    if (dailyCap !== undefined && !this.admits(parts)) {
      if (parts > dailyCap) return `may send ${dailyCap} SMS a day, and the message takes ${parts}`;
      const left = this.#left();
      return left <= 0
        ? `has sent the ${dailyCap} SMS that it may send a day`
        : `may send ${left} more SMS today, and the message takes ${parts}`;
    }
    return this.places() > 0 || rate === undefined
      ? undefined
      : `has sent all that it may at ${printRate(rate)}`;
  }

  /** SMS that may still go out today. */
  #left(): number {
    const { dailyCap = Infinity } = this.#limits;
    this.#today();
    return dailyCap - this.#sent - this.#underWay;
  }

  /** How many it was given within the rate's time; older ones are forgotten. */
  #within({ ms }: Rate): number {
    const now = this.#clock.now();
    // Where the clock was set back, what it had seen counts as just now.
    if ((this.#given.at(-1) ?? now) > now) this.#given = this.#given.map((at) => Math.min(at, now));
    while ((this.#given[this.#first] ?? now) <= now - ms) this.#first++;
    if (this.#first * 2 > this.#given.length) {
      this.#given = this.#given.slice(this.#first);
      this.#first = 0;
    }
    return this.#given.length - this.#first;
  }

  #today(): string {
    if (!this.capped) return '';
    const day = this.#calendar.dayOf(this.#clock.now());
    if (day !== this.#day) this.#sent = 0;
    this.#day = day;
    return day;
  }
}

/** Absent: no limit. */
export interface QuotaLimits {
  readonly rate?: Rate | undefined;
  /** SMS (parts). */
  readonly dailyCap?: number | undefined;
}

/** Calendar days in the configured zone (base/calendar.ts). */
export interface Calendar {
  dayOf(at: number): string;
  startOfDay(day: string): number;
}

/** `2026-12-01` after `2026-11-30`. */
function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
