import { Command } from 'commander';
import type { GatewayView } from '../../lib/flow/operator/views/gateway.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { jsonLines, oneLine, table, when } from '../table.ts';

export function gatewaysCommand(): Command {
  const command = withPlace(
    new Command('gateways')
      .description('list the gateways, how they are, and what they sent and failed today')
      .option('--json', 'one JSON object a line, with everything that is known'),
  ).action(async (options: PlaceOptions & { json?: boolean }) => {
    const control = await openControl(options);
    const { gateways: all } = await control('GET /gateways');
    const gateways = all.filter(({ status }) => status.state !== 'off');
    if (options.json === true) {
      process.stdout.write(jsonLines(gateways));
      return;
    }
    process.stdout.write(table(HEAD, gateways.map(row)));
  });
  return command.addCommand(presetsCommand());
}

const HEAD = [
  'ID',
  'TYPE',
  'STATE',
  'SIGNAL',
  'OPERATOR',
  'IMEI',
  'SIM',
  'WAITING',
  'SENT',
  'FAILED',
  'REASON',
];
const LONGEST_REASON = 120;

/** What is not known of a gateway, or what it does not have, is a dash. SENT and FAILED are today's. */
function row({ id, type, status, waiting, today, lastError }: GatewayView): string[] {
  const { state, reason, facts = {} } = status;
  const fact = (name: string): string => String(facts[name] ?? '-');
  const failure =
    lastError === undefined ? '' : `last error ${when(Date.parse(lastError.at))}: ${lastError.cause}`;
  return [
    id,
    type,
    state,
    signal(facts),
    roaming(facts),
    fact('imei'),
    fact('iccid'),
    String(waiting),
    String(today.sent),
    String(today.failed),
    oneLine(reason ?? failure, LONGEST_REASON),
  ];
}

/** `####. -65 dBm`: bars of five, in ASCII for every terminal, and what they stand for. */
function signal(facts: Readonly<Record<string, string | number>>): string {
  const { bars, signal: dbm } = facts;
  if (typeof bars !== 'number' || typeof dbm !== 'number') return '-';
  return `${'#'.repeat(bars).padEnd(MOST_BARS, '.')} ${dbm} dBm`;
}

const MOST_BARS = 5;

function roaming(facts: Readonly<Record<string, string | number>>): string {
  const { operator = '-', registration } = facts;
  return registration === 'roaming' ? `${operator} (roaming)` : String(operator);
}

/** `mailsms gateways presets [NAME]`: the providers that mailsms knows, or what one of them asks for. */
function presetsCommand(): Command {
  return new Command('presets')
    .description('list the providers that are known, or say what one of them asks for')
    .argument('[name]', 'of a preset')
    .action(async (name: string | undefined) => {
      const { presetNamed, presetNames } = await import('../../lib/transports/http/presets/load.ts');
      if (name === undefined) {
        const rows = presetNames().map((each) => [each, presetNamed(each)?.title ?? '']);
        process.stdout.write(table(['ID', 'PROVIDER'], rows));
        return;
      }
      const preset = presetNamed(name);
      if (preset === undefined)
        throw new Error(`there is no preset "${name}"; there are ${presetNames().join(', ')}`);
      const settings = Object.entries(preset.settings).map(
        ([setting, { about, optional, default: usual }]) => [
          setting,
          usual ?? (optional ? 'optional' : 'required'),
          about,
        ],
      );
      const steps = preset.setup.map((step, index) => `${index + 1}. ${step}`);
      const notes = preset.notes.length === 0 ? [] : ['', ...preset.notes.map((note) => `Note: ${note}`)];
      process.stdout.write(`${preset.title} (${preset.docs})\n\n`);
      process.stdout.write(table(['SETTING', 'DEFAULT', 'MEANING'], settings));
      process.stdout.write(`\n${[...steps, ...notes].join('\n')}\n`);
    });
}
