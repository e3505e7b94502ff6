/** smsd.conf of SMS Server Tools 3: a section a modem, the global settings first. */
import { type Found, type Note, Reading, type Settings, idFrom, reasons } from './found.ts';
import { modemSettings } from './modem.ts';
import { iniSections } from './sections.ts';

const PLACES = 'mailsms keeps its own queue and takes mail, not files';
const GLOBAL = reasons(
  [/^(?:outgoing|checked|incoming|failed|sent|report|phonecalls|saved|mypath)$/i, PLACES],
  [
    /^(?:logfile|loglevel|log_|smart_logging|infofile|pidfile|stats)/i,
    'mailsms logs to standard output; see docs/operation.md',
  ],
  [
    /^(?:eventhandler|checkhandler|alarmhandler)/i,
    'what is to happen with a message is said by rules; see docs/rules.md',
  ],
  [/^(?:whitelist|blacklist)/i, 'who may write where is said by the accounts: allowed, denied'],
  [/^(?:user|group)$/i, 'the service file says as whom mailsms runs; see docs/install.md'],
  [/^autosplit$/i, 'long texts are always sent as one message of several parts'],
  [/^validity$/i, 'say it in the address (validity=) or by queue.expireMinutes'],
);
const MODEM = reasons(
  [
    /^(?:eventhandler|regular_run|dev_|admin_)/i,
    'what is to happen with a message is said by rules; see docs/rules.md',
  ],
  [
    /^(?:check_memory_method|memory_start|primary_memory|secondary_memory|cs_convert|mode|decode_unicode_text)$/i,
    'mailsms finds out by itself',
  ],
  [
    /^(?:errorsleeptime|blocktime|blockafter|delaytime|keep_open|sending_disabled|check_network|send_delay|read_timeout)/i,
    'mailsms paces itself; see docs/modems.md',
  ],
  [/^(?:identity|number)$/i, 'mailsms reads it from the SIM'],
);

/** Reads it. Nothing is thrown: what cannot be used is in the notes. */
export function readSmstools(text: string): Found {
  const { sections, notes: odd } = iniSections(text);
  const notes: Note[] = [...odd];
  const [first, ...others] = sections;
  const globals = new Reading(first ?? { name: '', line: 1, lines: [] });
  const listed = new Set(names(globals.take('devices')));
  notes.push(...globals.notes(GLOBAL));

  const prefixes = prefixesOf(others.find(({ name }) => /^provider$/i.test(name))?.lines ?? []);
  const gateways: Settings[] = [];
  const taken = new Set<string>();
  for (const section of others.filter(({ name }) => !/^(?:queues?|providers?)$/i.test(name))) {
    const reading = new Reading(section);
    const id = idFrom(section.name, taken);
    taken.add(id.toLowerCase());
    const modem = modemSettings(reading, {
      device: 'device',
      speed: 'baudrate',
      pin: 'pin',
      smsc: 'smsc',
      init: ['init', 'init2'],
    });
    const queues = names(reading.take('queues'));
    const known = queues.flatMap((queue) => prefixes.get(queue.toLowerCase()) ?? []);
    if (queues.length > 0 && known.length === 0)
      reading.refuse('queues', 'no provider has prefixes of such numbers');
    const receives = (reading.take('incoming') ?? 'no').toLowerCase();
    if (modem['device'] === undefined) {
      notes.push({
        line: section.line,
        message: `${section.name} has no device that can be used: it is left out`,
      });
    } else {
      gateways.push({
        id,
        type: 'modem',
        ...modem,
        ...(listed.size > 0 && !listed.has(section.name) && { active: false }),
        ...(reading.isOn('rtscts', false) && { rtscts: true }),
        ...(/^(?:no|false|0)$/.test(receives) && { receive: false }),
        ...(reading.isOn('report', false) && { reports: true }),
        ...(known.length > 0 && { prefixes: known }),
      });
    }
    notes.push(...reading.notes(MODEM));
  }
  return { gateways, accounts: [], notes: notes.sort((a, b) => a.line - b.line) };
}

function names(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** `[provider]`: names of queues with the beginnings of their numbers, without the plus. */
function prefixesOf(
  lines: readonly { readonly key: string; readonly value: string }[],
): Map<string, string[]> {
  return new Map(
    lines.map(({ key, value }) => [
      key.toLowerCase(),
      names(value)
        .filter((each) => /^[1-9]\d{0,14}$/.test(each))
        .map((each) => `+${each}`),
    ]),
  );
}
