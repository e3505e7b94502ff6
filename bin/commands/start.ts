import { Command } from 'commander';
import { withPlace } from '../control.ts';
import type { StartOptions } from '../gateway.ts';
import { Signals } from '../signals.ts';

export function startCommand(): Command {
  return withPlace(
    new Command('start')
      .description('run the gateway until Ctrl+C or SIGTERM')
      .option('--trace', 'write all that modems say and are told to the log, without their PINs'),
  ).action(async (options: StartOptions) => {
    // A signal that comes while the rest is being loaded must not end the process by its default.
    const signals = new Signals();
    const { runGateway } = await import('../gateway.ts');
    await runGateway(options, signals);
  });
}
