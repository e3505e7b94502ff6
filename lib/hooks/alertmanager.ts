/** Prometheus Alertmanager's webhook, version 4, and Grafana's, which is the same with more. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type HookMessage, firstOf, hook, joinLines, words } from './hook.ts';

const labels = () => z.record(z.string(), words()).default({});

const alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: labels(),
  annotations: labels(),
  startsAt: words(),
  fingerprint: words(),
  valueString: words(),
});

const group = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  groupKey: words(),
  groupLabels: labels(),
  commonLabels: labels(),
  commonAnnotations: labels(),
  truncatedAlerts: z.number().default(0),
  alerts: z.array(alert),
  // Grafana's.
  title: words(),
  message: words(),
});

type Group = z.output<typeof group>;
type Alert = z.output<typeof alert>;

const EXPECTED =
  'the webhook of Alertmanager, version 4: { status, groupKey, alerts: [{ status, labels, annotations, fingerprint }] }';

/** One message a group: `[FIRING:2] DiskFull`, then a line an alert. What Grafana wrote itself goes first. */
export const alertmanager = hook('Prometheus Alertmanager, and Grafana', EXPECTED, group, (body) => {
  const firing = body.alerts.filter(({ status }) => status === 'firing');
  const isOver = body.status === 'resolved' || firing.length === 0;
  const shown = isOver ? body.alerts : firing;
  const count = shown.length + body.truncatedAlerts;
  const head = `[${isOver ? 'RESOLVED' : 'FIRING'}:${count}] ${nameOf(body, shown)}`.trim();
  const text =
    body.title === ''
      ? joinLines(head, ...shown.map(lineOf))
      : joinLines(body.title, ...(body.message === '' ? shown.map(lineOf) : [body.message]));
  return { text, ...keysOf(body, firing), ...(isOver ? { ends: true as const } : {}) };
});

function nameOf({ commonLabels, groupLabels }: Group, [first]: readonly Alert[]): string {
  const name = firstOf(commonLabels['alertname'], groupLabels['alertname'], first?.labels['alertname']);
  return name === '' ? Object.values(groupLabels).join(' ') : name;
}

function lineOf({ labels: { instance = '', alertname = '' }, annotations, valueString }: Alert): string {
  const said = firstOf(
    annotations['summary'],
    annotations['description'],
    annotations['message'],
    valueString,
  );
  if (instance === '') return said === '' ? alertname : said;
  return said === '' || said.includes(instance) ? firstOf(said, instance) : `${instance}: ${said}`;
}

/** The group is the alarm; the same alerts of it, begun at the same times, are the same message. */
function keysOf(
  { groupKey, groupLabels }: Group,
  firing: readonly Alert[],
): Pick<HookMessage, 'key' | 'identity'> {
  const key = firstOf(groupKey, JSON.stringify(groupLabels));
  const alerts = firing.map(({ fingerprint, labels: named, startsAt }) =>
    [firstOf(fingerprint, JSON.stringify(named)), startsAt].join(' '),
  );
  const identity = createHash('sha256')
    .update([key, ...alerts.sort()].join('\n'))
    .digest('base64url');
  return { key, identity };
}
