import { App } from '../lib/app.ts';
import { systemClock } from '../lib/base/clock.ts';
import { openLog } from '../lib/base/log.ts';
import { systemRandom } from '../lib/base/random.ts';
import { changedSettings } from '../lib/config/changes.ts';
import type { Config } from '../lib/config/config.ts';
import { type LoadedConfig, loadConfig } from '../lib/config/load.ts';
import { headline } from '../lib/settings/problem.ts';
import type { PlaceOptions } from './control.ts';
import { Running } from './running.ts';
import type { Signals } from './signals.ts';

/** Options of `mailsms start`. */
export interface StartOptions extends PlaceOptions {
  readonly trace?: boolean;
}

/** Runs the gateway: resolves when it is up, rejects where it cannot start. */
export async function runGateway(options: StartOptions, signals: Signals): Promise<void> {
  const { config, file, warnings } = await load(options);
  const opened = await openLog(config.log, systemClock);
  const { log } = opened;
  const app = new App(config, { clock: systemClock, random: systemRandom, log });
  const reload = async (): Promise<void> => {
    await opened.reopen();
    const next = await load(options);
    await app.reload(next.config);
    const waiting = changedSettings(config, next.config).filter((name) => !app.reloads.includes(name));
    if (waiting.length > 0) {
      log.warn({ settings: waiting }, `changed, but in use only after a restart: ${waiting.join(', ')}`);
    }
  };
  const running = new Running(opened, signals, { stop: () => app.stop(), reload });
  for (const warning of warnings) log.warn({}, headline(warning));
  await running.during(() => app.start());
  const seconds = process.uptime().toFixed(2);
  opened.say(`mailsms is ready in ${seconds} s: ${app.listeners.join(', ')}\n`);
  if (file === undefined) opened.say(firstSteps(config));
}

async function load({ config, data, trace }: StartOptions): Promise<LoadedConfig> {
  const loaded = await loadConfig({
    ...(config === undefined ? {} : { file: config }),
    ...(data === undefined ? {} : { data }),
    env: process.env,
    cwd: process.cwd(),
    terminal: process.stdout.isTTY,
  });
  return trace === true ? { ...loaded, config: traced(loaded.config) } : loaded;
}

/** With everything that is said on the lines of all modems in the log. */
function traced(config: Config): Config {
  return {
    ...config,
    gateways: config.gateways.map((each) => (each.type === 'modem' ? { ...each, trace: true } : each)),
    log: { ...config.log, level: 'debug' },
  };
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
