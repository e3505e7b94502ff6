/** What one modem is and does otherwise than another: what `set NAME VALUE` in a script sets. */
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
  /** Echo, +CMEE, message format and +CNMI when the modem has been powered up. */
  echo: boolean;
  cmee: number;
  mode: 'pdu' | 'text';
  cnmi: string;
  /** The storage that AT+CPMS names when the modem has been powered up; empty: the first of `storages`. */
  memory: string;
  /** What the modem says when it has restarted, lines divided by `|`; empty: nothing. */
  greeting: string;
  /** How long a restart takes, in ms; the modem hears and says nothing in that time. */
  boot: number;
  /** The speed of its line; 0: any. At another one it hears and says noise. */
  baud: number;
  /** Whether a SIM is in it. */
  sim: boolean;
  /** Asked for at power-up where it is not empty. */
  pin: string;
  /** Tries left before the PUK. */
  tries: number;
  /** +CREG's <stat>. */
  registration: number;
  /** +CSQ's <rssi>. */
  signal: number;
  /** How long the network takes for an SMS, in ms. */
  latency: number;
  /** `SM:20,ME:50,SR:10`. */
  storages: string;
  csms: boolean;
  /** Whether AT+CMGF=0 is taken. */
  pdu: boolean;
  /** Whether text mode takes a number without quotes: `AT+CMGS=37` then goes to the number 37. */
  unquoted: boolean;
  /** The +CMS ERROR with which text mode refuses a number that is none. */
  refusal: number;
  /** What AT+CSCS takes. */
  charsets: string;
  csmp: boolean;
  csdh: boolean;
  /** Whether AT+CSMP takes a first octet with a user data header. */
  udh: boolean;
  /** Whether numbers are wanted in the character set, as the standard has it. */
  wideNumbers: boolean;
}

/** A modem that does what TS 27.005 and 27.007 say. */
export const STANDARD: Readonly<Traits> = {
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
  cmee: 0,
  mode: 'pdu',
  cnmi: '0,0,0,0,0',
  memory: '',
  greeting: 'RDY',
  boot: 0,
  baud: 0,
  sim: true,
  pin: '',
  tries: 3,
  registration: 1,
  signal: 24,
  latency: 0,
  storages: 'SM:20,ME:50,SR:10',
  csms: true,
  pdu: true,
  unquoted: false,
  refusal: 304,
  charsets: 'GSM,UCS2,IRA,HEX',
  csmp: true,
  csdh: true,
  udh: true,
  wideNumbers: true,
};

/** Sets one trait as it is written in a script. Throws an error that says what is wrong with the name or the value. */
export function setTrait(traits: Traits, name: string, value: string): void {
  const all = traits as unknown as Record<string, string | number | boolean>;
  const old = Object.hasOwn(STANDARD, name) ? all[name] : undefined;
  if (old === undefined) {
    throw new Error(`there is no trait "${name}"; there are ${Object.keys(STANDARD).join(', ')}`);
  }
  if (typeof old === 'boolean') {
    if (value !== 'on' && value !== 'off') throw new Error(`${name} is on or off, not "${value}"`);
    all[name] = value === 'on';
  } else if (typeof old === 'number') {
    if (!/^\d+$/.test(value)) throw new Error(`${name} is a number, not "${value}"`);
    all[name] = Number(value);
  } else {
    if (name === 'mode' && value !== 'pdu' && value !== 'text') {
      throw new Error(`mode is pdu or text, not "${value}"`);
    }
    all[name] = value;
  }
}
