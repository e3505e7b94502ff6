import type { OutsideLimits } from '../rules/condition.ts';
import { refusal } from './admitted.ts';
import { bareHost } from '../base/host.ts';
import { addressRefusal } from './url-target.ts';

/**
 * What is known to be forbidden before anything is done: for rules as they are read. Links that lead elsewhere and names whose
 * addresses are private are found when it comes to that.
 */
export function outsideLimits(allowed: {
  readonly programs: readonly string[];
  readonly urls: readonly string[];
}): OutsideLimits {
  return {
    program: (path) => refusal(path, allowed.programs),
    host: (name) => {
      const host = bareHost(name);
      const why = addressRefusal(host, allowed.urls);
      return why === undefined ? undefined : `${host} ${why}`;
    },
  };
}
