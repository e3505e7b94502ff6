import { expect } from 'chai';
import { needs } from '../support/clients.ts';
import { heard, texts } from '../support/handset.ts';
import { MlmmjList } from '../support/mlmmj.ts';
import { Page } from '../support/page.ts';
import { Product } from '../support/product.ts';

const page = new Page('mail-servers.md');

/** As a mail server pipes it to mlmmj, with the sender of the envelope at its head. */
const MAIL = `Return-Path: <john@office.example>
From: John <john@office.example>
To: alerts@lists.example.com
Subject: alarm
Message-ID: <alarm@office.example>

The cellar is under water
`;

describe('a list of mlmmj with phones among its members, as docs/mail-servers.md says', () => {
  let list: MlmmjList;
  let product: Product;

  before(needs('mlmmj-receive', 'mlmmj-sub'));
  before(async () => {
    product = await new Product({
      ...page.settings('mlmmj: mailsms'),
      accounts: [
        { user: 'alerts', password: 'alertspw', monthlyLimit: 10 },
        { user: '@lists.example.com', monthlyLimit: 500 },
      ],
    }).start();
    list = new MlmmjList('alerts@lists.example.com', product.port());
    const commands = page.block('mlmmj: members', ['/var/spool/mlmmj/alerts', list.folder]);
    const { code, stderr } = await list.shell(commands);
    expect(code, stderr).to.equal(0);
  });
  after(async () => {
    await product?.dispose();
    list?.remove();
  });

  it('each gets the text, charged to its own account or to that of the list', async () => {
    const { code, stderr } = await list.post(MAIL);
    expect(code, stderr).to.equal(0);
    await heard(product, '+15551234567', 'The cellar is under water');
    await heard(product, '+15557654321', 'The cellar is under water');
    await product.logged(/"number":"\+15551234567".*"account":"@?[^"]*lists\.example\.com"/);
    await product.logged(/"number":"\+15557654321".*"account":"alerts"/);
    expect(await texts(product, '+15551234567')).to.have.length(1);
  });

  it('no log line has the password of a member, though it is in the bounce address', () => {
    expect(product.output).to.contain('accepted').and.to.not.contain('alertspw');
  });
});
