/** Hooks of systems that watch hosts and services, one alarm a message. */
import { z } from 'zod';
import { firstOf, hook, joinLines, words } from './hook.ts';

/** What Zabbix's media type in packaging/zabbix posts: the macros of an event by name. */
export const zabbix = hook(
  'Zabbix, by the media type in packaging/zabbix',
  '{ subject, message, eventid, value: "1" for a problem or "0" for its end }',
  z
    .looseObject({
      subject: words(),
      message: words(),
      text: words(),
      eventid: words(),
      value: words(),
      status: words(),
    })
    .refine(
      ({ subject, message, text }) => firstOf(subject, message, text) !== '',
      'has no subject and no message',
    ),
  ({ subject, message, text, eventid, value, status }) => {
    const isOver = value === '0' || /^(ok|resolved)$/i.test(status);
    return {
      text: joinLines(subject, firstOf(message, text)),
      ...(eventid === ''
        ? {}
        : { key: eventid, identity: `${eventid} ${value} ${subject} ${firstOf(message, text)}` }),
      ...(isOver ? { ends: true as const } : {}),
    };
  },
);

/** What the notification command in packaging/icinga posts. Nagios has the same macros. */
export const icinga = hook(
  'Icinga 2 and Nagios, by the notification command in packaging/icinga',
  '{ type: "PROBLEM" | "RECOVERY" | ..., host, service?, state, output }',
  z.looseObject({
    type: z.string().min(1),
    host: z.string().min(1),
    service: words(),
    state: words(),
    output: words(),
    comment: words(),
    time: words(),
  }),
  ({ type, host, service, state, output, comment, time }) => {
    const about = service === '' ? host : `${host} ${service}`;
    const kind = type.toUpperCase();
    return {
      text: joinLines(`${kind}: ${about}${state === '' ? '' : ` is ${state}`}`, output, comment),
      key: `${host}!${service}`,
      identity: `${host}!${service} ${kind} ${state} ${output} ${time}`,
      ...(kind === 'RECOVERY' ? { ends: true as const } : {}),
    };
  },
);

const UP = 1;

/** Uptime Kuma's webhook notification, as JSON. A test from its settings has neither monitor nor heartbeat. */
export const uptimeKuma = hook(
  'Uptime Kuma, by its notification type "Webhook"',
  '{ msg, monitor: { name } | null, heartbeat: { status, msg } | null }',
  z.looseObject({
    msg: z.string(),
    monitor: z.looseObject({ id: words(), name: words() }).nullable().default(null),
    heartbeat: z.looseObject({ status: z.number(), msg: words(), time: words() }).nullable().default(null),
  }),
  ({ msg, monitor, heartbeat }) => {
    const key = firstOf(monitor?.id, monitor?.name);
    return {
      text: msg,
      ...(key === ''
        ? {}
        : { key, identity: `${key} ${heartbeat?.status ?? ''} ${heartbeat?.time ?? ''} ${msg}` }),
      ...(heartbeat?.status === UP ? { ends: true as const } : {}),
    };
  },
);
