import { Command, InvalidArgumentError } from 'commander';
import { given } from '../../lib/base/given.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';

interface SendOptions extends PlaceOptions {
  readonly to: string;
  readonly text: string;
  readonly from?: string;
  readonly gateway?: string;
  readonly maxmsgs?: number;
  readonly flash?: boolean;
  readonly report?: boolean;
}

export function sendCommand(): Command {
  return withPlace(
    new Command('send')
      .description('send a text message through the running gateway; prints the id of the message')
      .requiredOption('--to <number>', 'the phone: +15551234567')
      .requiredOption('--text <text>', 'what to send')
      .option('--from <mail>', 'who gets the answer and the reports')
      .option('--gateway <id>', 'send by this gateway alone')
      .option('--maxmsgs <n>', 'parts it may take (1-128)', parts)
      .option('--flash', 'show it at once and store it nowhere (class 0)')
      .option('--report', 'ask for a delivery report'),
  ).action(async (options: SendOptions) => {
    const control = await openControl(options);
    const { to, text, from, gateway, maxmsgs, flash, report } = options;
    const body = given({ to, text, from, gateway, maxmsgs, flash, report });
    const { ids } = await control('POST /messages', { body });
    process.stdout.write(ids.map((id) => `${id}\n`).join(''));
  });
}

function parts(value: string): number {
  if (/^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 128) return Number(value);
  throw new InvalidArgumentError('write a whole number from 1 to 128');
}
