import { gatewaySchema } from '../../routing/gateway.ts';
import type { GatewayKind } from '../../routing/kind.ts';
import { VirtualTransport } from './virtual.ts';

const schema = gatewaySchema(
  'virtual',
  'Simulated handsets inside the process, to try everything without hardware.',
  {},
);

/** A mobile network with simulated phones. */
export const virtual: GatewayKind<typeof schema> = {
  type: 'virtual',
  schema,
  create: (gateway, deps) => new VirtualTransport(gateway, deps),
  describe: () => 'virtual, simulated handsets',
};
