import type { Traits } from './traits.ts';

/** What a modem was told since it was powered up, and forgets when it restarts (3GPP TS 27.005 and 27.007). */
export interface Profile {
  echo: boolean;
  cmee: number;
  csms: number;
  creg: number;
  cgreg: number;
  /** The format of the operator's name, AT+COPS=3. */
  cops: number;
  cnmi: number[];
  cmms: number;
  /** 0: PDU mode; 1: text mode. */
  cmgf: number;
  charset: string;
  /** AT+CSMP: first octet, validity, protocol, coding. */
  parameters: number[];
  /** AT+CSDH. */
  headers: boolean;
  /** The storages that messages are read from, written to and received into (AT+CPMS). */
  memories: string[];
}

/** A modem's profile when it has been powered up. */
export function defaultProfile(traits: Traits, storages: Iterable<string>): Profile {
  const first = traits.memory === '' ? ([...storages][0] ?? 'SM') : traits.memory;
  return {
    echo: traits.echo,
    cmee: traits.cmee,
    csms: 0,
    creg: 0,
    cgreg: 0,
    cops: 0,
    cnmi: fiveNumbers(traits.cnmi),
    cmms: 0,
    cmgf: traits.pdu && traits.mode === 'pdu' ? 0 : 1,
    charset: 'IRA',
    parameters: [17, 167, 0, 0],
    headers: false,
    memories: [first, first, first],
  };
}

/** The arguments of AT+CNMI, those that are left out as 0. */
export function fiveNumbers(text: string): number[] {
  return [...text.split(',').map(Number), 0, 0, 0, 0, 0].slice(0, 5);
}
