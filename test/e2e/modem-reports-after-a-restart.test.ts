import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { ModemStand } from '../support/modem-stand.ts';
import { needsPty } from '../support/pty.ts';

describe('status reports that come after the process was killed', () => {
  const stand = new ModemStand();

  before(needsPty);
  before(needs('python3'));
  afterEach(() => stand.end());

  it('make one verdict for all parts; what comes late, twice or about nothing changes nothing', async () => {
    const { modem, relay, product } = await stand.begin();
    const to = '"sms:+15551234567?report=1"@sms.example.com';
    await smtplib({ port: product.port(), to, text: 'x'.repeat(300) });
    const [first, second] = await modem.waitForSent(2);
    if (first === undefined || second === undefined) throw new Error('two parts were sent');
    await product.logged(/"sent"/);
    modem.injectReport(first);
    await product.logged(/status report/);
    expect(await product.stop('SIGKILL')).to.equal('SIGKILL');

    await product.start();
    // The first once more, another modem's, then the one that is missing, then a contrary one.
    modem.injectReport(first, 0x46);
    modem.injectReport({ reference: 200, number: '+15550000001' });
    modem.injectReport(second);
    await product.logged(/"delivered"/);
    modem.injectReport(second, 0x46);
    await modem.modem.waitForEmpty();
    const [report] = await relay.received(1);
    expect(report?.raw).to.match(/^Action: delivered\r$/m);
    await product.logged(/status report for no part that we know/);
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    expect(JSON.parse(stdout)).to.include({ state: 'delivered' });
    expect(relay.mails).to.have.length(1);
  });
});
