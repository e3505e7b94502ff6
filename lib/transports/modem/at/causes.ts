import { Fault } from '../../../base/errors.ts';
import type { ChannelError, GivenCause } from './result.ts';

/**
 * What is to happen to a message after a modem has said why it did not take it.
 *
 * `fail`: never again. `number`: never again, because of the number. `content`: never again, because of what it is.
 * `later`: the same message again after a while. `busy`: the modem cannot now, any message. `pause`: nobody sends
 * through this modem until it is well again; the message waits. `unknown`: it may have gone out.
 */
export type Verdict = 'fail' | 'number' | 'content' | 'later' | 'busy' | 'pause' | 'unknown';

export interface Cause {
  readonly family: 'CMS' | 'CME';
  readonly code: number;
  /** As the standard words it. */
  readonly name: string;
  readonly verdict: Verdict;
  /** RFC 3463. */
  readonly enhanced: string;
  /** One sentence for the sender. */
  readonly told: string;
}

type Row = readonly [code: number, name: string, verdict: Verdict, enhanced: string, told: string];

/** The table of +CMS ERROR: RP causes (TS 24.011 8.2.5.4 and E.2), TP-FCS (TS 23.040 9.2.3.22), TS 27.005 3.2.5. */
const CMS: readonly Row[] = [
  [1, 'Unassigned (unallocated) number', 'number', '5.1.1', 'the number is not assigned to anybody'],
  [8, 'Operator determined barring', 'fail', '5.7.1', 'the operator has barred this SIM from sending'],
  [10, 'Call barred', 'fail', '5.7.1', 'sending to this number is barred'],
  [17, 'Network failure', 'later', '4.4.2', 'the mobile network failed'],
  [21, 'Short message transfer rejected', 'fail', '5.7.1', 'the mobile network rejected the message'],
  [22, 'Memory capacity exceeded', 'later', '4.2.2', 'the memory of the phone or of the network is full'],
  [27, 'Destination out of service', 'number', '5.1.1', 'the number is out of service'],
  [28, 'Unidentified subscriber', 'number', '5.1.1', 'the mobile network does not know this number'],
  [29, 'Facility rejected', 'fail', '5.7.1', 'the mobile network refuses this service'],
  [30, 'Unknown subscriber', 'number', '5.1.1', 'the mobile network does not know this number'],
  [38, 'Network out of order', 'later', '4.4.2', 'the mobile network is out of order'],
  [41, 'Temporary failure', 'later', '4.4.2', 'the mobile network has a temporary failure'],
  [42, 'Congestion', 'later', '4.4.5', 'the mobile network is congested'],
  [47, 'Resources unavailable, unspecified', 'later', '4.4.5', 'the mobile network has no resources now'],
  [50, 'Requested facility not subscribed', 'fail', '5.7.1', 'this SIM has no SMS subscription'],
  [
    69,
    'Requested facility not implemented',
    'fail',
    '5.3.3',
    'the mobile network does not offer this service',
  ],
  [
    81,
    'Invalid short message transfer reference value',
    'later',
    '4.5.0',
    'the modem and the mobile network are out of step',
  ],
  [95, 'Invalid message, unspecified', 'content', '5.6.0', 'the mobile network finds the message invalid'],
  [96, 'Invalid mandatory information', 'content', '5.6.0', 'the mobile network finds the message invalid'],
  [
    97,
    'Message type non-existent',
    'content',
    '5.5.1',
    'the mobile network does not know this type of message',
  ],
  [
    98,
    'Message not compatible with protocol state',
    'later',
    '4.5.0',
    'the modem and the mobile network are out of step',
  ],
  [
    99,
    'Information element non-existent',
    'content',
    '5.5.4',
    'the mobile network finds the message invalid',
  ],
  [111, 'Protocol error, unspecified', 'later', '4.5.0', 'the mobile network found a protocol error'],
  [127, 'Interworking, unspecified', 'later', '4.4.0', 'the mobile network could not pass the message on'],
  [
    128,
    'Telematic interworking not supported',
    'content',
    '5.6.3',
    'the network cannot convert this message',
  ],
  [129, 'Short message Type 0 not supported', 'content', '5.6.1', 'this type of message is not supported'],
  [130, 'Cannot replace short message', 'content', '5.6.1', 'the message to be replaced is not there'],
  [143, 'Unspecified TP-PID error', 'content', '5.6.1', 'the protocol identifier is not supported'],
  [144, 'Data coding scheme (alphabet) not supported', 'content', '5.6.1', 'the alphabet is not supported'],
  [145, 'Message class not supported', 'content', '5.6.1', 'the message class is not supported'],
  [159, 'Unspecified TP-DCS error', 'content', '5.6.1', 'the data coding scheme is not supported'],
  [160, 'Command cannot be actioned', 'content', '5.5.1', 'the service centre cannot carry out the command'],
  [161, 'Command unsupported', 'content', '5.5.1', 'the service centre does not know the command'],
  [
    175,
    'Unspecified TP-Command error',
    'content',
    '5.5.0',
    'the service centre cannot carry out the command',
  ],
  [176, 'TPDU not supported', 'content', '5.6.1', 'the service centre does not support this message'],
  [192, 'SC busy', 'later', '4.4.5', 'the service centre is busy'],
  [193, 'No SC subscription', 'fail', '5.7.1', 'this SIM may not use the service centre'],
  [194, 'SC system failure', 'later', '4.3.0', 'the service centre failed'],
  [195, 'Invalid SME address', 'number', '5.1.3', 'the service centre finds the number invalid'],
  [196, 'Destination SME barred', 'fail', '5.7.1', 'the number is barred from receiving messages'],
  [197, 'SM rejected - duplicate SM', 'fail', '5.7.1', 'the service centre holds the same message already'],
  [198, 'TP-VPF not supported', 'content', '5.5.4', 'the form of the validity period is not supported'],
  [199, 'TP-VP not supported', 'content', '5.5.4', 'the validity period is not supported'],
  [208, '(U)SIM SMS storage full', 'later', '4.2.2', 'the memory of the SIM is full'],
  [209, 'No SMS storage capability in (U)SIM', 'fail', '5.3.3', 'the SIM cannot store messages'],
  [210, 'Error in MS', 'later', '4.3.0', 'the phone failed'],
  [211, 'Memory Capacity Exceeded', 'later', '4.2.2', 'the memory of the phone is full'],
  [212, '(U)SIM Application Toolkit busy', 'later', '4.4.5', 'the SIM is busy'],
  [213, '(U)SIM data download error', 'fail', '5.3.0', 'the SIM did not take the data'],
  [255, 'Unspecified error cause', 'later', '4.4.0', 'the service centre refused without a cause'],
  [300, 'ME failure', 'later', '4.3.0', 'the modem failed'],
  [301, 'SMS service of ME reserved', 'busy', '4.3.2', 'the modem is used by something else'],
  [302, 'operation not allowed', 'later', '4.3.0', 'the modem does not allow it now'],
  [303, 'operation not supported', 'fail', '5.3.3', 'the modem does not support this operation'],
  [304, 'invalid PDU mode parameter', 'content', '5.6.0', 'the modem finds the message invalid'],
  [305, 'invalid text mode parameter', 'content', '5.6.0', 'the modem finds the message invalid'],
  [310, '(U)SIM not inserted', 'pause', '4.3.5', 'the modem has no SIM'],
  [311, '(U)SIM PIN required', 'pause', '4.3.5', 'the SIM asks for its PIN'],
  [312, 'PH-(U)SIM PIN required', 'pause', '4.3.5', 'the modem is locked to another SIM'],
  [313, '(U)SIM failure', 'pause', '4.3.0', 'the SIM failed'],
  [314, '(U)SIM busy', 'busy', '4.3.2', 'the SIM is busy'],
  [315, '(U)SIM wrong', 'pause', '4.3.5', 'the SIM is the wrong one'],
  [316, '(U)SIM PUK required', 'pause', '4.3.5', 'the SIM is blocked and asks for its PUK'],
  [317, '(U)SIM PIN2 required', 'pause', '4.3.5', 'the SIM asks for its PIN2'],
  [318, '(U)SIM PUK2 required', 'pause', '4.3.5', 'the SIM asks for its PUK2'],
  [320, 'memory failure', 'pause', '4.3.0', 'the memory of the modem failed'],
  [321, 'invalid memory index', 'later', '4.3.0', 'the modem has nothing at that place'],
  [322, 'memory full', 'busy', '4.3.1', 'the memory of the modem is full'],
  [330, 'SMSC address unknown', 'pause', '4.3.5', 'the number of the service centre is not set'],
  [331, 'no network service', 'busy', '4.4.1', 'the modem has no network'],
  [332, 'network timeout', 'unknown', '4.4.2', 'the mobile network did not answer in time'],
  [340, 'no +CNMA acknowledgement expected', 'later', '4.3.0', 'the modem expects no acknowledgement'],
  [500, 'unknown error', 'later', '4.4.0', 'the modem refused without a cause'],
];

/** The table of +CME ERROR (TS 27.007 9.2), as far as the commands used here can bring it about. */
const CME: readonly Row[] = [
  [0, 'phone failure', 'later', '4.3.0', 'the modem failed'],
  [1, 'no connection to phone', 'busy', '4.4.1', 'the modem has no connection to the phone'],
  [2, 'phone-adaptor link reserved', 'busy', '4.3.2', 'the modem is used by something else'],
  [3, 'operation not allowed', 'later', '4.3.0', 'the modem does not allow it now'],
  [4, 'operation not supported', 'fail', '5.3.3', 'the modem does not support this operation'],
  [5, 'PH-SIM PIN required', 'pause', '4.3.5', 'the modem is locked to another SIM'],
  [6, 'PH-FSIM PIN required', 'pause', '4.3.5', 'the modem is locked to another SIM'],
  [7, 'PH-FSIM PUK required', 'pause', '4.3.5', 'the modem is locked to another SIM'],
  [10, 'SIM not inserted', 'pause', '4.3.5', 'the modem has no SIM'],
  [11, 'SIM PIN required', 'pause', '4.3.5', 'the SIM asks for its PIN'],
  [12, 'SIM PUK required', 'pause', '4.3.5', 'the SIM is blocked and asks for its PUK'],
  [13, 'SIM failure', 'pause', '4.3.0', 'the SIM failed'],
  [14, 'SIM busy', 'busy', '4.3.2', 'the SIM is busy'],
  [15, 'SIM wrong', 'pause', '4.3.5', 'the SIM is the wrong one'],
  [16, 'incorrect password', 'pause', '4.3.5', 'the SIM refused the PIN'],
  [17, 'SIM PIN2 required', 'pause', '4.3.5', 'the SIM asks for its PIN2'],
  [18, 'SIM PUK2 required', 'pause', '4.3.5', 'the SIM asks for its PUK2'],
  [20, 'memory full', 'busy', '4.3.1', 'the memory of the modem is full'],
  [21, 'invalid index', 'later', '4.3.0', 'the modem has nothing at that place'],
  [22, 'not found', 'later', '4.3.0', 'the modem did not find it'],
  [23, 'memory failure', 'pause', '4.3.0', 'the memory of the modem failed'],
  [24, 'text string too long', 'content', '5.6.0', 'the modem finds the message too long'],
  [25, 'invalid characters in text string', 'content', '5.6.0', 'the modem finds the message invalid'],
  [26, 'dial string too long', 'number', '5.1.3', 'the modem finds the number too long'],
  [27, 'invalid characters in dial string', 'number', '5.1.3', 'the modem finds the number invalid'],
  [30, 'no network service', 'busy', '4.4.1', 'the modem has no network'],
  [31, 'network timeout', 'unknown', '4.4.2', 'the mobile network did not answer in time'],
  [
    32,
    'network not allowed - emergency calls only',
    'busy',
    '4.4.1',
    'the mobile network does not let this SIM in',
  ],
  [40, 'network personalization PIN required', 'pause', '4.3.5', 'the modem is locked to another network'],
  [41, 'network personalization PUK required', 'pause', '4.3.5', 'the modem is locked to another network'],
  [50, 'Incorrect parameters', 'content', '5.6.0', 'the modem finds the message invalid'],
  [100, 'unknown', 'later', '4.4.0', 'the modem refused without a cause'],
];

/** Every cause that is known, by its family. */
export const CAUSES: readonly Cause[] = [...rows('CMS', CMS), ...rows('CME', CME)];

const BY_CODE = new Map(CAUSES.map((cause) => [`${cause.family} ${cause.code}`, cause]));
/** Shorter than the standard words them, as phones do. */
const ALSO: readonly (readonly [family: 'CMS' | 'CME', code: number, name: string])[] = [
  ['CME', 1, 'no connection'],
  ['CME', 2, 'link reserved'],
  ['CME', 30, 'no network'],
  ['CME', 31, 'timeout'],
  ['CMS', 301, 'SMS service reserved'],
  ['CMS', 304, 'invalid PDU parameter'],
  ['CMS', 305, 'invalid text parameter'],
  ['CMS', 321, 'invalid index'],
  ['CMS', 331, 'no network'],
];
const WORDS = [...CAUSES.map(({ family, code, name }) => [family, code, name] as const), ...ALSO];
const BY_NAME = new Map(
  WORDS.map(([family, code, name]) => [`${family} ${plain(name)}`, BY_CODE.get(`${family} ${code}`)]),
);

/** The table's entry for what a modem gave as the cause, by number or by text; undefined where it has none. */
export function findCause(given: GivenCause): Cause | undefined {
  if (given.family === 'none') return undefined;
  if (given.code !== undefined) return BY_CODE.get(`${given.family} ${given.code}`);
  return BY_NAME.get(`${given.family} ${plain(given.text ?? '')}`);
}

/** What a failed AT+CMGS means for its message (see routing/transport.ts on `send`). */
export function sendFault(error: ChannelError): Fault {
  if (error.kind !== 'refused') {
    return error.stage === 'handed'
      ? new Fault('gateway.unknown', { detail: error.message, cause: error })
      : new Fault('gateway.down', { told: 'the modem does not answer', detail: error.message, cause: error });
  }
  const cause = error.given === undefined ? undefined : findCause(error.given);
  // A cause that no table has says nothing about the message: it is tried again until it expires.
  if (cause === undefined) {
    return new Fault('gateway.deferred', {
      told: 'the modem refused without a known cause',
      detail: error.message,
    });
  }
  return new Fault(FAULT_OF[cause.verdict], {
    told: cause.told,
    enhanced: cause.enhanced,
    detail: `${error.message} (${cause.name})`,
    cause: error,
  });
}

/** Whether the cause is the modem's or its SIM's and waiting for the next message mends nothing. */
export function pausesGateway(error: ChannelError): Cause | undefined {
  const cause = error.given === undefined ? undefined : findCause(error.given);
  return cause?.verdict === 'pause' ? cause : undefined;
}

/** Whether the cause is one that the network gives (TS 24.011 E.2, TS 23.040 9.2.3.22), and no modem by itself. */
export function isFromNetwork({ given }: ChannelError): boolean {
  return given?.family === 'CMS' && given.code !== undefined && given.code < 300;
}

const FAULT_OF = {
  fail: 'gateway.refused',
  number: 'gateway.number',
  content: 'message.content',
  later: 'gateway.deferred',
  busy: 'gateway.busy',
  pause: 'gateway.down',
  unknown: 'gateway.unknown',
} as const;

function rows(family: 'CMS' | 'CME', table: readonly Row[]): Cause[] {
  return table.map(([code, name, verdict, enhanced, told]) => ({
    family,
    code,
    name,
    verdict,
    enhanced,
    told,
  }));
}

/** Texts differ in case, in `(U)SIM` and `SIM`, in punctuation, and some have no blanks. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/\(u\)|u(?=sim)/g, '')
    .replace(/[^a-z0-9]+/g, '');
}
