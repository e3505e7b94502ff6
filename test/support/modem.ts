import { sleep, systemClock, type Clock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { encodeSmsc } from '../../lib/sms/address.ts';
import { encodeDeliver } from '../../lib/sms/deliver.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { segment } from '../../lib/sms/segment.ts';
import { encodeStatusReport } from '../../lib/sms/status-report.ts';
import type { Submit } from '../../lib/sms/submit.ts';
import { decodeTpdu } from '../../lib/sms/tpdu.ts';
import { Inlet, type OpenPort, type Port } from '../../lib/transports/modem/at/port.ts';
import { shown, submitOf, textOf, type TextState } from './modem-text.ts';
import { parseScript, type Action, type Script } from './modem-script.ts';

/**
 * A modem for tests: answers AT commands as TS 27.005 and 27.007 have it, keeps messages in storages, asks for its PIN,
 * and does something else wherever its script says so (see modem-script.ts). It does not know what carries its
 * octets: `createMemoryModem` gives it a Port, `startPtyModem` (pty.ts) a real terminal.
 *
 * On AT+CMGS it checks that the length fits and that the PDU is a SMS-SUBMIT, and refuses with 304 where not.
 *
 * Longer than other files, because it is one thing: every command reads or changes the same state.
 */
export interface SentSms {
  /** As it was written, service centre in front. */
  readonly hex: string;
  readonly tpdu: Submit;
  readonly number: string;
  readonly text: string | undefined;
  readonly reference: number;
  /** Milliseconds on the modem's clock: the command, the end of the PDU, the answer. */
  readonly times: { readonly command: number; readonly pdu: number; readonly answer: number };
}

export interface Carrier {
  write(octets: string): void;
  /** Takes the line away. */
  unplug(): void;
}

/** What is being written at the prompt. */
interface Pending {
  /** What it is for: +CMGS, or +CNMA with the answer to a message (TS 27.005 4.6). */
  readonly command: 'CMGS' | 'CNMA';
  text: string;
  readonly length: number;
  readonly number: string;
  readonly began: number;
}

interface TextOptions {
  readonly reference?: number;
  readonly timestamp?: string;
}

interface Stored {
  stat: number;
  hex: string;
}

/** What `set` in a script and the options can change. */
export interface Traits {
  manufacturer: string;
  model: string;
  revision: string;
  imei: string;
  imsi: string;
  iccid: string;
  operator: string;
  /** The operator's number: country and network. */
  plmn: string;
  smsc: string;
  echo: boolean;
  /** Asked for at power-up where it is not empty. */
  pin: string;
  /** Tries left before the PUK. */
  tries: number;
  /** +CREG's <stat>. */
  registration: number;
  /** +CSQ's <rssi>. */
  signal: number;
  /** How long the network takes for an SMS. */
  latency: number;
  /** `SM:20,ME:50,SR:10`. */
  storages: string;
  csms: boolean;
  /** Whether AT+CMGF=0 is taken. */
  pdu: boolean;
  /** What AT+CSCS takes. */
  charsets: string;
  csmp: boolean;
  csdh: boolean;
  /** Whether AT+CSMP takes a first octet with a user data header. */
  udh: boolean;
  /** Whether numbers are wanted in the character set, as the standard has it. */
  wideNumbers: boolean;
}

const TRAITS: Traits = {
  manufacturer: 'Mailsms',
  model: 'Test Modem',
  revision: '1.0',
  imei: '490154203237518',
  imsi: '001010123456789',
  iccid: '8900100000000000001',
  operator: 'Test Network',
  plmn: '00101',
  smsc: '+15550000000',
  echo: true,
  pin: '',
  tries: 3,
  registration: 1,
  signal: 24,
  latency: 0,
  storages: 'SM:20,ME:50,SR:10',
  csms: true,
  pdu: true,
  charsets: 'GSM,UCS2,IRA,HEX',
  csmp: true,
  csdh: true,
  udh: true,
  wideNumbers: true,
};

export class ScriptedModem {
  readonly traits: Traits;
  readonly script: Script;
  /** Everything that went out, oldest first. */
  readonly sent: SentSms[] = [];
  /** Every command that was heard. */
  readonly commands: string[] = [];
  /** Characters that came at prompts. */
  pduOctets = 0;
  /** Messages that the phone network still keeps for this modem. */
  readonly waiting: string[] = [];
  readonly storages = new Map<string, Map<number, Stored>>();
  readonly #sizes = new Map<string, number>();
  readonly #clock: Clock;
  readonly #uses = new Map<object, number>();
  readonly #watchers = new Set<() => void>();
  #carrier: Carrier | undefined;
  #input = '';
  #working = false;
  #generation = 0;
  #reference = 0;
  #deaf = false;
  #pdu: Pending | undefined;
  /** A direct message that is to be acknowledged. */
  #unacknowledged: string | undefined;
  #echo = true;
  #cmee = 0;
  #csms = 0;
  #creg = 0;
  #cgreg = 0;
  #cops = 0;
  #cnmi = [0, 0, 0, 0, 0];
  #cmms = 0;
  #cmgf = 0;
  #charset = 'IRA';
  #parameters = [17, 167, 0, 0];
  #headers = false;
  #mem = ['SM', 'SM', 'SM'];
  #locked = '';

  constructor(script: string | Script = '', clock: Clock = systemClock) {
    this.script = typeof script === 'string' ? parseScript(script) : script;
    this.#clock = clock;
    this.traits = { ...TRAITS };
    for (const [name, value] of Object.entries(this.script.traits)) this.#trait(name, value);
    for (const part of this.traits.storages.split(',')) {
      const [name = 'SM', size = '20'] = part.split(':');
      this.storages.set(name, new Map());
      this.#sizes.set(name, Number(size));
    }
    this.#powerUp();
  }

  /** Puts the modem on a line; a modem that comes to a new line has been powered up. */
  attach(carrier: Carrier): void {
    this.#carrier = carrier;
    this.#powerUp();
    this.#flushNetwork();
  }

  detach(): void {
    this.#carrier = undefined;
    this.#generation++;
  }

  /** What the host writes. */
  feed(octets: Uint8Array): void {
    this.#input += Buffer.from(octets).toString('latin1');
    if (!this.#working) this.#work();
  }

  /** Says something unasked: `RING`, `+CREG: 2`. */
  say(line: string): void {
    this.#write(`\r\n${line}\r\n`);
  }

  /** Writes just these characters. */
  raw(octets: string): void {
    this.#write(octets);
  }

  /** Changes the registration, and says so where that was asked for. */
  register(stat: number): void {
    this.traits.registration = stat;
    if (this.#creg > 0) this.say(`+CREG: ${this.#registration(this.#creg)}`);
  }

  /** `<stat>`, and where it is where that was asked for (TS 27.007 7.2). */
  #registration(n: number): string {
    const { registration: stat } = this.traits;
    return n === 2 && (stat === 1 || stat === 5) ? `${stat},"00C3","0000B2A1"` : `${stat}`;
  }

  /** An SMS or status report comes from the network: hex, service centre in front. */
  inject(hex: string): void {
    this.waiting.push(hex.toUpperCase());
    this.#flushNetwork();
  }

  /** A text from a phone, in as many parts as it takes. */
  injectText(from: string, text: string, options: TextOptions = {}): string[] {
    const pdus = this.pdusOf(from, text, options);
    for (const pdu of pdus) this.inject(pdu);
    return pdus;
  }

  /** The same as `injectText` would let in, for one part after the other. */
  pdusOf(from: string, text: string, options: TextOptions = {}): string[] {
    const timestamp = options.timestamp ?? new Date(this.#clock.now()).toISOString();
    return segment(text, { reference: options.reference ?? 1 }).parts.map(
      (part) =>
        toHex(encodeSmsc(this.traits.smsc)) +
        toHex(encodeDeliver({ originator: from, timestamp, segment: part })),
    );
  }

  /** The network's word on an SMS that was sent: 0 delivered, 0x40 and above failed (TS 23.040 9.2.3.15). */
  injectReport(sms: { readonly reference: number; readonly number: string }, status = 0): string {
    const now = new Date(this.#clock.now()).toISOString();
    const tpdu = encodeStatusReport({
      reference: sms.reference,
      recipient: sms.number,
      timestamp: now,
      discharge: now,
      status,
    });
    const hex = toHex(encodeSmsc(this.traits.smsc)) + toHex(tpdu);
    this.inject(hex);
    return hex;
  }

  /** How many messages lie in its storages. */
  get stored(): number {
    return [...this.storages.values()].reduce((sum, storage) => sum + storage.size, 0);
  }

  /** Calls `watcher` whenever something was sent, stored, deleted or acknowledged; returns what ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Resolves as soon as `condition` holds. Rejects after `ms` of real time: a test that hangs says why. */
  until(condition: () => boolean, what = 'the condition', ms = 10_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        const heard = this.commands.slice(-12).join(' | ');
        reject(
          new Error(
            `modem: ${what} did not come about in ${ms} ms; sent ${this.sent.length}; heard ${heard}`,
          ),
        );
      }, ms);
      const stop = this.watch(() => {
        if (!condition()) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
  }

  /** Resolves with everything sent when at least `count` went out. */
  async waitForSent(count: number, ms?: number): Promise<readonly SentSms[]> {
    await this.until(() => this.sent.length >= count, `${count} sent`, ms);
    return this.sent;
  }

  /** Resolves when its storages are empty and nothing waits in the network. */
  waitForEmpty(ms?: number): Promise<void> {
    return this.until(() => this.stored === 0 && this.waiting.length === 0, 'empty storages', ms);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #trait(name: string, value: string): void {
    const traits = this.traits as unknown as Record<string, string | number | boolean>;
    const old = traits[name];
    if (old === undefined) throw new Error(`modem: there is no trait ${name}`);
    traits[name] =
      typeof old === 'boolean' ? value === 'on' : typeof old === 'number' ? Number(value) : value;
  }

  #powerUp(): void {
    this.#generation++;
    this.#input = '';
    this.#working = false;
    this.#deaf = false;
    this.#pdu = undefined;
    if (this.#unacknowledged !== undefined) this.waiting.unshift(this.#unacknowledged);
    this.#unacknowledged = undefined;
    this.#echo = this.traits.echo;
    this.#cmee = 0;
    this.#csms = 0;
    this.#creg = 0;
    this.#cgreg = 0;
    this.#cops = 0;
    this.#cnmi = [0, 0, 0, 0, 0];
    this.#cmms = 0;
    this.#cmgf = this.traits.pdu ? 0 : 1;
    this.#charset = 'IRA';
    this.#parameters = [17, 167, 0, 0];
    this.#headers = false;
    const first = [...this.storages.keys()][0] ?? 'SM';
    this.#mem = [first, first, first];
    if (this.#locked !== 'SIM PUK') this.#locked = this.traits.pin === '' ? '' : 'SIM PIN';
  }

  #write(octets: string): void {
    if (!this.#deaf) this.#carrier?.write(octets);
  }

  #reply(lines: readonly string[] = [], final = 'OK'): void {
    this.#write([...lines, final].map((line) => `\r\n${line}\r\n`).join(''));
  }

  #cms(code: number): void {
    this.#reply([], this.#cmee === 0 ? 'ERROR' : `+CMS ERROR: ${code}`);
  }

  #cme(code: number): void {
    this.#reply([], this.#cmee === 0 ? 'ERROR' : `+CME ERROR: ${code}`);
  }

  /** One character after the other, until one of them makes the modem wait for something. */
  #work(): void {
    this.#working = true;
    const generation = this.#generation;
    const { length } = this.#input;
    let at = 0;
    let line = '';
    let pending: Promise<void> | undefined;
    for (; at < length && pending === undefined; at++) {
      const sign = this.#input.charAt(at);
      if (this.#deaf) continue;
      if (this.#pdu !== undefined) {
        pending = this.#pduSign(sign);
        continue;
      }
      if (sign === '\x1b' || sign === '\x1a') {
        line = '';
      } else if (sign === '\r') {
        if (this.#echo) this.#write(`${line}\r`);
        const command = line.trim();
        line = '';
        if (command !== '') pending = this.#command(command);
      } else if (sign !== '\n') {
        line += sign;
      }
    }
    this.#input = line + this.#input.slice(at);
    if (this.#input === line && pending === undefined) {
      this.#working = false;
      return;
    }
    void (pending ?? Promise.resolve()).then(() => {
      if (generation === this.#generation) this.#work();
    });
  }

  #pduSign(sign: string): Promise<void> | undefined {
    const pdu = this.#pdu;
    if (pdu === undefined) return undefined;
    if (this.#echo) this.#write(sign);
    if (sign === '\x1b') {
      this.#pdu = undefined;
      this.#reply();
      return undefined;
    }
    if (sign !== '\x1a') {
      pdu.text += sign;
      // A new line of the text (TS 27.005 3.5.1).
      if (sign === '\r' && this.#cmgf === 1) this.#write('\n> ');
      this.pduOctets++;
      if (pdu.text.length > 1) return undefined;
      const start = this.#rule('PDU-START');
      return start === undefined ? undefined : this.#act(start, 'PDU-START', () => undefined);
    }
    this.#pdu = undefined;
    if (pdu.command === 'CNMA') {
      if (pdu.text.length === 2 * pdu.length) this.#acknowledge('1');
      else this.#cms(304);
      return undefined;
    }
    const rule = this.#rule('PDU');
    if (rule === undefined) return this.#submit(pdu);
    return this.#act(rule, 'PDU', () => this.#submit(pdu), pdu);
  }

  #command(command: string): Promise<void> | undefined {
    this.commands.push(command);
    const rule = this.#rule(command);
    if (rule === undefined) return this.#carryOut(command);
    return this.#act(rule, command, () => this.#carryOut(command));
  }

  #rule(what: string): readonly Action[] | undefined {
    for (const rule of this.script.rules) {
      if (!rule.matches.test(what)) continue;
      const use = (this.#uses.get(rule) ?? 0) + 1;
      this.#uses.set(rule, use);
      if (use >= rule.from && use <= rule.to) return rule.actions;
    }
    return undefined;
  }

  async #act(
    actions: readonly Action[],
    what: string,
    usual: () => Promise<void> | undefined,
    pdu?: Pending,
  ): Promise<void> {
    const generation = this.#generation;
    for (const action of actions) {
      if (generation !== this.#generation) return;
      switch (action.kind) {
        case 'write':
          this.#write(action.octets);
          break;
        case 'wait':
          await sleep(this.#clock, action.ms);
          break;
        case 'default':
          await usual();
          break;
        case 'prompt':
          this.#prompt(what);
          break;
        case 'prompt-bare':
          this.#prompt(what, '\r\n>');
          break;
        case 'take':
          if (pdu !== undefined) this.#take(pdu);
          break;
        case 'deaf':
          this.#deaf = true;
          break;
        case 'unplug':
          this.#carrier?.unplug();
          return;
        case 'restart':
          this.#powerUp();
          this.say('RDY');
          return;
      }
    }
  }

  #prompt(command: string, sign = '\r\n> '): void {
    const number = /"([^"]*)"/.exec(command)?.[1] ?? '';
    const length = Number(/\d+/.exec(command)?.[0] ?? 0);
    this.#pdu = { command: 'CMGS', text: '', length, number, began: this.#clock.now() };
    this.#write(sign);
  }

  #submit(pdu: Pending): Promise<void> | undefined {
    const { latency } = this.traits;
    if (latency === 0) {
      this.#answerSubmit(pdu);
      return undefined;
    }
    const generation = this.#generation;
    const ended = this.#clock.now();
    return sleep(this.#clock, latency).then(() => {
      if (generation === this.#generation) this.#answerSubmit(pdu, ended);
    });
  }

  #answerSubmit(pdu: Pending, ended = this.#clock.now()): void {
    if (this.#take(pdu, ended)) this.#reply([`+CMGS: ${this.#reference}`]);
    else this.#cms(304);
  }

  #take(pdu: Pending, ended = this.#clock.now()): boolean {
    try {
      const hex =
        this.#cmgf === 1 ? submitOf(this.#wordOf(pdu.number), pdu.text, this.#text) : pdu.text.trim();
      const octets = fromHex(hex);
      const tpdu = decodeTpdu(octets, { direction: 'from-mobile' });
      if (tpdu.type !== 'submit' || (this.#cmgf === 0 && octets.length - 1 - (octets[0] ?? 0) !== pdu.length))
        return false;
      this.#reference = (this.#reference + 1) % 256;
      this.sent.push({
        hex,
        tpdu,
        number: tpdu.destination.number,
        text: tpdu.text,
        reference: this.#reference,
        times: { command: pdu.began, pdu: ended, answer: this.#clock.now() },
      });
      this.#changed();
      return true;
    } catch {
      return false;
    }
  }

  #carryOut(command: string): Promise<void> | undefined {
    const upper = command.toUpperCase();
    const fixed = this.#fixed(upper);
    if (fixed !== undefined) {
      this.#reply(fixed);
      return undefined;
    }
    if (this.#locked !== '' && NEEDS_SIM.test(upper)) {
      if (upper.startsWith('AT+CMG') || upper.startsWith('AT+CPMS'))
        this.#cms(this.#locked === 'SIM PIN' ? 311 : 316);
      else this.#cme(this.#locked === 'SIM PIN' ? 11 : 12);
      return undefined;
    }
    const match = /^AT([+^#*]?[A-Z&]+)(=\?|\?|=(.*)|(\d.*))?$/is.exec(command);
    const name = match?.[1]?.toUpperCase() ?? '';
    const form = match?.[2] ?? '';
    const value = match?.[3] ?? match?.[4] ?? '';
    const set = form.startsWith('=') && form !== '=?';
    this.#do(command, name, form, value, set);
    return undefined;
  }

  #fixed(upper: string): string[] | undefined {
    const { traits } = this;
    const answers: Record<string, string[]> = {
      AT: [],
      ATZ: [],
      'AT&F': [],
      ATI: [traits.manufacturer, traits.model, traits.revision],
      'AT+CGMI': [traits.manufacturer],
      'AT+GMI': [traits.manufacturer],
      'AT+CGMM': [traits.model],
      'AT+GMM': [traits.model],
      'AT+CGMR': [traits.revision],
      'AT+GMR': [traits.revision],
      'AT+CGSN': [traits.imei],
      'AT+GSN': [traits.imei],
      'AT+CMEE?': [`+CMEE: ${this.#cmee}`],
      'AT+CPIN?': [`+CPIN: ${this.#locked || 'READY'}`],
      'AT+CSQ': [`+CSQ: ${traits.signal},0`],
      'AT+CREG=?': ['+CREG: (0-2)'],
      'AT+CREG?': [`+CREG: ${this.#creg},${this.#registration(this.#creg)}`],
      'AT+CGREG=?': ['+CGREG: (0-2)'],
      'AT+CGREG?': [`+CGREG: ${this.#cgreg},${this.#registration(this.#cgreg)}`],
      'AT+COPS?': [
        traits.registration === 1
          ? `+COPS: 0,${this.#cops},"${this.#cops === 2 ? traits.plmn : traits.operator}"`
          : '+COPS: 0',
      ],
      'AT+CMGF?': [`+CMGF: ${this.#cmgf}`],
      'AT+CMGF=?': [`+CMGF: (${traits.pdu ? '0,1' : '1'})`],
      'AT+CNMI=?': ['+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)'],
      'AT+CNMI?': [`+CNMI: ${this.#cnmi.join(',')}`],
      'AT+CSCS=?': [
        `+CSCS: (${traits.charsets
          .split(',')
          .map((name) => `"${name}"`)
          .join(',')})`,
      ],
      'AT+CSCS?': [`+CSCS: "${this.#charset}"`],
      'AT+CSMS=?': [`+CSMS: (${traits.csms ? '0,1' : '0'})`],
      'AT+CNMA=?': ['+CNMA: (0-2)'],
      'AT+CSCB=?': ['+CSCB: (0,1)'],
      'AT+CUSD=?': ['+CUSD: (0-2)'],
      'AT+CLCK=?': ['+CLCK: ("SC")'],
      'AT+CLCK="SC",2': [`+CLCK: ${traits.pin === '' ? 0 : 1}`],
      'AT+IFC=?': ['+IFC: (0-2),(0-2)'],
      'AT+GCAP': ['+GCAP: +CGSM'],
      'AT+CPBS=?': ['+CPBS: ("SM")'],
      'AT+CPAS': ['+CPAS: 0'],
      'AT+CBC': ['+CBC: 0,100'],
      'AT+CFUN?': ['+CFUN: 1'],
      'AT+CMGL=?': ['+CMGL: (0-4)'],
      'AT+CMGD=?': ['+CMGD: (),(0-4)'],
      'AT+CMMS?': [`+CMMS: ${this.#cmms}`],
    };
    return answers[upper];
  }

  #do(command: string, name: string, form: string, value: string, set: boolean): void {
    switch (name) {
      case 'E':
        this.#echo = value === '1';
        return this.#reply();
      case '+CMEE':
        this.#cmee = Number(value);
        return this.#reply();
      case '+CFUN':
        if (value === '1,1') {
          this.#reply();
          this.#powerUp();
          return this.say('RDY');
        }
        return this.#reply();
      case '+CPIN':
        return this.#pin(value.replace(/"/g, ''));
      case '+CIMI':
        return this.#reply([this.traits.imsi]);
      case '+CCID':
        return this.#reply([`+CCID: ${this.traits.iccid}`]);
      case '+CRSM':
        return this.#reply([`+CRSM: ${this.#file(value)}`]);
      case '+CSCA':
        if (set) {
          this.traits.smsc = /"([^"]*)"/.exec(value)?.[1] ?? '';
          return this.#reply();
        }
        return this.#reply([`+CSCA: "${this.traits.smsc}",145`]);
      case '+CMGF':
        if (value === '0' && !this.traits.pdu) return this.#reply([], 'ERROR');
        this.#cmgf = Number(value);
        return this.#reply();
      case '+CSCS':
        if (!this.traits.charsets.split(',').includes(value.replace(/"/g, '')))
          return this.#reply([], 'ERROR');
        this.#charset = value.replace(/"/g, '');
        return this.#reply();
      case '+CSDH':
        if (!this.traits.csdh) return this.#reply([], 'ERROR');
        this.#headers = value === '1';
        return this.#reply();
      case '+CSMP':
        if (!this.traits.csmp) return this.#reply([], 'ERROR');
        if ((Number(value.split(',')[0]) & 0x40) !== 0 && !this.traits.udh) return this.#cms(303);
        this.#parameters = value.split(',').map(Number);
        return this.#reply();
      case '+CREG':
        if (set) this.#creg = Number(value);
        return this.#reply();
      case '+CGREG':
        if (set) this.#cgreg = Number(value);
        return this.#reply();
      case '+COPS':
        if (!/^3,[0-2]$/.test(value)) return this.#cme(3);
        this.#cops = Number(value.slice(2));
        return this.#reply();
      case '+CSMS':
        if (set && value === '1' && !this.traits.csms) return this.#cms(303);
        if (set) this.#csms = Number(value);
        return this.#reply(set ? ['+CSMS: 1,1,1'] : [`+CSMS: ${this.#csms},1,1,1`]);
      case '+CMMS':
        this.#cmms = Number(value);
        return this.#reply();
      case '+CNMI':
        this.#cnmi = [...value.split(',').map(Number), 0, 0, 0, 0, 0].slice(0, 5);
        this.#reply();
        return this.#flushNetwork();
      case '+CPMS':
        return this.#cpms(form, value, set);
      case '+CMGS':
        if (this.#cmgf === 1 && !/^\+?\d+$/.test(this.#wordOf(value.replace(/"/g, ''))))
          return this.#cms(304);
        return this.#prompt(command);
      case '+CMGL':
        if (/^"ALL"$/i.test(value) !== (this.#cmgf === 1)) return this.#cms(305);
        return this.#list();
      case '+CMGR':
        return this.#read(Number(value));
      case '+CMGD':
        return this.#delete(Number(value.split(',')[0]));
      case '+CNMA':
        if (!/^1,\d/.test(value)) return this.#acknowledge(value);
        this.#pdu = {
          command: 'CNMA',
          text: '',
          length: Number(value.slice(2)),
          number: '',
          began: this.#clock.now(),
        };
        return this.#write('\r\n> ');
      default:
        if (TAKEN.test(command) && form !== '?') return this.#reply();
        return this.#reply([], 'ERROR');
    }
  }

  /** One file of the SIM, its serial number (TS 27.007 8.18, TS 31.102 4.2.1); the others are not there. */
  #file(value: string): string {
    if (!value.startsWith('176,12258,')) return '106,130';
    const swapped = this.traits.iccid.padEnd(20, 'F').replace(/(.)(.)/g, '$2$1');
    return `144,0,"${swapped}"`;
  }

  #pin(given: string): void {
    if (this.#locked === '') return this.#cme(3);
    if (given === this.traits.pin && this.#locked === 'SIM PIN') {
      this.#locked = '';
      return this.#reply();
    }
    this.traits.tries--;
    if (this.traits.tries <= 0) this.#locked = 'SIM PUK';
    this.#cme(this.traits.tries <= 0 ? 12 : 16);
  }

  #cpms(form: string, value: string, set: boolean): void {
    const names = [...this.storages.keys()];
    if (form === '=?') {
      const list = `(${names.map((name) => `"${name}"`).join(',')})`;
      return this.#reply([`+CPMS: ${list},${list},${list}`]);
    }
    const fill = (name: string): string =>
      `${this.storages.get(name)?.size ?? 0},${this.#sizes.get(name) ?? 0}`;
    if (!set) {
      return this.#reply([`+CPMS: ${this.#mem.map((name) => `"${name}",${fill(name)}`).join(',')}`]);
    }
    const chosen = [...value.matchAll(/"([A-Z]{2})"/gi)].map((match) => (match[1] ?? '').toUpperCase());
    if (chosen.length === 0 || chosen.some((name) => !this.storages.has(name))) return this.#cms(302);
    this.#mem = this.#mem.map((old, at) => chosen[at] ?? old);
    this.#reply([`+CPMS: ${this.#mem.map(fill).join(',')}`]);
  }

  #list(): void {
    const storage = this.storages.get(this.#mem[0] ?? '') ?? new Map<number, Stored>();
    const lines: string[] = [];
    for (const [index, stored] of storage) {
      const { stat, hex } = stored;
      lines.push(
        this.#cmgf === 1
          ? `+CMGL: ${shown('+CMGL', hex, this.#text, { index, stat })}`
          : `+CMGL: ${index},${stat},,${tpduLength(hex)}\r\n${hex}`,
      );
      if (stored.stat === 0) stored.stat = 1;
    }
    this.#reply(lines);
  }

  #read(index: number): void {
    const stored = this.storages.get(this.#mem[0] ?? '')?.get(index);
    if (stored === undefined) return this.#cms(321);
    const { stat, hex } = stored;
    this.#reply([
      this.#cmgf === 1
        ? `+CMGR: ${shown('+CMGR', hex, this.#text, { stat })}`
        : `+CMGR: ${stat},,${tpduLength(hex)}\r\n${hex}`,
    ]);
    if (stored.stat === 0) stored.stat = 1;
  }

  #delete(index: number): void {
    const gone = this.storages.get(this.#mem[0] ?? '')?.delete(index) ?? false;
    if (!gone) return this.#cms(321);
    this.#reply();
    this.#changed();
    this.#flushNetwork();
  }

  #acknowledge(value: string): void {
    const hex = this.#unacknowledged;
    if (this.#csms === 0 || hex === undefined) return this.#cms(340);
    this.#unacknowledged = undefined;
    // RP-ERROR: the service centre keeps it and tries again later.
    if (value === '2') this.waiting.push(hex);
    this.#reply();
    this.#changed();
    if (value !== '2') this.#flushNetwork();
  }

  /** The network tries again what it still holds. */
  retry(): void {
    this.#flushNetwork();
  }

  #flushNetwork(): void {
    if (this.#carrier === undefined || this.#locked !== '') return;
    while (this.waiting.length > 0 && this.#unacknowledged === undefined) {
      const [hex] = this.waiting;
      if (hex === undefined || !this.#arrive(hex)) return;
      this.waiting.shift();
    }
  }

  get #text(): TextState {
    return { charset: this.#charset, parameters: this.#parameters, headers: this.#headers };
  }

  /** A number as the host wrote it; what is not in the form that this modem wants is none. */
  #wordOf(word: string): string {
    if (this.#charset !== 'UCS2' || !this.traits.wideNumbers) return word;
    return /^(?:[0-9A-F]{4})+$/.test(word) ? textOf(word, 'UCS2') : '?';
  }

  /** False where there is no room. */
  #arrive(hex: string): boolean {
    const report = (fromHex(hex)[1 + fromHex(hex)[0]!]! & 3) === 2;
    const how = this.#cnmi[report ? 3 : 1] ?? 0;
    const direct = report ? how === 1 : how >= 2;
    if (direct) {
      const length = tpduLength(hex);
      if (this.#csms === 1) this.#unacknowledged = hex;
      if (this.#cmgf === 1) {
        const name = report ? '+CDS' : '+CMT';
        this.say(`${name}: ${shown(name, hex, this.#text)}`);
        return true;
      }
      this.#write(`\r\n${report ? '+CDS: ' : '+CMT: ,'}${length}\r\n${hex}\r\n`);
      return true;
    }
    const name = report && this.storages.has('SR') ? 'SR' : (this.#mem[2] ?? 'SM');
    const storage = this.storages.get(name);
    if (storage === undefined || storage.size >= (this.#sizes.get(name) ?? 0)) return false;
    let index = 1;
    while (storage.has(index)) index++;
    storage.set(index, { stat: 0, hex });
    this.#changed();
    if (how > 0) this.say(`${report ? '+CDSI' : '+CMTI'}: "${name}",${index}`);
    return true;
  }
}

/** Commands that are refused while the SIM is locked (TS 27.007 8.3). */
const NEEDS_SIM = /^AT\+(CMG|CPMS|CSCA|CNMI|CSMS|CIMI|CCID|CRSM|CMMS|CNMA)/;
/** Commands that are taken and change nothing here. */
const TAKEN = /^AT(\+(CSMP|CSCS|IFC|IPR|CRC|CLIP|CSDH|CCFC|CUSD|CSCB|CPBS|CSMP|CLCK|CMGF)|[VQXSHDC&\\])/i;

function tpduLength(hex: string): number {
  return hex.length / 2 - 1 - parseInt(hex.slice(0, 2), 16);
}

/** A modem in memory. */
export interface MemoryModem {
  readonly modem: ScriptedModem;
  /** What the transport opens; every device is this modem. */
  readonly openPort: OpenPort;
  unplug(): void;
  replug(): void;
}

export interface MemoryOptions {
  readonly clock?: Clock;
  /** Gives the host its octets in chunks of this size; all at once by default. */
  readonly chunk?: number;
}

/** A modem that a transport opens through `openPort`, without a terminal between. */
export function createMemoryModem(script: string | Script = '', options: MemoryOptions = {}): MemoryModem {
  const modem = new ScriptedModem(script, options.clock);
  let plugged = true;
  let unplug: (() => void) | undefined;
  return {
    modem,
    unplug: () => {
      plugged = false;
      unplug?.();
    },
    replug: () => {
      plugged = true;
    },
    openPort: async (device): Promise<Port> => {
      if (!plugged)
        throw new Fault('gateway.down', {
          told: 'the modem cannot be opened',
          detail: `${device}: not there`,
        });
      const inlet = new Inlet();
      let open = true;
      const end = (reason: string): void => {
        if (!open) return;
        open = false;
        modem.detach();
        inlet.close(reason);
      };
      unplug = () => end('unplugged');
      modem.attach({
        write: (octets) => {
          const bytes = Buffer.from(octets, 'latin1');
          const size = options.chunk ?? bytes.length;
          for (let at = 0; at < bytes.length; at += size) {
            const piece = bytes.subarray(at, at + size);
            queueMicrotask(() => inlet.data(piece));
          }
        },
        unplug: () => {
          plugged = false;
          // What was said before still arrives.
          queueMicrotask(() => end('unplugged'));
        },
      });
      return {
        name: device,
        write: async (bytes) => {
          if (!open) throw new Error(`${device} is closed`);
          modem.feed(bytes);
        },
        listen: (listener) => inlet.listen(listener),
        close: async () => end('closed'),
      };
    },
  };
}
