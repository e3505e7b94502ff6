import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { PartialBody } from '../smpp/body.ts';
import { type Command, commandOf, isResponse, responseTo } from '../smpp/commands.ts';
import { Framing } from '../smpp/framing.ts';
import {
  type Pdu,
  type PduFields,
  UnknownCommandError,
  decodePdu,
  encodePdu,
  readHeader,
} from '../smpp/pdu.ts';
import { STATUS } from '../smpp/status.ts';
import { OptionalParameterError, type Tlv } from '../smpp/tlv.ts';
import { LinkError } from './link-error.ts';
import { Pending } from './pending.ts';

/**
 * An SMPP session: PDUs over one connection, for both roles. Who may bind, and what a message is, is the business of its
 * owner.
 *
 * It promises: each request that is sent is settled exactly once: by its response, by the time-out, or by the end of the
 * connection, and the LinkError of the latter two says whether the peer may have read it. No more than `window` requests are
 * under way; others wait their turn. Requests of the peer reach `handler.request`, no more than `inbound` at once: past that
 * nothing is read, so the peer feels it. Link enquiries are answered in any state, and sent when nothing has come for
 * `enquireMs`; a peer that does not answer one is given up.
 *
 * On failure: a PDU that cannot be read is answered with an error status (a generic_nack for an unknown command) and the
 * session goes on; a length that no PDU has ends it. Nothing that the peer sends makes a call here throw.
 */
export class SmppSession {
  readonly #stream: Duplex;
  readonly #settings: SessionSettings;
  readonly #deps: SessionDeps;
  readonly #handler: SessionHandler;
  readonly #framing: Framing;
  readonly #pending: Pending;
  /** Requests of the peer that are being answered. */
  #answering = 0;
  #ended = false;
  #unbinding = false;
  #heardAt: number;
  #cancelEnquiry: () => void = () => undefined;
  readonly #closed: Promise<string>;
  #tellClosed: (reason: string) => void = () => undefined;

  constructor(stream: Duplex, settings: SessionSettings, deps: SessionDeps, handler: SessionHandler) {
    this.#stream = stream;
    this.#settings = settings;
    this.#deps = deps;
    this.#handler = handler;
    this.#framing = new Framing(settings.longest);
    this.#heardAt = deps.clock.now();
    this.#pending = new Pending(settings, deps.clock, (octets) => stream.write(octets));
    this.#closed = new Promise((resolve) => (this.#tellClosed = resolve));
    stream.on('data', (octets: Uint8Array) => this.#read(octets));
    stream.on('error', (error) => this.end(messageOf(error)));
    stream.on('end', () => this.end('the other side closed the connection'));
    stream.on('close', () => this.end('the connection was closed'));
    this.#watch(settings.enquireMs);
  }

  /** Resolves with the reason once the session is over. */
  get closed(): Promise<string> {
    return this.#closed;
  }

  get isOver(): boolean {
    return this.#ended;
  }

  /** Requests that were written and have no response yet. */
  get underWay(): number {
    return this.#pending.underWay;
  }

  /**
   * Sends a request and resolves with its response, whatever its status; a generic_nack counts as one.
   *
   * Rejects with a LinkError, and with an EncodeError for what cannot be written.
   */
  async request<C extends Command>(fields: Omit<PduFields<C>, 'sequence' | 'status'>): Promise<Pdu> {
    if (this.#ended || this.#unbinding) throw new LinkError('the session is over', false);
    return this.#pending.request((sequence) => {
      const pdu = { ...fields, sequence };
      this.#settings.trace?.('out', pdu);
      return encodePdu(pdu);
    });
  }

  /**
   * Leaves in order: no new requests, those under way are waited for, `unbind`, then the end. Never rejects; takes no longer
   * than two response times.
   */
  async unbind(): Promise<void> {
    if (this.#ended || this.#unbinding) return void (await this.#closed);
    this.#unbinding = true;
    await this.#pending.idle();
    if (!this.#ended) {
      await this.#pending
        .request((sequence) => encodePdu({ command: 'unbind', sequence }))
        .catch(() => undefined);
    }
    this.end('unbound');
  }

  /** Ends the session now: what is under way is settled with a LinkError. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelEnquiry();
    this.#pending.end(reason);
    // What was written last (a nack, an unbind_resp) still goes out.
    this.#stream.end();
    this.#deps.clock.after(LINGER_MS, () => this.#stream.destroy());
    this.#stream.resume();
    this.#tellClosed(reason);
  }

  #read(octets: Uint8Array): void {
    if (this.#ended) return;
    this.#heardAt = this.#deps.clock.now();
    try {
      this.#framing.push(octets, (pdu) => this.#take(pdu));
    } catch (error) {
      this.#write({ command: 'generic_nack', status: STATUS.ESME_RINVCMDLEN, sequence: 0 });
      this.end(`the other side sent what is no SMPP: ${messageOf(error)}`);
    }
  }

  #take(octets: Uint8Array): void {
    const { id, sequence } = readHeader(octets);
    let pdu: Pdu;
    try {
      pdu = decodePdu(octets);
    } catch (error) {
      this.#deps.log.warn({ sequence }, `a PDU could not be read: ${messageOf(error)}`);
      if (isResponse(id)) this.#pending.garbled(sequence, messageOf(error));
      else this.#refuse(id, sequence, error);
      return;
    }
    this.#settings.trace?.('in', pdu);
    if (isResponse(id)) {
      if (!this.#pending.answered(pdu)) {
        this.#deps.log.debug({ sequence }, `a ${pdu.command} that nothing waits for`);
      }
      return;
    }
    void this.#answer(pdu);
  }

  #refuse(id: number, sequence: number, error: unknown): void {
    const command = commandOf(id);
    const response = command === undefined ? undefined : responseTo(command);
    if (error instanceof UnknownCommandError || response === undefined) {
      this.#write({ command: 'generic_nack', status: STATUS.ESME_RINVCMDID, sequence });
      return;
    }
    const status =
      error instanceof OptionalParameterError ? STATUS.ESME_RINVOPTPARSTREAM : STATUS.ESME_RINVCMDLEN;
    this.#write({ command: response, status, sequence });
  }

  async #answer(pdu: Pdu): Promise<void> {
    const { command, sequence } = pdu;
    if (command === 'enquire_link') {
      this.#write({ command: 'enquire_link_resp', sequence });
      return;
    }
    if (command === 'unbind') {
      this.#unbinding = true;
      this.#write({ command: 'unbind_resp', sequence });
      await this.#pending.idle();
      this.end('the other side unbound');
      return;
    }
    this.#answering++;
    if (this.#answering >= this.#settings.inbound) this.#stream.pause();
    let reply: Reply;
    try {
      reply = await this.#handler.request(pdu);
    } catch (error) {
      this.#deps.log.error({ sequence }, `a ${command} could not be answered: ${messageOf(error)}`);
      reply = { status: STATUS.ESME_RSYSERR };
    }
    this.#answering--;
    if (this.#answering < this.#settings.inbound && this.#stream.isPaused()) this.#stream.resume();
    const response = responseTo(command);
    if (response !== undefined) this.#write({ command: response, sequence, ...reply });
  }

  #write(fields: PduFields<Command>): void {
    if (this.#ended) return;
    this.#settings.trace?.('out', fields);
    this.#stream.write(encodePdu(fields));
  }

  #watch(ms: number): void {
    this.#cancelEnquiry = this.#deps.clock.after(ms, () => {
      const silent = this.#deps.clock.now() - this.#heardAt;
      if (silent < this.#settings.enquireMs) this.#watch(this.#settings.enquireMs - silent);
      else void this.#enquire();
    });
  }

  async #enquire(): Promise<void> {
    const asked = this.#deps.clock.now();
    const cancel = this.#deps.clock.after(this.#settings.enquireAnswerMs, () => {
      // Anything that came meanwhile shows that the peer lives.
      if (this.#heardAt < asked) this.end('the other side does not answer');
    });
    await this.#pending
      .aside((sequence) => encodePdu({ command: 'enquire_link', sequence }))
      .catch(() => undefined);
    cancel();
    if (!this.#ended) this.#watch(this.#settings.enquireMs);
  }
}

export interface SessionSettings {
  /** Requests under way at once. */
  readonly window: number;
  /** Requests of the peer that are handled at once. */
  readonly inbound: number;
  /** How long a response is waited for. */
  readonly responseMs: number;
  readonly enquireMs: number;
  readonly enquireAnswerMs: number;
  /** The most octets of a PDU. */
  readonly longest?: number;
  /** Called for every PDU but link enquiries of ours; see describe.ts for how to write one down without its secrets. */
  readonly trace?: (direction: 'in' | 'out', pdu: PduFields<Command>) => void;
}

export interface SessionDeps {
  readonly clock: Clock;
  readonly log: Log;
}

export interface SessionHandler {
  /** A request of the peer, other than enquire_link and unbind: resolves with the response. What it throws is ESME_RSYSERR. */
  request(pdu: Pdu): Promise<Reply>;
}

/** A response without its header. */
export interface Reply {
  readonly status?: number;
  readonly body?: PartialBody<Command>;
  readonly tlvs?: readonly Tlv[];
}

/** How long the last octets may take to leave. */
const LINGER_MS = 2000;
