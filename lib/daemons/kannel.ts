/** kannel.conf: groups of settings. `smsc` is a gateway, `sendsms-user` an account. */
import { type Found, type Note, Reading, type Section, type Settings, idFrom, reasons } from './found.ts';
import { modemSettings } from './modem.ts';
import { kannelSections } from './sections.ts';

const SMSC = reasons(
  [/^(?:log-file|log-level)$/i, 'mailsms logs to standard output; see docs/operation.md'],
  [
    /^(?:modemtype|sim-buffering|keepalive|smsc-username|connect-allow-ip|max-error-count|detect-string|host|port)$/i,
    'is of no meaning for this kind of gateway here',
  ],
  [
    /^(?:retry|reconnect-delay|max-sms-octets|wait-ack|wait-ack-expire|flow-control|window)$/i,
    'mailsms paces itself',
  ],
  [/^(?:preferred|denied)-/i, 'a gateway has the prefixes that it takes, and a weight'],
  [
    /^(?:our-host|alt-charset|alt-dcs|unified-prefix)$/i,
    'numbers are made international before a gateway is chosen',
  ],
);
const USER = reasons(
  [
    /^(?:user-allow|user-deny|white-list|black-list|allowed-prefix|denied-prefix)/i,
    'who may write where is said by the account: allowed, denied',
  ],
  [
    /^(?:concatenation|split-chars|split-suffix|omit-empty|header|footer)$/i,
    'long texts are always sent as one message of several parts',
  ],
);
const OTHERS: Readonly<Record<string, string>> = {
  core: 'ports, logs and stores of Kannel',
  smsbox: 'ports and logs of Kannel',
  wapbox: 'mailsms is no WAP gateway',
  'sms-service': 'what is to happen with an incoming message is said by rules; see docs/rules.md',
  'smsbox-route': 'gateways are chosen by prefixes, accounts and rules',
  modems: 'mailsms finds out by itself what a modem can do',
  'dlr-db': 'mailsms keeps reports in its own store',
};

/** Reads it. Nothing is thrown: what cannot be used is in the notes. */
export function readKannel(text: string): Found {
  const { sections, notes: odd } = kannelSections(text);
  const notes: Note[] = [...odd];
  const gateways: Settings[] = [];
  const accounts: Settings[] = [];
  const taken = new Set<string>();
  for (const section of sections) {
    if (section.name === 'smsc') {
      const found = readSmsc(section, taken);
      if (found.gateway !== undefined) gateways.push(found.gateway);
      notes.push(...found.notes);
    } else if (section.name === 'sendsms-user') {
      const found = readUser(section);
      if (found.account !== undefined) accounts.push(found.account);
      notes.push(...found.notes);
    } else if (section.lines.length > 0 || section.name !== '') {
      const reason = OTHERS[section.name] ?? 'is not used';
      notes.push({ line: section.line, message: `group ${section.name}: ${reason}` });
    }
  }
  return { gateways, accounts, notes: notes.sort((a, b) => a.line - b.line) };
}

function readSmsc(section: Section, taken: Set<string>): { gateway?: Settings; notes: readonly Note[] } {
  const reading = new Reading(section);
  const kind = reading.take('smsc') ?? '';
  const name = reading.take('smsc-id', 'smsc-admin-id') ?? `${kind}-${section.line}`;
  const id = idFrom(name, taken);
  const settings = KINDS[kind]?.(reading) ?? `there is no kind of gateway like "smsc = ${kind}" here`;
  if (typeof settings === 'string') {
    const message = `smsc ${name}: ${settings}: it is left out`;
    return { notes: [{ line: section.line, message }, ...reading.notes(SMSC)] };
  }
  taken.add(id.toLowerCase());
  const prefixes = prefixesOf(reading);
  const throughput = Number(reading.take('throughput'));
  const gateway = {
    id,
    ...settings,
    ...(reading.isOn('dead-start', false) && { active: false }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(throughput > 0 && {
      rate: throughput >= 1 ? `${Math.floor(throughput)}/s` : `1/${Math.ceil(1 / throughput)}s`,
    }),
    ...describe(reading.take('my-number')),
  };
  return { gateway, notes: reading.notes(SMSC) };
}

/** What kinds of `smsc` become here; a sentence where one cannot. */
const KINDS: Readonly<Record<string, (reading: Reading) => Settings | string>> = {
  at: (reading) => {
    const modem = modemSettings(reading, {
      device: 'device',
      speed: 'speed',
      pin: 'pin',
      smsc: 'sms-center',
      init: ['init-string'],
    });
    return modem['device'] === undefined ? 'it has no device that can be used' : { type: 'modem', ...modem };
  },
  http: readHttp,
};

/** `system-type = kannel` is our preset; `generic` is a URL of its own, with Kannel's escapes as our variables. */
function readHttp(reading: Reading): Settings | string {
  const system = reading.take('system-type') ?? '';
  const url = reading.take('send-url');
  const [user, password] = [reading.take('smsc-username'), reading.take('smsc-password')];
  const sender = reading.take('my-number');
  if (url === undefined) return 'it has no send-url';
  if (system === 'kannel') {
    if (user === undefined || password === undefined || !URL.canParse(url))
      return 'it has no user, password or URL';
    const settings = {
      baseUrl: new URL(url).origin,
      username: user,
      password,
      ...(sender !== undefined && { sender }),
    };
    return { type: 'http', preset: 'kannel', settings };
  }
  if (system !== 'generic')
    return `set it up by a preset: see "mailsms gateways presets" (system-type ${system})`;
  const unknown = [...url.matchAll(/%(.)/g)]
    .map(([, escape = '']) => escape)
    .find((escape) => !(escape in ESCAPES) && escape !== '%');
  if (unknown !== undefined) return `its send-url has %${unknown}, for which there is nothing here`;
  const template = url.replace(/%(.)/g, (_, escape: string) => ESCAPES[escape] ?? '%');
  return { type: 'http', url: template, ...(password !== undefined && { password }) };
}

/** Kannel's escapes in a `send-url` (userguide, "generic") as variables of ours. */
const ESCAPES: Readonly<Record<string, string>> = {
  P: '%number%',
  p: '%sender%',
  b: '%data%',
  a: '%data%',
  E: '%data%',
  I: '%msgid%',
  u: '%udh;hex%',
};

/** `0049;0043`: beginnings of international numbers. */
function prefixesOf(reading: Reading): string[] {
  const written = reading.take('allowed-prefix');
  if (written === undefined) return [];
  const all = written.split(';').map((each) => each.trim().replace(/^(?:00|\+)/, '+'));
  const good = all.filter((each) => /^\+[1-9]\d{0,14}$/.test(each));
  if (good.length < all.length)
    reading.refuse(
      'allowed-prefix',
      'national prefixes are not taken: write them with + and the country code',
    );
  return good;
}

function describe(number: string | undefined): Settings {
  return number === undefined ? {} : { description: number };
}

function readUser(section: Section): { account?: Settings; notes: readonly Note[] } {
  const reading = new Reading(section);
  const [user, password] = [reading.take('username'), reading.take('password')];
  const gateway = reading.take('forced-smsc', 'default-smsc');
  const sender = reading.take('faked-sender', 'default-sender');
  const maxmsgs = Number(reading.take('max-messages'));
  if (user === undefined || password === undefined) {
    return {
      notes: [
        { line: section.line, message: 'a sendsms-user without name or password is left out' },
        ...reading.notes(USER),
      ],
    };
  }
  return {
    account: {
      user,
      password,
      ...(gateway !== undefined && { gateway: idFrom(gateway, new Set()) }),
      ...(sender !== undefined && { sender }),
      ...(Number.isInteger(maxmsgs) && maxmsgs > 0 && maxmsgs <= 128 && { maxmsgs }),
      ...(reading.take('name') === undefined ? {} : { description: reading.take('name') }),
    },
    notes: reading.notes(USER),
  };
}
