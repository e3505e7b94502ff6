/** Addresses with their type and plan: SMPP 3.4 5.2.5 and 5.2.6. */

/** Type of number: 0 unknown, 1 international, 2 national, 3 network specific, 4 subscriber, 5 alphanumeric, 6 abbreviated. */
export interface SmppAddress {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

/** A number with `+` as international without the plus (ton 1, npi 1), letters as alphanumeric (5, 0), what is short as it is (0, 1). */
export function smppAddress(written: string): SmppAddress {
  if (/^\+\d+$/.test(written)) return { ton: 1, npi: 1, address: written.slice(1) };
  if (/^\d+$/.test(written)) return { ton: 0, npi: 1, address: written };
  return { ton: 5, npi: 0, address: written };
}

/** The number as the rest of mailsms writes it: E.164 with `+` where it is international, else as it came. */
export function numberOf({ ton, address }: SmppAddress): string {
  const bare = address.trim();
  return ton === 1 && /^\d+$/.test(bare) ? `+${bare}` : bare;
}
