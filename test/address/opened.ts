import { AddressError } from '../../lib/address/errors.ts';
import type { Parameters } from '../../lib/address/parameters.ts';

/** Parameters with their password in the open, to be compared. */
export function opened(parameters: Parameters): Record<string, unknown> {
  const { pass, ...rest } = parameters;
  return pass === undefined ? rest : { ...rest, pass: pass.open() };
}

/** The AddressError that `run` throws; fails where it throws none, and passes on anything else. */
export function thrownBy(run: () => unknown): AddressError {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    if (error instanceof AddressError) return error;
    throw error;
  }
  throw new Error(`nothing was thrown, but returned: ${JSON.stringify(result)}`);
}
