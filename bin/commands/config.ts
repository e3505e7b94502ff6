import { Command } from 'commander';
import { type PlaceOptions, withPlace } from '../control.ts';

/** `mailsms config schema` and `mailsms config show`. */
export function configCommand(): Command {
  const command = new Command('config').description('print the configuration, or its JSON Schema');
  command
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(schema);
  withPlace(
    command
      .command('show')
      .description('print the effective configuration, defaults written out, secrets masked'),
  ).action(show);
  return command;
}

async function schema(): Promise<void> {
  const { configJsonSchema } = await import('../../lib/config/json-schema.ts');
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}

async function show(place: PlaceOptions): Promise<void> {
  const [{ loadConfig }, { printConfig }] = await Promise.all([
    import('../../lib/config/load.ts'),
    import('../../lib/config/print.ts'),
  ]);
  const { config, file } = await loadConfig({
    ...(place.config === undefined ? {} : { file: place.config }),
    ...(place.data === undefined ? {} : { data: place.data }),
    env: process.env,
    cwd: process.cwd(),
    terminal: process.stdout.isTTY,
  });
  process.stdout.write(
    `# ${file ?? 'the embedded defaults: there is no configuration file'}\n${printConfig(config)}`,
  );
}
