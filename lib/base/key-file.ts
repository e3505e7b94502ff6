import { open, readFile } from 'node:fs/promises';
import type { Random } from './random.ts';
import { Fault } from './errors.ts';

const OCTETS = 32;

/** The key in a file of the data directory, made at the first start. Throws `config.invalid` where the file holds none. */
export async function keyFrom(path: string, random: Random): Promise<Uint8Array> {
  try {
    return readKey(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const key = Buffer.from(random.bytes(OCTETS));
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${key.toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}

function readKey(text: string, path: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length === OCTETS) return key;
  throw new Fault('config.invalid', {
    told: `${path} holds no key; remove it for a new one, and older reply addresses are refused`,
  });
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
