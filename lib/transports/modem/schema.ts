import { z } from 'zod';
import { gatewaySchema } from '../../routing/gateway.ts';
import { BadValue, duration, listOf, matching, secret, text } from '../../settings/values.ts';

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
    { pattern: PIN },
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

/** Of a program that is run: its name, or what it is told. */
const argument = () =>
  text((value) => (value === '' || value.includes('\0') ? 'is not an argument' : undefined));

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
      .union([z.enum(['reset', 'dtr']), z.array(argument()).min(1)], {
        error: 'must be reset, dtr, or a program with its arguments such as [uhubctl, -a, cycle]',
      })
      .meta({
        description:
          'What is done then. `reset`: AT+CFUN=1,1. `dtr`: Data Terminal Ready off for a second. A list: a program and its arguments, such as one that switches USB power.',
        examples: ['reset', 'dtr', ['uhubctl', '-a', 'cycle', '-p', '2']],
      }),
  });

/** The settings of a modem, as they stand in the configuration file. */
export const modemSchema = gatewaySchema('modem', 'A GSM modem on a serial port.', {
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
  init: listOf(atCommand())
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
});
