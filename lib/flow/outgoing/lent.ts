import type { Parameters } from '../../address/parameters.ts';
import { Fault } from '../../base/errors.ts';

/**
 * An account that the template of an address lends: whoever knows the address sends at its cost without having proved to be
 * its owner. Such a writer may ask for less than the template gives, and for nothing that costs more, goes another way or touches
 * what the owner has sent.
 */
export interface Lent {
  /** As the operator wrote it. */
  readonly template: Parameters;
  /** As it stands in the address. */
  readonly written: Parameters;
}

/**
 * The parameters of a message at a lent account's cost. Throws `address.syntax` for one that its writer may not give.
 *
 * @param maxmsgs parts that a text may take where the template does not say
 */
export function lentParameters({ template, written }: Lent, maxmsgs: number): Parameters {
  const wrong = Object.keys(written).find((name) => !LOWERED.has(name));
  if (wrong !== undefined) {
    throw new Fault('address.syntax', {
      told: `the parameter ${wrong} may not be given here: the account that pays stands behind this address`,
    });
  }
  return {
    ...template,
    ...lower('maxmsgs', written, template.maxmsgs ?? maxmsgs),
    ...lower('validity', written, template.validity ?? Infinity),
    ...lower('priority', written, template.priority ?? 0),
  };
}

const LOWERED: ReadonlySet<string> = new Set(['maxmsgs', 'validity', 'priority']);

function lower(name: 'maxmsgs' | 'validity' | 'priority', written: Parameters, bound: number): Parameters {
  const wanted = written[name];
  return wanted === undefined ? {} : { [name]: Math.min(wanted, bound) };
}
