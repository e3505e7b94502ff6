import { z } from 'zod';
import { mailbox } from './names.ts';
import { BadValue, duration, matching, secret, text } from './values.ts';

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
