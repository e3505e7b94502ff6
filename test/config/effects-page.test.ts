import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { SqlConnections, createSqlHandler } from '../../lib/outside/sql.ts';
import { MemoryLog } from '../support/log.ts';
import { Folder, errands, sqlCall } from '../outside/support.ts';
import { outgoing, rulesFrom } from '../rules/message.ts';
import { loadingText } from './loading.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/effects.md'), 'utf8');

function snippet(kind: 'config' | 'rules'): string {
  const found = new RegExp(`<!-- ${kind} -->\\n+\`\`\`yaml\\n([^]*?)\`\`\``).exec(PAGE)?.[1];
  return found ?? expect.fail(`no snippet of the kind ${kind}`);
}

describe('docs/effects.md', () => {
  let folder: Folder;
  before(() => (folder = new Folder()));
  after(() => folder.remove());

  it('shows settings that are valid', async () => {
    const { config } = await loadingText(snippet('config')).load();
    expect(Object.keys(config.sql)).to.deep.equal(['crm', 'shop', 'log']);
    expect(config.outside.programs).to.have.length(2);
  });

  it('shows a statement that does nothing the second time', async () => {
    const set = rulesFrom(snippet('rules'), { connections: ['log'] });
    const [effect] = set.decide(outgoing({ text: "it's" })).verdict.effects;
    const file = join(folder.path, 'log.db');
    writeFileSync(file, '');
    const connections = new SqlConnections({ log: { type: 'sqlite', file } }, new MemoryLog());
    const handler = createSqlHandler(connections, { errands: errands(), log: new MemoryLog() });
    const log = sqlCall('log');
    try {
      await handler(log`CREATE TABLE sms (effect TEXT UNIQUE, phone TEXT, text TEXT)`, 'e');
      await handler(effect?.payload, 'e');
      await handler(effect?.payload, 'e');
      const kept = (wanted: ReturnType<typeof log>): Promise<{ rows: boolean }> =>
        connections.run(wanted, AbortSignal.timeout(10_000));
      expect(
        await kept(
          log`SELECT 1 FROM sms WHERE effect = ${'rule.m1.0'} AND phone = ${'+15551234567'} AND text = ${"it's"}`,
        ),
      ).to.deep.include({ rows: true });
      expect(await kept(log`SELECT 1 FROM sms GROUP BY phone HAVING count(*) > 1`)).to.deep.include({
        rows: false,
      });
    } finally {
      await connections.close();
    }
  });
});
