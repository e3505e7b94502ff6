import { expect } from 'chai';
import { HookError, type HookMessage } from '../../lib/hooks/hook.ts';
import { HOOKS, hookNamed } from '../../lib/hooks/hooks.ts';

const read = (name: string, body: unknown): HookMessage => {
  const hook = hookNamed(name);
  if (hook === undefined) throw new Error(`no hook ${name}`);
  return hook.read(body);
};

const alert = (instance: string, status = 'firing', more: object = {}): object => ({
  status,
  labels: { alertname: 'DiskFull', instance, severity: 'page' },
  annotations: { summary: `disk is 9${instance.length} % full` },
  startsAt: '2026-11-30T12:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.test/graph',
  fingerprint: `f-${instance}`,
  ...more,
});

const group = (alerts: readonly object[], more: object = {}): object => ({
  version: '4',
  groupKey: '{}:{alertname="DiskFull"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'sms',
  groupLabels: { alertname: 'DiskFull' },
  commonLabels: { alertname: 'DiskFull' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager.test',
  alerts,
  ...more,
});

describe('hooks', () => {
  describe('of Alertmanager', () => {
    it('say in a line how many fire, and a line for each', () => {
      expect(read('alertmanager', group([alert('web1'), alert('web2')])).text).to.equal(
        '[FIRING:2] DiskFull\nweb1: disk is 94 % full\nweb2: disk is 94 % full',
      );
    });
    it('leave out what is over in a group that still fires', () => {
      expect(read('alertmanager', group([alert('web1'), alert('web2', 'resolved')])).text).to.equal(
        '[FIRING:1] DiskFull\nweb1: disk is 94 % full',
      );
    });
    it('count what was truncated', () => {
      expect(read('alertmanager', group([alert('web1')], { truncatedAlerts: 7 })).text).to.match(
        /^\[FIRING:8\]/,
      );
    });
    it('end an alarm', () => {
      const over = group([alert('web1', 'resolved')], { status: 'resolved' });
      expect(read('alertmanager', over)).to.include({ ends: true, key: '{}:{alertname="DiskFull"}' });
      expect(read('alertmanager', group([alert('web1')]))).not.to.have.property('ends');
    });
    it('are the same for the same alerts in any order, and not when one begins anew or another joins', () => {
      const { identity } = read('alertmanager', group([alert('web1'), alert('web2')]));
      const others = {
        order: group([alert('web2'), alert('web1')]),
        anew: group([alert('web1'), alert('web2', 'firing', { startsAt: '2026-11-30T13:00:00Z' })]),
        joined: group([alert('web1'), alert('web2'), alert('web3')]),
        other: group([alert('web1'), alert('web2')], { groupKey: 'another' }),
      };
      expect(read('alertmanager', others.order).identity).to.equal(identity);
      for (const name of ['anew', 'joined', 'other'] as const) {
        expect(read('alertmanager', others[name]).identity, name).not.to.equal(identity);
      }
    });
    it('do without labels and annotations', () => {
      const bare = { status: 'firing', alerts: [{ status: 'firing' }] };
      expect(read('alertmanager', bare).text).to.equal('[FIRING:1]');
    });
    it('read what Grafana sends', () => {
      const body = group([alert('web1', 'firing', { valueString: '[ var=A value=91 ]' })], {
        orgId: 1,
        title: '[FIRING:1] DiskFull (web1)',
        message: 'Value: 91\nRunbook: none',
        state: 'alerting',
      });
      expect(read('grafana', body).text).to.equal('[FIRING:1] DiskFull (web1)\nValue: 91\nRunbook: none');
      expect(read('alertmanager', body)).to.deep.equal(read('grafana', body));
    });
  });

  describe('of Zabbix', () => {
    const event = { subject: 'Problem: disk full', message: 'on web1', eventid: '77', value: '1' };
    it('say subject and message', () => {
      expect(read('zabbix', event)).to.include({ text: 'Problem: disk full\non web1', key: '77' });
    });
    it('end with the event', () => expect(read('zabbix', { ...event, value: 0 })).to.include({ ends: true }));
  });

  describe('of Icinga', () => {
    const problem = {
      type: 'PROBLEM',
      host: 'web1',
      service: 'disk',
      state: 'CRITICAL',
      output: '/ is 97 % full',
    };
    it('say what is wrong with what', () => {
      expect(read('icinga', problem)).to.include({
        text: 'PROBLEM: web1 disk is CRITICAL\n/ is 97 % full',
        key: 'web1!disk',
      });
      expect(read('icinga', { type: 'PROBLEM', host: 'web1', state: 'DOWN' }).text).to.equal(
        'PROBLEM: web1 is DOWN',
      );
    });
    it('end with the recovery', () =>
      expect(read('icinga', { ...problem, type: 'RECOVERY', state: 'OK' })).to.include({
        ends: true,
        key: 'web1!disk',
      }));
  });

  describe('of Uptime Kuma', () => {
    const down = {
      heartbeat: { monitorID: 3, status: 0, msg: 'timeout', time: '2026-11-30 12:00:00' },
      monitor: { id: 3, name: 'shop' },
      msg: '[shop] [🔴 Down] timeout',
    };
    it('say the message', () => expect(read('uptime-kuma', down)).to.include({ text: down.msg, key: '3' }));
    it('end when it is up', () =>
      expect(read('uptime-kuma', { ...down, heartbeat: { ...down.heartbeat, status: 1 } })).to.include({
        ends: true,
      }));
    it('take the test of its settings', () =>
      expect(read('uptime-kuma', { heartbeat: null, monitor: null, msg: 'Testing' })).to.deep.equal({
        text: 'Testing',
      }));
  });

  it('of Apprise say title and message', () => {
    const body = {
      version: '1.0',
      title: 'Backup',
      message: 'failed on web1',
      attachments: [],
      type: 'failure',
    };
    expect(read('apprise', body)).to.deep.equal({ text: 'Backup\nfailed on web1' });
  });

  describe('of anything else', () => {
    for (const name of ['message', 'msg', 'text']) {
      it(`take the text from ${name}`, () => expect(read('generic', { [name]: 'Hi' }).text).to.equal('Hi'));
    }
    it('take a title, a key and an end', () => {
      expect(read('generic', { title: 'Pump', message: 'stopped', key: 'p1' })).to.deep.equal({
        text: 'Pump\nstopped',
        key: 'p1',
      });
      expect(read('generic', { message: 'runs', key: 'p1', status: 'resolved' })).to.include({ ends: true });
    });
  });

  describe('say where a body is of another shape', () => {
    for (const { name, body, pointer, reason } of [
      {
        name: 'alertmanager',
        body: { status: 'firing' },
        pointer: '/alerts',
        reason: /expected the webhook of Alertmanager/,
      },
      {
        name: 'alertmanager',
        body: group([{ status: 'odd' }]),
        pointer: '/alerts/0/status',
        reason: /alerts\/0\/status/,
      },
      { name: 'alertmanager', body: [], pointer: '', reason: /^the body: / },
      { name: 'zabbix', body: {}, pointer: '', reason: /has no subject and no message/ },
      { name: 'icinga', body: { type: 'PROBLEM' }, pointer: '/host', reason: /host/ },
      { name: 'uptime-kuma', body: { msg: 4 }, pointer: '/msg', reason: /msg/ },
      { name: 'apprise', body: { title: 'x' }, pointer: '/message', reason: /message/ },
      { name: 'apprise', body: { title: '', message: ' ' }, pointer: '', reason: /has no text/ },
      { name: 'generic', body: { message: '' }, pointer: '', reason: /has no message/ },
      { name: 'generic', body: 'Hi', pointer: '', reason: /expected \{ message/ },
    ]) {
      it(`${name}: ${JSON.stringify(body).slice(0, 50)}`, () => {
        expect(() => read(name, body))
          .to.throw(HookError, reason)
          .with.property('pointer', pointer);
      });
    }
  });

  it('are known by name alone', () => {
    expect(Object.keys(HOOKS)).to.have.length(7);
    for (const name of ['toString', '__proto__', 'none']) expect(hookNamed(name)).to.equal(undefined);
  });
});
