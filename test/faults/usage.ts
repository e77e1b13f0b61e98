// What issuers and Redis hold at a moment, as the operating system and Redis say.

import { execFileSync } from 'node:child_process';
import type { Usage } from './checker/bounds.ts';
import type { Issuers } from './issuers.ts';
import { countConnections, type Deployment, findEternal } from './topologies/topology.ts';

/** Resident memory in MiB. */
function memoryOf(pid: number): number {
  const kib = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
  return Math.round(kib / 1024);
}

export async function measureUsage(layout: Deployment, issuers: Issuers): Promise<Usage> {
  return {
    memory: issuers.map(({ pid }) => memoryOf(pid())),
    connections: await countConnections(layout),
    eternal: await findEternal(layout),
  };
}
