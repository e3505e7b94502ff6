import { Product } from './product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { Sink } from './sink.ts';

interface Parts {
  readonly modem: PtyModem;
  readonly relay: Sink;
  readonly product: Product;
}

/** The built product between a modem on a terminal and a server that takes its mail; one at a time. */
export class ModemStand {
  readonly #ends: (() => Promise<unknown>)[] = [];

  /** `script` is the modem's (see lib/emulator/script.ts); `settings` stand beside the gateway `modem1` in the configuration. */
  async begin(script = '', settings: object = {}): Promise<Parts> {
    const modem = await startPtyModem(script);
    this.#ends.unshift(() => modem.close());
    const relay = await new Sink().start();
    this.#ends.unshift(() => relay.stop());
    const product = new Product({
      mail: { relay: relay.url },
      ...settings,
      gateways: [{ id: 'modem1', type: 'modem', device: modem.device, from: 'sms:%s@sms.example.com' }],
    });
    this.#ends.unshift(() => product.dispose());
    await product.start();
    return { modem, relay, product };
  }

  /** Takes down what there is of it, the product first. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}
