import { Command } from 'commander';
import { App } from '../../lib/app.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { openLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { loadConfig } from '../../lib/config/load.ts';
import { type PlaceOptions, withPlace } from '../control.ts';

/** How long a stop may take: longer than a modem needs for the part it is sending. */
const STOP_MS = 75_000;

export function startCommand(): Command {
  return withPlace(new Command('start').description('run the gateway until Ctrl+C or SIGTERM')).action(start);
}
