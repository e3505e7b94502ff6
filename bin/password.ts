import { createInterface } from 'node:readline';
import { Secret } from '../lib/base/secret.ts';

/** A password from standard input: typed twice without an echo on a terminal, else the first line. */
export async function readPassword(user: string): Promise<Secret> {
  if (!process.stdin.isTTY) return notEmpty(await firstLine());
  const first = await typed(`Password for ${user}: `);
  const second = await typed('Once more: ');
  if (first !== second) throw new Error('the two are not the same; nothing was changed');
  return notEmpty(first);
}

function notEmpty(password: string): Secret {
  if (password === '') throw new Error('the password is empty; nothing was changed');
  return new Secret(password);
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

/** Reads a line key by key, so that nothing of it is shown. */
function typed(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  return new Promise((resolve, reject) => {
    let line = '';
    const end = (): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const take = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') {
          end();
          resolve(line);
          return;
        }
        if (character === '\u0003' || character === '\u0004') {
          end();
          reject(new Error('nothing was changed'));
          return;
        }
        if (character === '\u007f' || character === '\b') line = [...line].slice(0, -1).join('');
        else if (character >= ' ') line += character;
      }
    };
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', take);
  });
}
