import { systemClock } from '../../../lib/base/clock.ts';
import { Fault } from '../../../lib/base/errors.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { Job, ReceivedSms, TransportStatus } from '../../../lib/routing/transport.ts';
import { segmentBinary } from '../../../lib/sms/binary.ts';
import { segment } from '../../../lib/sms/segment.ts';
import type { SendOptions } from '../../../lib/store/records.ts';
import { http } from '../../../lib/transports/http/kind.ts';
import { httpSchema } from '../../../lib/transports/http/schema.ts';
import { httpSettings } from '../../../lib/transports/http/settings.ts';
import { HttpTransport } from '../../../lib/transports/http/transport.ts';
import { MemoryLog } from '../../support/log.ts';

/** A gateway as the configuration has it, whose provider a test plays. */
export class Gateway {
  readonly transport: HttpTransport;
  readonly log: MemoryLog;
  readonly health: TransportStatus[] = [];
  readonly received: ReceivedSms[] = [];
  readonly #id: string;
  #next = 0;

  private constructor(transport: HttpTransport, log: MemoryLog) {
    this.transport = transport;
    this.log = log;
    this.#id = transport.id;
  }

  /** @param settings of `gateways`, without type; throws where they are not valid */
  static async start(
    settings: Record<string, unknown>,
    given: { clock?: typeof systemClock; random?: typeof systemRandom; callback?: string } = {},
  ): Promise<Gateway> {
    const parsed = httpSchema.parse({ id: 'gw', type: 'http', ...settings });
    const problems = http.problems?.(parsed) ?? [];
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
    const log = new MemoryLog();
    const deps = { clock: given.clock ?? systemClock, random: given.random ?? systemRandom, log };
    const made = await httpSettings({ ...parsed, from: 'sms:%s@example.com' }, given.callback);
    const gateway = new Gateway(new HttpTransport(made, deps), log);
    await gateway.transport.start({
      received: async (sms) => void gateway.received.push(sms),
      health: (status) => void gateway.health.push(status),
    });
    return gateway;
  }

  /** Hands a text over. Resolves with the references of its parts, or with the fault. */
  async send(text: string, given: Given = {}): Promise<Outcome> {
    const { segments } = withSegments(text);
    return this.hand({ content: { kind: 'text', text }, segments }, given);
  }

  async sendBinary(data: Uint8Array, udh?: Uint8Array, given: Given = {}): Promise<Outcome> {
    const { parts } = segmentBinary(data, { udh });
    const content = { kind: 'binary' as const, data, ...(udh === undefined ? {} : { udh }) };
    return this.hand({ content, segments: parts }, given);
  }

  async hand(job: Pick<Job, 'content' | 'segments'>, given: Given): Promise<Outcome> {
    const references: (string | undefined)[] = [];
    const { number = '+15551234567', options = {}, account, id = `m${(this.#next += 1)}` } = given;
    try {
      await this.transport.send(
        {
          ...{ messageId: id, number, options, expires: Date.now() + 60_000, more: false, ...job },
          ...(account === undefined ? {} : { account }),
        },
        async ({ reference }) => void references.push(reference),
      );
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return {
        code: error.code,
        told: error.told,
        detail: error.detail ?? '',
        afterMs: error.afterMs,
        references,
      };
    }
    return { code: 'sent', told: '', detail: '', afterMs: 0, references };
  }

  async stop(): Promise<void> {
    await this.transport.stop();
  }

  get id(): string {
    return this.#id;
  }
}

export interface Given {
  readonly number?: string;
  readonly options?: SendOptions;
  readonly account?: string;
  readonly id?: string;
}

export interface Outcome {
  /** `sent`, or the fault's. */
  readonly code: string;
  readonly told: string;
  readonly detail: string;
  readonly afterMs: number;
  readonly references: readonly (string | undefined)[];
}

function withSegments(text: string): Pick<Job, 'segments'> {
  return { segments: segment(text, { reference: 7 }).parts };
}
