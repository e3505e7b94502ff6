import { stringify } from 'yaml';
import { redact } from '../base/secret.ts';
import type { FoundGateway } from './gateways.ts';

/**
 * IceWarp's gateways as settings of mailsms.yaml: what can run here as it is, the rest as comments that say what is
 * missing. No PIN and no password is written: a variable of the environment stands in its place.
 */
export interface NamedGateway {
  readonly gateway: FoundGateway;
  /** What it is called here: letters, digits, `_`, `.` and `-`. */
  readonly id: string;
}

/** Names that the configuration allows, each once. A gateway without a name is called after its kind. */
export function nameGateways(gateways: readonly FoundGateway[]): NamedGateway[] {
  const taken = new Set<string>();
  return gateways.map((gateway) => {
    const word = (gateway.name === '' ? gateway.kind : gateway.name)
      .replace(/[^A-Za-z0-9_. -]+/g, '-')
      .replace(/ +/g, ' ')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, LONGEST_ID - 4)
      .trimEnd();
    const stem = word === '' ? 'gateway' : word;
    let id = stem;
    for (let next = 2; taken.has(id.toLowerCase()); next += 1) id = `${stem}-${next}`;
    taken.add(id.toLowerCase());
    return { gateway, id };
  });
}

const LONGEST_ID = 32;

/** A piece of mailsms.yaml, from `gateways:` on. */
export function gatewaySettings(named: readonly NamedGateway[]): string {
  const blocks = named.map(blockOf);
  const runs = blocks.some(({ runs }) => runs);
  const head = runs ? 'gateways:\n' : '# None of these can run here yet.\n# gateways:\n';
  return head + blocks.map(({ text }) => text).join('');
}

function blockOf({ gateway, id }: NamedGateway): { readonly runs: boolean; readonly text: string } {
  const notes: string[] = [];
  if (id !== gateway.name) notes.push(`IceWarp calls it "${printable(gateway.name)}".`);
  const settings: Record<string, unknown> = { id };
  const runs = gateway.kind === 'modem' && gateway.device !== '';
  if (gateway.kind === 'modem') modemSettings(gateway, id, settings, notes);
  else if (gateway.kind === 'http') httpSettings(gateway, settings, notes);
  else notes.push(`Neither a modem nor an HTTP gateway: device "${printable(gateway.device)}".`);
  if (!gateway.active) settings['active'] = false;
  if (gateway.description !== '') settings['description'] = plain(gateway.description);
  fromSetting(gateway, settings, notes);
  if (gateway.unknown.length > 0) notes.push(`Not taken over: ${gateway.unknown.map(printable).join(', ')}.`);
  const yaml = stringify([settings], { lineWidth: 0 });
  const text = [...notes.map((note) => `# ${note}`), ...yaml.trimEnd().split('\n')].map((line) =>
    runs || line.startsWith('#') ? `  ${line}` : `  # ${line}`,
  );
  return { runs, text: `${text.join('\n')}\n` };
}

function modemSettings(
  { device, hasPin, smsc }: FoundGateway,
  id: string,
  settings: Record<string, unknown>,
  notes: string[],
): void {
  settings['type'] = 'modem';
  const port = /^(?:\\\\\.\\)?(?:com)?(\d{1,3}):?$/i.exec(device)?.[1];
  settings['device'] = port === undefined ? plain(device) : `COM${port}`;
  if (port !== undefined) {
    notes.push(`COM${port} is a name of Windows; on Linux write the modem's path in /dev/serial/by-id/.`);
  }
  if (device === '') notes.push('It has no device.');
  if (hasPin) {
    const variable = `MAILSMS_GATEWAY_${id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PIN`;
    settings['pin'] = `\${${variable}}`;
    notes.push(`Set ${variable} to the PIN of its SIM; smsgateway.dat has it.`);
  }
  const number = smsc.replace(/[\s().-]/g, '');
  if (/^\+?\d{3,20}$/.test(number)) settings['smsc'] = number;
  else if (smsc !== '') notes.push(`The SMS centre "${printable(smsc)}" is not a number.`);
}

function httpSettings(
  { device, hasPin, clientCertificate }: FoundGateway,
  settings: Record<string, unknown>,
  notes: string[],
): void {
  notes.push('HTTP gateways come with a later version of mailsms.');
  settings['type'] = 'http';
  settings['url'] = plain(redact(device.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1***@')));
  if (hasPin) notes.push('Its password for incoming messages is in smsgateway.dat.');
  if (clientCertificate !== '') notes.push(`It uses the client certificate ${printable(clientCertificate)}.`);
}

function fromSetting({ from }: FoundGateway, settings: Record<string, unknown>, notes: string[]): void {
  if (from === '') return;
  const fits = from.split('%s').length === 2 && !/[\s<>"]/.test(from) && !/@.*(?:%s|@)/.test(from);
  if (fits) settings['from'] = plain(from);
  else notes.push(`E-mail From "${printable(from)}" is no template of a mail address with one %s.`);
}

/** One line of a comment, whatever it is made of. */
function printable(text: string): string {
  return redact(text.replace(/[\p{C}\p{Z}]+/gu, ' '));
}

/** Nothing of IceWarp's stands for a variable of the environment. */
function plain(text: string): string {
  return text.replaceAll('${', () => '$${');
}
