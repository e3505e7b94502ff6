import { alertmanager } from './alertmanager.ts';
import type { Hook } from './hook.ts';
import { icinga, uptimeKuma, zabbix } from './monitors.ts';
import { apprise, generic } from './texts.ts';

/** The hooks by the name in their address, `/hooks/NAME`: one line adds one. */
export const HOOKS: Readonly<Record<string, Hook>> = {
  alertmanager,
  grafana: alertmanager,
  zabbix,
  icinga,
  'uptime-kuma': uptimeKuma,
  apprise,
  generic,
};

/** The hook of this name; undefined where there is none. */
export function hookNamed(name: string): Hook | undefined {
  return Object.hasOwn(HOOKS, name) ? HOOKS[name] : undefined;
}
