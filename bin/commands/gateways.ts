import { Command } from 'commander';
import type { GatewayView } from '../../lib/servers/http/api.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { table } from '../table.ts';

export function gatewaysCommand(): Command {
  return withPlace(
    new Command('gateways')
      .description('list the gateways and how they are')
      .option('--json', 'one JSON object a line'),
  ).action(async (options: PlaceOptions & { json?: boolean }) => {
    const control = await openControl(options);
    const { gateways } = await control.get<{ gateways: GatewayView[] }>('/gateways');
    if (options.json === true) {
      process.stdout.write(gateways.map((gateway) => `${JSON.stringify(gateway)}\n`).join(''));
      return;
    }
    const rows = gateways.map(({ id, type, status }) => [
      id,
      type,
      status.state,
      Object.entries(status.facts ?? {})
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      status.reason ?? '',
    ]);
    process.stdout.write(table(['ID', 'TYPE', 'STATE', 'FACTS', 'REASON'], rows));
  });
}
