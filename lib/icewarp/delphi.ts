/**
 * Delphi's dates (TDateTime): days since 1899-12-30, the fraction being the time of day; 0 is none. With a locale of
 * continental Europe the fraction is written after a comma.
 */

/** 9999-12-31, the last that a TDateTime is meant to hold. */
const LAST_DAY = 2_958_465;
const DAY_MS = 86_400_000;
const ZERO = Date.UTC(1899, 11, 30);

export type DelphiDate =
  | { readonly kind: 'none' }
  | { readonly kind: 'day'; readonly day: string; readonly time: boolean }
  | { readonly kind: 'bad'; readonly why: string };

/** `46000` or `46000,5` to `2025-12-09`; a day as people write it (`2025-12-09`, `2025/12/09`) is taken too. */
export function readDelphiDate(written: string): DelphiDate {
  const text = written.trim();
  if (/^(?:0+(?:[.,]0*)?)?$/.test(text)) return { kind: 'none' };
  const [, year, month, date] = /^(\d{4})[-/](\d{2})[-/](\d{2})$/.exec(text) ?? [];
  if (year !== undefined) return calendarDay(`${year}-${month}-${date}`);
  const [, digits, fraction = ''] = /^(\d{1,15})(?:[.,](\d*))?$/.exec(text) ?? [];
  if (digits === undefined) {
    return { kind: 'bad', why: `"${text}" is no Delphi date (days since 1899-12-30)` };
  }
  const days = Number(digits);
  if (days > LAST_DAY) {
    const hint = days >= 1e8 ? '; it looks like a unix time' : '';
    return { kind: 'bad', why: `"${text}" lies beyond the year 9999 as a Delphi date${hint}` };
  }
  return {
    kind: 'day',
    day: new Date(ZERO + days * DAY_MS).toISOString().slice(0, 10),
    time: /[1-9]/.test(fraction),
  };
}

/** `2025-12-09` to 46000; a day that a Delphi date cannot tell from none becomes the first that it can. */
export function writeDelphiDate(day: string): number {
  return Math.max(1, Math.round((Date.parse(`${day}T00:00:00Z`) - ZERO) / DAY_MS));
}

function calendarDay(day: string): DelphiDate {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
    ? { kind: 'day', day, time: false }
    : { kind: 'bad', why: `"${day}" is not a day of the calendar` };
}
