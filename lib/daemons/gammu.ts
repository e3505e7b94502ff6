/** gammu-smsdrc: [gammu] says where the phone is, [smsd] what the daemon does with it. */
import { type Found, type Note, Reading, type Settings, idFrom, reasons } from './found.ts';
import { modemSettings } from './modem.ts';
import { iniSections } from './sections.ts';

const PHONE = reasons(
  [/^(?:logfile|logformat|logcolors|debug)/i, 'mailsms logs to standard output; see docs/operation.md'],
  [/^model$/i, 'mailsms finds out by itself'],
);
const DAEMON = reasons(
  [
    /^(?:service|driver|user|password|host|pc|database|db|sql|inboxpath|outboxpath|sentsmspath|errorsmspath|inboxformat|outboxformat|transmitformat)/i,
    'mailsms keeps its own queue and takes mail, not files or tables',
  ],
  [/^(?:logfile|logfacility|debuglevel)$/i, 'mailsms logs to standard output; see docs/operation.md'],
  [/^run/i, 'what is to happen with a message is said by rules; see docs/rules.md'],
  [
    /^(?:includenumbers|excludenumbers|includesmsc|excludesmsc)/i,
    'incoming messages are sorted by rules; see docs/rules.md',
  ],
  [
    /^(?:commtimeout|sendtimeout|receivefrequency|loopsleep|statusfrequency|checkfrequency|check|reset|hardreset|maxretries|retrytimeout|multiparttimeout|backendretries)/i,
    'mailsms paces itself; see docs/modems.md',
  ],
);

/** Reads it. Nothing is thrown: what cannot be used is in the notes. */
export function readGammu(text: string): Found {
  const { sections, notes: odd } = iniSections(text);
  const notes: Note[] = [...odd];
  const empty = { name: 'smsd', line: 1, lines: [] };
  const daemon = new Reading(sections.find(({ name }) => /^smsd$/i.test(name)) ?? empty);
  const phones = sections.filter(({ name }) => /^gammu\d*$/i.test(name));
  const gateways: Settings[] = [];
  const name = daemon.take('phoneid') ?? 'modem';
  const [first, ...others] = phones;
  if (first !== undefined) {
    const phone = new Reading(first);
    const settings = phoneSettings(phone, daemon);
    if (settings['device'] === undefined) {
      notes.push({
        line: first.line,
        message: `${first.name} has no modem that can be used: it is left out`,
      });
    } else {
      gateways.push({ id: idFrom(name, new Set()), type: 'modem', ...settings });
    }
    notes.push(...phone.notes(PHONE));
  }
  // The daemon uses the first section alone.
  for (const each of others)
    notes.push({ line: each.line, message: `${each.name}: gammu-smsd does not use it` });
  for (const each of sections) {
    if (each.lines.length > 0 && !/^(?:smsd|gammu\d*)$/i.test(each.name)) {
      notes.push({
        line: each.line,
        message: `${each.name === '' ? 'what stands before the first section' : each.name}: is not used`,
      });
    }
  }
  notes.push(...daemon.notes(DAEMON));
  return { gateways, accounts: [], notes: notes.sort((a, b) => a.line - b.line) };
}

function phoneSettings(phone: Reading, daemon: Reading): Settings {
  const connection = phone.take('connection') ?? 'at';
  const speed = Number(/^at(\d+)$/i.exec(connection)?.[1]);
  const { device } = modemSettings(phone, { device: 'device', pin: 'pin', smsc: 'smsc' });
  const port = modemSettings(phone, { device: 'port', pin: 'pin', smsc: 'smsc' });
  if (!/^at(?:\d+)?$/i.test(connection)) {
    phone.refuse('connection', 'mailsms speaks AT commands over a serial line or TCP alone');
    return {};
  }
  const own = modemSettings(daemon, { device: 'no device', pin: 'pin', smsc: 'smsc' });
  return {
    device: device ?? port['device'],
    ...(speed >= 300 && speed !== 115_200 && { baudRate: speed }),
    ...own,
    ...(!daemon.isOn('receive', true) && { receive: false }),
    ...(daemon.take('deliveryreport') !== undefined &&
      !/^no$/i.test(daemon.take('deliveryreport') ?? '') && { reports: true }),
  };
}
