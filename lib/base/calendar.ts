/** Calendar days in a time zone (IANA name), written `2026-11-23`. Their first seven characters are the month. */

/** What tells the day of a time, in milliseconds since 1970. */
export function dayIn(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (at) => format.format(at);
}

/**
 * The first moment of a day in a time zone, in milliseconds since 1970. Where clocks are put forward at midnight
 * that is the moment to which they are put.
 *
 * @param day `2027-01-31`
 */
export function startOfDay(day: string, zone: string): number {
  const dayOf = dayIn(zone);
  // Somewhere between 14 hours before and 12 hours after midnight UTC (the zones' extremes) the day begins.
  let before = Date.parse(`${day}T00:00:00Z`) - 15 * 36e5;
  let after = before + 28 * 36e5;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayOf(middle) < day) before = middle;
    else after = middle;
  }
  return after;
}

/** What tells how far a time zone is from UTC at a time, in minutes, east positive. */
export function offsetIn(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const { value = '' } = format.formatToParts(at).find(({ type }) => type === 'timeZoneName') ?? {};
    // `GMT+05:30`, and `GMT` alone for UTC.
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(value) ?? [];
    const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
    return sign === '-' ? -offset : offset;
  };
}
