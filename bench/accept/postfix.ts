import { Postfix } from '../../test/support/postfix.ts';
import type { Peer } from './peer.ts';

/** Nothing is delivered: what is accepted is synced and put on hold. */
const ON_HOLD = `relay_domains = sms.test
relay_transport = discard:
smtpd_client_restrictions = check_client_access static:HOLD
`;

/** A Postfix of its own under `folder` that accepts, syncs and puts on hold. */
export async function startPostfix(folder: string): Promise<Peer> {
  const postfix = await Postfix.start(ON_HOLD, folder);
  return {
    name: 'Postfix, on hold',
    port: postfix.port,
    recipient: '+15551234567@sms.test',
    pid: postfix.pid,
    stop: () => postfix.stop(),
  };
}
