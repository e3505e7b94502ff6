import { within, type Clock } from '../../../base/clock.ts';
import { Fault, messageOf } from '../../../base/errors.ts';
import { ChannelError, notCleared, readFinal, type Stage } from './result.ts';
import type { ChannelEvents, ChannelOptions, CommandOptions } from './command.ts';
import { echoOf, isEcho } from './echo.ts';
import { LineSplitter, type Token } from './lines.ts';
import type { Port } from './port.ts';
import { TextBody } from './body.ts';
import { hasBody, readBodyLength } from './text-answers.ts';
import { readHex } from './stored-pdu.ts';
import { bodiesOf, printUrc, readUrc, takesBody, type Bodies, type Urc } from './urc.ts';

/**
 * The AT channel: one command in flight on a byte stream, answers told apart from what the modem says unasked.
 *
 * It promises: commands go out in the order they were asked for, one at a time; every command settles, be it by its
 * final result, by its time-out or by the end of the port; a late answer is never taken for that of the next command;
 * what the modem says unasked reaches `onUrc` wherever it stands, also between a command and its answer; no octets make it throw.
 *
 * After a time-out it is not known what the modem still has to say. So the next command is preceded by ESC (which
 * leaves a prompt without sending, TS 27.005 3.5.1) and `AT+CMEE?`, and everything up to that answer is dropped.
 *
 * A modem that has forgotten what it was told must get no PDU: where it says a command back, or answers the mark otherwise than
 * when it was brought up, the channel ends, and whatever was not handed over was not sent.
 *
 * The file is long: it is one machine of states, which every line that comes in may move.
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
  /** How many commands the modem has said back. */
  echoes = 0;
  /** The modem's echo is off: one that says a command back has restarted, and the channel ends with that. */
  echoOff = false;
  /** What AT+CMEE? is answered by since the modem was brought up, `1`; another answer ends the channel too. */
  mark: string | undefined;
  /** When something was last heard, and the longest silence before that. */
  #heard: number;
  #longest = 0;
  #inFlight: InFlight | undefined;
  /** A URC whose second line is awaited, and what that line is. */
  #half: Half | undefined;
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
    this.#heard = options.clock.now();
    this.#lines = new LineSplitter((token) => this.#token(token));
    this.#text = new TextBody(
      this.#lines,
      options.clock,
      (body) => this.#bodyEnded(body),
      (line) => this.#line(line),
    );
    port.listen({
      data: (bytes) => {
        this.#longest = this.longestSilence;
        this.#heard = this.#clock.now();
        this.#lines.push(bytes);
      },
      closed: (reason) => this.#end(reason),
    });
  }

  /** Why the channel is closed; undefined while it is open. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** The longest time in which nothing was heard, in ms, since `forgetSilence`. In it the modem may have restarted. */
  get longestSilence(): number {
    return Math.max(this.#longest, this.#clock.now() - this.#heard);
  }

  forgetSilence(): void {
    this.#longest = 0;
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
    const [answer] = await this.#exchange(MARK, { timeoutMs }, true);
    this.#stale = false;
    this.#lost = undefined;
    const level = answer === undefined ? this.mark : answer.slice(answer.indexOf(':') + 1).trim();
    if (this.mark !== undefined && level !== this.mark) {
      this.#end(`the modem has restarted: ${MARK} is answered by ${level}, not by ${this.mark}`);
    }
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
        noise: this.#lines.noise,
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
      if (error instanceof ChannelError) throw error;
      // A line that takes nothing any more is gone, whether it says so by itself or not.
      this.#end(messageOf(error));
      throw new ChannelError('closed', stage, shown, messageOf(error), error);
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
    if (flight !== undefined && isEcho(line, flight.text, flight.options.pdu, flight.echo)) {
      return this.#echoed(line === flight.text);
    }
    const urc = readUrc(line, flight?.text);
    if (urc !== undefined) {
      if (this.#lost !== undefined && readUrc(line, this.#lost) === undefined) {
        return this.#events.late?.(this.#lost, line);
      }
      const bodies = bodiesOf(urc, this.bodies);
      if (takesBody(urc, bodies)) {
        this.#half = { urc, bodies };
        if (bodies === 'text') this.#text.begin(readBodyLength(urc.name, urc.text));
      } else this.#said(urc, bodies);
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

  /** A command said back. One that was not written by us may stand in an answer: of AT+CLAC, for one. */
  #echoed(ours: boolean): void {
    if (!ours) return;
    this.echoes++;
    // Before the prompt: a modem that has forgotten PDU mode would take the PDU for a text.
    if (this.echoOff) this.#end('the modem has restarted: it says commands back, which was switched off');
  }

  /** Something unasked that is complete; `bodies` is what its message was given in. */
  #said(urc: Urc, bodies: Bodies): void {
    this.#events.urc?.(urc);
    if (bodies !== this.bodies) this.#events.odd?.(`${urc.name} came in the form of the other mode`);
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

  #body({ urc, bodies }: Half, line: string): boolean {
    this.#half = undefined;
    const body = readHex(line) ?? (bodies === 'hex' && readFinal(line) === undefined ? line : undefined);
    if (body === undefined) {
      this.#events.odd?.(`what follows ${printUrc(urc)} is no message`);
      this.#events.urc?.(urc);
      return false;
    }
    this.#said({ ...urc, body }, bodies);
    return true;
  }

  /** A text follows the header of a message that was asked for. */
  #expectText(line: string): void {
    const [, name = '', text = ''] = /^(\+CMG[LR]):\s*(.*)$/i.exec(line) ?? [];
    const header = name.toUpperCase();
    if (header !== '' && hasBody(header, text)) this.#text.begin(readBodyLength(header, text));
  }

  #bodyEnded(body: string): void {
    const half = this.#half;
    this.#half = undefined;
    if (half !== undefined) this.#said({ ...half.urc, body }, half.bodies);
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
            new ChannelError('timeout', flight.stage, flight.shown, this.#silenceOf(flight, wait)),
          );
      });
    });
  }

  #silenceOf(flight: InFlight, ms: number): string {
    const noise = this.#lines.noise - flight.noise >= NOISE;
    return `no answer in ${ms / 1000} s${noise ? ', only noise: is the speed of the line right?' : ''}`;
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

/** What was said unasked, while its message is awaited. */
interface Half {
  readonly urc: Urc;
  readonly bodies: Bodies;
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
  /** The splitter's count of noise when the command was written. */
  readonly noise: number;
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
/** So many octets that are no text are noise, and no control characters that a modem strews in. */
const NOISE = 4;
const ESC = '\x1b';
const CTRL_Z = '\x1a';
