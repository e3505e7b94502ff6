import { InvalidArgumentError } from 'commander';

/** Reads an option's value; commander tells the user what is thrown. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('write a whole number.');
  return Number(value);
}
