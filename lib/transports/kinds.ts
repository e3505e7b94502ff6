import { z } from 'zod';
import type { Complete, GatewayKind, GatewaySchema } from '../routing/kind.ts';
import { http } from './http/kind.ts';
import { modem } from './modem/kind.ts';
import { virtual } from './virtual/kind.ts';

/** The kinds of gateways: one line adds one. Each lives in a folder of its own. */
const KINDS = [
  modem, //
  http,
  virtual,
] as const;

/** An entry of `gateways`: its `type` says which kind's settings it has. */
export const gateway = z.discriminatedUnion('type', schemasOf(KINDS));

/** A gateway of any kind, with all defaults filled in. */
export type GatewayConfig = Complete<(typeof KINDS)[number]['schema']>;

/** The kind of this name; undefined where there is none. */
export function kindNamed(type: unknown): GatewayKind | undefined {
  return KINDS.find((kind) => kind.type === type);
}

/** What a gateway is: the kind that its `type` names. */
export function kindOf({ type }: GatewayConfig): GatewayKind {
  const kind = kindNamed(type);
  if (kind === undefined) throw new Error(`no kind of gateway is called ${type}`);
  return kind;
}

/** The schemas of kinds, in their order and with their types. */
function schemasOf<const Kinds extends readonly [GatewayKind, ...GatewayKind[]]>(kinds: Kinds) {
  type Schemas = { -readonly [Index in keyof Kinds]: Kinds[Index]['schema'] };
  return kinds.map(({ schema }) => schema) as Schemas & [GatewaySchema, ...GatewaySchema[]];
}

/** Every kind, in the order in which they are named to people. */
export const gatewayKinds: readonly GatewayKind[] = KINDS;
