import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FilesInTheWay, placeFiles } from '../../lib/icewarp/place-files.ts';

describe('exported files', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'mailsms-export-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const place = (files: Readonly<Record<string, string>>, force = false) =>
    placeFiles(dir, new Map(Object.entries(files)), { force });
  const inTheWay = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    try {
      await place(files);
      return [];
    } catch (error) {
      if (error instanceof FilesInTheWay) return error.paths;
      throw error;
    }
  };
  const content = (path: string): string => readFileSync(join(dir, path), 'utf8');

  it('are written with their folders, and may be written again', async () => {
    await place({ 'config/sms.dat': 'one', 'mail/a.example/ann/sms.dat': 'two' });
    const { written } = await place({ 'config/sms.dat': 'changed', 'mail/a.example/ann/sms.dat': 'two' });
    expect(written).to.deep.equal(['config/sms.dat', 'mail/a.example/ann/sms.dat']);
    expect(content('config/sms.dat')).to.equal('changed');
    expect(readdirSync(join(dir, 'config'))).to.deep.equal(['sms.dat']);
  });

  it('do not replace what somebody else wrote: then nothing is written', async () => {
    mkdirSync(join(dir, 'config'));
    writeFileSync(join(dir, 'config/sms.dat'), "IceWarp's");
    expect(await inTheWay({ 'config/sms.dat': 'ours', 'config/smsusers.dat': 'ours' })).to.deep.equal([
      'config/sms.dat',
    ]);
    expect(content('config/sms.dat')).to.equal("IceWarp's");
    expect(readdirSync(join(dir, 'config'))).to.deep.equal(['sms.dat']);
  });

  it('do not replace what they wrote and somebody has changed since', async () => {
    await place({ 'config/sms.dat': 'one' });
    writeFileSync(join(dir, 'config/sms.dat'), 'by hand');
    expect(await inTheWay({ 'config/sms.dat': 'two' })).to.deep.equal(['config/sms.dat']);
  });

  it('replace it when they are told to', async () => {
    mkdirSync(join(dir, 'config'));
    writeFileSync(join(dir, 'config/sms.dat'), "IceWarp's");
    await place({ 'config/sms.dat': 'ours' }, true);
    expect(content('config/sms.dat')).to.equal('ours');
  });

  it('go when there is nothing to stand in them any more, unless they were changed', async () => {
    await place({ 'config/sms.dat': 'one', 'config/smsusers.dat': 'two', 'config/smsstat.dat': 'three' });
    writeFileSync(join(dir, 'config/smsstat.dat'), 'by hand');
    const { removed } = await place({ 'config/sms.dat': 'one' });
    expect(removed).to.deep.equal(['config/smsusers.dat']);
    expect(readdirSync(join(dir, 'config')).sort()).to.deep.equal(['sms.dat', 'smsstat.dat']);
  });

  it('never go outside of the directory, whatever the list of files says', async () => {
    const outside = join(dir, 'outside');
    writeFileSync(outside, 'one');
    await place({ 'config/sms.dat': 'one' });
    const list = join(dir, '.mailsms-export.json');
    const digests = JSON.parse(readFileSync(list, 'utf8')) as Record<string, string>;
    writeFileSync(list, JSON.stringify({ 'config/../outside': digests['config/sms.dat'] }));
    await place({ 'config/sms.dat': 'one' });
    expect(readFileSync(outside, 'utf8')).to.equal('one');
  });
});
