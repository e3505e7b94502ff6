import { Command } from 'commander';
import { given } from '../../lib/base/given.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { harmless, jsonLines, when } from '../table.ts';

interface ReplyOptions extends PlaceOptions {
  readonly number: string;
  readonly text: string;
  readonly gateway?: string;
}

export function phoneCommand(): Command {
  const phone = new Command('phone').description(
    'look at the simulated handsets of a virtual gateway, answer from them',
  );
  withPlace(
    phone
      .command('ls', { isDefault: true })
      .description('what each phone received and sent')
      .option('--number <number>', 'only this phone')
      .option('--json', 'one JSON object a phone, one a line'),
  ).action(list);
  withPlace(
    phone
      .command('reply')
      .description('send a text from a phone, as its owner would')
      .requiredOption('--number <number>', 'the phone: +15551234567')
      .requiredOption('--text <text>', 'what it sends')
      .option('--gateway <id>', 'to this virtual gateway (default: the one that wrote to it last)'),
  ).action(async (options: ReplyOptions) => {
    const control = await openControl(options);
    const { number, text, gateway } = options;
    await control('POST /phones/:number/replies', { path: { number }, body: given({ text, gateway }) });
  });
  return phone;
}

async function list(options: PlaceOptions & { number?: string; json?: boolean }): Promise<void> {
  const control = await openControl(options);
  const { phones } = await control('GET /phones');
  const shown = phones.filter((phone) => options.number === undefined || phone.number === options.number);
  if (options.json === true) {
    process.stdout.write(jsonLines(shown));
    return;
  }
  if (shown.length === 0) process.stdout.write('no phone has received anything yet\n');
  for (const phone of shown) {
    process.stdout.write(`${phone.number} (gateway ${phone.gateway})\n`);
    for (const message of phone.messages) {
      const mark = message.direction === 'in' ? '<' : '>';
      const size = message.parts === 1 ? message.encoding : `${message.encoding}, ${message.parts} parts`;
      const text = harmless(message.text).replace(/\n/g, '\n      ');
      process.stdout.write(`  ${mark} ${when(message.at)}  (${size})\n      ${text}\n`);
    }
  }
}
