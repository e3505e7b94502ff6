/**
 * `mailsms rules`: looks at rules, tries them, brings them in and takes them out. Nothing is sent, nothing is asked of
 * programs and databases, and no gateway needs to run. Exit code 1 where rules are wrong.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { readRules } from '../../lib/rulefiles/load.ts';
import type { RuleFile } from '../../lib/rules/rule-file.ts';
import { RulesError } from '../../lib/rules/rule-file.ts';
import type { RuleData } from '../../lib/rules/schema.ts';
import { exportXml } from '../../lib/rules/xml/write.ts';
import { printProblem } from '../../lib/settings/problem.ts';
import { type PlaceOptions, withPlace } from '../control.ts';
import { type MessageOptions, messageFrom } from '../rules/message.ts';
import { type RulesSource, type SourceOptions, openRules } from '../rules/source.ts';
import { outcomeForPeople } from '../rules/trace.ts';
import { oneLine, table } from '../table.ts';

export function rulesCommand(): Command {
  return new Command('rules')
    .description('look at rules, test them on a message, import and export them')
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(testCommand())
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(schemaCommand());
}

type Options = PlaceOptions & SourceOptions & { readonly json?: true };

function withSource(command: Command): Command {
  return withPlace(command)
    .addOption(
      new Option(
        '-r, --rules <file>',
        'rule file or folder (outgoing, unless --incoming), instead of the configured ones; may be repeated',
      )
        .argParser(repeated)
        .default([] as readonly string[], 'the configured ones'),
    )
    .addOption(
      new Option('--list <name=file>', 'the file of a list that rules name; may be repeated')
        .argParser(repeated)
        .default([] as readonly string[], 'the configured ones'),
    )
    .addOption(new Option('--incoming', 'the rules for messages from phones').conflicts('outgoing'))
    .option('--outgoing', 'the rules for messages to phones');
}

function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function listCommand(): Command {
  return withSource(new Command('ls').description('list the rules in the order in which they are applied'))
    .option('--json', 'one JSON array')
    .action((options: Options) =>
      complaining(async () => {
        const source = await openRules(options);
        const rows = source.directions.flatMap((direction) =>
          source
            .set(direction)
            .list()
            .map((rule) => ({ direction, ...rule })),
        );
        if (options.json) return print(`${JSON.stringify(rows)}\n`);
        if (rows.length === 0) return print('There are no rules.\n');
        const cells = rows.map(({ direction, title, active, actions, place = '' }, index) => [
          String(index + 1),
          direction,
          active ? 'on' : 'off',
          oneLine(title, 40),
          oneLine(actions.join(', '), 60),
          place,
        ]);
        print(table(['#', 'FOR', 'IS', 'TITLE', 'ACTIONS', 'PLACE'], cells));
      }),
    );
}

function checkCommand(): Command {
  return withSource(new Command('check').description('say what is wrong with rule files')).action(
    (options: Options) =>
      complaining(async () => {
        const source = await openRules(options);
        tellNotes(source);
        const counts = source.directions.map((direction) => `${source.set(direction).size} ${direction}`);
        print(`The rules are valid: ${counts.join(', ')}.\n`);
      }),
  );
}

function testCommand(): Command {
  const command = new Command('test')
    .description('run a message through the rules and show which rule did what')
    .argument('[file]', 'a mail (.eml), or - for standard input')
    .option('--number <number>', 'the phone: where it goes to, or with --incoming who wrote')
    .option('--text <text>', 'the text')
    .option('--from <address>', 'the sender')
    .option('--subject <subject>', 'the subject')
    .option('--gateway <id>', 'the gateway that is chosen already, or that it came through')
    .option('--user <name>', 'the account that pays')
    .option('--alias <number>', 'the phone number of that account')
    .option('--remote <address>', 'IP address of the client')
    .option('--trusted', 'the client is trusted')
    .option('--at <time>', 'as if it were then (RFC 3339)', time)
    .option('--json', 'verdict and trace as one JSON object');
  return withSource(command).action((file: string | undefined, options: Options & MessageOptions) =>
    complaining(async () => {
      const direction = options.incoming === true ? 'incoming' : 'outgoing';
      const source = await openRules({ ...options, [direction]: true });
      const message = await messageFrom(file, direction, options, source);
      const outcome = source.set(direction).decide(message);
      print(options.json ? `${JSON.stringify(outcome)}\n` : outcomeForPeople(message, outcome));
    }),
  );
}

interface ConvertOptions extends PlaceOptions {
  readonly only?: string;
  readonly output?: string;
}

function withSelection(command: Command): Command {
  return command
    .option('--only <rules>', 'only these: numbers and titles with commas between them, as in 1,3,Alarms')
    .option('-o, --output <file>', 'where to write; default: standard output');
}

function importCommand(): Command {
  const command = new Command('import')
    .description('make rule files of content filters exported by IceWarp (XML to YAML)')
    .argument('<file>', 'the XML file, or - for standard input');
  return withSelection(command).action((file: string, options: ConvertOptions) =>
    complaining(async () => {
      const { file: read, notes } = await readOne(file, '.xml');
      const rules = selected(read, options.only);
      const titles = new Set(rules.map(({ title }) => title));
      for (const { rule, line, text } of notes) {
        if (rule === '' || titles.has(rule) || options.only === undefined) tell(file, line, rule, text);
      }
      await write(stringify({ rules }, { lineWidth: 110 }), options.output);
      process.stderr.write(`${counted(rules.length, 'rule')} imported, ${counted(notes.length, 'note')}.\n`);
    }),
  );
}

function exportCommand(): Command {
  const command = new Command('export')
    .description('make content filters for IceWarp of a rule file (YAML to XML)')
    .argument('<file>', 'the rule file, or - for standard input');
  return withSelection(command).action((file: string, options: ConvertOptions) =>
    complaining(async () => {
      const { file: read } = await readOne(file, '.yaml');
      const { xml, notes } = exportXml(selected(read, options.only));
      for (const { rule, text } of notes) tell(file, undefined, rule, text);
      await write(xml, options.output);
      process.stderr.write(`Exported with ${counted(notes.length, 'note')}.\n`);
    }),
  );
}

function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of rule files, for editors')
    .action(async () => {
      const { rulesJsonSchema } = await import('../../lib/rules/schema.ts');
      print(`${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
    });
}

async function readOne(file: string, kind: string) {
  const text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  return readRules(text, file === '-' ? `standard-input${kind}` : file, process.env);
}

/** Rules by number (from 1) or title. */
function selected({ rules }: RuleFile, only: string | undefined): readonly RuleData[] {
  if (only === undefined) return rules;
  const wanted = only.split(',').map((each) => each.trim());
  const missing = wanted.filter(
    (each) => !rules.some(({ title }, index) => title === each || String(index + 1) === each),
  );
  if (missing.length > 0)
    throw new Error(`there is no rule ${missing.map((each) => `"${each}"`).join(', ')}`);
  return rules.filter(({ title }, index) => wanted.includes(title) || wanted.includes(String(index + 1)));
}

function tell(file: string, line: number | undefined, rule: string, text: string): void {
  const place = line === undefined ? file : `${file}:${line}`;
  process.stderr.write(`${place}: ${rule === '' ? '' : `"${rule}": `}${text}\n`);
}

function tellNotes(source: RulesSource): void {
  for (const { file, line, rule, text } of source.notes) tell(file, line, rule, text);
}

async function complaining(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${printProblem(problem)}\n\n`);
    process.stderr.write(`${counted(error.problems.length, 'error')}. These rules would not be used.\n`);
    process.exitCode = 1;
  }
}

async function write(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) print(text);
  else await writeFile(output, text);
}

function time(value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new InvalidArgumentError('write it as 2026-11-23T22:30:00Z');
  return at;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function print(text: string): void {
  process.stdout.write(text);
}
