// Around signing: which token it is, whose, and in which request, and then as wrong as somebody wants it.

import type { JwtClaims, KeyRing } from '../../keys/keys.ts';
import type { Fields } from '../../oidc/query.ts';
import type { StepName } from '../api.ts';
import type { ActiveFaults } from './active.ts';
import { isResponseField } from './authorization-response.ts';
import { type Draft, honest, type JwtKind } from './draft.ts';
import type { Visit } from './endpoints.ts';
import { forgeJwt, type Signers } from './forge.ts';

type SigningDeps = {
  readonly active: ActiveFaults;
  /** Undefined where nothing was asked for. */
  readonly current: () => Visit | undefined;
  readonly signers: Signers;
};

export function aroundSigning({ active, current, signers }: SigningDeps): KeyRing['sign'] {
  return (alg, typ, claims) => {
    const visit = current();
    const kind = kindOf(typ, visit?.occasion.step);
    if (kind === undefined) return signers.keys.sign(alg, typ, claims);
    const plain = honest(alg, typ, claims);
    const draft = draw(plain, kind, toVisit(kind, claims, visit), active);
    return draft === plain ? signers.keys.sign(alg, typ, claims) : forgeJwt(draft, signers);
  };
}

const AUTHORIZING: ReadonlySet<StepName | undefined> = new Set([
  'authorize',
  'consent',
  'account',
  'choose',
]);

/** Undefined for what no fault is about. */
function kindOf(typ: string, step: StepName | undefined): JwtKind | undefined {
  if (typ === 'at+jwt') return 'access_token';
  if (typ === 'logout+jwt') return 'logout_token';
  if (typ !== 'JWT') return undefined;
  if (AUTHORIZING.has(step)) return 'authorization';
  return step === 'token' ? 'id_token' : undefined;
}

/** A logout token is for nobody's request: its client and its End-User are those that it is about. */
function toVisit(kind: JwtKind, { aud, sub }: JwtClaims, visit: Visit | undefined): Visit {
  const user = textOf(sub);
  if (kind === 'logout_token' || visit === undefined) {
    return { occasion: { step: undefined, client: textOf(aud), user }, decided: new Map() };
  }
  const { occasion, decided } = visit;
  return { occasion: { ...occasion, user: occasion.user ?? user }, decided };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

function draw(
  plain: Draft,
  kind: JwtKind,
  { occasion, decided }: Visit,
  active: ActiveFaults,
): Draft {
  if (kind === 'authorization') return drawResponse(plain, { occasion, decided }, active);
  let draft = plain;
  for (const act of active.happening('jwt', ({ of }) => of.includes(kind), occasion, decided)) {
    draft = act.alter(draft);
  }
  return draft;
}

/** The parameters of a signed authorization response are claims (JARM §2.1). */
function drawResponse(plain: Draft, { occasion, decided }: Visit, active: ActiveFaults): Draft {
  const all = Object.entries(plain.claims);
  const fields = all.flatMap(([name, value]) =>
    isResponseField(name) && typeof value === 'string' ? [[name, value] as const] : [],
  );
  let altered: Fields = fields;
  for (const act of active.happening(
    'authorization',
    (one) => one.fits(fields),
    occasion,
    decided,
  )) {
    altered = act.alter(altered);
  }
  if (altered === fields) return plain;
  const others = all.filter(([name]) => !isResponseField(name));
  return { ...plain, claims: Object.fromEntries([...others, ...altered]) };
}
