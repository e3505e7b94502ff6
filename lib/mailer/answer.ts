import { Fault, type FaultCode, messageOf } from '../base/errors.ts';

/**
 * What a relay's answer means for the mail.
 *
 * A 5yz reply to MAIL, RCPT or DATA refuses the mail for good. Everything else may be mended by somebody or pass by itself, so
 * that the mail waits: a 4yz reply, a connection that fails, a greeting that turns us away, a refused login (535) or one that
 * is asked for (530), TLS that cannot be had.
 */
export function relayFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, reply, replyCode } = partsOf(error);
  const detail = reply === undefined ? messageOf(error) : oneLine(reply);
  const fault = (kind: FaultCode, told?: string): Fault =>
    new Fault(kind, {
      ...(told === undefined ? {} : { told }),
      detail,
      ...enhancedOf(reply, kind === 'relay.refused' ? '5' : '4'),
      cause: error,
    });
  if (code === 'EAUTH' || replyCode === 530 || replyCode === 535) {
    return fault('relay.down', 'the mail relay does not let us log in');
  }
  if (code === 'ETLS') return fault('relay.down', 'there is no TLS with the mail relay');
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (aboutMail && replyCode !== undefined && replyCode >= 500) return fault('relay.refused');
  // What is wrong with the mail before a word was said of it: too large, an address that is none.
  if (aboutMail && replyCode === undefined) return fault('relay.refused');
  return fault(replyCode === undefined ? 'relay.down' : 'relay.deferred');
}

function partsOf(error: unknown): { code?: string; reply?: string; replyCode?: number } {
  if (typeof error !== 'object' || error === null) return {};
  const { code, response, responseCode } = error as Record<string, unknown>;
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof response === 'string' && response !== '' ? { reply: response } : {}),
    ...(typeof responseCode === 'number' ? { replyCode: responseCode } : {}),
  };
}

/** The relay's own status code (RFC 2034), where its class is that of the reply. */
function enhancedOf(reply: string | undefined, kind: '4' | '5'): { enhanced?: string } {
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply ?? '')?.[1];
  return enhanced?.startsWith(kind) === true ? { enhanced } : {};
}

/** A reply of several lines on one: the code once, then the texts. */
function oneLine(reply: string): string {
  return reply
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line : line.replace(/^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?/, '')))
    .join(' ')
    .replace(/^(\d{3})-/, '$1 ')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 1000);
}
