import { sleep, systemClock, type Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { encodeSmsc } from '../sms/address.ts';
import { encodeDeliver } from '../sms/deliver.ts';
import { fromHex, toHex } from '../sms/hex.ts';
import { segment } from '../sms/segment.ts';
import { encodeStatusReport } from '../sms/status-report.ts';
import type { Submit } from '../sms/submit.ts';
import { decodeTpdu } from '../sms/tpdu.ts';
import { fixedAnswer, NEEDS_SIM, registrationShown, TAKEN } from './answers.ts';
import { defaultProfile, fiveNumbers, type Profile } from './profile.ts';
import { parseScript, type Action, type Rule, type Script } from './script.ts';
import { Storages, type Stored } from './storages.ts';
import { shown, submitOf, textOf } from './text-mode.ts';
import { setTrait, STANDARD, type Traits } from './traits.ts';

/**
 * A modem that is a program: it answers AT commands as TS 27.005 and 27.007 have it, keeps messages in storages, asks for
 * its PIN, forgets what it was told when it restarts, and does something else wherever its script says so (script.ts). It
 * does not know what carries its octets: a pseudo-terminal (pty.ts), a socket (socket.ts), or a test.
 *
 * On AT+CMGS it checks that the length fits and that the PDU is an SMS-SUBMIT, and refuses with 304 where not.
 *
 * The file is long, because every command reads or changes the same state.
 */
export class EmulatedModem {
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
  readonly storages: Storages;
  readonly #clock: Clock;
  readonly #rules: Rule[];
  readonly #uses = new Map<object, number>();
  readonly #watchers = new Set<() => void>();
  #carrier: Carrier | undefined;
  #profile: Profile;
  #input = '';
  #working = false;
  #generation = 0;
  #reference = 0;
  #deaf = false;
  #pdu: Pending | undefined;
  /** A direct message that is to be acknowledged. */
  #unacknowledged: string | undefined;
  /** What the SIM asks for (TS 27.007 8.3); empty where it is open. */
  #locked = '';

  constructor(script: string | Script = '', clock: Clock = systemClock) {
    this.script = typeof script === 'string' ? parseScript(script) : script;
    this.#clock = clock;
    this.#rules = [...this.script.rules];
    this.traits = { ...STANDARD };
    for (const { name, value, line } of this.script.traits) {
      try {
        setTrait(this.traits, name, value);
      } catch (error) {
        throw new Error(`script line ${line}: ${messageOf(error)}`, { cause: error });
      }
    }
    this.storages = new Storages(this.traits.storages);
    this.#profile = defaultProfile(this.traits, this.storages.keys());
    this.#powerUp();
    for (const { after, actions } of this.script.timed) {
      this.#clock.after(after, () => void this.perform(actions));
    }
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
    if (this.#offSpeed) return this.#carrier?.write(NOISE);
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
    const { creg } = this.#profile;
    if (creg > 0) this.say(`+CREG: ${registrationShown(this.traits, creg)}`);
  }

  /**
   * Restarts the modem: it forgets what it was told, and says its greeting when it has booted; in silence it says nothing, as after a
   * dip of its supply.
   */
  restart(how: 'announced' | 'silent' = 'announced'): void {
    this.#powerUp();
    const generation = this.#generation;
    const greet = (): void => {
      if (generation !== this.#generation) return;
      this.#deaf = false;
      if (how === 'announced' && this.traits.greeting !== '') {
        for (const line of this.traits.greeting.split('|')) this.say(line);
      }
      this.#flushNetwork();
    };
    if (this.traits.boot === 0) return greet();
    this.#deaf = true;
    this.#clock.after(this.traits.boot, greet);
  }

  /** Takes the SIM out, or puts it back: then it asks for its PIN again. */
  set sim(present: boolean) {
    this.traits.sim = present;
    if (this.#locked !== 'SIM PUK') this.#locked = this.traits.pin === '' ? '' : 'SIM PIN';
    this.say(`+CPIN: ${present ? this.#locked || 'READY' : 'NOT INSERTED'}`);
    this.register(present && this.#locked === '' ? 1 : 0);
    this.#flushNetwork();
  }

  /** Sets a trait while the modem runs, as `set` in a script does. */
  set(name: string, value: string): void {
    setTrait(this.traits, name, value);
  }

  /** Adds rules to those of the script; they come first. */
  rule(rules: readonly Rule[]): void {
    this.#rules.unshift(...rules);
  }

  /** Does what a script's actions say, now. */
  perform(actions: readonly Action[]): Promise<void> {
    return this.#act(actions, '', () => undefined);
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
    return this.storages.stored;
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

  #powerUp(): void {
    this.#generation++;
    this.#input = '';
    this.#working = false;
    this.#deaf = false;
    this.#pdu = undefined;
    if (this.#unacknowledged !== undefined) this.waiting.unshift(this.#unacknowledged);
    this.#unacknowledged = undefined;
    this.#profile = defaultProfile(this.traits, this.storages.keys());
    if (this.#locked !== 'SIM PUK') this.#locked = this.traits.pin === '' ? '' : 'SIM PIN';
  }

  #write(octets: string): void {
    if (!this.#deaf) this.#carrier?.write(this.#offSpeed ? NOISE : octets);
  }

  /** The host talks at another speed than the modem. */
  get #offSpeed(): boolean {
    const { baud = 0 } = this.#carrier ?? {};
    return baud !== 0 && this.traits.baud !== 0 && baud !== this.traits.baud;
  }

  #reply(lines: readonly string[] = [], final = 'OK'): void {
    this.#write([...lines, final].map((line) => `\r\n${line}\r\n`).join(''));
  }

  #cms(code: number): void {
    this.#reply([], this.#profile.cmee === 0 ? 'ERROR' : `+CMS ERROR: ${code}`);
  }

  #cme(code: number): void {
    this.#reply([], this.#profile.cmee === 0 ? 'ERROR' : `+CME ERROR: ${code}`);
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
        if (this.#profile.echo) this.#write(`${line}\r`);
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
    if (this.#profile.echo) this.#write(sign);
    if (sign === '\x1b') {
      this.#pdu = undefined;
      this.#reply();
      return undefined;
    }
    if (sign !== '\x1a') {
      pdu.text += sign;
      // A new line of the text (TS 27.005 3.5.1).
      if (sign === '\r' && this.#profile.cmgf === 1) this.#write('\n> ');
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
    for (const rule of this.#rules) {
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
    let generation = this.#generation;
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
          this.restart();
          generation = this.#generation;
          break;
        case 'restart-silent':
          this.restart('silent');
          generation = this.#generation;
          break;
        case 'sim-out':
          this.sim = false;
          break;
        case 'sim-in':
          this.sim = true;
          break;
        case 'sms':
          this.injectText(action.from, action.text);
          break;
        case 'set':
          this.set(action.name, action.value);
          break;
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
        this.#profile.cmgf === 1
          ? submitOf(this.#wordOf(pdu.number), pdu.text, this.#profile)
          : pdu.text.trim();
      const octets = fromHex(hex);
      const tpdu = decodeTpdu(octets, { direction: 'from-mobile' });
      if (
        tpdu.type !== 'submit' ||
        (this.#profile.cmgf === 0 && octets.length - 1 - (octets[0] ?? 0) !== pdu.length)
      )
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
    const fixed = fixedAnswer(upper, this.traits, this.#profile, this.#locked);
    const refuse = this.#simRefusal(upper, fixed !== undefined);
    if (refuse !== undefined) refuse();
    else if (fixed !== undefined) this.#reply(fixed);
    if (refuse !== undefined || fixed !== undefined) return undefined;
    const match = /^AT([+^#*]?[A-Z&]+)(=\?|\?|=(.*)|(\d.*))?$/is.exec(command);
    const name = match?.[1]?.toUpperCase() ?? '';
    const form = match?.[2] ?? '';
    const value = match?.[3] ?? match?.[4] ?? '';
    const set = form.startsWith('=') && form !== '=?';
    this.#do(command, name, form, value, set);
    return undefined;
  }

  /** What a SIM that is out, or locked, makes of a command; undefined where it does not matter. */
  #simRefusal(upper: string, fixed: boolean): (() => void) | undefined {
    if (fixed ? upper !== 'AT+CPIN?' || this.traits.sim : !NEEDS_SIM.test(upper)) return undefined;
    const about = /^AT\+(CMG|CPMS)/.test(upper);
    if (!this.traits.sim) return () => (about ? this.#cms(310) : this.#cme(10));
    if (this.#locked === '') return undefined;
    const puk = this.#locked === 'SIM PUK';
    return () => (about ? this.#cms(puk ? 316 : 311) : this.#cme(puk ? 12 : 11));
  }

  #do(command: string, name: string, form: string, value: string, set: boolean): void {
    switch (name) {
      case 'E':
        this.#profile.echo = value === '1';
        return this.#reply();
      case '+CMEE':
        this.#profile.cmee = Number(value);
        return this.#reply();
      case '+CFUN':
        if (value === '1,1') {
          this.#reply();
          return this.restart();
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
        this.#profile.cmgf = Number(value);
        return this.#reply();
      case '+CSCS':
        if (!this.traits.charsets.split(',').includes(value.replace(/"/g, '')))
          return this.#reply([], 'ERROR');
        this.#profile.charset = value.replace(/"/g, '');
        return this.#reply();
      case '+CSDH':
        if (!this.traits.csdh) return this.#reply([], 'ERROR');
        if (form === '?') return this.#reply([`+CSDH: ${this.#profile.headers ? 1 : 0}`]);
        this.#profile.headers = value === '1';
        return this.#reply();
      case '+CSMP':
        if (!this.traits.csmp) return this.#reply([], 'ERROR');
        if (form === '?') return this.#reply([`+CSMP: ${this.#profile.parameters.join(',')}`]);
        if ((Number(value.split(',')[0]) & 0x40) !== 0 && !this.traits.udh) return this.#cms(303);
        this.#profile.parameters = value.split(',').map(Number);
        return this.#reply();
      case '+CREG':
        if (set) this.#profile.creg = Number(value);
        return this.#reply();
      case '+CGREG':
        if (set) this.#profile.cgreg = Number(value);
        return this.#reply();
      case '+COPS':
        if (!/^3,[0-2]$/.test(value)) return this.#cme(3);
        this.#profile.cops = Number(value.slice(2));
        return this.#reply();
      case '+CSMS':
        if (set && value === '1' && !this.traits.csms) return this.#cms(303);
        if (set) this.#profile.csms = Number(value);
        return this.#reply(set ? ['+CSMS: 1,1,1'] : [`+CSMS: ${this.#profile.csms},1,1,1`]);
      case '+CMMS':
        this.#profile.cmms = Number(value);
        return this.#reply();
      case '+CNMI':
        this.#profile.cnmi = fiveNumbers(value);
        this.#reply();
        return this.#flushNetwork();
      case '+CPMS':
        return this.#cpms(form, value, set);
      case '+CMGS':
        if (this.#profile.cmgf === 1 && !this.#isNumber(value)) {
          return this.#cms(this.traits.refusal);
        }
        return this.#prompt(command);
      case '+CMGL':
        if (/^"ALL"$/i.test(value) !== (this.#profile.cmgf === 1)) return this.#cms(305);
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
    if (!set) {
      return this.#reply([
        `+CPMS: ${this.#profile.memories.map((name) => `"${name}",${this.storages.fill(name)}`).join(',')}`,
      ]);
    }
    const chosen = [...value.matchAll(/"([A-Z]{2})"/gi)].map((match) => (match[1] ?? '').toUpperCase());
    if (chosen.length === 0 || chosen.some((name) => !this.storages.has(name))) return this.#cms(302);
    this.#profile.memories = this.#profile.memories.map((old, at) => chosen[at] ?? old);
    this.#reply([`+CPMS: ${this.#profile.memories.map((name) => this.storages.fill(name)).join(',')}`]);
  }

  #list(): void {
    const storage = this.storages.get(this.#profile.memories[0] ?? '') ?? new Map<number, Stored>();
    const lines: string[] = [];
    for (const [index, stored] of storage) {
      const { stat, hex } = stored;
      lines.push(
        this.#profile.cmgf === 1
          ? `+CMGL: ${shown('+CMGL', hex, this.#profile, { index, stat })}`
          : `+CMGL: ${index},${stat},,${tpduLength(hex)}\r\n${hex}`,
      );
      if (stored.stat === 0) stored.stat = 1;
    }
    this.#reply(lines);
  }

  #read(index: number): void {
    const stored = this.storages.get(this.#profile.memories[0] ?? '')?.get(index);
    if (stored === undefined) return this.#cms(321);
    const { stat, hex } = stored;
    this.#reply([
      this.#profile.cmgf === 1
        ? `+CMGR: ${shown('+CMGR', hex, this.#profile, { stat })}`
        : `+CMGR: ${stat},,${tpduLength(hex)}\r\n${hex}`,
    ]);
    if (stored.stat === 0) stored.stat = 1;
  }

  #delete(index: number): void {
    const gone = this.storages.get(this.#profile.memories[0] ?? '')?.delete(index) ?? false;
    if (!gone) return this.#cms(321);
    this.#reply();
    this.#changed();
    this.#flushNetwork();
  }

  #acknowledge(value: string): void {
    const hex = this.#unacknowledged;
    if (this.#profile.csms === 0 || hex === undefined) return this.#cms(340);
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
    if (this.#carrier === undefined || this.#deaf || this.#locked !== '' || !this.traits.sim) return;
    while (this.waiting.length > 0 && this.#unacknowledged === undefined) {
      const [hex] = this.waiting;
      if (hex === undefined || !this.#arrive(hex)) return;
      this.waiting.shift();
    }
  }

  /** A number as the host wrote it; what is not in the form that this modem wants is none. */
  #wordOf(word: string): string {
    if (this.#profile.charset !== 'UCS2' || !this.traits.wideNumbers) return word;
    return /^(?:[0-9A-F]{4})+$/.test(word) ? textOf(word, 'UCS2') : '?';
  }

  #isNumber(written: string): boolean {
    const quoted = written.startsWith('"') || this.traits.unquoted;
    return quoted && /^\+?\d+$/.test(this.#wordOf(written.replace(/"/g, '')));
  }

  /** False where there is no room. */
  #arrive(hex: string): boolean {
    const report = (fromHex(hex)[1 + fromHex(hex)[0]!]! & 3) === 2;
    const how = this.#profile.cnmi[report ? 3 : 1] ?? 0;
    const direct = report ? how === 1 : how >= 2;
    if (direct) {
      const length = tpduLength(hex);
      if (this.#profile.csms === 1) this.#unacknowledged = hex;
      if (this.#profile.cmgf === 1) {
        const name = report ? '+CDS' : '+CMT';
        this.say(`${name}: ${shown(name, hex, this.#profile)}`);
        return true;
      }
      this.#write(`\r\n${report ? '+CDS: ' : '+CMT: ,'}${length}\r\n${hex}\r\n`);
      return true;
    }
    const name = report && this.storages.has('SR') ? 'SR' : (this.#profile.memories[2] ?? 'SM');
    const index = this.storages.put(name, hex);
    if (index === undefined) return false;
    this.#changed();
    if (how > 0) this.say(`${report ? '+CDSI' : '+CMTI'}: "${name}",${index}`);
    return true;
  }
}

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
  /** The speed that the host has set; absent: whichever the modem has. */
  readonly baud?: number;
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

/** What a line carries at another speed than the one at its other end. */
const NOISE = '\xf8\x80\xfe\x00\xe6';

function tpduLength(hex: string): number {
  return hex.length / 2 - 1 - parseInt(hex.slice(0, 2), 16);
}
