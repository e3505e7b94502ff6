import { pinnedTo, serves } from '../../routing/lanes.ts';
import type { OutgoingMessage } from '../../store/records.ts';
import type { WaitsView } from './views/message.ts';

/** A gateway at this moment, as far as it matters to what waits for it. */
export interface GatewayNow {
  readonly id: string;
  /** `off`: the configuration has switched it off. `stopped`: mailsms is not running. */
  readonly state: 'starting' | 'up' | 'down' | 'off' | 'stopped';
  readonly reason?: string;
  /** Why it is given no message of so many SMS though it is up: `may send 500 SMS a day`. */
  readonly held: (parts: number) => string | undefined;
}

/**
 * Why a message has not been sent yet: the first thing that stands in its way, what would stand there next left out.
 * Undefined for one that is done.
 */
export function whyWaiting(
  message: OutgoingMessage,
  gateways: readonly GatewayNow[],
  now: number,
): WaitsView | undefined {
  const { state, parts, fault, notBefore } = message;
  if (state === 'sending') {
    const through = parts.find((part) => part.state === 'handing')?.gateway;
    return { cause: 'sending', told: `being sent${through === undefined ? '' : ` through ${through}`}` };
  }
  if (state === 'held') {
    return { cause: 'decision', told: 'nobody knows whether it went out: retry or rm decides' };
  }
  if (state !== 'queued') return undefined;
  if (gateways.some((each) => each.state === 'stopped')) {
    return { cause: 'stopped', told: 'mailsms is not running' };
  }
  const hindrance = whatHinders(message, gateways);
  if (hindrance !== undefined) return hindrance;
  if (notBefore > now) {
    const told = fault === undefined ? 'it is not to be sent before' : `tried again: ${fault.told}`;
    return { cause: 'time', told, until: notBefore };
  }
  return { cause: 'turn', told: fault === undefined ? 'its turn is next' : fault.told };
}

/** What keeps every gateway that may take it from doing so; undefined where one can. */
function whatHinders(
  { lane, parts }: OutgoingMessage,
  gateways: readonly GatewayNow[],
): WaitsView | undefined {
  const pinned = pinnedTo(lane);
  const able = gateways.filter(({ id }) => serves(id, lane));
  if (able.length === 0) {
    const told = pinned === undefined ? 'no gateway may take it' : `there is no gateway "${pinned}"`;
    return { cause: 'gateway', told };
  }
  const up = able.filter(({ state }) => state === 'up');
  const why = up.map(({ id, held }) => [id, held(parts.length)] as const);
  if (why.some(([, held]) => held === undefined)) return undefined;
  if (up.length > 0) {
    return { cause: 'rate', told: why.map(([id, held]) => `gateway ${id} ${held}`).join('; ') };
  }
  const [one] = able;
  const told =
    able.length === 1 && one !== undefined
      ? `gateway ${printState(one)}`
      : `no gateway is up: ${able.map(printState).join('; ')}`;
  return { cause: 'gateway', told };
}

const STATES = { starting: 'is starting', up: 'is up', down: 'is down', off: 'is switched off', stopped: '' };

function printState({ id, state, reason }: GatewayNow): string {
  return `${id} ${STATES[state]}${reason === undefined ? '' : `: ${reason}`}`;
}
