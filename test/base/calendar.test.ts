import { expect } from 'chai';
import { offsetIn } from '../../lib/base/calendar.ts';

describe('the offset of a time zone', () => {
  const cases: readonly (readonly [zone: string, time: string, minutes: number])[] = [
    ['UTC', '2026-07-01T12:00:00Z', 0],
    ['Europe/Berlin', '2026-07-01T12:00:00Z', 120],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', 120],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 60],
    ['Asia/Kolkata', '2026-07-01T12:00:00Z', 330],
    ['America/St_Johns', '2026-01-01T12:00:00Z', -210],
    ['Pacific/Chatham', '2026-01-01T12:00:00Z', 825],
  ];
  for (const [zone, time, minutes] of cases) {
    it(`${zone} at ${time}: ${minutes} minutes`, () => {
      expect(offsetIn(zone)(Date.parse(time))).to.equal(minutes);
    });
  }
});
