/**
 * An iCalendar object (RFC 5545) on one line, for a mail that has nothing else to read:
 * `Maintenance, 2025-07-08 22:00-23:30, every week, DC 2`; an answer to one says whose and which (RFC 5546 3.2.3). Times are as the event has them, `UTC` where it says so.
 */

/** Characters looked at. */
const MAX_CALENDAR = 64 * 1024;

/** The first event of a calendar as one line; empty where there is none. Never throws. */
export function calendarLine(text: string): string {
  const lines = text
    .slice(0, MAX_CALENDAR)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/);
  const begin = lines.findIndex((line) => /^BEGIN:V(?:EVENT|TODO)\s*$/i.test(line));
  if (begin === -1) return '';
  const end = lines.findIndex((line, at) => at > begin && /^END:V(?:EVENT|TODO)\s*$/i.test(line));
  const event = lines.slice(begin + 1, end === -1 ? undefined : end);
  const method = value(lines.slice(0, begin), 'METHOD')?.toUpperCase();
  const about = method === 'CANCEL' ? 'Cancelled: ' : method === 'REPLY' ? answer(event) : '';
  const start = value(event, 'DTSTART') ?? value(event, 'DUE');
  const when = period(start, value(event, 'DTEND') ?? after(start, value(event, 'DURATION')));
  const pieces = [value(event, 'SUMMARY'), when, repetition(value(event, 'RRULE')), value(event, 'LOCATION')];
  const line = pieces.filter((piece) => piece !== undefined && piece !== '').join(', ');
  return line === '' ? '' : `${about}${line}`;
}

const ANSWERS: Readonly<Record<string, string>> = {
  ACCEPTED: 'Accepted',
  DECLINED: 'Declined',
  TENTATIVE: 'Tentatively accepted',
  DELEGATED: 'Delegated',
};

/** `Accepted by Ann Lee: `, from the one attendee that an answer has. */
function answer(event: readonly string[]): string {
  const attendee = event.find((line) => /^ATTENDEE[;:]/i.test(line)) ?? '';
  const status = /;PARTSTAT="?([A-Z-]+)/i.exec(attendee)?.[1]?.toUpperCase() ?? '';
  const name = /;CN=(?:"([^"]{1,100})"|([^";:]{1,100}))/i.exec(attendee);
  const who = name?.[1] ?? name?.[2] ?? /:mailto:(\S{1,200})$/i.exec(attendee)?.[1];
  const words = ANSWERS[status] ?? 'Answered';
  return who === undefined ? `${words}: ` : `${words} by ${who}: `;
}

/** The value of a property, parameters left out and escapes undone (RFC 5545 3.3.11). */
function value(lines: readonly string[], name: string): string | undefined {
  for (const line of lines) {
    const match = /^([A-Z-]+)(?:;(?:"[^"]*"|[^:"])*)?:(.*)$/i.exec(line);
    if (match?.[1]?.toUpperCase() !== name) continue;
    return (match[2] ?? '')
      .replace(/\\([nN,;\\])/g, (_, escaped: string) => (/n/i.test(escaped) ? ' ' : escaped))
      .trim();
  }
  return undefined;
}

function period(start: string | undefined, end: string | undefined): string | undefined {
  const from = moment(start);
  const to = moment(end);
  if (from === undefined) return start;
  const zone = from.utc ? ' UTC' : '';
  const begin = from.time === '' ? from.date : `${from.date} ${from.time}`;
  if (to === undefined) return `${begin}${zone}`;
  if (to.time === '') {
    const last = dayBefore(to.date);
    return from.time === '' && last > from.date ? `${begin} - ${last}` : `${begin}${zone}`;
  }
  return to.date === from.date ? `${begin}-${to.time}${zone}` : `${begin} - ${to.date} ${to.time}${zone}`;
}

/** The end of whole days is the day after the last (RFC 5545 3.6.1). */
function dayBefore(date: string): string {
  const day = Date.parse(`${date}T00:00:00Z`) - DAY_MS;
  return Number.isNaN(day) ? date : new Date(day).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;

/** The end of what has a length instead (RFC 5545 3.3.6), in the form of its beginning. */
function after(start: string | undefined, length: string | undefined): string | undefined {
  const from = moment(start);
  const match = /^\+?P(?:(\d{1,3})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?)$/.exec(
    length ?? '',
  );
  if (from === undefined || match === null) return undefined;
  const [weeks, days, hours, minutes] = match.slice(1).map((count) => Number(count ?? 0));
  const ms = ((weeks ?? 0) * 7 + (days ?? 0)) * DAY_MS + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000;
  const begin = Date.parse(`${from.date}T${from.time || '00:00'}:00Z`);
  if (ms === 0 || Number.isNaN(begin)) return undefined;
  const end = new Date(begin + ms).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return from.time === '' ? end.slice(0, 8) : `${end}${from.utc ? 'Z' : ''}`;
}

const EVERY: Readonly<Record<string, string>> = {
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
  YEARLY: 'year',
};

/** `every week`, `every 2 weeks` (RFC 5545 3.3.10). */
function repetition(rule: string | undefined): string | undefined {
  const unit = EVERY[/(?:^|;)FREQ=([A-Z]+)/i.exec(rule ?? '')?.[1]?.toUpperCase() ?? ''];
  const count = Number(/(?:^|;)INTERVAL=(\d{1,3})/i.exec(rule ?? '')?.[1] ?? 1);
  if (unit === undefined) return undefined;
  return count > 1 ? `every ${count} ${unit}s` : `every ${unit}`;
}

/** RFC 5545 3.3.4 and 3.3.5: `20250708`, `20250708T220000`, `20250708T200000Z`. */
function moment(text: string | undefined): { date: string; time: string; utc: boolean } | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute = '', utc] = match;
  return {
    date: `${year}-${month}-${day}`,
    time: hour === undefined ? '' : `${hour}:${minute}`,
    utc: utc === 'Z',
  };
}
