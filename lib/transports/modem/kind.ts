import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Complete, GatewayKind } from '../../routing/kind.ts';
import { modemSchema } from './schema.ts';
import type { Escalation, ModemSettings } from './settings.ts';

/** A modem on a serial line or a TCP port. Its code is loaded where a gateway of this kind is configured. */
export const modem: GatewayKind<typeof modemSchema> = {
  type: 'modem',
  schema: modemSchema,
  secrets: ['pin'],
  exclusive: ['device'],
  create: async (gateway, { dataDir, ...deps }) => {
    const { createModemTransport } = await import('./modem.ts');
    const { FilePinMemory } = await import('./at/pin.ts');
    // A PIN that the SIM refused is not tried again after a restart either.
    const pins = new FilePinMemory(join(dataDir, `pin-${gateway.id}.json`));
    return createModemTransport(modemSettings(gateway), { ...deps, pins });
  },
  describe: ({ device }) => `modem on ${device}`,
  check: async ({ device }) => (device.startsWith('/') ? whyNoAccess(device) : undefined),
};

export function modemSettings(gateway: Complete<typeof modemSchema>): ModemSettings {
  const { id, device, baudRate, rtscts, pin, smsc, receive, init, timeouts, intervals, longText, trace } =
    gateway;
  return {
    id,
    device,
    baudRate,
    rtscts,
    ...(pin === undefined ? {} : { pin }),
    ...(smsc === undefined ? {} : { smsc }),
    readTimeoutMs: timeouts.read,
    sendTimeoutMs: timeouts.send,
    sweepMs: intervals.sweep,
    checkMs: intervals.check,
    receive,
    init,
    escalate: gateway.escalate.flatMap((step): Escalation[] => {
      if (typeof step.do === 'string') return [{ after: step.after, do: step.do }];
      const [program, ...args] = step.do;
      return program === undefined ? [] : [{ after: step.after, do: { command: [program, ...args] } }];
    }),
    longText,
    trace,
  };
}

async function whyNoAccess(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return denied ? 'this user may not open it' : 'not there now';
  }
}
