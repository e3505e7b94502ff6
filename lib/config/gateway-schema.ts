import { z } from 'zod';
import { mailbox } from '../settings/names.ts';
import { BadValue, duration, matching, path, secret, text } from '../settings/values.ts';

/** `modem1`: appears in addresses (`id=`), file names and logs, so it is kept plain. */
export const gatewayId = () =>
  matching(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/,
    'an id',
    'an id is made of letters, digits, _, . and -, at most 32, and begins with a letter or digit',
  );

const fromTemplate = () =>
  text((value) => {
    const places = value.split('%s').length - 1;
    if (places === 0) return `"${value}" has no %s, so it does not say which phone wrote`;
    if (places > 1) return `"${value}" has more than one %s`;
    const at = value.lastIndexOf('@');
    if (/[\s<>"]/.test(value) || value.indexOf('@') !== at || (at >= 0 && value.indexOf('%s') > at))
      return `"${value}" is not a template of a mail address`;
    return undefined;
  }, 'write it as sms:%s@sms.example.com: %s stands for the number, without quotes or brackets');

const prefix = () =>
  matching(
    /^\+[1-9]\d{0,14}$/,
    'a prefix of a number',
    'write it with + and the country code, such as "+1" or "+4917"',
  );

/** First in every gateway, so that it is first where one is printed. */
const id = gatewayId().meta({ description: 'Its name, unique among the gateways.', examples: ['modem1'] });

const common = {
  active: z
    .boolean()
    .default(true)
    .meta({ description: '`false` switches it off.', examples: [false] }),
  description: z
    .string()
    .exactOptional()
    .meta({ description: 'For people.', examples: ['SIM of the night shift'] }),
  from: fromTemplate()
    .exactOptional()
    .meta({
      description: 'From of the mails made from its incoming messages; `%s` stands for the number.',
      examples: ['sms:%s@sms.example.com'],
      'x-default': '`sms:%s@` and the first of `domains`',
    }),
  mailbox: mailbox()
    .exactOptional()
    .meta({
      description: 'Who gets an incoming message that answers nobody.',
      examples: ['desk@example.com'],
      'x-default': '`incoming.mailbox`',
    }),
  weight: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ description: 'Its share where several gateways can take a message.', examples: [2] }),
  prefixes: z
    .array(prefix())
    .prefault([])
    .meta({
      description: 'The numbers it may send to, by their beginnings; empty: all.',
      examples: [['+1', '+4917']],
    }),
  reports: z
    .boolean()
    .default(false)
    .meta({ description: 'Ask the network for a status report on every message.', examples: [true] }),
  concatenation: z
    .union([z.literal(8), z.literal(16)], { error: 'must be 8 or 16' })
    .default(8)
    .meta({
      description: 'Bits of the reference that ties the parts of a long message together.',
      examples: [16],
    }),
};

const device = () =>
  matching(
    /^(?:\/.+|(?:\\\\\.\\)?COM\d+|tcp:\/\/\S+:\d{1,5}|imei:[\d -]{14,20}|usb:[\da-fA-F]{4}:[\da-fA-F]{4}(?::.+)?)$/,
    'the device of a modem',
    'write it as /dev/ttyUSB0, /dev/serial/by-id/..., COM16, tcp://host:port, imei:... or usb:VID:PID[:serial]',
  );

const PIN = /^\d{4,8}$/;

const pin = () =>
  secret(
    (value) => (PIN.test(value) ? undefined : new BadValue('is not a PIN', 'a PIN has four to eight digits')),
    PIN,
  );

const smsc = () => matching(/^\+?\d{3,20}$/, 'the number of an SMS centre', 'write it as "+15550000000"');

/** What would undo the session that stands on it, or put a secret into the log, is not for `init`. */
const atCommand = () =>
  text(
    (value) => {
      if (/^AT\+CPIN\s*=/i.test(value)) return 'would show the PIN in the log';
      if (/^AT\+CMGF\s*=/i.test(value)) return 'would change the mode in which messages are read';
      return AT_COMMAND.test(value) ? undefined : `"${value}" is not an AT command`;
    },
    'write one as AT+CSCS="GSM"; the PIN has the setting "pin", and PDU mode is always used',
    AT_COMMAND,
  );

const AT_COMMAND = /^[Aa][Tt][ -~]{0,200}$/;

const escalation = () =>
  z.strictObject({
    after: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .meta({
        description:
          'After how many failed attempts in a row to bring the modem back something more is done; again at every multiple.',
        examples: [5],
      }),
    do: z
      .union([z.enum(['reset', 'dtr']), z.array(path()).min(1)], {
        error: 'must be reset, dtr, or a program with its arguments such as [uhubctl, -a, cycle]',
      })
      .meta({
        description:
          'What is done then. `reset`: AT+CFUN=1,1. `dtr`: Data Terminal Ready off for a second. A list: a program and its arguments, such as one that switches USB power.',
        examples: ['reset', 'dtr', ['uhubctl', '-a', 'cycle', '-p', '2']],
      }),
  });

const modem = z
  .strictObject({
    id,
    type: z.literal('modem').meta({ description: 'A GSM modem on a serial port.', examples: ['modem'] }),
    ...common,
    device: device().meta({
      description:
        'Where the modem is: a serial device, `tcp://host:port`, `imei:...` or `usb:VID:PID[:serial]`.',
      examples: ['/dev/ttyUSB0'],
    }),
    baudRate: z
      .number()
      .int()
      .min(300)
      .max(4_000_000)
      .default(115_200)
      .meta({ description: 'Speed of the serial line.', examples: [9600] }),
    rtscts: z
      .boolean()
      .default(false)
      .meta({ description: 'Hardware flow control of the serial line.', examples: [true] }),
    pin: pin()
      .exactOptional()
      .meta({ description: 'The PIN of the SIM, in quotes.', examples: ['1234'] }),
    smsc: smsc()
      .exactOptional()
      .meta({
        description: 'Number of the SMS centre, in quotes.',
        examples: ['+15550000000'],
        'x-default': 'that of the SIM',
      }),
    receive: z
      .boolean()
      .default(true)
      .meta({
        description: '`false`: nothing on the modem is read or deleted, and no status report arrives.',
        examples: [false],
      }),
    init: z
      .array(atCommand())
      .prefault([])
      .meta({
        description: 'AT commands for the end of each initialisation. One that is refused is passed over.',
        examples: [['AT+CSCS="GSM"', 'AT^CURC=0']],
      }),
    timeouts: z
      .strictObject({
        read: duration()
          .prefault('16s')
          .meta({ description: 'How long the answer to a command is waited for.', examples: ['30s'] }),
        send: duration()
          .prefault('60s')
          .meta({ description: 'How long the network may take to accept an SMS.', examples: ['2m'] }),
      })
      .prefault({})
      .meta({ description: 'How long the modem is waited for.' }),
    intervals: z
      .strictObject({
        sweep: duration()
          .prefault('60s')
          .meta({
            description: 'How often all storages are looked through for messages.',
            examples: ['15s'],
          }),
        check: duration()
          .prefault('30s')
          .meta({ description: 'How often signal and registration are asked for.', examples: ['2m'] }),
      })
      .prefault({})
      .meta({ description: 'How often the modem is looked at.' }),
    escalate: z.array(escalation()).prefault([]).meta({
      description: 'What is done about a modem that does not come back by being opened again.',
    }),
    longText: z
      .enum(['auto', 'numbered', 'refuse'])
      .default('auto')
      .meta({
        description:
          'How texts of several parts go out through a modem that has text mode alone: as one where it can, as `numbered` ones, or not at all.',
        examples: ['numbered'],
      }),
    trace: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Write all that is said on the line to the log, at level `debug`. The texts are in it as PDUs, the PIN is not.',
        examples: [true],
      }),
  })
  .meta({ description: 'A GSM modem on a serial port.' });

const virtual = z
  .strictObject({
    id,
    type: z
      .literal('virtual')
      .meta({ description: 'Simulated handsets inside the process.', examples: ['virtual'] }),
    ...common,
  })
  .meta({ description: 'Simulated handsets inside the process, to try everything without hardware.' });

/** One line to add a kind of gateway. */
export const gateway = z.discriminatedUnion('type', [modem, virtual]);
