import { expect } from 'chai';
import { findDataDir } from '../../lib/config/data-dir.ts';
import { ConfigError } from '../../lib/config/problem.ts';

describe('finding the data directory', () => {
  const find = (text: string | undefined, options: { file?: string; data?: string; env?: object } = {}) =>
    findDataDir({
      cwd: '/home/ann',
      env: {},
      readFile: (path) =>
        text === undefined
          ? Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }))
          : Promise.resolve(text),
      ...options,
    } as Parameters<typeof findDataDir>[0]);

  const cases: [name: string, text: string | undefined, options: object, path: string][] = [
    ['without a file it is ./data', undefined, {}, '/home/ann/data'],
    ['a file without dataDir: beside the file', 'country: US', { file: '/etc/m.yaml' }, '/etc/data'],
    ['relative to the file', 'dataDir: ./store', { file: '/etc/mailsms/m.yaml' }, '/etc/mailsms/store'],
    ['absolute', 'dataDir: /var/lib/mailsms', {}, '/var/lib/mailsms'],
    [
      '--data goes first, relative to where one is',
      'dataDir: /var/lib/mailsms',
      { data: 'here' },
      '/home/ann/here',
    ],
    ['from the environment', 'dataDir: ${MAILSMS_DIR}', { env: { MAILSMS_DIR: '/srv/m' } }, '/srv/m'],
    ['secrets that are not set do not matter', 'dataDir: /d\npin: ${MAILSMS_PIN}', {}, '/d'],
    ['nor do mistakes elsewhere', 'dataDir: /d\ngateways: [{ id: ]', {}, '/d'],
  ];
  for (const [name, text, options, path] of cases) {
    it(name, async () => {
      expect(await find(text, options)).to.equal(path);
    });
  }

  it('a file that was asked for and is not there is an error', async () => {
    const error = await find(undefined, { file: 'nowhere.yaml' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains('nowhere.yaml');
  });
});
