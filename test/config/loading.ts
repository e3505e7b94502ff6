import { loadConfig, type LoadOptions, type LoadedConfig } from '../../lib/config/load.ts';
import { ConfigError } from '../../lib/config/problem.ts';
import { headline, type Problem } from '../../lib/settings/problem.ts';

type Changes = Partial<LoadOptions>;

/** Loads with the files given, in the working directory /etc/mailsms, with an empty environment. */
export function loading(files: Readonly<Record<string, string>>) {
  const load = (changes: Changes = {}): Promise<LoadedConfig> =>
    loadConfig({
      env: {},
      cwd: '/etc/mailsms',
      readFile: (path) => {
        const text = files[path];
        if (text !== undefined) return Promise.resolve(text);
        return Promise.reject(
          Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' }),
        );
      },
      modeOf: () => Promise.resolve(0o100600),
      ...changes,
    });
  const fails = async (changes: Changes = {}): Promise<readonly Problem[]> => {
    try {
      await load(changes);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    throw new Error('the configuration was valid');
  };
  return {
    load,
    fails,
    /** The headlines of what is wrong. */
    problems: async (changes?: Changes): Promise<string[]> => (await fails(changes)).map(headline),
    /** The headlines of what is odd. */
    warnings: async (changes?: Changes): Promise<string[]> => (await load(changes)).warnings.map(headline),
  };
}

/** Loads `text` as mailsms.yaml. */
export function loadingText(text: string) {
  return loading({ '/etc/mailsms/mailsms.yaml': text });
}
