import type { Transport } from '../../routing/transport.ts';
import type { Tally } from '../../store/archive.ts';
import type { GatewayView } from './api.ts';

/**
 * A gateway as it is shown: the transport's own word beside what the store counted.
 *
 * @param held why it is given nothing though nothing is wrong with it
 */
export function gatewayView(
  transport: Transport,
  type: string,
  waiting: number,
  tally: Tally | undefined,
  held: string | undefined,
): GatewayView {
  const { lastError: lost, ...status } = transport.status();
  const failed = tally?.lastError;
  const errors = [
    ...(lost === undefined ? [] : [{ at: lost.at, cause: lost.reason }]),
    ...(failed === undefined ? [] : [{ at: failed.at, cause: printFault(failed.fault) }]),
  ].sort((a, b) => b.at - a.at);
  const [last] = errors;
  return {
    id: transport.id,
    type,
    waiting,
    today: { sent: tally?.sent ?? 0, failed: tally?.failed ?? 0 },
    ...(last === undefined ? {} : { lastError: { at: new Date(last.at).toISOString(), cause: last.cause } }),
    status: status.reason === undefined && held !== undefined ? { ...status, reason: held } : status,
  };
}

function printFault({ told, detail }: NonNullable<Tally['lastError']>['fault']): string {
  return detail === undefined ? told : `${told} (${detail})`;
}
