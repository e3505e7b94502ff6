import { open } from 'node:fs/promises';
import { expect } from 'chai';
import { makePty, PTY_MAKERS } from '../../lib/emulator/pty.ts';
import { until } from '../support/product.ts';

const EVERY_OCTET = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)).toString('latin1');

describe('a pseudo-terminal', () => {
  for (const maker of PTY_MAKERS) {
    it(`made by ${maker.program} carries every octet both ways, and hangs up`, async function () {
      let heard = '';
      const pty = await makePty(maker, (octets) => (heard += octets.toString('latin1')));
      if (pty === undefined) {
        process.stderr.write(`      skipped: ${maker.program} makes none here\n`);
        return this.skip();
      }
      const line = await open(pty.device, 'r+');
      await line.write(Buffer.from(EVERY_OCTET, 'latin1'));
      await until('what was written', () => heard === EVERY_OCTET || undefined);
      pty.write(EVERY_OCTET);
      const buffer = Buffer.alloc(1024);
      let got = '';
      while (got.length < 256) {
        const { bytesRead } = await line.read(buffer, 0, buffer.length);
        got += buffer.subarray(0, bytesRead).toString('latin1');
      }
      expect(got).to.equal(EVERY_OCTET);
      await line.close();
      // A program may close and open it again.
      const again = await open(pty.device, 'r+');
      const reading = again.read(buffer, 0, buffer.length).then(
        ({ bytesRead }) => bytesRead,
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      await pty.close();
      expect(await reading).to.be.oneOf([0, 'EIO']);
      await again.close();
    });
  }

  it('is not made by a program that is not there, or that says something else', async () => {
    for (const maker of [
      { program: '/nowhere/python3', args: [], endsWithInput: true },
      { program: 'sh', args: ['-c', 'exit 1'], endsWithInput: true },
      { program: 'sh', args: ['-c', 'echo usage: script; sleep 0'], endsWithInput: true },
    ]) {
      expect(await makePty(maker, () => undefined)).to.equal(undefined);
    }
  });
});
