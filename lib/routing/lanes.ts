/**
 * Lanes: which gateways may take a message, as a key that the store orders its queue by.
 *
 * `=modem1` is for that gateway alone (pinned by `id=`, a rule or the account), `*` for any gateway, `a,b` for those that
 * the number's prefix allows. There are as many lanes as there are different answers, not as many as messages, so a
 * gateway that is free finds its next message at the head of a few lanes however long the queue is.
 */
export interface LaneGateway {
  readonly id: string;
  /** Prefixes of numbers that it may take (`+1`, `+4917`); empty: all. */
  readonly prefixes: readonly string[];
}

const ANY = '*';
const PINNED = '=';

/** The lane of a message to `number`; `undefined` where no gateway may take it. */
export function laneFor(
  number: string,
  pinned: string | undefined,
  gateways: readonly LaneGateway[],
): string | undefined {
  if (pinned !== undefined) return PINNED + pinned;
  const able = gateways.filter((gateway) => mayTake(gateway, number));
  if (able.length === 0) return undefined;
  if (able.length === gateways.length) return ANY;
  return able
    .map((gateway) => gateway.id)
    .sort()
    .join(',');
}

/** Whether a gateway serves a lane. Case does not matter: a lane may be older than the spelling of the id. */
export function serves(gateway: string, lane: string): boolean {
  if (lane === ANY) return true;
  const id = gateway.toLowerCase();
  const ids = lane.toLowerCase();
  return ids.startsWith(PINNED) ? ids === PINNED + id : ids.split(',').includes(id);
}

/** The lanes that a gateway serves and none of the others does: what is in them waits for it. */
export function lanesOfOne(gateway: string, gateways: readonly string[]): readonly string[] {
  const lanes = [PINNED + gateway, gateway];
  return gateways.every((each) => each === gateway) ? [...lanes, ANY] : lanes;
}

/** The gateway that a lane is pinned to; undefined where more than one may serve it. */
export function pinnedTo(lane: string): string | undefined {
  return lane.startsWith(PINNED) ? lane.slice(PINNED.length) : undefined;
}

/** How many of the messages that wait a gateway may take; `lanes` counts them by lane. */
export function waitingFor(gateway: string, lanes: Readonly<Record<string, number>>): number {
  return Object.entries(lanes).reduce((sum, [lane, count]) => (serves(gateway, lane) ? sum + count : sum), 0);
}

function mayTake(gateway: LaneGateway, number: string): boolean {
  return gateway.prefixes.length === 0 || gateway.prefixes.some((prefix) => number.startsWith(prefix));
}
