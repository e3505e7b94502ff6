import { Fault } from '../../base/errors.ts';
import { nameIn } from '../../base/spelling.ts';
import { type LaneGateway, laneFor, serves } from '../../routing/lanes.ts';
import type { ReplyLink } from '../../store/records.ts';

/**
 * The configured gateways, as a message sees them before it is queued: which of them may take it, by which one an answer
 * would be clear, and what all that may take it can do.
 *
 * Whether one is up is not asked here: that counts when the message is sent. One that is switched off takes nothing, so a
 * message that asks for it is refused while its sender can still be told.
 */
export class Gateways {
  readonly #all: readonly OutgoingGateway[];
  readonly #active: readonly OutgoingGateway[];

  constructor(gateways: readonly OutgoingGateway[]) {
    this.#all = gateways;
    this.#active = gateways.filter((gateway) => gateway.active);
  }

  /** The id as the configuration spells it; as given where there is no such gateway. */
  spelled(id: string | undefined): string | undefined {
    return id === undefined ? undefined : (nameIn(idsOf(this.#all), id) ?? id);
  }

  /** Whether there is such a gateway and it is in use. */
  isActive(id: string): boolean {
    return nameIn(idsOf(this.#active), id) !== undefined;
  }

  /**
   * The lane of a message to `number`, for the gateway `pinned` alone where one is named. Throws `address.syntax` where there is
   * no such gateway, `gateway.refused` where it is switched off or none takes that number.
   */
  lane(number: string, pinned: string | undefined): string {
    const gateway = pinned === undefined ? undefined : this.#requireActive(pinned);
    const lane = laneFor(number, gateway, this.#active);
    if (lane !== undefined) return lane;
    throw new Fault('gateway.refused', { told: `no gateway takes messages to ${number}` });
  }

  /** Ids of the gateways in use that serve a lane. */
  serving(lane: string): readonly string[] {
    return this.#serving(lane).map(({ id }) => id);
  }

  /** Whether every gateway in use serves it. */
  isAny(lane: string): boolean {
    return this.#serving(lane).length === this.#active.length;
  }

  /**
   * The gateway by which `sender` should write to a number so that its answer is clear: one through which nobody else
   * is writing to it. Undefined where any will do, or none is free.
   *
   * @param links who has written to that number
   */
  separate(number: string, sender: string, links: readonly ReplyLink[]): string | undefined {
    const isOwn = (link: ReplyLink): boolean => link.sender.toLowerCase() === sender.toLowerCase();
    const taken = new Set(links.flatMap((link) => (isOwn(link) ? [] : link.gateways)));
    if (taken.size === 0) return undefined;
    const own = links.find(isOwn)?.gateways ?? [];
    const able = this.#active.filter((gateway) => laneFor(number, undefined, [gateway]) !== undefined);
    const free = able.filter(({ id }) => !taken.has(id));
    return (free.find(({ id }) => own.includes(id)) ?? free[0])?.id;
  }

  /** 16 bits only where every gateway that may take it is set so: a gateway set to 8 may not know the other. */
  referenceBits(lane: string): 8 | 16 {
    const able = this.#serving(lane);
    return able.length > 0 && able.every((gateway) => gateway.referenceBits === 16) ? 16 : 8;
  }

  #serving(lane: string): readonly OutgoingGateway[] {
    return this.#active.filter(({ id }) => serves(id, lane));
  }

  /** The id as the configuration spells it. */
  #requireActive(id: string): string {
    const found = nameIn(idsOf(this.#all), id);
    if (found === undefined) {
      throw new Fault('address.syntax', { told: `there is no gateway "${id}" here` });
    }
    if (!idsOf(this.#active).includes(found)) {
      throw new Fault('gateway.refused', { told: `the gateway "${id}" is switched off` });
    }
    return found;
  }
}

function idsOf(gateways: readonly OutgoingGateway[]): string[] {
  return gateways.map(({ id }) => id);
}

export interface OutgoingGateway extends LaneGateway {
  /** Width of the concatenation reference (3GPP TS 23.040 9.2.3.24.1 and 9.2.3.24.8). */
  readonly referenceBits: 8 | 16;
  /** Switched on in the configuration. */
  readonly active: boolean;
}
