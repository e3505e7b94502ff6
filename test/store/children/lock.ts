import { Fault, messageOf } from '../../../lib/base/errors.ts';
import { lockDataDir } from '../../../lib/store/lock.ts';

// Takes the lock of the directory given, says so, and keeps it until standard input ends.
try {
  await lockDataDir(process.argv[2] ?? '');
  process.stdout.write('locked\n');
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${error instanceof Fault ? error.code : messageOf(error)}\n`);
}
