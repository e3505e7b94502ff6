import type { PhoneMessage } from '../../routing/transport.ts';
import {
  type DeliverPart,
  type Reassembly,
  assemble,
  createReassembly,
  reassemble,
} from '../../sms/reassembly.ts';
import { decodeTpdu } from '../../sms/tpdu.ts';

/** Messages that a handset remembers; an old SIM card holds fewer. */
const MOST_MESSAGES = 200;

/** A simulated phone: reads the parts sent to it and puts them together. */
export class Handset {
  readonly number: string;
  readonly #messages: PhoneMessage[] = [];
  readonly #pending: Reassembly = createReassembly({ timeoutMs: 3_600_000, maxParts: 1000 });

  constructor(number: string) {
    this.number = number;
  }

  /** A SMS-SUBMIT for this phone, without service centre octets, arrives at time `now` (milliseconds). */
  take(submit: Uint8Array, now: number): void {
    const tpdu = decodeTpdu(submit, { smsc: false, direction: 'from-mobile' });
    if (tpdu.type !== 'submit') throw new Error(`a phone is sent no ${tpdu.type}`);
    // Parts belong together by their sender; all that this phone gets has the same one.
    const part: DeliverPart = { ...tpdu, originator: tpdu.destination };
    for (const { parts } of reassemble(this.#pending, part, now).done) {
      const { text, data, encoding } = assemble(parts);
      const shown = text ?? `[${data?.length ?? 0} octets of data]`;
      this.note({ at: now, direction: 'in', text: shown, parts: parts.length, encoding });
    }
  }

  note(message: PhoneMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > MOST_MESSAGES) this.#messages.shift();
  }

  messages(): readonly PhoneMessage[] {
    return [...this.#messages];
  }
}
