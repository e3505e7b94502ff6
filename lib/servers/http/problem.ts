import { FAULTS, Fault, type FaultCode } from '../../base/errors.ts';
import { given } from '../../base/given.ts';

/** A place in a request and what is wrong there. */
export interface Misplaced {
  /** RFC 6901: `/to/3`; empty for the whole. */
  readonly pointer: string;
  readonly detail: string;
}

/** A request that is not as the route's schema says. */
export class InvalidRequest extends Fault {
  readonly places: readonly Misplaced[];

  constructor(places: readonly Misplaced[]) {
    const told = places
      .map(({ pointer, detail }) => `${pointer.slice(1) || 'request'}: ${detail}`)
      .join('; ');
    super('request.invalid', { told });
    this.places = places;
  }
}

/** What each Fault is in HTTP; what is not named is 503 where it is temporary, and else 422. */
const STATUS: Partial<Record<FaultCode, number>> = {
  internal: 500,
  'auth.credentials': 401,
  'auth.required': 401,
  'auth.denied': 403,
  'auth.destination': 403,
  'address.syntax': 400,
  'address.unknown': 404,
  'limit.month': 403,
  'limit.rate': 429,
  'request.invalid': 400,
  'request.absent': 404,
  'request.conflict': 409,
  'request.size': 413,
};

/** The Fault as a problem document (RFC 9457). */
export function problemOf(fault: Fault): Response {
  const status = STATUS[fault.code] ?? (fault.temporary ? 503 : 422);
  const body = given({
    type: `urn:mailsms:problem:${fault.code}`,
    title: FAULTS[fault.code].told,
    status,
    code: fault.code,
    detail: fault.told,
    errors: fault instanceof InvalidRequest ? fault.places : undefined,
  });
  const headers = { 'content-type': 'application/problem+json' };
  return new Response(JSON.stringify(body), { status, headers });
}
