import { asFault } from '../../base/errors.ts';
import { redact } from '../../base/secret.ts';
import type { RecipientResult } from '../../flow/outgoing/door.ts';

/** One line to the client. The text begins with its enhanced status code, RFC 2034 4. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** A reply line has 512 octets with its code and line end, RFC 5321 4.5.3.1.5. */
const TEXT_LENGTH = 480;

/** So many ids of a mail's messages fit into one reply. */
const IDS_SHOWN = 16;

export function reply(code: number, enhanced: string, text: string): Reply {
  return { code, text: `${enhanced} ${text}`.slice(0, TEXT_LENGTH) };
}

/** What the peer is told about an error: never a password, and nothing that is not printable ASCII. */
export function replyOf(error: unknown): Reply {
  const fault = asFault(error);
  return reply(fault.smtp, fault.enhanced, redact(fault.told).replace(/[^\x20-\x7e]/g, '?'));
}

/** The answer to a whole mail: taken where any recipient was, since the sender is told of the others by mail. */
export function replyToMail(results: readonly RecipientResult[]): Reply {
  const ids: string[] = [];
  let taken = false;
  let refused: Error | undefined;
  for (const result of results) {
    if ('fault' in result) refused ??= result.fault;
    else {
      taken = true;
      ids.push(...result.ids);
    }
  }
  return taken ? accepted(ids) : replyOf(refused);
}

/** LMTP's answer for one recipient, RFC 2033 4.2. */
export function replyToRecipient(result: RecipientResult | undefined): Reply {
  if (result === undefined || 'fault' in result) return replyOf(result?.fault);
  return accepted(result.ids);
}

function accepted(ids: readonly string[]): Reply {
  if (ids.length === 0) return reply(250, '2.0.0', 'accepted, there is nothing to send');
  const shown = ids.slice(0, IDS_SHOWN).join(' ');
  const more = ids.length > IDS_SHOWN ? ` and ${ids.length - IDS_SHOWN} more` : '';
  return reply(250, '2.0.0', `queued as ${shown}${more}`);
}
