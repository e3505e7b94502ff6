import type { Parameters } from './parameters.ts';

/** A part of a mail that has no parts of its own, its transfer encoding undone. */
export interface Leaf {
  /** `type/subtype` in lower case; text/plain where the mail says nothing (RFC 2045 5.2). */
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
  readonly disposition: string | undefined;
  readonly name: string | undefined;
  /** Octets after the transfer encoding is undone. None of what is no text and holds none. */
  readonly content: Buffer;
  /** Octets of the whole content. */
  readonly size: number;
  /** Belongs to a multipart/related, or has a Content-ID: an image of a page rather than a file somebody attached. */
  readonly related: boolean;
}

/** A part that has parts, RFC 2046 5.1. */
export interface Multipart {
  /** `multipart/subtype` in lower case. */
  readonly type: string;
  readonly params: Parameters['params'];
  readonly parts: readonly Entity[];
}

export type Entity = Leaf | Multipart;

export function isMultipart(entity: Entity): entity is Multipart {
  return 'parts' in entity;
}

/** The leaves of an entity in the order in which they stand in the mail. */
export function leavesOf(entity: Entity): readonly Leaf[] {
  return isMultipart(entity) ? entity.parts.flatMap(leavesOf) : [entity];
}
