/** Times as people in a zone read them. */

export interface LocalTime {
  /** `2026-11-23` */
  readonly date: string;
  /** `09:30` */
  readonly time: string;
  readonly weekday: Weekday;
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Keeps the formatter of each zone, which is dear to make. */
export class Calendar {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  /** @param zone an IANA name; one that is not known is read as UTC. */
  local(at: number, zone: string): LocalTime {
    const parts = new Map(
      this.#format(zone)
        .formatToParts(at)
        .map(({ type, value }) => [type, value]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    return {
      date: `${part('year')}-${part('month')}-${part('day')}`,
      time: `${part('hour')}:${part('minute')}`,
      weekday: WEEKDAYS.find((each) => each === part('weekday').toLowerCase()) ?? 'sun',
    };
  }

  #format(zone: string): Intl.DateTimeFormat {
    const known = this.#formats.get(zone);
    if (known !== undefined) return known;
    const made = format(zone) ?? format('UTC') ?? new Intl.DateTimeFormat('en-US');
    this.#formats.set(zone, made);
    return made;
  }
}

function format(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      weekday: 'short',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}
