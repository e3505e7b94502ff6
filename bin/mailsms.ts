#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../lib/base/version.ts';

/** Each command is loaded when it is called, so that `--version` and small commands start at once. */
const COMMANDS: readonly {
  name: string;
  alias?: string;
  description: string;
  load: () => Promise<Command>;
}[] = [
  {
    name: 'start',
    description: 'run the gateway',
    load: async () => (await import('./commands/start.ts')).startCommand(),
  },
  {
    name: 'check',
    description: 'validate the configuration and say what would run',
    load: async () => (await import('./commands/check.ts')).checkCommand(),
  },
  {
    name: 'config',
    description: 'print the configuration, or its JSON Schema',
    load: async () => (await import('./commands/config.ts')).configCommand(),
  },
  {
    name: 'send',
    description: 'send a text message through the running gateway',
    load: async () => (await import('./commands/send.ts')).sendCommand(),
  },
  {
    name: 'preview',
    description: 'show what would become of a mail: text, parts, route, and why',
    load: async () => (await import('./commands/preview.ts')).previewCommand(),
  },
  {
    name: 'queue',
    description: 'look at the messages, try them again, cancel them',
    load: async () => (await import('./commands/queue.ts')).queueCommand(),
  },
  {
    name: 'mailqueue',
    alias: 'mailq',
    description:
      'look at our own mail and what rules want done, that waits or was given up; try it again, remove it',
    load: async () => (await import('./commands/mailqueue.ts')).mailqueueCommand(),
  },
  {
    name: 'accounts',
    description: 'see who may send; add, change and remove accounts, set passwords and counters',
    load: async () => (await import('./commands/accounts.ts')).accountsCommand(),
  },
  {
    name: 'import',
    description: 'take over the accounts and gateways of another system (IceWarp)',
    load: async () => (await import('./commands/import.ts')).importCommand(),
  },
  {
    name: 'export',
    description: 'write the accounts as files of another system (IceWarp)',
    load: async () => (await import('./commands/export.ts')).exportCommand(),
  },
  {
    name: 'gateways',
    description: 'list the gateways and how they are',
    load: async () => (await import('./commands/gateways.ts')).gatewaysCommand(),
  },
  {
    name: 'phone',
    description: 'look at the simulated handsets of a virtual gateway, answer from them',
    load: async () => (await import('./commands/phone.ts')).phoneCommand(),
  },
  {
    name: 'modem',
    description: 'look for modems and talk to them',
    load: async () => (await import('./commands/modem.ts')).modemCommand(),
  },
  {
    name: 'rules',
    description: 'look at rules, test them on a message, import and export them',
    load: async () => (await import('./commands/rules.ts')).rulesCommand(),
  },
  {
    name: 'pdu',
    description: 'decode and encode SMS PDUs (3GPP TS 23.040)',
    load: async () => (await import('./commands/pdu.ts')).pduCommand(),
  },
];

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('mailsms')
    .description('A bridge between e-mail and SMS')
    .version(packageVersion(), '-V, --version')
    .showHelpAfterError('(see mailsms --help)');
  const called = argv[2];
  for (const { name, alias, description, load } of COMMANDS) {
    const stub = new Command(name).description(description);
    if (alias !== undefined) stub.alias(alias);
    const isCalled = called !== undefined && [name, alias].includes(called);
    program.addCommand(isCalled ? await load() : stub);
  }
  await program.parseAsync([...argv]);
}

/** What the system says about files that a command was given. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory, not a file',
  ENOTDIR: 'it is not a directory',
  EACCES: 'this user may not open it',
  EEXIST: 'it exists already',
};

function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : FILE_ERRORS[code];
  return path === undefined || words === undefined ? error.message : `${path}: ${words}`;
}

main(process.argv).catch((error: unknown) => {
  process.stderr.write(`mailsms: ${complaint(error)}\n`);
  process.exitCode = 1;
});
