import type { Fault } from '../../base/errors.ts';
import type { FaultRecord } from '../../store/records.ts';

/** A Fault as the store keeps it. */
export function faultRecord(fault: Fault): FaultRecord {
  const { code, enhanced, told, detail } = fault;
  return { code, enhanced, told, ...(detail === undefined ? {} : { detail }) };
}
