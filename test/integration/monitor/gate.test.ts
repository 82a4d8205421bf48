import { describe, expect, test } from 'vitest';
import { startMonitor } from '../../../src/monitor/start-monitor.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { relyt, startRelyt } from '../cli/relyt.ts';
import { environmentOf } from '../cli/relyt-on.ts';
import { monitorOn } from './monitor-on.ts';

const TOKEN = 'a-token-for-this-test';

describe('the gate of the monitor', () => {
  const makeTarget = targetsOn(defaultServer());
  /** With the tables of the loader. */
  const prepared = async () => {
    const target = await makeTarget('id int');
    await target.load([]);
    return target;
  };

  test('G7: it listens on loopback, and answers under no other host name', async () => {
    const { database } = await prepared();
    const monitor = await monitorOn(database.url);

    expect(monitor.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await monitor.ask('/api/tasks')).status).toBe(200);
    const rebound = await monitor.ask('/api/tasks', { headers: { host: 'rebound.example' } });
    expect(rebound).toMatchObject({ status: 421, text: expect.not.stringContaining('tasks') });
  });

  test('G7: it only reads, loads nothing of other hosts, and is shown in no other page', async () => {
    const { database } = await prepared();
    const monitor = await monitorOn(database.url);

    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await monitor.ask('/api/tasks', { method })).status).toBe(405);
    expect((await monitor.ask('/login', { method: 'POST' })).status).toBe(404);
    for (const path of ['/', '/page.js', '/page.css', '/api/tasks', '/metrics', '/none']) {
      const { headers } = await monitor.ask(path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    const page = await monitor.ask('/');
    expect(page.text).not.toMatch(/https?:|<script>|style=| on\w+=/);
    expect((await monitor.ask('/', { method: 'HEAD' })).text).toBe('');
  });

  test('G7: with a token, a request without it gets nothing', async () => {
    const { database } = await prepared();
    const monitor = await monitorOn(database.url, { token: TOKEN });

    for (const path of ['/api/tasks', '/metrics', '/page.js', '/none'])
      expect(await monitor.ask(path)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': expect.stringContaining('Bearer') },
      });
    expect(await monitor.ask('/')).toMatchObject({ status: 302, headers: { location: '/login' } });
    expect((await monitor.ask(`/api/tasks?token=${TOKEN}`)).status).toBe(401);
    expect(await monitor.ask('/healthz')).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await monitor.ask('/metrics', { headers })).status).toBe(200);
  });

  test('G7: the form takes the token, and a cookie stands for it', async () => {
    const { database } = await prepared();
    const monitor = await monitorOn(database.url, { token: TOKEN });
    const post = (body: string) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return monitor.ask('/login', { method: 'POST', headers, body });
    };

    const wrong = await post('token=another-token-than-it-is');
    expect(wrong).toMatchObject({ status: 401 });
    expect(wrong.headers['set-cookie']).toBeUndefined();
    expect((await post(`token=${'x'.repeat(5000)}`)).status).toBe(413);
    const right = await post(`token=${TOKEN}`);
    expect(right).toMatchObject({ status: 303, headers: { location: '/' } });
    const [cookie = ''] = right.headers['set-cookie'] ?? [];
    const page = await monitor.ask('/api/tasks', { headers: { cookie: cookie.split(';')[0] } });
    expect(page.status).toBe(200);
  });

  test('G8: a port that is taken is refused with what to do', async () => {
    const { database } = await prepared();
    const { url } = await monitorOn(database.url);
    const access = { postgresql: { connectionString: database.url } };

    const port = Number(new URL(url).port);

    await expect(startMonitor(access, { port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('EADDRINUSE'),
      hint: expect.stringContaining('--port'),
    });
  });

  test('G8: a database that does not answer is said, and not where it is or how', async () => {
    const monitor = await monitorOn('postgresql://u:hidden-password@127.0.0.1:1/none');

    expect(await monitor.ask('/healthz')).toMatchObject({
      status: 503,
      text: '{"ok":false,"database":"unreachable"}',
    });
    const refused = await monitor.ask('/api/tasks');
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.text)).toMatchObject({ ok: false, code: 'DATABASE_UNREACHABLE' });
    expect(refused.text).not.toContain('hidden-password');
  });
});

describe('relyt monitor', () => {
  const makeTarget = targetsOn(defaultServer());

  test('says where the page is, and ends in order', async () => {
    const target = await makeTarget('id int');
    await target.load(generate(3, (id) => ({ id })));
    const running = await startRelyt(['monitor', '--port', '0', '--json'], {
      env: environmentOf(target),
    });
    await running.printed('"url"');
    const { url } = JSON.parse(running.stdout) as { readonly url: string };

    const page = await fetch(url);
    expect(await page.text()).toContain('relyt monitor');
    const tasks = await (await fetch(new URL('/api/tasks', url))).json();
    expect(tasks).toMatchObject({ tasks: [{ status: 'COMPLETED', records: 3 }] });
    running.signal('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('G8: another host without a token is refused', async () => {
    const target = await makeTarget('id int');

    const refused = await relyt(['monitor', '--host', '0.0.0.0'], { env: environmentOf(target) });

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('RELYT_MONITOR_TOKEN');
  });
});
