import { BadXml, readXml, type XmlElement } from '../rules/xml/tree.ts';
import type { Finding } from './problem.ts';
import { decodeFile } from './text.ts';

/**
 * The gateways of smsgateway.dat. It is XML, and one of its elements is called CLIENTCERT; the names of the others are not
 * documented. So whatever names what IceWarp's dialog asks for is taken: an element is a gateway where it has an id or a
 * device under one of the names below, as elements or as attributes.
 */
export interface FoundGateway {
  /** As IceWarp calls it; blank where it has none. */
  readonly name: string;
  readonly line: number;
  readonly kind: 'modem' | 'http' | 'unknown';
  readonly active: boolean;
  /** A serial port, or a URL that may hold passwords. */
  readonly device: string;
  readonly description: string;
  /** Whether it has a PIN or password. The value itself goes no further. */
  readonly hasPin: boolean;
  readonly from: string;
  readonly smsc: string;
  readonly clientCertificate: string;
  /** Elements that mean nothing here. */
  readonly unknown: readonly string[];
}

export interface FoundGateways {
  readonly gateways: readonly FoundGateway[];
  readonly bad: readonly Finding[];
}

/** One line to know another name. Without regard to case, `_`, `-` and spaces. */
const NAMES = {
  id: ['id', 'gatewayid', 'gwid'],
  active: ['active', 'enabled', 'enable'],
  type: ['type', 'gatewaytype'],
  device: ['device', 'url', 'port', 'comport'],
  description: ['description', 'desc', 'title'],
  pin: ['pin', 'password', 'pass', 'pinpassword'],
  from: ['from', 'emailfrom', 'mailfrom', 'fromtemplate'],
  smsc: ['smsc', 'smscenter', 'smscentre', 'smscnumber', 'center'],
  clientCertificate: ['clientcert', 'clientcertificate'],
  template: ['template'],
} as const;
type Name = keyof typeof NAMES;

export function readGateways(file: string, octets: Uint8Array): FoundGateways {
  const text = decodeFile(octets);
  if (text === undefined)
    return { gateways: [], bad: [{ file, message: 'is no text: it holds NUL octets' }] };
  if (text.trim() === '') return { gateways: [], bad: [] };
  let root: XmlElement;
  try {
    root = readXml(text);
  } catch (error) {
    if (!(error instanceof BadXml)) throw error;
    const { line, column, message } = error;
    return { gateways: [], bad: [{ file, line, column, message }] };
  }
  const gateways = gatewayElements(root).map(gatewayOf);
  const bad = gateways
    .filter(({ name }, index) => gateways.findIndex((each) => sameName(each.name, name)) < index)
    .map(({ name, line }) => ({
      file,
      line,
      message: name === '' ? 'a second gateway without an id' : `a second gateway "${name}"`,
    }));
  if (gateways.length === 0 && root.children.length > 0) {
    bad.push({ file, line: root.line, message: 'holds no element with the id or the device of a gateway' });
  }
  return { gateways, bad };
}

/** The outermost elements that have what only a gateway has. */
function gatewayElements(element: XmlElement): XmlElement[] {
  const names = [...element.fields.keys()].map(nameOf);
  const isOne = names.includes('device') || (names.includes('id') && names.some((each) => each !== 'id'));
  return isOne ? [element] : element.children.flatMap(gatewayElements);
}

function gatewayOf({ fields, line }: XmlElement): FoundGateway {
  const values = new Map<Name, string>();
  const unknown: string[] = [];
  for (const [field, value] of fields) {
    const name = nameOf(field);
    if (name === undefined) unknown.push(field);
    else if ((values.get(name) ?? '') === '') values.set(name, value.trim());
  }
  const value = (name: Name): string => values.get(name) ?? '';
  return {
    name: value('id'),
    line,
    kind: kindOf(value('device'), value('type')),
    active: !/^(?:0|f|false|no)$/i.test(value('active')),
    device: value('device'),
    description: value('description'),
    hasPin: value('pin') !== '',
    from: value('from'),
    smsc: value('smsc'),
    clientCertificate: value('clientCertificate'),
    unknown,
  };
}

/** What it is shows best in its device; the numbers of types are not documented. */
function kindOf(device: string, type: string): FoundGateway['kind'] {
  if (/^https?:/i.test(device)) return 'http';
  if (/^(?:\\\\\.\\)?com\d+:?$|^\d{1,3}$|^\/dev\//i.test(device)) return 'modem';
  if (/http/i.test(type)) return 'http';
  return /gsm|modem/i.test(type) ? 'modem' : 'unknown';
}

function nameOf(field: string): Name | undefined {
  const plain = field.toLowerCase().replace(/[^a-z]/g, '');
  return (Object.keys(NAMES) as Name[]).find((name) => (NAMES[name] as readonly string[]).includes(plain));
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
