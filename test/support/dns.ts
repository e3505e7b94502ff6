import { type Socket as Datagrams, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';

/** Records of one name, by type. Texts longer than 255 octets are split as DNS does it. */
export interface Records {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly TXT?: readonly string[];
  readonly MX?: readonly string[];
  readonly PTR?: readonly string[];
}

const TYPES: Readonly<Record<number, keyof Records>> = { 1: 'A', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const NOERROR = 0;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const HEADER_OCTETS = 12;

/** A small authoritative DNS server on 127.0.0.1, UDP and TCP on one port (RFC 1035). */
export class DnsServer {
  readonly zone = new Map<string, Records>();
  /** Names for which it answers SERVFAIL, or nothing at all, or only over TCP. `*` is every name. */
  readonly failing = new Set<string>();
  readonly silent = new Set<string>();
  readonly overTcpOnly = new Set<string>();
  /** Questions over UDP and TCP: `TXT example.com`. */
  readonly asked: string[] = [];
  readonly #udp: Datagrams = createSocket('udp4');
  readonly #tcp: Server = createServer();
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<DnsServer> {
    const made = new DnsServer();
    made.#tcp.on('connection', (socket) => made.#serveTcp(socket));
    made.#tcp.listen(0, '127.0.0.1');
    await once(made.#tcp, 'listening');
    made.#udp.on('message', (question, { port, address }) => {
      const answer = made.#answer(question, true);
      if (answer !== undefined) made.#udp.send(answer, port, address);
    });
    made.#udp.bind((made.#tcp.address() as AddressInfo).port, '127.0.0.1');
    await once(made.#udp, 'listening');
    return made;
  }

  /** As a setting for resolvers. */
  get address(): string {
    return `127.0.0.1:${(this.#tcp.address() as AddressInfo).port}`;
  }

  /** Forgets all records, failures and questions. */
  reset(): void {
    for (const each of [this.zone, this.failing, this.silent, this.overTcpOnly]) each.clear();
    this.asked.length = 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #serveTcp(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    let held = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0);
        const answer = this.#answer(held.subarray(2, end), false);
        held = held.subarray(end);
        if (answer !== undefined) socket.write(Buffer.concat([uint16(answer.length), answer]));
      }
    });
  }

  /** The answer to a question; undefined where it is to have none. */
  #answer(question: Buffer, udp: boolean): Buffer | undefined {
    const { name, end } = readName(question);
    const type = TYPES[question.readUInt16BE(end)];
    const asked = question.subarray(HEADER_OCTETS, end + 4);
    this.asked.push(`${type ?? 'other'} ${name}`);
    const is = (set: ReadonlySet<string>): boolean => set.has('*') || set.has(name);
    if (is(this.silent)) return undefined;
    if (is(this.failing)) return message(question, asked, SERVFAIL, []);
    const records = this.zone.get(name);
    const found = type === undefined ? [] : (records?.[type] ?? []).map((value) => record(type, value));
    if (udp && is(this.overTcpOnly)) return message(question, asked, NOERROR, [], true);
    return message(question, asked, records === undefined ? NXDOMAIN : NOERROR, found);
  }
}

function readName(question: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_OCTETS;
  for (let length = question.readUInt8(at); length > 0; length = question.readUInt8(at)) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** RFC 1035 4.1.1: the question's number, authoritative, with a code; `cut` says that there is more. */
function message(
  question: Buffer,
  asked: Buffer,
  code: number,
  records: readonly Buffer[],
  cut = false,
): Buffer {
  const flags = 0x8400 | (question.readUInt16BE(2) & 0x0100) | (cut ? 0x0200 : 0) | code;
  const counts = [1, records.length, 0, 0].map(uint16);
  return Buffer.concat([question.subarray(0, 2), uint16(flags), ...counts, asked, ...records]);
}

/** A record for the name of the question, which lies at octet 12. */
function record(type: keyof Records, value: string): Buffer {
  const number = Object.entries(TYPES).find(([, name]) => name === type)?.[0];
  const data = DATA[type](value);
  return Buffer.concat([
    uint16(0xc000 | HEADER_OCTETS),
    uint16(Number(number)),
    uint16(1),
    Buffer.alloc(4),
    uint16(data.length),
    data,
  ]);
}

const DATA: Readonly<Record<keyof Records, (value: string) => Buffer>> = {
  A: (value) => Buffer.from(value.split('.').map(Number)),
  AAAA: (value) => Buffer.from(value.replaceAll(':', ''), 'hex'),
  TXT: (value) =>
    Buffer.concat(
      (value.match(/[^]{1,255}/g) ?? ['']).map((part) =>
        Buffer.from(`${String.fromCharCode(part.length)}${part}`, 'latin1'),
      ),
    ),
  MX: (value) => Buffer.concat([uint16(10), encodeName(value)]),
  PTR: encodeName,
};

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`);
  return Buffer.from(`${labels.join('')}\0`, 'latin1');
}

function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(value);
  return octets;
}
