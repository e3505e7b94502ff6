import { crc32 } from 'node:zlib';
import { messageOf } from '../../../base/errors.ts';

/**
 * How a record lies in the database: one octet of version, four of CRC-32 over all that follows, four that say how long
 * the JSON is, the JSON, and then octet strings as they are.
 *
 * JSON and not MessagePack with shared structures: each record stands by itself, so that one damaged octet costs one
 * record, and an operator can read a dump without this program. LMDB keeps no checksums of its own; the CRC tells a
 * record that was damaged on disk from one that was written so. The JSON is `[record]`, or `[record, blobs]` where each blob
 * says where in the record it belongs and how long it is.
 */
export const RECORD_VERSION = 1;

const HEAD = 9;

type Path = readonly (string | number)[];
interface Blob {
  readonly path: Path;
  readonly octets: Uint8Array;
}

/** Octets that are not a record, or not one of a version known here. */
export class DamagedRecord extends Error {
  override readonly name = 'DamagedRecord';
}

/** Room for the records of a usual day; a larger one gets a buffer of its own. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Plain data as octets. They are good until the next call: LMDB copies them at once. `mayHaveOctets`: `Uint8Array`s may
 * stand anywhere in it; looking for them takes as long as the rest.
 */
export function encodeRecord(record: object, mayHaveOctets: boolean): Buffer {
  const blobs: Blob[] = [];
  const plain = mayHaveOctets ? detach(record, [], blobs) : record;
  const json = JSON.stringify(
    blobs.length === 0 ? [plain] : [plain, blobs.map(({ path, octets }) => [path, octets.length])],
  );
  const most = blobs.reduce((sum, blob) => sum + blob.octets.length, HEAD + json.length * 3);
  const octets = most <= scratch.length ? scratch : Buffer.allocUnsafeSlow(most);
  octets[0] = RECORD_VERSION;
  const jsonLength = octets.write(json, HEAD);
  octets.writeUInt32BE(jsonLength, 5);
  let end = HEAD + jsonLength;
  for (const blob of blobs) {
    octets.set(blob.octets, end);
    end += blob.octets.length;
  }
  octets.writeUInt32BE(crc32(octets.subarray(5, end)), 1);
  return octets.subarray(0, end);
}

/** The other way round. The CRC vouches that it is what `encodeRecord` was given, and so for its type. */
export function decodeRecord<T>(octets: Uint8Array): T {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  if (buffer.length < HEAD) throw new DamagedRecord(`${buffer.length} octets are too few for a record`);
  if (buffer[0] !== RECORD_VERSION) throw new DamagedRecord(`record version ${buffer[0]} is not known here`);
  if (crc32(buffer.subarray(5)) !== buffer.readUInt32BE(1)) {
    throw new DamagedRecord('the checksum does not match');
  }
  let at = HEAD + buffer.readUInt32BE(5);
  try {
    const [record, blobs] = JSON.parse(buffer.toString('utf8', HEAD, at)) as [T, [Path, number][]?];
    for (const [path, length] of blobs ?? []) {
      attach(record, path, new Uint8Array(buffer.subarray(at, at + length)));
      at += length;
    }
    return record;
  } catch (error) {
    throw new DamagedRecord(messageOf(error));
  }
}

/** `value` with each octet string replaced by null and put into `blobs`; `value` itself where there is none. */
function detach(value: unknown, path: Path, blobs: Blob[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    blobs.push({ path, octets: value });
    return null;
  }
  const before = blobs.length;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    typeof inner === 'object' ? detach(inner, [...path, name], blobs) : inner,
  ]);
  if (blobs.length === before) return value;
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function attach(record: unknown, path: Path, octets: Uint8Array): void {
  let holder = record as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  const last = path.at(-1);
  if (last === undefined) throw new DamagedRecord('an octet string without a place');
  holder[last] = octets;
}
