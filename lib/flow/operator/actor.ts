import { Fault } from '../../base/errors.ts';
import type { Session } from '../outgoing/door.ts';

/**
 * Who does something at the operator's desk. Every verb takes one, asks whether it may, and writes its name beside what it
 * did. Whoever makes an Actor has checked that it is the one it says.
 */
export interface Actor {
  /** An account, a token's name, or `operator`: whoever may open the control socket. */
  readonly name: string;
  readonly role: Role;
  readonly via: 'control' | 'http' | 'console';
  /** The client's IP address; absent on the control socket. */
  readonly remote?: string;
}

/**
 * From the least to the most: `user` has what is its own, `domain` what belongs to the accounts of a domain (its name is
 * `@example.com`), `operator` everything but passwords, `admin` everything.
 */
const ROLES = ['user', 'domain', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whoever can open the control socket owns the data directory. */
export const MACHINE_OPERATOR: Actor = { name: 'operator', role: 'admin', via: 'control' };

/** Throws `auth.denied` where the actor's role is less than `role`. */
export function requireRole(actor: Actor, role: Role): void {
  if (ROLES.indexOf(actor.role) >= ROLES.indexOf(role)) return;
  throw new Fault('auth.denied', {
    told: `this needs the role ${role}`,
    detail: `${actor.name} is ${actor.role}`,
  });
}

/** Whose messages the actor sees: those of an account, of a domain's accounts (`@example.com`), or everybody's. */
export function accountsSeenBy({ name, role }: Actor): string | undefined {
  return role === 'user' || role === 'domain' ? name : undefined;
}

/** For the log. */
export function by({ name, via }: Actor): { readonly by: string; readonly via: string } {
  return { by: name, via };
}

/** The actor as one who sends: the machine's operator is taken at its word, everybody else is an account. */
export function sessionOf({ name, via, remote = 'local' }: Actor): Session {
  return via === 'control'
    ? { via: 'cli', remote, trusted: true }
    : { via: 'http', remote, user: name, trusted: false };
}
