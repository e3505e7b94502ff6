import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Finding } from '../settings/finding.ts';
import type { Section } from '../settings/section.ts';
import type { gatewaySchema, GatewaySettings } from './gateway.ts';
import type { Transport } from './transport.ts';

/**
 * A kind of gateway: all that the rest of mailsms knows of it. It lives in a folder of its own under
 * `transports/`, and one line of `transports/kinds.ts` makes it known.
 *
 * What a gateway of the kind can do beside sending (USSD, webhooks, simulated phones) is an optional part of its
 * `Transport`: nobody asks of which kind a gateway is.
 */
export interface GatewayKind<Schema extends GatewaySchema = GatewaySchema> {
  /** `modem`: the value of the setting `type`. */
  readonly type: z.output<Schema>['type'];
  /** Made with `gatewaySchema`. A setting called `trace` (boolean) is switched on by `mailsms start --trace`. */
  readonly schema: Schema;
  /** Settings whose value may come from `MAILSMS_GATEWAY_<ID>_<SETTING>` in place of the file: `pin`. */
  readonly secrets?: readonly string[];
  /** Settings that no two gateways in use may have the same value of, such as a serial line. */
  readonly exclusive?: readonly string[];
  /** What cannot be of its settings taken together, each at its place in the gateway. */
  problems?(gateway: z.output<Schema>): readonly Finding[];
  /** Makes the transport, which is not started yet. Rejects for a setting that cannot be. */
  create(gateway: Complete<Schema>, deps: GatewayDeps): Transport | Promise<Transport>;
  /** In a few words, for `mailsms check`: `modem on /dev/ttyUSB0`. No secrets. */
  describe(gateway: Complete<Schema>): string;
  /** What stands in its way on this machine now, in a few words; undefined where nothing does. It may be mended later. */
  check?(gateway: Complete<Schema>): Promise<string | undefined>;
}

export type GatewaySchema = ReturnType<typeof gatewaySchema<string, z.ZodRawShape>>;

/** The settings of a gateway with all defaults filled in. */
export type Complete<Schema extends GatewaySchema> = Section<Schema> & GatewaySettings;

export interface GatewayDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Absolute. What must outlast the process is kept here, in files named after the gateway's id. */
  readonly dataDir: string;
}
