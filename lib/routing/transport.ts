import type { Content, SendOptions } from '../store/records.ts';
import type { Segment } from '../sms/segment.ts';

/**
 * What a transport is to the rest of mailsms: the code for one kind of gateway.
 *
 * It promises: parts are handed over in the order given, one message's parts one after the other; the outcome of each is told before the next
 * is handed over; `send` always ends; what it receives is kept by the caller before the gateway is told to forget it.
 */
export interface Transport {
  /** The gateway's id. */
  readonly id: string;
  /** How many messages it can send at once. */
  readonly capacity: number;
  /**
   * Begins to work and returns at once, whether the device is there or not: it says `up` when it can send, keeps
   * trying while it cannot, and rejects only for what no waiting mends (a setting that cannot be).
   */
  start(events: TransportEvents): Promise<void>;
  /**
   * Sends the job's segments. `sent` is awaited after each part that the gateway took.
   *
   * Rejects with a Fault: `gateway.down` and `gateway.busy` say that the gateway, not the message, is at fault and nothing
   * of the current part went out; `gateway.unknown` that nobody knows whether the current part went out; any other is
   * about this message, temporary or permanent as the Fault says.
   */
  send(job: Job, sent: PartSent): Promise<void>;
  status(): TransportStatus;
  /** Ends `send`s under way (as it is written there), then closes. */
  stop(): Promise<void>;

  // What follows is what only some gateways can do. Who wants it looks whether it is there, never at the kind.

  /** Whether `send` takes a job that is not cleared yet; others are given it once it is. */
  readonly awaitsClearance?: boolean;
  /**
   * Whether its provider makes one message of a request that it gets twice: where nobody knows what became of a message it may
   * be given to this gateway again.
   */
  readonly resendSafe?: boolean;
  /** What the network answers to a USSD code: `*100#` is the balance with many. Throws Fault. */
  ussd?(code: string): Promise<UssdAnswer>;
  /** The phones, where they are simulated ones. */
  readonly phones?: Phones;
  /**
   * A request that the provider made to us: incoming messages, status reports. Answered once what it brought is on disk.
   * Throws Fault where it is not to be believed or cannot be kept now.
   */
  hook?(request: HookRequest): Promise<HookAnswer>;
}

/** What the network answers to a USSD request (TS 27.007 7.15). */
export interface UssdAnswer {
  readonly text: string;
  /** The network waits for another entry. */
  readonly more: boolean;
}

/** Simulated phones behind a gateway. */
export interface Phones {
  /** What they received and sent, the last used first. */
  list(): readonly PhoneView[];
  /** Whether there is a phone of that number: it received something once. */
  knows(number: string): boolean;
  /** The phone's owner writes to the gateway. Resolves when the gateway has kept it. */
  reply(number: string, text: string): Promise<void>;
}

export interface PhoneView {
  readonly number: string;
  readonly messages: readonly PhoneMessage[];
}

/** A message as its phone shows it: `in` is what it received. */
export interface PhoneMessage {
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly text: string;
  readonly parts: number;
  readonly encoding: string;
}

/** An HTTP request for one gateway, as it came: signatures are over these octets. */
export interface HookRequest {
  readonly method: string;
  /** As the provider wrote it: scheme, host, path and query. */
  readonly url: string;
  /** Names in lower case; a field that came several times has its values joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The peer's IP address. */
  readonly remote: string;
}

export interface HookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Job {
  readonly messageId: string;
  /** E.164 with `+`, or a short code. */
  readonly number: string;
  /** The whole message, for gateways that split texts themselves. */
  readonly content: Content;
  readonly options: SendOptions;
  /** Who pays. */
  readonly account?: string | undefined;
  /** The parts still to be sent, in order. */
  readonly segments: readonly Segment[];
  readonly expires: number;
  /** More messages are waiting for this gateway (a modem may keep its link up: AT+CMMS). */
  readonly more: boolean;
  /**
   * Resolves when the store knows that the first part is being handed over; until then everything may be made ready, but
   * no octet of a part may leave. Where it rejects nothing may leave at all, and `send` rejects. Absent: it is known.
   */
  readonly cleared?: Promise<void>;
}

export type PartSent = (part: { readonly sequence: number; readonly reference?: string }) => Promise<void>;

export interface TransportEvents {
  /** An SMS or status report; resolves when it is on disk (or known already) and may be deleted at the gateway. */
  received(sms: ReceivedSms): Promise<void>;
  /** The gateway's state has changed. */
  health(status: TransportStatus): void;
}

/** What came in: a TPDU as a modem gives it, or the fields that an HTTP gateway posts. */
export type ReceivedSms =
  | {
      readonly kind: 'pdu';
      readonly pdu: Uint8Array;
      /** SMSC octets stand in front. */ readonly smsc: boolean;
    }
  | {
      readonly kind: 'text';
      readonly number: string;
      readonly text: string;
      readonly at?: number;
      /** The provider's id, where it has one: recognises the same message posted twice. */
      readonly reference?: string;
    }
  | {
      readonly kind: 'report';
      readonly number: string;
      readonly reference: string;
      readonly outcome: 'delivered' | 'undelivered' | 'temporary';
      /** TP-Status (3GPP TS 23.040 9.2.3.15), where the gateway has one. */
      readonly status?: number;
      readonly note?: string;
    };

export interface TransportStatus {
  readonly state: 'starting' | 'up' | 'down';
  /** Why it is not up, or what is odd though it is. One sentence. */
  readonly reason?: string;
  /** It takes messages though it is down: only they show whether it is back. */
  readonly trial?: true;
  /** What put it out of service last, and when. */
  readonly lastError?: { readonly at: number; readonly reason: string };
  /** What is known of it: `operator`, `signal`, `imei`, ... */
  readonly facts?: Readonly<Record<string, string | number>>;
}
