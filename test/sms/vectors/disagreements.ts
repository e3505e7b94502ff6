import type { Vector } from './vector.ts';

interface Disagreement {
  readonly suite: string;
  readonly applies: (vector: Vector) => boolean;
  /** What settles it; docs/standards.md says more. */
  readonly reason: string;
}

const isId =
  (...ids: readonly string[]) =>
  (vector: Vector): boolean =>
    ids.includes(vector.id);

const isNamed =
  (test: string, ...names: readonly string[]) =>
  (vector: Vector): boolean =>
    vector.test === test && names.includes(vector.name ?? '');

/** Vectors that contradict the standard, or state a choice that is made differently here. */
const DISAGREEMENTS: readonly Disagreement[] = [
  {
    suite: 'gammu-at-sms-decode',
    applies: isId('gammu-at-sms-decode-019'),
    reason: 'TS 23.038 6.2.1: septet 11 is an underscore',
  },
  {
    suite: 'gammu-at-sms-decode',
    applies: isId('gammu-at-sms-decode-024'),
    reason: 'TS 23.040 9.2.3.11 has two digits of the year: 99 is 1999 here, 2089 there',
  },
  {
    suite: 'gammu-at-sms-encode',
    applies: (vector) =>
      /š/.test(inputText(vector)) && (vector['input'] as { coding: string }).coding === 'Default',
    reason: 'letters are never replaced: š is not in the alphabet of TS 23.038 6.2.1',
  },
  {
    suite: 'libosmocore',
    applies: (vector) => vector.pdu === '0ED04F78D92D9C0E01',
    reason: 'TS 23.040 9.1.2.5: useful semi-octets, 13 for seven characters',
  },
  {
    suite: 'perl-device-gsm',
    applies: (vector) => vector.expected['result'] === 'klarmobil\\0',
    reason: 'TS 23.040 9.1.2.5: 16 semi-octets hold nine characters',
  },
  {
    suite: 'python-gsmmodem',
    applies: isId('python-gsmmodem-045', 'python-gsmmodem-047'),
    reason: 'the names of the arguments are one off: "flash" set TP-RD, "rejectDuplicates" TP-SRR',
  },
  {
    suite: 'python-gsmmodem',
    applies: isId('python-gsmmodem-059'),
    reason: 'TS 23.040 9.1.2.3: semi-octet 1011 is #',
  },
  {
    suite: 'python-messaging',
    applies: (vector) => vector.test.endsWith('test_decoding_generic_wap_push'),
    reason: 'TS 23.038 4: 8-bit data is not text',
  },
  {
    suite: 'warthog618-sms-charsets',
    applies: (vector) => /_x1b$/.test(vector.name ?? ''),
    reason: 'TS 23.038 6.2.1 note 1: the escape is no character and shows as a space',
  },
  {
    suite: 'warthog618-sms-encode',
    applies: (vector) => /urdu/.test(vector.name ?? '') && !/unused/.test(vector.name ?? ''),
    reason: 'TS 23.040 9.2.3.24: the national shift elements are 24 and 25 in hexadecimal, not decimal',
  },
  {
    suite: 'warthog618-sms-fields',
    applies: (vector) => vector.test === 'TestDCSAlphabet' && /^10/.test(vector.name ?? ''),
    reason: 'TS 23.038 4: reserved codings are taken as the default alphabet',
  },
  {
    suite: 'warthog618-sms-tpdu',
    applies: isNamed('TestMarshalBinary', 'SmsDeliver_bad_ud', 'SmsDeliverReport_bad_ud', 'SmsSubmit_bad_ud'),
    reason: 'TS 23.038 4: reserved codings are taken as the default alphabet',
  },
  {
    suite: 'warthog618-sms-fields',
    applies: isNamed('TestUnmarhalBinary', 'invalid_signed_digit', 'invalid_digit', 'invalid_zone'),
    reason: 'TS 23.040 9.2.3.11: a digit that is none is taken as 0',
  },
  {
    suite: 'warthog618-sms-tpdu',
    applies: isNamed(
      'TestUnmarshalBinary',
      'SmsStatusReport_bad_dt',
      'SmsStatusReport_bad_scts',
      'SmsSubmitReport_bad_scts',
      'SmsDeliver_bad_scts',
    ),
    reason: 'TS 23.040 9.2.3.11: a digit that is none is taken as 0',
  },
  {
    suite: 'warthog618-sms-fields',
    applies: (vector) => /^nonzero_pad_/.test(vector.name ?? ''),
    reason: 'TS 23.040 9.2.3.12.3: octets that are not used are not looked at',
  },
  {
    suite: 'warthog618-sms-tpdu',
    applies: (vector) => {
      const { PI, DCS } = (vector['input'] ?? {}) as { PI?: number; DCS?: number };
      return vector.direction === 'encode' && PI !== undefined && (PI & 6) === 4 && DCS === 4;
    },
    reason: 'TS 23.040 9.2.3.27: without TP-DCS the user data is 7-bit text',
  },
  {
    suite: 'warthog618-sms-tpdu',
    applies: isNamed('TestUnmarshalBinary', 'unsupported_SMS_type'),
    reason: 'TS 23.040 9.2.3.1: a reserved message type is taken as a DELIVER',
  },
  {
    suite: 'warthog618-sms-tpdu',
    applies: isNamed(
      'TestUnmarshalBinary',
      'SmsDeliver_underflow_oa',
      'SmsSubmit_bad_da',
      'SmsDeliver_bad_oa',
    ),
    reason: 'fill semi-octets are passed over in numbers; the octets end later',
  },
];

/** Why the codec does not do what a vector states; undefined where it should. */
export function disagreement(suite: string, vector: Vector): string | undefined {
  return DISAGREEMENTS.find((entry) => entry.suite === suite && entry.applies(vector))?.reason;
}

function inputText(vector: Vector): string {
  return (vector['input'] as { text?: string } | undefined)?.text ?? '';
}
