import { within, type Clock } from '../../../base/clock.ts';
import { Fault, messageOf } from '../../../base/errors.ts';
import { ChannelError, notCleared, readFinal, type Stage } from './result.ts';
import { echoOf, isEcho } from './echo.ts';
import { LineSplitter, type Token } from './lines.ts';
import type { Port } from './port.ts';
import { TextBody } from './body.ts';
import { hasBody, readBodyLength } from './text-answers.ts';
import { printUrc, readUrc, takesBody, type Bodies, type Urc } from './urc.ts';

/**
 * The AT channel: one command in flight on a byte stream, answers told apart from what the modem says unasked.
 *
 * It promises: commands go out in the order they were asked for, one at a time; every command settles, be it by its
 * final result, by its time-out or by the end of the port; a late answer is never taken for that of the next command;
 * what the modem says unasked reaches `onUrc` wherever it stands, also between a command and its answer; no octets make it throw.
 *
 * After a time-out it is not known what the modem still has to say. So the next command is preceded by ESC (which
 * leaves a prompt without sending, TS 27.005 3.5.1) and `AT+CMEE?`, and everything up to that answer is dropped.
 */
export class Channel {
  readonly #port: Port;
  readonly #clock: Clock;
  readonly #events: ChannelEvents;
  readonly #readTimeout: number;
  readonly #lines: LineSplitter;
  readonly #text: TextBody;
  /** How messages are given, which goes with the mode that the modem was set to. */
  bodies: Bodies = 'pdu';
  #inFlight: InFlight | undefined;
  /** A URC whose second line is awaited. */
  #half: Urc | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed: string | undefined;
  #stale = false;
  /** The command that timed out last, so that its late answer is known for what it is. */
  #lost: string | undefined;

  constructor(port: Port, options: ChannelOptions, events: ChannelEvents = {}) {
    this.#port = port;
    this.#clock = options.clock;
    this.#readTimeout = options.readTimeoutMs ?? READ_TIMEOUT;
    this.#events = events;
    this.#lines = new LineSplitter((token) => this.#token(token));
    this.#text = new TextBody(
      this.#lines,
      options.clock,
      (body) => this.#bodyEnded(body),
      (line) => this.#line(line),
    );
    port.listen({
      data: (bytes) => this.#lines.push(bytes),
      closed: (reason) => this.#end(reason),
    });
  }

  /** Why the channel is closed; undefined while it is open. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /**
   * Sends a command and resolves with the lines of its answer, without the final result.
   *
   * Rejects with ChannelError: `refused` with the modem's own words, `timeout` or `closed`; its `stage` says
   * whether the PDU was handed over.
   */
  command(text: string, options: CommandOptions = {}): Promise<string[]> {
    // A command is one line: what it is made of must not be able to begin another.
    if (/[^\x20-\x7e]/.test(text)) {
      return Promise.reject(
        new Fault('internal', { detail: 'an AT command has other characters than ASCII text' }),
      );
    }
    const turn = this.#tail.then(async () => {
      if (this.#stale) await this.#regain();
      return this.#exchange(text, options);
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Finds the modem's ear: leaves a prompt that somebody left behind and waits for an answer that is ours. Several
   * tries, because a modem that measures the line's speed loses the first characters. Rejects as `command` does.
   */
  open(tries = 3): Promise<void> {
    const turn = this.#tail.then(async () => {
      for (let left = tries; ; left--) {
        try {
          return await this.#regain(Math.ceil(this.#readTimeout / tries));
        } catch (error) {
          if (left <= 1 || this.#closed !== undefined) throw error;
        }
      }
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Closes the port; what is pending is rejected. */
  async close(reason = 'closed'): Promise<void> {
    this.#end(reason);
    await this.#port.close();
  }

  async #regain(timeoutMs = this.#readTimeout): Promise<void> {
    // ESC first: Ctrl+Z at a prompt that holds a whole PDU would send it a second time.
    await this.#write(ESC + CTRL_Z + '\r', 'command', 'ESC Ctrl+Z');
    await this.#exchange(MARK, { timeoutMs }, true);
    this.#stale = false;
    this.#lost = undefined;
  }

  async #exchange(text: string, options: CommandOptions, marking = false): Promise<string[]> {
    if (this.#closed !== undefined) throw new ChannelError('closed', 'command', text, this.#closed);
    return new Promise<string[]>((resolve, reject) => {
      const flight: InFlight = {
        text,
        shown: options.shown ?? text,
        options,
        lines: [],
        echo: [],
        stage: 'command',
        marking,
        deadline: this.#clock.now() + LONGEST_ANSWER * (options.timeoutMs ?? this.#readTimeout),
        cancel: () => undefined,
        resolve,
        reject,
      };
      this.#inFlight = flight;
      this.#lines.awaitingPrompt = options.pdu !== undefined;
      this.#arm(flight, this.#timeout(flight));
      this.#hand(flight, text + '\r', flight.shown);
    });
  }

  async #write(octets: string, stage: Stage, shown: string): Promise<void> {
    if (this.#closed !== undefined) throw new ChannelError('closed', stage, shown, this.#closed);
    this.#events.trace?.('>', shown);
    try {
      await within(
        this.#clock,
        this.#readTimeout,
        this.#port.write(Buffer.from(octets, 'latin1')),
        () => new ChannelError('timeout', stage, shown, 'the line takes no data'),
      );
    } catch (error) {
      this.#stale = true;
      throw error instanceof ChannelError
        ? error
        : new ChannelError('closed', stage, shown, messageOf(error), error);
    }
  }

  #token(token: Token): void {
    if (token.kind === 'prompt') {
      this.#events.trace?.('<', '>');
      this.#prompted();
      return;
    }
    this.#events.trace?.('<', this.#masked(token.text));
    if (token.kind === 'counted') this.#text.counted(token.text);
    else this.#line(token.text);
  }

  /** An echo shows what the command was, also one that lost a character. */
  #masked(line: string): string {
    const flight = this.#inFlight;
    if (flight === undefined || flight.shown === flight.text) return line;
    return line.startsWith('+') || line === 'OK' || line === 'ERROR' ? line : flight.shown;
  }

  #prompted(): void {
    const flight = this.#inFlight;
    if (flight?.options.pdu === undefined || flight.stage !== 'command') return;
    const { cleared } = flight.options;
    if (cleared === undefined) return this.#handBody(flight);
    // It is the modem that waits now, and it does not wait for ever: nor does anybody behind this command.
    const wait = this.#timeout(flight);
    flight.cancel();
    flight.cancel = this.#clock.after(wait, () => this.#withdraw(notCleared(wait)));
    const stillOurs = (): boolean => this.#inFlight === flight;
    cleared.then(
      () => stillOurs() && this.#handBody(flight),
      (error: unknown) => stillOurs() && this.#withdraw(error),
    );
  }

  #handBody(flight: InFlight): void {
    flight.stage = 'handed';
    const { pdu = '', pduTimeoutMs = this.#readTimeout } = flight.options;
    flight.deadline = this.#clock.now() + LONGEST_ANSWER * pduTimeoutMs;
    this.#arm(flight, pduTimeoutMs);
    if (this.bodies === 'text') flight.echo.push(...echoOf(pdu));
    this.#hand(flight, pdu + CTRL_Z, `${pdu} Ctrl+Z`);
  }

  /** Leaves the prompt with nothing sent. What the modem says to that is dropped before the next command. */
  #withdraw(error: unknown): void {
    this.#stale = true;
    this.#write(ESC, 'command', 'ESC').catch(() => undefined);
    this.#settle((flight) => flight.reject(error));
  }

  #hand(flight: InFlight, octets: string, shown: string): void {
    this.#write(octets, flight.stage, shown).catch((error: unknown) => {
      if (this.#inFlight === flight) this.#settle(() => flight.reject(error));
    });
  }

  #line(line: string): void {
    if (this.#text.open && this.#text.line(line)) return;
    if (this.#half !== undefined && this.#body(this.#half, line)) return;
    const flight = this.#inFlight;
    if (flight !== undefined && isEcho(line, flight.text, flight.options.pdu, flight.echo)) return;
    const urc = readUrc(line, flight?.text);
    if (urc !== undefined) {
      if (this.#lost !== undefined && readUrc(line, this.#lost) === undefined) {
        return this.#events.late?.(this.#lost, line);
      }
      if (!takesBody(urc, this.bodies)) return this.#events.urc?.(urc);
      this.#half = urc;
      if (this.bodies === 'text') this.#text.begin(readBodyLength(urc.name, urc.text));
      return;
    }
    const final = readFinal(line);
    if (final === undefined) return this.#answer(line);
    if (flight === undefined) return this.#events.stray?.(this.#masked(line));
    if (flight.marking) return this.#marked(flight, final.ok);
    this.#settle(() => {
      if (final.ok && !(flight.options.pdu !== undefined && flight.stage === 'command')) {
        flight.resolve(flight.lines);
      } else {
        // An OK that was not ours: the prompt that is yet to come must be left.
        this.#stale ||= final.ok;
        const why = final.ok ? 'no prompt came' : line;
        flight.reject(new ChannelError('refused', flight.stage, flight.shown, why, undefined, final.cause));
      }
    });
  }

  #answer(line: string): void {
    const flight = this.#inFlight;
    if (flight === undefined) return this.#events.stray?.(this.#masked(line));
    if (flight.marking && !line.startsWith('+CMEE:')) return this.#events.stray?.(this.#masked(line));
    if (flight.options.answer !== undefined && flight.lines.length === 0) {
      if (!line.startsWith(flight.options.answer)) return this.#events.stray?.(this.#masked(line));
    }
    if (flight.lines.length >= MOST_LINES) return;
    flight.lines.push(line);
    if (this.bodies === 'text') this.#expectText(line);
    const { bare, pduTimeoutMs = 0 } = flight.options;
    const patience = flight.stage === 'handed' ? pduTimeoutMs : bare === true ? QUIET : this.#timeout(flight);
    this.#arm(flight, patience);
  }

  /** A final result while the mark is looked for: ours once the mark was seen; else an old one, unless nothing follows. */
  #marked(flight: InFlight, ok: boolean): void {
    if (flight.lines.length > 0 && ok) return this.#settle(() => flight.resolve(flight.lines));
    flight.cancel();
    flight.cancel = this.#clock.after(QUIET, () => {
      if (this.#inFlight === flight) this.#settle(() => flight.resolve(flight.lines));
    });
  }

  #body(urc: Urc, line: string): boolean {
    this.#half = undefined;
    const isBody = /^[0-9A-F]+$/i.test(line) && line.length % 2 === 0;
    if (!isBody) {
      this.#events.stray?.(printUrc(urc));
      return false;
    }
    this.#events.urc?.({ ...urc, body: line });
    return true;
  }

  /** A text follows the header of a message that was asked for. */
  #expectText(line: string): void {
    const [, name = '', text = ''] = /^(\+CMG[LR]):\s*(.*)$/i.exec(line) ?? [];
    const header = name.toUpperCase();
    if (header !== '' && hasBody(header, text)) this.#text.begin(readBodyLength(header, text));
  }

  #bodyEnded(body: string): void {
    const urc = this.#half;
    this.#half = undefined;
    if (urc !== undefined) this.#events.urc?.({ ...urc, body });
    else this.#inFlight?.lines.push(body);
  }

  #timeout(flight: InFlight): number {
    return flight.options.timeoutMs ?? this.#readTimeout;
  }

  /** Silence may last `ms`; the whole answer no longer than the deadline, whatever trickles in. */
  #arm(flight: InFlight, ms: number): void {
    flight.cancel();
    const wait = Math.max(0, Math.min(ms, flight.deadline - this.#clock.now()));
    flight.cancel = this.#clock.after(wait, () => {
      if (this.#inFlight !== flight) return;
      this.#stale = true;
      this.#lost = flight.text;
      this.#settle(() => {
        // A result that lacks only its OK is a result.
        if ((flight.stage === 'handed' || flight.options.bare === true) && flight.lines.length > 0)
          flight.resolve(flight.lines);
        else
          flight.reject(
            new ChannelError('timeout', flight.stage, flight.shown, `no answer in ${wait / 1000} s`),
          );
      });
    });
  }

  #settle(done: (flight: InFlight) => void): void {
    const flight = this.#inFlight;
    if (flight === undefined) return;
    this.#inFlight = undefined;
    this.#lines.awaitingPrompt = false;
    flight.cancel();
    done(flight);
  }

  #end(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#text.cancel();
    this.#settle((flight) => {
      if (flight.stage === 'handed' && flight.lines.length > 0) flight.resolve(flight.lines);
      else flight.reject(new ChannelError('closed', flight.stage, flight.shown, reason));
    });
    this.#events.closed?.(reason);
  }
}

export interface ChannelOptions {
  readonly clock: Clock;
  /** How long a modem may be silent where a command says nothing else; 16 s by default. */
  readonly readTimeoutMs?: number;
}

export interface ChannelEvents {
  urc?(urc: Urc): void;
  /** The port is gone; told once. */
  closed?(reason: string): void;
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

interface InFlight {
  readonly text: string;
  readonly shown: string;
  readonly options: CommandOptions;
  readonly lines: string[];
  /** The lines of a text that the modem may say back. */
  readonly echo: string[];
  readonly marking: boolean;
  readonly resolve: (lines: string[]) => void;
  readonly reject: (error: unknown) => void;
  stage: Stage;
  deadline: number;
  cancel: () => void;
}

const READ_TIMEOUT = 16_000;
/** A whole answer may take this many times its time-out: a full storage is hundreds of lines. */
const LONGEST_ANSWER = 10;
const MOST_LINES = 4000;
/** The mark: answered with `+CMEE: <n>` by every modem also before the PIN (TS 27.007 9.1). */
const MARK = 'AT+CMEE?';
/** So long must it be silent where the end is not marked: after a final result, or an answer without one. */
const QUIET = 2000;
const ESC = '\x1b';
const CTRL_Z = '\x1a';
