import type { Clock } from '../../../base/clock.ts';
import type { Urc } from './urc.ts';

export interface ChannelOptions {
  readonly clock: Clock;
  /** How long a modem may be silent where a command says nothing else; 16 s by default. */
  readonly readTimeoutMs?: number;
}

export interface ChannelEvents {
  urc?(urc: Urc): void;
  /** The port is gone; told once. */
  closed?(reason: string): void;
  /** Something that a modem would not say in the state that it was brought to. */
  odd?(what: string): void;
  /** A line that belongs to nothing. */
  stray?(line: string): void;
  /** What a command said after it had been given up: `+CMGS: 7` of a message whose outcome was unknown. */
  late?(command: string, line: string): void;
  /** Everything written and read, secrets masked. */
  trace?(direction: '>' | '<', text: string): void;
}

export interface CommandOptions {
  /** How long the modem may be silent, in ms: before the first line, and between lines. */
  readonly timeoutMs?: number;
  /** What the first line of the answer begins with (`+CMGR:`); lines before it are noise. Default: any line. */
  readonly answer?: string;
  /** Some modems end this answer without OK: a line of it and then silence will do. */
  readonly bare?: boolean;
  /** Written at the prompt, followed by Ctrl+Z: hex, or in text mode a text, one character an octet. */
  readonly pdu?: string;
  /**
   * The prompt is answered once this has resolved. Where it rejects, the prompt is left and the command rejects with that;
   * where it does neither within `timeoutMs`, with Fault `gateway.busy`.
   */
  readonly cleared?: Promise<void>;
  /** How long the modem may be silent once the PDU was handed over. */
  readonly pduTimeoutMs?: number;
  /** What stands in the log and in errors in place of a command that holds a secret. */
  readonly shown?: string;
}
