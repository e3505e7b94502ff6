import { Inlet, type Port } from '../../lib/transports/modem/at/port.ts';
import { settle } from './clock.ts';

/** A port with the test at its other end, for dialogues written out line by line. */
export class Wire {
  readonly port: Port;
  /** What was written and not yet expected. */
  #written = '';
  #inlet = new Inlet();
  /** Set to make the next write fail, or hang. */
  breakWrites: 'fail' | 'hang' | undefined;

  constructor() {
    this.port = {
      name: 'wire',
      write: (bytes) => {
        if (this.breakWrites === 'fail') return Promise.reject(new Error('write failed'));
        if (this.breakWrites === 'hang') return new Promise(() => undefined);
        this.#written += Buffer.from(bytes).toString('latin1');
        return Promise.resolve();
      },
      listen: (listener) => this.#inlet.listen(listener),
      close: async () => this.#inlet.close('closed'),
    };
  }

  /** Everything written since the last look, visibly: `AT\r`, `^Z`, `^[`. */
  async written(): Promise<string> {
    await settle(3);
    const text = this.#written.replace(/\r/g, '\\r').replace(/\x1a/g, '^Z').replace(/\x1b/g, '^[');
    this.#written = '';
    return text;
  }

  /** The modem says just these characters. */
  say(octets: string): void {
    this.#inlet.data(Buffer.from(octets, 'latin1'));
  }

  /** The same, one octet at a time. */
  trickle(octets: string): void {
    for (const octet of Buffer.from(octets, 'latin1')) this.#inlet.data(Uint8Array.of(octet));
  }

  hangUp(reason = 'unplugged'): void {
    this.#inlet.close(reason);
  }
}
