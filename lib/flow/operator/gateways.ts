import { Fault } from '../../base/errors.ts';
import { given } from '../../base/given.ts';
import { nameIn } from '../../base/spelling.ts';
import type { Log } from '../../base/log.ts';
import { lanesOfOne, waitingFor } from '../../routing/lanes.ts';
import type { Transport } from '../../routing/transport.ts';
import type { Archive } from '../../store/archive.ts';
import { type Actor, by, requireRole } from './actor.ts';
import { type GatewayView, type PhoneView, viewGateway, viewPhone } from './views/gateway.ts';
import type { GatewayNow } from './why-waiting.ts';

/** Gateways at the operator's desk: how they are, what the network says to a USSD code, what simulated phones show. */
export class ManageGateways {
  readonly #configured: readonly ConfiguredGateway[];
  readonly #deps: GatewaysDeps;

  constructor(configured: readonly ConfiguredGateway[], deps: GatewaysDeps) {
    this.#configured = configured;
    this.#deps = deps;
  }

  /** Every gateway of the configuration, those that are switched off too. */
  async list(actor: Actor): Promise<readonly GatewayView[]> {
    requireRole(actor, 'operator');
    const { store, transports, held } = this.#deps;
    const [{ lanes }, tallies] = await Promise.all([store.stats(), store.tallies()]);
    return this.#configured.map(({ id, type, active }) =>
      viewGateway({
        id,
        type,
        status: transports.get(id)?.status() ?? (active ? STOPPED : { state: 'off' }),
        held: held(id, 1),
        waiting: waitingFor(id, lanes),
        tally: tallies.get(id),
      }),
    );
  }

  /** How each is at this moment, for what waits for them. */
  now(): readonly GatewayNow[] {
    const { transports, held } = this.#deps;
    return this.#configured.map(({ id, active }) => {
      const status = transports.get(id)?.status();
      const state: GatewayNow['state'] = status?.state ?? (active ? 'stopped' : 'off');
      return given({ id, state, reason: status?.reason, held: (parts: number) => held(id, parts) });
    });
  }

  /** The gateway that is meant, as the configuration spells it, with the lanes whose messages wait for it alone. */
  meant(written: string): { readonly id: string; readonly lanes: readonly string[] } {
    const id = this.#named(written);
    const active = this.#configured.filter((each) => each.active).map((each) => each.id);
    return { id, lanes: lanesOfOne(id, active) };
  }

  /** Asks the network of a gateway's SIM. Throws a Fault where there is no such gateway, or no answer. */
  async ussd(actor: Actor, id: string, code: string): Promise<{ answer: string; more: boolean }> {
    requireRole(actor, 'operator');
    const gateway = this.#named(id);
    const transport = this.#deps.transports.get(gateway);
    if (transport?.ussd === undefined) {
      throw new Fault('gateway.refused', { told: this.#noUssd(gateway, transport) });
    }
    this.#deps.log.info({ gateway, ...by(actor) }, 'USSD code sent');
    const { text, more } = await transport.ussd(code);
    return { answer: text, more };
  }

  phones(actor: Actor): readonly PhoneView[] {
    requireRole(actor, 'operator');
    return this.#simulated().flatMap(({ id, phones }) => phones.list().map((phone) => viewPhone(id, phone)));
  }

  /** Answers from a simulated phone. Throws a Fault where there is none. */
  async reply(
    actor: Actor,
    { number, text, gateway }: { readonly number: string; readonly text: string; readonly gateway?: string },
  ): Promise<void> {
    requireRole(actor, 'operator');
    const simulated = this.#simulated();
    const named = gateway === undefined ? undefined : this.#named(gateway);
    const from =
      named === undefined
        ? (simulated.find((each) => each.phones.knows(number)) ?? simulated[0])
        : simulated.find((each) => each.id === named);
    if (from === undefined) {
      throw new Fault('gateway.refused', {
        told: `there is no virtual gateway${gateway === undefined ? '' : ` "${gateway}"`}`,
      });
    }
    await from.phones.reply(number, text);
  }

  /** One that is not there is called as it was given. */
  #named(written: string): string {
    const ids = this.#configured.map((each) => each.id);
    return nameIn(ids, written) ?? written;
  }

  #simulated() {
    return [...this.#deps.transports.values()].flatMap(({ id, phones }) =>
      phones === undefined ? [] : [{ id, phones }],
    );
  }

  #noUssd(id: string, transport: Transport | undefined): string {
    const gateway = this.#configured.find((each) => each.id === id);
    if (gateway === undefined) return `there is no gateway "${id}"`;
    if (transport === undefined) return `gateway "${id}" is switched off`;
    return `gateway "${id}" is of type ${gateway.type} and has no USSD`;
  }
}

/** One that is switched on and has no transport: nothing runs. */
const STOPPED = { state: 'down', reason: 'mailsms is not running' } as const;

export interface ConfiguredGateway {
  readonly id: string;
  readonly type: string;
  readonly active: boolean;
}

export interface GatewaysDeps {
  readonly store: Pick<Archive, 'stats' | 'tallies'>;
  /** Those that are switched on, while mailsms runs. */
  readonly transports: ReadonlyMap<string, Transport>;
  /** Why a gateway is given no message of so many SMS though it is up. */
  readonly held: (gateway: string, parts: number) => string | undefined;
  readonly log: Log;
}
