import { Command } from 'commander';
import { App } from '../../lib/app.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { type Log, openLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Config } from '../../lib/config/config.ts';
import { loadConfig } from '../../lib/config/load.ts';
import { headline } from '../../lib/settings/problem.ts';
import { type PlaceOptions, withPlace } from '../control.ts';

export function startCommand(): Command {
  return withPlace(
    new Command('start')
      .description('run the gateway until Ctrl+C or SIGTERM')
      .option('--trace', 'write all that modems say and are told to the log, without their PINs'),
  ).action(start);
}

async function start(place: PlaceOptions & { trace?: boolean }): Promise<void> {
  const {
    config: configured,
    file,
    warnings,
  } = await loadConfig({
    ...(place.config === undefined ? {} : { file: place.config }),
    ...(place.data === undefined ? {} : { data: place.data }),
    env: process.env,
    cwd: process.cwd(),
    terminal: process.stdout.isTTY,
  });
  const config = place.trace === true ? traced(configured) : configured;
  const { log, flush } = await openLog(config.log);
  process.once('exit', flush);
  for (const warning of warnings) log.warn({}, headline(warning));
  const app = new App(config, { clock: systemClock, random: systemRandom, log });
  stopOnSignal(app, log);
  await app.start();
  const seconds = process.uptime().toFixed(2);
  process.stdout.write(`mailsms is ready in ${seconds} s: ${app.listeners.join(', ')}\n`);
  if (file === undefined) process.stdout.write(firstSteps(config));
}

/** With everything that is said between us and the gateways in the log, where their kind can write it. */
function traced(config: Config): Config {
  return {
    ...config,
    gateways: config.gateways.map((each) => ('trace' in each ? { ...each, trace: true } : each)),
    log: { ...config.log, level: 'debug' },
  };
}

/**
 * The first signal drains and stops; the process ends by itself when nothing is left to do. A second one ends it at
 * once: nothing that was acknowledged is lost even then.
 */
function stopOnSignal(app: App, log: Log): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'stopping: finishing what is under way');
      app.stop().then(
        () => {
          log.info({}, 'stopped');
          process.exit(0);
        },
        (error: unknown) => {
          log.error({ error: String(error) }, 'the stop failed');
          process.exit(1);
        },
      );
    });
  }
}

/** What a newcomer without a configuration is told. */
function firstSteps(config: Config): string {
  const domain = config.domains[0]?.name ?? 'localhost';
  const [smtp] = config.smtp.listen;
  if (smtp === undefined) return '';
  return `
No configuration file: these are the built-in defaults, with simulated phones. Send your first message from another
terminal, with any mail client; curl will do:

  printf 'Subject: hello\\n\\nHello from mail\\n' | curl -s smtp://${smtp.host}:${smtp.port} --mail-from you@example.com --mail-rcpt '"sms:+15551234567"@${domain}' -T -

  npx mailsms phone                                                   what the phone shows
  npx mailsms phone reply --number +15551234567 --text "Hello back"   answer from it
  ls ${config.mail.maildir}/new                                       the answer, as a mail

`;
}
