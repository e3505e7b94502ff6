import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { decodeXtext } from '../../lib/servers/smtp/dsn.ts';
import { type TestServer, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

describe('SMTP delivery status notifications', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.stop());

  it('hands over what was asked for, decoded, with each recipient', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ+2B314159+20x SIZE=100 BODY=8BITMIME SMTPUTF8 AUTH=<>
       S: 250 2.1.0
       C: RCPT TO:<+15551234567@sms.test> NOTIFY=SUCCESS,delay ORCPT=rfc822;+2B1555@sms.test
       S: 250 2.1.5
       C: RCPT TO:<+15557654321@sms.test> notify=never
       S: 250 2.1.5`,
    );
    expect(server.door.asked.map((asked) => asked.dsn)).to.deep.equal([
      { notify: ['success', 'delay'], ret: 'hdrs', envid: 'QQ+314159 x', orcpt: 'rfc822;+1555@sms.test' },
      { notify: ['never'], ret: 'hdrs', envid: 'QQ+314159 x' },
    ]);
  });

  it('keeps no password that comes in ORCPT', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<+15551234567@sms.test> ORCPT=rfc822;sms:+2B1555?user=u&pass=hunter2@sms.test
       S: 250`,
    );
    expect(server.door.asked[0]?.dsn.orcpt).to.equal('rfc822;sms:+1555?user=u&pass=***@sms.test');
  });

  for (const [parameter, answer] of [
    ['SIZE=abc', '501 5.5.4 SIZE must be a number of octets'],
    ['SIZE', '501 5.5.4 SIZE needs a value'],
    ['SIZE=10485761', '552 5.3.4 the mail is larger than the 10485760 octets'],
    ['BODY=BINARYMIME', '501 5.5.4 BODY must be'],
    ['SMTPUTF8=yes', '501 5.5.4 SMTPUTF8 takes no value'],
    ['RET=SOME', '501 5.5.4 RET must be'],
    ['ENVID=a+0D+0AX', "501 5.5.4 ENVID has a character that can't be printed"],
    ['ENVID=a+b', '501 5.5.4 ENVID is not xtext'],
    [`ENVID=${'a'.repeat(101)}`, '501 5.5.4 ENVID is longer'],
    ['RET=FULL RET=FULL', '501 5.5.4 RET is given twice'],
    ['HOLDFOR=60', '555 5.5.4 the parameter HOLDFOR is not supported here'],
  ] as const) {
    it(`refuses MAIL FROM with ${parameter.slice(0, 30)}`, async () => {
      await dialogue(
        await server.greeted(),
        `C: MAIL FROM:<a@b.example> ${parameter}\nS: ${answer}\nC: MAIL FROM:<a@b.example>\nS: 250`,
      );
    });
  }

  for (const [parameter, answer] of [
    ['NOTIFY=ALWAYS', '501 5.5.4 NOTIFY must be'],
    ['NOTIFY=NEVER,DELAY', '501 5.5.4 NOTIFY=NEVER must stand alone'],
    ['NOTIFY=', '501 5.5.4 a parameter is not of the form'],
    ['ORCPT=nobody', '501 5.5.4 ORCPT must be TYPE;ADDRESS'],
    ['ORCPT=rfc822;+1555@sms.test', "501 5.5.4 ORCPT has a character that can't be printed"],
    [`ORCPT=rfc822;${'a'.repeat(500)}`, '501 5.5.4 ORCPT is longer'],
  ] as const) {
    it(`refuses RCPT TO with ${parameter.slice(0, 30)}`, async () => {
      await dialogue(
        await server.greeted(),
        `C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test> ${parameter}
         S: ${answer}`,
      );
      expect(server.door.asked).to.deep.equal([]);
    });
  }

  it('decodes xtext', () => {
    expect(decodeXtext('a+2Bb+3Dc+41', 'ENVID')).to.equal('a+b=cA');
    expect(() => decodeXtext('+2b', 'ENVID')).to.throw(Fault);
    expect(() => decodeXtext('+0A', 'ENVID')).to.throw(Fault);
  });
});
