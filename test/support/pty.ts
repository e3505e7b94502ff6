import { hasPty, NO_PTY } from '../../lib/emulator/pty.ts';

/** For `before`: skips the tests, saying why, where there is no pseudo-terminal. */
export async function needsPty(this: Mocha.Context): Promise<void> {
  if (await hasPty()) return;
  process.stderr.write(`    skipped: ${NO_PTY}\n`);
  this.skip();
}
