import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULT_NAMES } from '../../internal/testissuer/faults/table.ts';
import * as f from './faults.fixture.ts';
let world: f.World;
beforeAll(async () => { world = await f.startWorld(); });
afterAll(() => world.stop());
const describeError = (e: any): string => [e.name, e.code, e.error, e.message, e.cause?.message, e.cause?.code].filter(Boolean).join(' | ');
it('honest', async () => {
  for (const j of [f.readUserinfo, f.refresh, f.introspect, f.revoke, f.push, f.askForDevice, f.callApi, f.beSignedOut, f.signInFreshly]) {
    try { console.log(j.name, await j(world)); } catch (e) { console.log(j.name, 'FAIL', describeError(e)); }
  }
}, 60000);
it('faulty', async () => {
  const lines: string[] = [];
  for (const name of FAULT_NAMES) {
    const g = name.split('.')[0];
    const j = g === 'access_token' ? f.callApi : g === 'logout_token' ? f.beSignedOut : g === 'userinfo' ? f.readUserinfo : g === 'introspect' ? f.introspect : g === 'revoke' ? f.revoke : g === 'push' ? f.push : g === 'deviceAuthorization' ? f.askForDevice : name.includes('auth_time') ? f.signInFreshly : f.signIn;
    world.issuer.applied.length = 0;
    world.issuer.faults.clear();
    world.issuer.faults.once(name as any, name.endsWith('.slow') ? { seconds: 0.1 } : undefined);
    let out: string;
    try { await j(world, { patience: name.endsWith('timeout') ? 1 : 30 }); out = 'ACCEPTED'; } catch (e) { out = describeError(e); }
    lines.push(`${name}\t${world.issuer.applied.join(',') === name ? '' : 'NOT APPLIED'}\t${out}`);
  }
  console.log(lines.join('\n'));
}, 120000);
