import { expect } from 'chai';
import { Product } from '../support/product.ts';

describe('one process on a data directory', () => {
  let product: Product;
  beforeEach(async () => {
    product = await new Product().start();
  });
  afterEach(() => product.dispose());

  it('a second one is refused, and told who is there', async () => {
    const second = await product.cli('start');
    expect(second.code).to.equal(1);
    expect(second.stdout + second.stderr)
      .to.contain(String(product.pid))
      .and.to.contain('in use');
    expect(second.stderr).to.not.contain('    at ');
  });

  it('after kill -9 the next one takes over by itself', async () => {
    await product.stop('SIGKILL');
    await product.start();
    expect(product.output).to.contain('ready');
  });
});
