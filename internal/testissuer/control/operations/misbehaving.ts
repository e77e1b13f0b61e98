// Time, keys, faults, and what was seen of them.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/misbehaving.ts';

export const MISBEHAVING = [
  operation({
    id: 'readClock',
    method: 'GET',
    path: '/issuers/{issuer_id}/clock',
    says: 'tell the time of an issuer',
    answer: shapes.clock,
    run: ({ issuers, names }) => ({ now: issuers.find(names.issuer_id).issuer.clock.now() }),
  }),
  operation({
    id: 'advanceClock',
    method: 'POST',
    path: '/issuers/{issuer_id}/clock/advance',
    says: 'let time pass: codes, tokens and sessions of this issuer grow older',
    body: shapes.advance,
    answer: shapes.clock,
    run: ({ issuers, names, body }) => {
      const { clock } = issuers.find(names.issuer_id).issuer;
      clock.advance(body.by);
      return { now: clock.now() };
    },
  }),
  operation({
    id: 'rotateKeys',
    method: 'POST',
    path: '/issuers/{issuer_id}/keys/rotate',
    says: 'let another key sign from here on',
    body: shapes.rotate,
    run: ({ issuers, names, body }) => issuers.find(names.issuer_id).issuer.keys.rotate(body),
  }),
  operation({
    id: 'addFault',
    method: 'POST',
    path: '/issuers/{issuer_id}/faults',
    says: 'misbehave in one way, until it is removed or happened as often as it says',
    body: shapes.fault,
    status: 201,
    answer: shapes.addedFault,
    run: ({ issuers, names, body }) => issuers.find(names.issuer_id).faults.add(body),
  }),
  operation({
    id: 'listFaults',
    method: 'GET',
    path: '/issuers/{issuer_id}/faults',
    says: 'list the faults that may still happen',
    answer: shapes.faults,
    run: ({ issuers, names }) => ({ faults: issuers.find(names.issuer_id).faults.list() }),
  }),
  operation({
    id: 'clearFaults',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/faults',
    says: 'behave well again',
    run: ({ issuers, names }) => issuers.find(names.issuer_id).faults.clear(),
  }),
  operation({
    id: 'removeFault',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/faults/{fault_id}',
    says: 'take one fault away',
    run: ({ issuers, names }) => issuers.find(names.issuer_id).faults.remove(names.fault_id),
  }),
  operation({
    id: 'readFlows',
    method: 'GET',
    path: '/issuers/{issuer_id}/flows',
    says: 'tell every request so far, secrets redacted, in the order of the answers',
    answer: shapes.flows,
    run: ({ issuers, names }) => ({ flows: issuers.find(names.issuer_id).flows.list() }),
  }),
  operation({
    id: 'clearFlows',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/flows',
    says: 'begin the record anew',
    run: ({ issuers, names }) => issuers.find(names.issuer_id).flows.clear(),
  }),
];
