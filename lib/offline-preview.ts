import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdapterDeps, makeBackend, makeSenderProof } from './adapters.ts';
import { keyFrom } from './base/key-file.ts';
import type { Log } from './base/log.ts';
import type { Config } from './config/config.ts';
import { createPreview } from './core.ts';
import type { Rules } from './flow/outgoing/rule-sets.ts';
import type { Preview } from './flow/outgoing/preview.ts';
import { loadRules } from './rulefiles/load.ts';
import { RulesError } from './rules/rule-file.ts';
import { outgoingCoreSettings, rulesOptions } from './settings.ts';
import { openLmdbStore } from './store/lmdb.ts';

/**
 * A preview where no gateway runs: from the configuration, the rule files, and the accounts and counters in the store. A data
 * directory that is not there is not made: an empty store stands in for it.
 *
 * Throws RulesError where the rules are wrong, `store.down` where the store cannot be opened.
 */
export async function openPreview(
  config: Config,
  { clock, random }: Omit<AdapterDeps, 'log'>,
): Promise<OfflinePreview> {
  const deps = { clock, random, log: SILENT };
  const rules = await rulesIn(config);
  const replyKey = await replyKeyIn(config, deps);
  const kept = join(config.dataDir, 'store');
  const spare = existsSync(join(kept, 'data.mdb')) ? undefined : await mkdtemp(join(tmpdir(), 'mailsms-'));
  const backend = await makeBackend(config, deps);
  try {
    const store = await openLmdbStore({ path: spare ?? kept, owner: LOOKER, zone: config.zone, ...deps });
    return {
      preview: createPreview(outgoingCoreSettings(config, replyKey), {
        ...{ ...deps, store, backend, rules },
        senderProof: await makeSenderProof(config, deps),
      }),
      close: async () => {
        await backend?.close();
        await store.close();
        await removeSpare(spare);
      },
    };
  } catch (error) {
    await removeSpare(spare);
    throw error;
  }
}

export interface OfflinePreview {
  readonly preview: Preview;
  close(): Promise<void>;
}

/** A name that holds no leases: what the gateway was in the middle of is not touched. */
const LOOKER = 'preview';

/** What is only looked at is nothing to be logged. */
const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

async function removeSpare(spare: string | undefined): Promise<void> {
  if (spare !== undefined) await rm(spare, { recursive: true, force: true });
}

async function rulesIn(config: Config): Promise<Rules | undefined> {
  const options = rulesOptions(config);
  if (options === undefined) return undefined;
  const { sets, problems } = await loadRules(options);
  if (sets === undefined) throw new RulesError(problems);
  return {
    zone: config.zone,
    set: (direction) => (sets[direction].size === 0 ? undefined : sets[direction]),
    ask: async () => ({ failed: 'nobody is asked' }),
  };
}

/** The key that reply addresses are signed with. Where none was made yet, no address is signed. */
async function replyKeyIn(
  { incoming, dataDir }: Config,
  { random }: AdapterDeps,
): Promise<Uint8Array | undefined> {
  const path = join(dataDir, 'reply.key');
  if (!incoming.replyAddress.signed) return undefined;
  return existsSync(path) ? keyFrom(path, random) : random.bytes(32);
}
