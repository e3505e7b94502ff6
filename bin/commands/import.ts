import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { given } from '../../lib/base/given.ts';
import { DAEMONS, settingsText } from '../../lib/daemons/daemons.ts';
import { type FoundFilters, readFilters } from '../../lib/icewarp/filters.ts';
import { gatewaySettings, nameGateways, type NamedGateway } from '../../lib/icewarp/gateway-settings.ts';
import { readGateways } from '../../lib/icewarp/gateways.ts';
import { type Finding, printFinding } from '../../lib/icewarp/problem.ts';
import { type FoundAccount, readAccounts } from '../../lib/icewarp/read.ts';
import { walk } from '../../lib/icewarp/walk.ts';
import type { BatchView } from '../../lib/flow/operator/views/account.ts';
import type { ApiClient } from '../../lib/servers/http/client.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { oneLine, table } from '../table.ts';

/** Takes over what another system keeps. Shows what it does, then does all of it or nothing. */
export function importCommand(): Command {
  const command = new Command('import').description('take over accounts and gateways of another system');
  withPlace(
    command
      .command('icewarp <dir>')
      .description("read the SMS files in IceWarp's directory into the running gateway")
      .option('--dry-run', 'only show what would be done')
      .option('--skip-bad', 'leave out what cannot be read or done, and do the rest')
      .option('--gateway <old=new>', 'what a gateway of IceWarp is called here; "old=": none', renamed, [])
      .option('--gateways <file>', 'write the gateways there, as a piece of mailsms.yaml')
      .option('--rules <dir>', 'write the content filters there, as files of rules')
      .option('--mail <dir>', 'where the mailboxes are (default: mail in <dir>)')
      .option('--json', 'one JSON object'),
  ).action(importIceWarp);
  for (const [name, { about }] of Object.entries(DAEMONS)) {
    command
      .command(`${name} <file>`)
      .description(`turn ${about} into settings of mailsms`)
      .option('--out <file>', 'write the settings there, readable by you alone (default: standard output)')
      .option('--json', 'one JSON object')
      .action((file: string, options: DaemonOptions) => importDaemon(name, file, options));
  }
  return command;
}

interface DaemonOptions {
  readonly out?: string;
  readonly json?: true;
}

/** Reads nothing but the file, and asks no gateway: what comes out is a piece of mailsms.yaml, to be looked at first. */
async function importDaemon(name: string, file: string, { out, json }: DaemonOptions): Promise<void> {
  const found = DAEMONS[name]?.read(await readFile(file, 'utf8'));
  if (found === undefined) throw new Error(`there is no daemon "${name}"`);
  const settings = settingsText(found);
  if (settings === '' && json !== true)
    throw new Error(`${file} has no gateway and no account that can be used`);
  if (out !== undefined) await writeNew(out, settings);
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ ...found, settings })}\n`);
    return;
  }
  for (const { line, message } of found.notes)
    process.stderr.write(`${file}:${line}: ${oneLine(message, 200)}\n`);
  const sums = `${counted(found.gateways.length, 'gateway')}, ${counted(found.accounts.length, 'account')}`;
  if (out === undefined) process.stdout.write(settings);
  else process.stdout.write(`${sums} written to ${out}; "mailsms check" tries them.\n`);
}

interface ImportOptions extends PlaceOptions {
  readonly dryRun?: true;
  readonly skipBad?: true;
  readonly gateway: readonly (readonly [string, string])[];
  readonly gateways?: string;
  readonly rules?: string;
  readonly mail?: string;
  readonly json?: true;
}

type Result = BatchView['results'][number];

async function importIceWarp(dir: string, options: ImportOptions): Promise<void> {
  const { files, bad: unreadable } = await walk(dir, options.mail);
  const control = await openControl(options);
  const { gateways } = await control('GET /gateways');
  const found = files
    .filter(({ place }) => place.kind === 'gateways')
    .map(({ path, octets }) => readGateways(path, octets));
  const named = nameGateways(found.flatMap((each) => each.gateways));
  const { accounts, bad, notes } = readAccounts(files, {
    known: gateways.map(({ id }) => id),
    gateways: new Map([
      ...named.map(({ gateway, id }): [string, string] => [gateway.name, id]),
      ...options.gateway,
    ]),
  });
  const filters = files
    .filter(({ place }) => place.kind === 'filter')
    .map(({ path, octets }) => readFilters(path, octets));
  const snippet = named.length === 0 ? '' : gatewaySettings(named);
  const written = await writeAside(snippet, filters, options);
  const read = [...unreadable, ...[...found, ...filters].flatMap((each) => each.bad), ...bad];
  const dryRun = options.dryRun === true || (read.length > 0 && options.skipBad !== true);
  const first = await batch(control, accounts, dryRun);
  const refused = accounts.flatMap((account, index) => refusalOf(account, first.results[index]) ?? []);
  const good = accounts.filter((_, index) => first.results[index]?.action !== 'refused');
  const again = !dryRun && refused.length > 0 && options.skipBad === true;
  const { applied } = again ? await batch(control, good, false) : first;
  if (again && !applied) throw new Error('the accounts were changed meanwhile; nothing was imported');
  const wrong = [...read, ...refused];

  const outcome = {
    dir,
    written,
    accounts,
    results: first.results,
    applied,
    wrong,
    notes: [...notes, ...filters.flatMap((each) => each.notes)],
    named,
    snippet,
    filters,
  };
  if (options.json === true) process.stdout.write(`${JSON.stringify(asJson(outcome))}\n`);
  else forPeople(outcome, options.dryRun === true);
  if (wrong.length > 0 && options.skipBad !== true) process.exitCode = 1;
}

/** Hashing a password takes a good part of a second of the gateway's time. */
const ANSWER_MS = 60_000;
const PASSWORD_MS = 1_000;

function batch(control: ApiClient, accounts: readonly FoundAccount[], dryRun: boolean): Promise<BatchView> {
  const entries = accounts.map(({ user, settings, password, counters }) =>
    given({ user, settings: settings && { ...settings }, counters, password: password?.open() }),
  );
  const timeoutMs = ANSWER_MS + PASSWORD_MS * entries.length;
  return control('POST /accounts/batch', { body: { dryRun, accounts: entries }, timeoutMs });
}

function refusalOf({ file, line }: FoundAccount, result: Result | undefined): Finding | undefined {
  return result?.action === 'refused' ? { file, line, message: result.why ?? 'refused' } : undefined;
}

interface Outcome {
  readonly dir: string;
  /** The files that gateways and rules were written to, by what is in them. */
  readonly written: ReadonlyMap<string, string>;
  readonly accounts: readonly FoundAccount[];
  readonly results: readonly Result[];
  readonly applied: boolean;
  readonly wrong: readonly Finding[];
  readonly notes: readonly Finding[];
  readonly named: readonly NamedGateway[];
  readonly snippet: string;
  readonly filters: readonly FoundFilters[];
}

function asJson({ accounts, results, applied, wrong, notes, named, snippet, filters }: Outcome): object {
  return {
    applied,
    accounts: accounts.map(({ user, file, line, notes: own }, index) => {
      const { action, changes, why } = results[index] ?? {};
      return { user, file, line, action, changes, notes: why === undefined ? own : [...own, why] };
    }),
    bad: wrong,
    notes,
    gateways: named.map(({ id, gateway: { name, kind, line } }) => ({ id, name, kind, line })),
    gatewaySettings: snippet,
    filters: filters.map(({ file, count }) => ({ file, rules: count })),
  };
}

const NOTES_WIDTH = 120;

function forPeople(outcome: Outcome, dryRun: boolean): void {
  const { dir, written, accounts, results, wrong, notes, named, snippet, filters } = outcome;
  const rows = accounts.map(({ file, line, user, notes: own }, index) => {
    const { action = '', changes = [], why } = results[index] ?? {};
    const told = [...changes, ...own, ...(why === undefined ? [] : [why])];
    return [file, String(line), oneLine(user, 60), action, oneLine(told.join('; '), NOTES_WIDTH)];
  });
  if (rows.length > 0)
    process.stdout.write(`${table(['FILE', 'LINE', 'ACCOUNT', 'ACTION', 'NOTES'], rows)}\n`);
  for (const note of notes) process.stderr.write(`note: ${printFinding(note)}\n`);
  for (const each of wrong) process.stderr.write(`${printFinding(each)}\n`);
  process.stdout.write(`${verdict(outcome, dryRun)}\n`);
  for (const { file, count } of filters) {
    if (count === 0) continue;
    const place = written.get(file);
    const next = place === undefined ? `mailsms rules import ${join(dir, file)}` : `written to ${place}`;
    process.stdout.write(`\n${counted(count, 'rule')} in ${file}: ${next}\n`);
  }
  if (named.length === 0) return;
  const place = written.get(GATEWAYS);
  if (place === undefined) process.stdout.write(`\nThe gateways, for mailsms.yaml:\n\n${snippet}`);
  else process.stdout.write(`\n${counted(named.length, 'gateway')} written to ${place}\n`);
}

function verdict({ results, applied, wrong }: Outcome, dryRun: boolean): string {
  const count = (action: Result['action']): number => results.filter((each) => each.action === action).length;
  const sums = (['new', 'changed', 'same', 'skipped'] as const).map((action) => `${count(action)} ${action}`);
  const left = wrong.length === 0 ? [] : [counted(wrong.length, 'problem')];
  const all = [...sums, ...left].join(', ');
  if (applied) return `Imported: ${all}.`;
  if (dryRun) return `Nothing was changed (--dry-run). This would be: ${all}.`;
  return `Nothing was imported: ${all}. Put the files right, or leave out what is wrong with --skip-bad.`;
}

const GATEWAYS = 'gateways';

/** Writes gateways and rules where that is asked for. They stand in files of their own, so this goes before the accounts. */
async function writeAside(
  snippet: string,
  filters: readonly FoundFilters[],
  { dryRun, gateways, rules }: ImportOptions,
): Promise<ReadonlyMap<string, string>> {
  const written = new Map<string, string>();
  if (dryRun === true) return written;
  if (gateways !== undefined && snippet !== '') {
    await writeNew(gateways, snippet);
    written.set(GATEWAYS, gateways);
  }
  if (rules === undefined) return written;
  for (const { file, count, yaml } of filters) {
    if (count === 0) continue;
    // `config/office.example/smsoutgoing.xml` must not take the place of `config/smsoutgoing.xml`.
    const path = join(rules, `${file.split('/').slice(1).join('-').slice(0, -'.xml'.length)}.yaml`);
    await mkdir(rules, { recursive: true });
    await writeNew(path, yaml);
    written.set(file, path);
  }
  return written;
}

/** What is there already may have taken somebody an evening to put right. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (exists && (await readFile(path, 'utf8')) === text) return;
    throw exists ? new Error(`${path} is there already; nothing was done`, { cause: error }) : error;
  }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function renamed(value: string, before: readonly (readonly [string, string])[]) {
  const at = value.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as old=new.');
  return [...before, [value.slice(0, at), value.slice(at + 1)] as const];
}
