import type { Proof as Proven } from '../flow/outgoing/sender-proof.ts';
import type { Proof } from './proof.ts';

/** What the flow wants to know of a proof. */
export function provenSender({ authenticatedFrom, once, dmarc, spf, dkim }: Proof): Proven {
  const signatures = dkim.map(({ result }) => result).join(',');
  return {
    ...(authenticatedFrom === undefined ? {} : { from: authenticatedFrom }),
    ...(once === undefined ? {} : { once }),
    temporary: authenticatedFrom === undefined && dmarc.result === 'temperror',
    summary: `dmarc=${dmarc.result} spf=${spf.result} dkim=${signatures === '' ? 'none' : signatures}`,
  };
}
